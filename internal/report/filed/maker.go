package filed

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/report"
)

// Making is the version of the rules by which prints are taken.
const Making = 1

// Back is how many days back reports are kept up to date.
const Back = 800

// Maker makes the reports that are due. It is not safe for concurrent use.
type Maker struct {
	Book    *Book
	Offices func() []queue.OfficeID
	Today   func() queue.Date
	Ask     func(context.Context, measure.Query) (measure.Answer, error)
	// Opens reports whether an office was to be open on a date; nil: nobody knows.
	Opens func(queue.OfficeID, queue.Date) bool

	seen map[ID]string // prints that are known to be in the book
}

// daily is what a maker knows of one office's day.
type daily struct {
	date    queue.Date
	print   string
	figures measure.Figures
}

// due is a report that may have to be entered.
type due struct {
	id    ID
	to    queue.Date // the last day of its period
	print string
	days  []daily
	lacks int
}

// ErrReading says that closed days are still being read.
var ErrReading = errors.New("filed: closed days are still being read")

// Round enters every report whose period is over and whose figures are new, and returns
// what was entered. While closed days are being read it does nothing but say so, with
// [ErrReading].
func (m *Maker) Round(ctx context.Context) ([]Entry, error) {
	today := m.Today()
	missing := false
	var all []due
	var wardDays []daily
	var wardLacks []queue.Date
	for _, id := range m.Offices() {
		days, lacks, err := m.days(ctx, id, today)
		if err != nil {
			return nil, err
		}
		late := m.late(id, days, lacks, today)
		all = append(all, settled(dues(id, days, lacks, today), late, today)...)
		missing = missing || late
		wardDays, wardLacks = append(wardDays, days...), append(wardLacks, lacks...)
	}
	slices.SortStableFunc(wardDays, func(a, b daily) int { return cmp.Compare(a.date, b.date) })
	all = append(all, settled(dues(report.Ward, wardDays, wardLacks, today), missing, today)...)
	return m.enter(ctx, all)
}

// settled leaves out the periods that ended yesterday, where that is late.
func settled(all []due, late bool, today queue.Date) []due {
	return slices.DeleteFunc(all, func(d due) bool { return late && d.to == shifted(today, -1) })
}

// used is within how many days an office must have closed one to be waited for.
const used = 14

// late reports whether an office has not closed yesterday yet, although it was to be
// open: what a report says that ends with that day would be corrected within minutes. After
// a day nobody waits any more.
func (m *Maker) late(id queue.OfficeID, days []daily, lacks []queue.Date, today queue.Date) bool {
	yesterday := shifted(today, -1)
	if m.Opens == nil || len(days) == 0 || slices.Contains(lacks, yesterday) {
		return false
	}
	newest := days[len(days)-1].date
	return newest < yesterday && newest >= shifted(today, -used) && m.Opens(id, yesterday)
}

// enter issues what is not known to be in the book.
func (m *Maker) enter(ctx context.Context, all []due) ([]Entry, error) {
	var fresh []Entry
	for _, d := range all {
		if m.seen[d.id] == d.print {
			continue
		}
		year, err := d.id.fiscal()
		if err != nil {
			return nil, err
		}
		v, err := m.Book.volume(ctx, year)
		if err != nil {
			return nil, err
		}
		if newest, ok := v.newest(d.id); !ok || newest.Print.Hash != d.print {
			fresh = append(fresh, d.entry())
		}
	}
	entered, err := m.Book.Issue(ctx, fresh)
	if err != nil {
		return entered, err
	}
	m.seen = map[ID]string{}
	for _, d := range all {
		m.seen[d.id] = d.print
	}
	return entered, nil
}

// days asks for an office's days, half a year after the other, so that no answer is too
// large.
func (m *Maker) days(ctx context.Context, id queue.OfficeID, today queue.Date) (days []daily, lacks []queue.Date, err error) {
	const atOnce = 180
	yesterday := shifted(today, -1)
	for from := shifted(today, -Back); from <= yesterday; from = shifted(from, atOnce) {
		to := min(shifted(from, atOnce-1), yesterday)
		a, err := m.Ask(ctx, measure.Query{Offices: []queue.OfficeID{id}, From: from, To: to, By: []measure.Dimension{measure.ByService, measure.ByDate}})
		if err == nil && a.Reading {
			err = ErrReading
		}
		if err != nil {
			return nil, nil, err
		}
		days = append(days, daysOf(a.Rows)...)
		for _, l := range a.Lacks {
			lacks = append(lacks, l.Date)
		}
	}
	return days, lacks, nil
}

// daysOf makes days of the rows of their services.
func daysOf(rows []measure.Row) []daily {
	slices.SortFunc(rows, func(a, b measure.Row) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Key.Service, b.Key.Service))
	})
	var list []daily
	for _, r := range rows {
		if len(list) == 0 || list[len(list)-1].date != r.Date {
			list = append(list, daily{date: r.Date})
		}
		d := &list[len(list)-1]
		d.print = hashOf(d.print, string(r.Key.Service), exact(r.Figures))
		d.figures = d.figures.Plus(r.Figures)
	}
	for i := range list {
		list[i].figures.Days = 1
	}
	return list
}

// exact writes what is exact of figures: quantiles are made of the same visits.
func exact(f measure.Figures) string {
	text := fmt.Sprint(
		f.Arrivals, f.Called, f.Served, f.NoShow, f.Left, f.Unseen, f.Priority, f.Channels, f.Within15, f.Within30, f.Postponed,
		f.Absent, f.Restored, f.Recalls, f.Transfers, f.Appointments, f.Told, f.Offered, f.Diverted,
	)
	for _, d := range []measure.Dist{f.UntilCalled, f.Visit, f.Service, f.Processing, f.Delivery, f.ToldError} {
		text += fmt.Sprint(" ", d.Count, d.Sum(), d.Max)
	}
	return text
}

func hashOf(parts ...string) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q", parts)))
	return hex.EncodeToString(sum[:12])
}

func shifted(d queue.Date, days int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, days))
}

// dues returns every period of some days, in their order, that is over. Periods that
// began before the first day that is looked at are left alone.
func dues(id queue.OfficeID, days []daily, lacks []queue.Date, today queue.Date) []due {
	var list []due
	first := shifted(today, -Back)
	for _, kind := range report.Kinds {
		at := map[string]int{}
		for _, d := range days {
			p := report.PeriodOf(kind, d.date)
			if !p.Over(today) || p.From < first {
				continue
			}
			i, ok := at[p.Key()]
			if !ok {
				i = len(list)
				at[p.Key()] = i
				list = append(list, due{id: ID{id, kind, p.Key()}, to: p.To})
			}
			list[i].print = hashOf(list[i].print, string(d.date), d.print)
			list[i].days = append(list[i].days, d)
		}
		for _, date := range lacks {
			if i, ok := at[report.PeriodOf(kind, date).Key()]; ok {
				list[i].lacks++
			}
		}
	}
	return list
}

// entry says a report in figures.
func (d due) entry() Entry {
	var f measure.Figures
	for _, one := range d.days {
		f = f.Plus(one.figures)
	}
	e := Entry{ID: d.id, Print: Print{Making, d.print}, Days: len(d.days), Lacks: d.lacks, Heads: map[string]float64{}}
	for _, key := range report.Headlines {
		if def, ok := report.Look(key); ok {
			if v := def.Read(f); v.Number != nil {
				e.Heads[key] = *v.Number
			}
		}
	}
	return e
}
