package filed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"machi/internal/eventlog/memlog"
	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/report/filed"
)

// city is two offices whose days can be corrected.
type city struct {
	today   queue.Date
	reading bool
	waits   map[string]time.Duration // of a day and office; a minute where nothing is said
	open    string                   // a day and office that is not closed yet
}

func (c *city) ask(_ context.Context, q measure.Query) (measure.Answer, error) {
	a := measure.Answer{Query: q, Reading: c.reading}
	from, _, err := q.From.Bounds()
	if err != nil {
		return a, err
	}
	for d := from; queue.BusinessDay(d) <= q.To; d = d.AddDate(0, 0, 1) {
		date := queue.BusinessDay(d)
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || date < "2026-03-02" {
			continue
		}
		if string(q.Offices[0])+" "+string(date) == c.open {
			continue
		}
		wait := time.Minute
		if w, ok := c.waits[string(q.Offices[0])+" "+string(date)]; ok {
			wait = w
		}
		a.Rows = append(a.Rows, measure.Row{
			Key:     measure.Key{Date: date, Service: "moving"},
			Figures: measure.Figures{Days: 1, Arrivals: 2, Called: 1, UntilCalled: measure.DistOf(wait)},
		})
	}
	return a, nil
}

func maker(book *filed.Book, c *city) *filed.Maker {
	return &filed.Maker{
		Book: book, Offices: func() []queue.OfficeID { return []queue.OfficeID{"a", "b"} }, Today: func() queue.Date { return c.today }, Ask: c.ask,
	}
}

func round(t *testing.T, m *filed.Maker) []string {
	t.Helper()
	entered, err := m.Round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entered {
		names = append(names, fmt.Sprintf("%s %s %s v%d", e.Office, e.Kind, e.Key, e.Revision))
	}
	slices.Sort(names)
	return names
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func clock() time.Time { return time.Date(2026, 4, 2, 6, 0, 0, 0, queue.JST) }

func TestReportsAreMadeWhenTheirPeriodIsOver(t *testing.T) {
	store := memlog.New()
	c := &city{today: "2026-03-03"}
	m := maker(filed.New(store, clock), c)
	same(t, "after the first day", round(t, m), "a day 2026-03-02 v1", "b day 2026-03-02 v1", "ward day 2026-03-02 v1")
	same(t, "again", round(t, m))
	c.today = "2026-04-02"
	made := round(t, m)
	for _, want := range []string{"a month 2026-03 v1", "ward month 2026-03 v1", "ward year 2025 v1", "b day 2026-04-01 v1"} {
		if !slices.Contains(made, want) {
			t.Errorf("%s was not made: %q", want, made)
		}
	}
	if slices.ContainsFunc(made, func(s string) bool { return s == "a month 2026-04 v1" }) {
		t.Error("a month was made that is not over")
	}
	list, err := filed.New(store, clock).List(t.Context(), 2025)
	if err != nil || len(list) != 3*(22+1+1) || list[0].Key != "2026-03-31" || list[0].Office != report.Ward {
		t.Errorf("%d entries, %+v, %v", len(list), list[0], err)
	}
}

// TestTheWardWaitsForItsLastOffice closes two offices one after the other, at the end of
// a month: the ward's reports are made once, of both.
func TestTheWardWaitsForItsLastOffice(t *testing.T) {
	c := &city{today: "2026-04-01", open: "b 2026-03-31"}
	m := maker(filed.New(memlog.New(), clock), c)
	m.Opens = func(_ queue.OfficeID, date queue.Date) bool { return date == "2026-03-31" }
	for _, name := range round(t, m) {
		if slices.Contains([]string{"ward day 2026-03-31 v1", "ward month 2026-03 v1", "ward year 2025 v1", "b month 2026-03 v1", "b year 2025 v1"}, name) {
			t.Errorf("%s was made while an office is open", name)
		}
	}
	c.open = ""
	same(t, "when both are closed", round(t, m), "b day 2026-03-31 v1", "b month 2026-03 v1", "b year 2025 v1", "ward day 2026-03-31 v1", "ward month 2026-03 v1", "ward year 2025 v1")
	c.open, c.today = "b 2026-04-01", "2026-04-02"
	m.Opens = func(queue.OfficeID, queue.Date) bool { return true }
	same(t, "an office that has not closed", round(t, m), "a day 2026-04-01 v1")
	c.today = "2026-04-03"
	if made := round(t, m); !slices.Contains(made, "ward day 2026-04-01 v1") {
		t.Errorf("the ward waits for ever: %q", made)
	}
}

func TestLateRecordsMakeTheNextRevisionOfWhatTheyChange(t *testing.T) {
	store := memlog.New()
	c := &city{today: "2026-04-02", waits: map[string]time.Duration{}}
	book := filed.New(store, clock)
	m := maker(book, c)
	round(t, m)
	c.waits["a 2026-03-10"] = 9 * time.Minute
	same(t, "after a correction", round(t, m),
		"a day 2026-03-10 v2", "a month 2026-03 v2", "a year 2025 v2", "ward day 2026-03-10 v2", "ward month 2026-03 v2", "ward year 2025 v2")
	list, err := book.Revisions(t.Context(), filed.ID{Office: "a", Kind: report.Day, Key: "2026-03-10"})
	if err != nil || len(list) != 2 || list[0].Heads["wait_p50"] != 9 || list[1].Heads["wait_p50"] != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestTwoServersMakeEachReportOnce(t *testing.T) {
	store := memlog.New()
	c := &city{today: "2026-04-02"}
	first, second := maker(filed.New(store, clock), c), maker(filed.New(store, clock), c)
	if made := round(t, first); len(made) == 0 {
		t.Fatal("nothing was made")
	}
	same(t, "the second server", round(t, second))
	same(t, "after a restart", round(t, maker(filed.New(store, clock), c)))
}

func TestNothingIsMadeWhileDaysAreBeingRead(t *testing.T) {
	c := &city{today: "2026-04-02", reading: true}
	if made, err := maker(filed.New(memlog.New(), clock), c).Round(t.Context()); !errors.Is(err, filed.ErrReading) || len(made) != 0 {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestAnOlderReleaseDoesNotTakeTheWordBack(t *testing.T) {
	book, id := filed.New(memlog.New(), clock), filed.ID{Office: "a", Kind: report.Day, Key: "2026-03-10"}
	issue := func(made int, hash string) int {
		entered, err := book.Issue(t.Context(), []filed.Entry{{ID: id, Print: filed.Print{Made: made, Hash: hash}}})
		if err != nil {
			t.Fatal(err)
		}
		return len(entered)
	}
	if issue(1, "x") != 1 || issue(2, "y") != 1 || issue(1, "x") != 0 {
		t.Error("the releases correct one another")
	}
	if _, err := book.Issue(t.Context(), []filed.Entry{{ID: filed.ID{Office: "a", Kind: "week", Key: "1"}}}); err == nil {
		t.Error("a week was entered")
	}
}

func TestAReportSaysWhichRevisionItIs(t *testing.T) {
	n := 12.0
	made := func(standing report.Standing) report.Report {
		return report.Report{Standing: standing, Cards: []report.Card{{Figure: "arrivals", Now: report.Value{Number: &n}}}}
	}
	revisions := []filed.Entry{{Revision: 2, At: clock(), Heads: map[string]float64{"arrivals": 12}}, {Revision: 1}}
	r := made(report.Final)
	if filed.Settle(&r, revisions); r.Revision != 2 || !r.Made.Equal(clock()) || r.Standing != report.Final {
		t.Errorf("%+v", r)
	}
	n = 13
	if filed.Settle(&r, revisions); r.Standing != report.Changed {
		t.Errorf("changed figures are %s", r.Standing)
	}
	r = made(report.Running)
	if filed.Settle(&r, revisions); r.Revision != 0 {
		t.Errorf("a running period is revision %d", r.Revision)
	}
}
