package insight

import (
	"context"
	"slices"
	"time"

	"machi/internal/board"
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
	earlier  []measure.Row // by date, of the time before
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
	var err error
	ask := func(from, to queue.Date, by ...measure.Dimension) measure.Answer {
		if err != nil || from == "" || len(f.offices) == 0 {
			return measure.Answer{}
		}
		var answer measure.Answer
		answer, err = p.deps.Measures.Measures(ctx, f.question(from, to, by))
		f.reading = f.reading || answer.Reading
		return answer
	}
	now := ask(a.From, a.To, measure.ByDate)
	f.total, f.dates, f.lacks = now.Total, now.Rows, now.Lacks
	then := ask(a.Before[0], a.Before[1], measure.ByDate)
	f.before, f.earlier = then.Total, then.Rows
	f.compares = f.before.Arrivals >= enough && 2*len(f.earlier) >= len(f.dates)
	f.cells = ask(a.From, a.To, measure.ByWeekday, measure.ByHour).Rows
	f.services = ask(a.From, a.To, measure.ByService).Rows
	f.kinds = ask(a.From, a.To, measure.ByKind).Rows
	if len(f.offices) > 1 {
		f.each = ask(a.From, a.To, measure.ByOffice).Rows
	}
	if f.compares {
		f.was = ask(a.Before[0], a.Before[1], measure.ByService).Rows
		if len(f.offices) > 1 {
			f.eachWas = ask(a.Before[0], a.Before[1], measure.ByOffice).Rows
		}
	}
	return f, err
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
		at := startOf(r.Date)
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
