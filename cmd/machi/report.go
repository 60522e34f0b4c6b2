package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"machi/internal/queue"
	reports "machi/internal/report"
	"machi/internal/report/filed"
	"machi/internal/report/files"
	"machi/internal/server"
)

type reportCmd struct {
	storeFlags
	Catalog string `help:"Catalogue of offices (YAML); the one that is built in without it." env:"MACHI_CATALOG" type:"path" placeholder:"FILE"`
	Office  string `help:"Id of the office; ward for all of them together." default:"ward"`
	Kind    string `help:"day, month, or year (a fiscal year, from April)." enum:"day,month,year" default:"month"`
	Period  string `help:"2026-04-01, 2026-04 or 2026." required:""`
	Format  string `help:"xlsx, csv (one table), or parquet (figures by service and day)." enum:"xlsx,csv,parquet" default:"xlsx"`
	Table   string `help:"Of csv: key of the table; the first by default." default:""`
	Lang    string `help:"ja or en." enum:"ja,en" default:"ja"`
	Out     string `help:"File to write; - for standard output." default:"-" type:"path"`
}

// Run makes a report of closed days, beside a running server or without one.
func (c *reportCmd) Run(ctx context.Context) (err error) {
	id := filed.ID{Office: queue.OfficeID(c.Office), Kind: reports.Kind(c.Kind), Key: c.Period}
	if _, err := reports.ParsePeriod(id.Kind, id.Key); err != nil {
		return err
	}
	o, err := c.options()
	if err != nil {
		return err
	}
	desk, shut, err := server.OpenReports(ctx, o, c.Catalog)
	if err != nil {
		return err
	}
	defer closing(&err, shut)
	if c.Out == "-" {
		return c.write(ctx, os.Stdout, id, desk)
	}
	part, err := os.Create(c.Out + ".part") // an older file stays until this one is whole
	if err != nil {
		return err
	}
	if err := errors.Join(c.write(ctx, part, id, desk), part.Close()); err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return os.Rename(part.Name(), c.Out)
}

func (c *reportCmd) write(ctx context.Context, out io.Writer, id filed.ID, desk *server.Reports) error {
	if c.Format == "parquet" {
		return c.parquet(ctx, out, id, desk)
	}
	raw, err := c.file(ctx, id, desk)
	if err == nil {
		_, err = out.Write(raw)
	}
	return err
}

func (c *reportCmd) file(ctx context.Context, id filed.ID, desk *server.Reports) ([]byte, error) {
	r, err := desk.Report(ctx, id)
	if err != nil {
		return nil, err
	}
	if c.Format == "xlsx" {
		return files.XLSX(r, c.Lang)
	}
	i := slices.IndexFunc(r.Parts, func(t reports.Table) bool { return c.Table == "" || t.Key == c.Table })
	if i < 0 {
		return nil, fmt.Errorf("the report has no table %q", c.Table)
	}
	return files.CSV(r.Parts[i], c.Lang), nil
}

func (c *reportCmd) parquet(ctx context.Context, out io.Writer, id filed.ID, desk *server.Reports) error {
	p, err := reports.ParsePeriod(id.Kind, id.Key)
	if err != nil {
		return err
	}
	w := files.NewParquet(out, c.Office+" "+string(p.From)+" "+string(p.To))
	if err := desk.Facts(ctx, id.Office, p.From, p.To, id.Kind == reports.Day, w.Add); err != nil {
		return err
	}
	return w.Close()
}
