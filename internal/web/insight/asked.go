package insight

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
)

// asked is what a reader wants to look at.
type asked struct {
	Offices  []queue.OfficeID // empty: all that the reader manages
	Service  queue.ServiceID  // empty: all
	Reach    string           // one of spans
	From, To queue.Date
	Before   [2]queue.Date // what it is compared with; empty: nothing
	Problem  string        // what was wrong with the question: from, to, office or service
}

// The spans, and how many days they have.
var spans = []struct {
	name string
	days int
}{{"week", 7}, {"month", 28}, {"quarter", 91}, {"year", 365}, {"fiscal", 0}, {"custom", 0}}

// longest bounds a span, in days.
const longest = 800

// usual is the span that nobody asked for.
const usual = "month"

// read reads a question. What is wrong in it is named, and answered as if it had not
// been asked.
func read(query url.Values, offices []board.Office, today queue.Date) asked {
	a := asked{Reach: query.Get("span")}
	for _, id := range query["office"] {
		office := queue.OfficeID(id)
		switch known := slices.ContainsFunc(offices, func(o board.Office) bool { return o.ID == office }); {
		case id == "" || id == "all":
		case !known:
			a.Problem = "office"
		case !slices.Contains(a.Offices, office):
			a.Offices = append(a.Offices, office)
		}
	}
	if len(a.Offices) == len(offices) {
		a.Offices = nil
	}
	a.readService(query.Get("service"), offices)
	a.readSpan(query, today)
	if query.Get("compare") != "none" {
		a.Before = before(a.From, a.To)
	}
	return a
}

func (a *asked) readService(id string, offices []board.Office) {
	if id == "" || id == "all" {
		return
	}
	for _, o := range offices {
		for _, s := range o.Services {
			if string(s.ID) == id {
				a.Service = s.ID
				return
			}
		}
	}
	a.Problem = "service"
}

// readSpan finds the first and the last day. Today is never in it: it is not over.
func (a *asked) readSpan(query url.Values, today queue.Date) {
	last := addDays(today, -1)
	if a.Reach == "custom" && a.readDates(query.Get("from"), query.Get("to"), last) {
		return
	}
	if a.Reach == "fiscal" {
		at := startOf(last)
		year := at.Year()
		if at.Month() < time.April {
			year--
		}
		a.From, a.To = dateOf(time.Date(year, time.April, 1, 0, 0, 0, 0, queue.JST)), last
		return
	}
	days := 0
	for _, s := range spans {
		if s.name == a.Reach {
			days = s.days
		}
	}
	if days == 0 {
		a.Reach, days = usual, 28
	}
	a.From, a.To = addDays(last, 1-days), last
}

func (a *asked) readDates(from, to string, last queue.Date) bool {
	first := startOf(queue.Date(from))
	end := startOf(queue.Date(to))
	switch {
	case first.IsZero() || !strings.HasPrefix(from, "20"):
		a.Problem = "from"
	case end.IsZero() || end.Before(first) || end.Sub(first) > (longest-1)*24*time.Hour:
		a.Problem = "to"
	default:
		a.From, a.To = queue.Date(from), min(queue.Date(to), last)
		if a.From > a.To {
			a.Problem = "from"
		}
	}
	return a.Problem != "from" && a.Problem != "to"
}

// before returns what a span is compared with: the same weekdays 52 weeks earlier, and
// of a span of most of a year the same dates.
func before(from, to queue.Date) [2]queue.Date {
	if days(from, to) >= 300 {
		return [2]queue.Date{dateOf(startOf(from).AddDate(-1, 0, 0)), dateOf(startOf(to).AddDate(-1, 0, 0))}
	}
	return [2]queue.Date{addDays(from, -364), addDays(to, -364)}
}

// days counts the days from one date to another, both included.
func days(from, to queue.Date) int {
	return int(startOf(to).Sub(startOf(from))/(24*time.Hour)) + 1
}

// query is the question as an address asks it.
func (a asked) query() url.Values {
	q := url.Values{"span": {a.Reach}}
	for _, id := range a.Offices {
		q.Add("office", string(id))
	}
	if a.Service != "" {
		q.Set("service", string(a.Service))
	}
	if a.Reach == "custom" {
		q.Set("from", string(a.From))
		q.Set("to", string(a.To))
	}
	if a.Before[0] == "" {
		q.Set("compare", "none")
	}
	return q
}
