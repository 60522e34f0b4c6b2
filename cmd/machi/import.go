package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"machi/internal/audit"
	"machi/internal/catalog"
	"machi/internal/estimate/foreign"
	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/server"
)

type importCmd struct {
	storeFlags
	File     string `arg:"" help:"The old machine's log, CSV."`
	Mapping  string `help:"YAML file that says what its columns and codes mean. Without one: the form of machi estimate --stream." type:"path" placeholder:"FILE"`
	Office   string `help:"Id of the office." required:""`
	Catalog  string `help:"File of offices and services. Without one: the built-in catalogue." env:"MACHI_CATALOG" placeholder:"FILE" type:"path"`
	LeaveOut int    `help:"Import although so many rows cannot be understood, without them." default:"0" placeholder:"ROWS"`
	DryRun   bool   `help:"Read and check everything, and store nothing."`
}

// shownFaults is how many bad rows are printed.
const shownFaults = 20

// Run makes closed days of another system's log, from which estimates learn. It
// reads the whole file before it stores anything. What was imported before is
// replaced by the same; days of the office's own log stay as they are.
func (c *importCmd) Run(ctx context.Context) error {
	days, err := c.read()
	if err != nil {
		return err
	}
	if err := c.known(days); err != nil {
		return err
	}
	summary(os.Stdout, days)
	if c.DryRun {
		fmt.Println("nothing was stored")
		return nil
	}
	return c.keep(ctx, days)
}

func (c *importCmd) read() (_ []history.Day, err error) {
	mapping := foreign.Own()
	if c.Mapping != "" {
		file, err := os.Open(c.Mapping)
		if err != nil {
			return nil, err
		}
		mapping, err = foreign.ReadMapping(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, named(c.Mapping, err)
		}
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer closing(&err, file.Close)
	days, bad, err := mapping.Days(queue.OfficeID(c.Office), file)
	if err != nil {
		return nil, named(c.File, err)
	}
	for i, fault := range bad {
		if i == shownFaults {
			fmt.Fprintf(os.Stderr, "and %d more\n", len(bad)-i)
			break
		}
		fmt.Fprintf(os.Stderr, "%s: %v\n", c.File, fault)
	}
	if len(bad) > c.LeaveOut {
		return nil, fmt.Errorf("%d rows cannot be understood; nothing was imported", len(bad))
	}
	if len(days) == 0 {
		return nil, fmt.Errorf("%s has no tickets", c.File)
	}
	return days, nil
}

// known refuses an office or a service that the catalogue does not have: nobody
// would ever ask for what was learnt of it.
func (c *importCmd) known(days []history.Day) error {
	load := func() (*catalog.Catalog, error) { return catalog.Load(c.Catalog) }
	if c.Catalog == "" {
		load = catalog.Default
	}
	source, err := load()
	if err != nil {
		return err
	}
	office, ok := source.Office(queue.OfficeID(c.Office))
	if !ok {
		return fmt.Errorf("no office %s in the catalogue", c.Office)
	}
	for _, d := range days {
		for _, v := range d.Visits {
			for _, l := range v.Legs {
				if !slices.ContainsFunc(office.Services, func(o catalog.Offered) bool { return o.ID == l.Service }) {
					return fmt.Errorf("office %s has no service %s: name one of its own in the mapping, or \"-\" to leave it out", c.Office, l.Service)
				}
			}
		}
	}
	return nil
}

// keep stores the days, the oldest first.
func (c *importCmd) keep(ctx context.Context, days []history.Day) (err error) {
	options, err := c.options()
	if err != nil {
		return err
	}
	// The past may come before the first start of the server.
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closing(&err, store.Close)
	archive := server.OpenArchive(store, options)
	stored, own, old := 0, 0, 0
	for _, d := range days {
		_, err := archive.Put(ctx, d)
		switch {
		case errors.Is(err, history.ErrTaken):
			own++
		case errors.Is(err, history.ErrExpired):
			old++
		case err != nil:
			return fmt.Errorf("%d of %d days are imported, the same import again goes on: %w", stored, len(days), err)
		default:
			stored++
		}
	}
	fmt.Printf("%d days are imported", stored)
	if own > 0 {
		fmt.Printf("; %d are left as they are: the office has its own records of them", own)
	}
	if old > 0 {
		fmt.Printf("; %d are left out: they are older than what is kept", old)
	}
	fmt.Println()
	c.note(ctx, audit.Entry{
		Action: "history.import", Office: queue.OfficeID(c.Office), Target: string(days[0].Date),
		Detail: fmt.Sprintf("days=%d to=%s", stored, days[len(days)-1].Date),
	})
	return nil
}

// summary says what was read, so that a wrong mapping is seen.
func summary(w io.Writer, days []history.Day) {
	type sum struct {
		tickets, called int
		wait            time.Duration
	}
	of := map[queue.ServiceID]*sum{}
	visits := 0
	for _, d := range days {
		visits += len(d.Visits)
		for _, v := range d.Visits {
			for _, l := range v.Legs {
				s := of[l.Service]
				if s == nil {
					s = &sum{}
					of[l.Service] = s
				}
				s.tickets++
				if !l.Called.IsZero() {
					s.called++
					s.wait += l.Called.Sub(l.Joined)
				}
			}
		}
	}
	fmt.Fprintf(w, "%d days, %s to %s, %d visits\n", len(days), days[0].Date, days[len(days)-1].Date, visits)
	for _, id := range slices.Sorted(maps.Keys(of)) {
		s := of[id]
		fmt.Fprintf(w, "  %s: %d tickets, %d called after %.1f min on average\n", id, s.tickets, s.called, s.wait.Minutes()/float64(max(1, s.called)))
	}
}
