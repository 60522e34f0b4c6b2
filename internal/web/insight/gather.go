package insight

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/history/profile"
	"machi/internal/measure"
	"machi/internal/queue"
)

// found is what closed days show of what was asked.
type found struct {
	asked
	offices  []board.Office // that were asked for
	total    measure.Figures
	before   measure.Figures
	compares bool // enough is known of the time before
	dates    []measure.Row
	earlier  []measure.Row // of the time before: by date, or by month where the course is
	cells    []measure.Row // by weekday and hour
	each     []measure.Row // by office
	eachWas  []measure.Row
	services []measure.Row
	was      []measure.Row // services, of the time before
	kinds    []measure.Row
	lacks    []measure.Lack
	reading  bool
}

// enough is how many visits a figure must be made of before it is shown as one.
const enough = 20

// gather asks for all that a page shows.
func (p *Pages) gather(ctx context.Context, a asked, offices []board.Office) (found, error) {
	f := found{asked: a}
	for _, o := range offices {
		if len(a.Offices) == 0 || slices.Contains(a.Offices, o.ID) {
			f.offices = append(f.offices, o)
		}
	}
	before := measure.ByDate
	if grain(a.From, a.To) == "month" {
		before = measure.ByMonth
	}
	asks := []ask{
		{from: a.From, to: a.To, by: []measure.Dimension{measure.ByDate}},
		{from: a.Before[0], to: a.Before[1], by: []measure.Dimension{before}},
		{from: a.From, to: a.To, by: []measure.Dimension{measure.ByWeekday, measure.ByHour}},
		{from: a.From, to: a.To, by: []measure.Dimension{measure.ByService}},
		{from: a.Before[0], to: a.Before[1], by: []measure.Dimension{measure.ByService}},
		{from: a.From, to: a.To, by: []measure.Dimension{measure.ByOffice}},
		{from: a.Before[0], to: a.Before[1], by: []measure.Dimension{measure.ByOffice}},
	}
	if len(f.offices) == 0 {
		return f, nil
	}
	if len(f.offices) == 1 {
		asks = asks[:5]
	}
	if err := p.answer(ctx, f, asks); err != nil {
		return f, err
	}
	f.total, f.dates, f.lacks = asks[0].Total, asks[0].Rows, asks[0].Lacks
	f.before, f.earlier = asks[1].Total, asks[1].Rows
	f.cells, f.services, f.was = asks[2].Rows, asks[3].Rows, asks[4].Rows
	if len(asks) > 5 {
		f.each, f.eachWas = asks[5].Rows, asks[6].Rows
	}
	f.compares = f.before.Arrivals >= enough && alike(f.total.Days, f.before.Days, 0.75)
	f.kinds = kinds(f.dates)
	for _, one := range asks {
		f.reading = f.reading || one.Reading
	}
	return f, nil
}

// alike reports whether as many days are known of two spans, to a share of them.
func alike(a, b int, share float64) bool {
	return float64(min(a, b)) >= share*float64(max(a, b))
}

// ask is one question and its answer.
type ask struct {
	from, to queue.Date // empty: it is not asked
	by       []measure.Dimension
	measure.Answer
}

// answer answers all questions, side by side.
func (p *Pages) answer(ctx context.Context, f found, asks []ask) error {
	failed := make([]error, len(asks))
	var all sync.WaitGroup
	for i := range asks {
		one := &asks[i]
		if one.from == "" {
			continue
		}
		all.Go(func() {
			one.Answer, failed[i] = p.deps.Measures.Measures(ctx, f.question(one.from, one.to, one.by))
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// kinds adds days up by what kind of day they are.
func kinds(dates []measure.Row) []measure.Row {
	var list []measure.Row
	for _, kind := range profile.Kinds {
		sum := measure.Row{Key: measure.Key{Kind: kind}}
		for _, r := range dates {
			if day, err := calendar.ParseDay(string(r.Date)); err == nil && profile.KindOf(day) == kind {
				sum.Figures = sum.Plus(r.Figures)
			}
		}
		if sum.Arrivals > 0 {
			list = append(list, sum)
		}
	}
	return list
}

func (f found) question(from, to queue.Date, by []measure.Dimension) measure.Query {
	q := measure.Query{From: from, To: to, By: by}
	for _, o := range f.offices {
		q.Offices = append(q.Offices, o.ID)
	}
	if f.Service != "" {
		q.Services = []queue.ServiceID{f.Service}
	}
	return q
}

// part is a stretch of the course: a day, a week or a month.
type part struct {
	From time.Time
	measure.Figures
}

// The longest spans that are shown by day and by week, in days.
const (
	byDay  = 62
	byWeek = 200
)

// grain is how finely a span is shown: day, week or month.
func grain(from, to queue.Date) string {
	switch n := days(from, to); {
	case n <= byDay:
		return "day"
	case n <= byWeek:
		return "week"
	}
	return "month"
}

// parts adds days up to what the course shows.
func parts(rows []measure.Row, grain string) []part {
	var list []part
	for _, r := range rows {
		at := startOf(cmp.Or(r.Date, queue.Date(r.Month+"-01")))
		switch grain {
		case "week":
			at = at.AddDate(0, 0, -(int(at.Weekday())+6)%7)
		case "month":
			at = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, queue.JST)
		}
		if n := len(list); n > 0 && list[n-1].From.Equal(at) {
			list[n-1].Figures = list[n-1].Plus(r.Figures)
			continue
		}
		list = append(list, part{at, r.Figures})
	}
	return list
}

// open reports whether anybody came on a day.
func open(r measure.Row) bool { return r.Arrivals > 0 }
