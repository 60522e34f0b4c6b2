package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"machi/internal/catalog"
	"machi/internal/eventlog"
	"machi/internal/history"
	"machi/internal/measure"
	"machi/internal/measure/counted"
	"machi/internal/measure/keep"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/report/filed"
	"machi/internal/yearplan"
)

// Reports make the reports of closed days, and keep the plans that they are held against.
type Reports struct {
	ask     func(context.Context, measure.Query) (measure.Answer, error)
	catalog func() *catalog.Catalog
	now     func() time.Time
	book    *filed.Book
	plans   *yearplan.Book
}

func (s *Server) openReports() error {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	log, err := s.beside.Open(yearplan.Stream)
	if err != nil {
		return fmt.Errorf("plans: %w", err)
	}
	plans, err := yearplan.Open(ctx, log, report.Known, s.now)
	if err != nil {
		return fmt.Errorf("plans: %w", err)
	}
	s.reports = &Reports{ask: s.measures.Measures, catalog: s.catalog, now: s.now, book: filed.New(s.beside, s.now), plans: plans}
	return nil
}

const (
	// reportsLook is how often it is looked whether a report is due.
	reportsLook = time.Minute
	// reportsSoon is when it is looked again while closed days are being read.
	reportsSoon = 5 * time.Second
)

// makeReports files the reports that are due, until the context ends.
func (s *Server) makeReports(ctx context.Context) {
	m := &filed.Maker{Book: s.reports.book, Offices: s.offices, Today: s.today, Ask: s.reports.ask, Opens: schedules{s.source}.opens}
	for ctx.Err() == nil {
		changed, pause := s.history.Changed(), s.options.pace(reportsLook)
		made, err := m.Round(ctx)
		switch {
		case errors.Is(err, filed.ErrReading):
			pause = reportsSoon
		case err != nil && ctx.Err() == nil:
			s.options.Logger.Warn("reports are not up to date", "error", err)
		case len(made) > 0:
			s.options.Logger.Info("reports were made", "reports", len(made), "newest", made[len(made)-1].Key)
		}
		if !rest(ctx, reportsSoon, nil) || !rest(ctx, pause, changed) {
			return
		}
	}
}

// Measures answers a question about closed days.
func (r *Reports) Measures(ctx context.Context, q measure.Query) (measure.Answer, error) {
	return r.ask(ctx, q)
}

// Plans are the offices' tables of measures.
func (r *Reports) Plans() *yearplan.Book { return r.plans }

// Issued lists the reports of a fiscal year that were made.
func (r *Reports) Issued(ctx context.Context, year int) ([]filed.Entry, error) {
	return r.book.List(ctx, year)
}

// Revisions lists the revisions of one report.
func (r *Reports) Revisions(ctx context.Context, id filed.ID) ([]filed.Entry, error) {
	return r.book.Revisions(ctx, id)
}

func bothWords(t catalog.Text) report.Words { return report.Words{JA: t["ja"], EN: t["en"]} }

func reportOffice(o *catalog.Office) report.Office {
	named := report.Office{ID: o.ID, Name: bothWords(o.Name)}
	for _, s := range o.Services {
		named.Services = append(named.Services, report.Service{ID: s.ID, Name: bothWords(s.Name)})
	}
	return named
}

// order says what a report of an office, or of the ward, is made of.
func (r *Reports) order(id queue.OfficeID) (report.Order, error) {
	c := r.catalog()
	o := report.Order{Now: r.now().In(queue.JST), Today: queue.BusinessDay(r.now())}
	for _, one := range c.Offices {
		o.All = append(o.All, reportOffice(one))
		if one.ID == id {
			o.Office = o.All[len(o.All)-1]
		}
	}
	if o.Office.ID == "" {
		if id != report.Ward {
			return o, office.ErrUnknownOffice
		}
		o.Office = report.Office{ID: report.Ward, Name: bothWords(c.Ward)}
		if o.Office.Name.JA == "" {
			o.Office.Name = report.Words{JA: "全窓口", EN: "All offices"}
		}
	}
	return o, nil
}

func (r *Reports) asking(ctx context.Context) report.Ask {
	return func(q measure.Query) (measure.Answer, error) { return r.ask(ctx, q) }
}

// Report makes a report, as the revision that it is.
func (r *Reports) Report(ctx context.Context, id filed.ID) (report.Report, error) {
	o, err := r.order(id.Office)
	if err != nil {
		return report.Report{}, err
	}
	if o.Period, err = report.ParsePeriod(id.Kind, id.Key); err != nil {
		return report.Report{}, err
	}
	out, err := report.Make(o, r.asking(ctx))
	if err != nil {
		return out, err
	}
	if id.Kind == report.Year {
		if err := r.addPlan(ctx, &out); err != nil {
			return out, err
		}
	}
	revisions, err := r.book.Revisions(ctx, id)
	if err != nil {
		return out, err
	}
	filed.Settle(&out, revisions)
	return out, nil
}

// addPlan puts the table of measures into a yearly report: from the year before to the
// year after.
func (r *Reports) addPlan(ctx context.Context, out *report.Report) error {
	year, err := strconv.Atoi(out.Key)
	if err != nil {
		return err
	}
	var years []int
	for _, one := range []int{year - 1, year, year + 1} {
		if _, err := report.ParsePeriod(report.Year, strconv.Itoa(one)); err == nil { // the ends of the calendar
			years = append(years, one)
		}
	}
	p, err := r.Plan(ctx, out.Office.ID, years)
	if err == nil && len(p.Aims) > 0 {
		out.Plan = p.Table()
	}
	return err
}

// Facts hands out the rows for business intelligence.
func (r *Reports) Facts(ctx context.Context, id queue.OfficeID, from, to queue.Date, hourly bool, take func([]report.Fact) error) error {
	o, err := r.order(id)
	if err != nil {
		return err
	}
	offices := []report.Office{o.Office}
	if id == report.Ward {
		offices = o.All
	}
	return report.Facts(offices, from, to, hourly, r.asking(ctx), take)
}

// Plan is a table of measures with what became of it.
func (r *Reports) Plan(ctx context.Context, id queue.OfficeID, years []int) (report.Plan, error) {
	o, err := r.order(id)
	if err != nil {
		return report.Plan{}, err
	}
	p := report.Plan{Office: o.Office, Years: years, Aims: []report.Aim{}}
	of := id
	if id == report.Ward {
		of = ""
	}
	for _, i := range r.plans.Items(of, false) {
		p.Aims = append(p.Aims, aimOf(i, years))
	}
	return p, p.Complete(o, r.asking(ctx))
}

func aimOf(i yearplan.Item, years []int) report.Aim {
	a := report.Aim{ID: i.ID, Version: i.Version, Figure: i.Figure, Name: report.Words{JA: i.Name, EN: i.Name}, Owner: i.Owner, Years: map[int]report.AimYear{}}
	for _, year := range years {
		if y, ok := i.Years[year]; ok {
			a.Years[year] = report.AimYear{Plan: y.Plan, Target: y.Target, Result: y.Result, Notes: y.Notes, By: y.By, At: y.At}
		}
	}
	return a
}

// OpenReports opens the reports of a store, as a command makes them beside a running
// server. It counts every closed day first. The returned function closes what was opened.
func OpenReports(ctx context.Context, o StoreOptions, catalogFile string) (*Reports, func() error, error) {
	source, err := catalog.NewSource(catalogFile, func() queue.Date { return queue.BusinessDay(time.Now()) }, o.Logger)
	if err != nil {
		return nil, nil, err
	}
	store, err := OpenStore(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	beside, err := openBeside(ctx, o)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	r, err := readReports(ctx, source, OpenArchive(store, o), beside, o)
	shut := func() error { return errors.Join(beside.Close(), store.Close()) }
	if err != nil {
		return nil, nil, errors.Join(err, shut())
	}
	return r, shut, nil
}

// readReports counts every closed day, with what machines counted beside it.
func readReports(ctx context.Context, source *catalog.Source, tables *history.Archive, beside eventlog.Store, o StoreOptions) (*Reports, error) {
	current := func() *catalog.Catalog { c, _ := source.Catalog(); return c }
	machines := counted.New(counted.Options{Store: beside, Now: time.Now})
	if err := machines.Load(ctx); err != nil {
		return nil, err
	}
	figures, err := keep.New(keep.Options{
		Tables: tables, Offices: func() []queue.OfficeID { return current().IDs() }, Today: func() queue.Date { return queue.BusinessDay(time.Now()) },
		Extra: machines.Extra, Opens: schedules{source}.opens, KeepDays: history.KeepDays, Logger: o.Logger,
	})
	if err == nil {
		err = figures.Round(ctx, true)
	}
	if err != nil {
		return nil, err
	}
	log, err := beside.Open(yearplan.Stream)
	if err != nil {
		return nil, err
	}
	plans, err := yearplan.Open(ctx, log, report.Known, time.Now)
	return &Reports{ask: figures.Measures, catalog: current, now: time.Now, book: filed.New(beside, time.Now), plans: plans}, err
}
