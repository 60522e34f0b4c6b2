package score_test

import (
	"math"
	"testing"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/score"
)

// at is a moment of a service day, given in seconds after nine.
func at(day, seconds int) time.Time {
	return time.Date(2024, 2, 1+day, 9, 0, seconds, 0, time.UTC)
}

func event(kind place.Kind, day, seconds int, ticket, counter string) place.Event {
	return place.Event{At: at(day, seconds), Kind: kind, Ticket: ticket, Class: "a", Counter: counter}
}

func near(got, want float64) bool { return math.Abs(got-want) < 1e-9 }

func TestPlainMethodsTellByWhatWasBefore(t *testing.T) {
	m := score.NewMethods(nil)
	m.Observe(event(place.Issue, 0, 0, "1", ""))
	m.Observe(event(place.Issue, 0, 10, "2", ""))
	m.Observe(event(place.Call, 0, 20, "1", "K1"))
	m.Observe(event(place.Finish, 0, 120, "1", "K1"))
	m.Observe(event(place.Call, 0, 130, "2", "K1"))
	m.Observe(event(place.Issue, 0, 150, "3", ""))
	got := m.Observe(event(place.Issue, 0, 160, "4", ""))
	// Waits were 20 and 120; "3" waits since 10 s; two of 100 s at one counter, which is busy for 70 s more.
	want := score.Plain{Mean: 70, LES: 120, HOL: 10, QL: 200, VQ: 170}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAnIdleCounterMakesNobodyWait(t *testing.T) {
	m := score.NewMethods(map[string][]string{"K1": {"a"}, "K2": {"b"}})
	m.Observe(event(place.Open, 0, 0, "", "K1"))
	if got := m.Observe(event(place.Issue, 0, 5, "1", "")); got != (score.Plain{}) {
		t.Errorf("got %+v, want zero", got)
	}
}

// play tells 60 to 240 s, as likely 120, to one ticket a day that waits as given,
// with another that waits before it.
func play(waits ...int) score.Report {
	m := score.NewMeter(nil)
	for day, wait := range waits {
		m.Issued(event(place.Issue, day, 0, "head", ""), score.Told{})
		m.Issued(event(place.Issue, day, 10, "1", ""), score.Told{P10: 60, P50: 120, P90: 240})
		m.Observe(event(place.Cancel, day, 11, "head", ""))
		m.Observe(event(place.Call, day, 10+wait, "1", "K1"))
	}
	return m.Report(0.4)
}

func TestTheLastDaysCount(t *testing.T) {
	r := play(0, 0, 0, 180, 300)
	if r.Days != 5 || r.From != "2024-02-04" || r.Tickets != 2 || r.Left != 5 || r.Wait != 240 {
		t.Errorf("got days %d from %s tickets %d left %d wait %v", r.Days, r.From, r.Tickets, r.Left, r.Wait)
	}
	if p := r.Told; p.MAE != 120 || p.Bias != -120 || p.Median != 120 || !near(p.RMSE, math.Sqrt((60*60+180*180)/2)) || p.Within != 1 {
		t.Errorf("point %+v", p)
	}
	// One inside, one 60 s above: 180 s wide, ten times 60 s outside.
	if v := r.Waiting; v != (score.Interval{Tickets: 2, Coverage: 0.5, Above: 0.5, Width: 180, Score: 180 + 300}) {
		t.Errorf("interval %+v", v)
	}
	if len(r.ByDay) != 5 || r.ByDay[0].Abs["told"] != 120 || r.ByDay[4].Abs["told"] != 180 {
		t.Errorf("by day %+v", r.ByDay)
	}
}

func TestNothingToCountIsNotANumberAway(t *testing.T) {
	r := score.NewMeter(nil).Report(0.4)
	if r.Tickets != 0 || r.Told != (score.Point{}) || r.Waiting != (score.Interval{}) {
		t.Errorf("got %+v", r)
	}
}

func TestATicketNumberComesAgainTheNextDay(t *testing.T) {
	m := score.NewMeter(nil)
	m.Issued(event(place.Issue, 0, 0, "1", ""), score.Told{})
	m.Issued(event(place.Issue, 1, 0, "1", ""), score.Told{})
	m.Observe(event(place.Call, 1, 30, "1", "K1"))
	if r := m.Report(1); r.Tickets != 1 || r.Wait != 30 || r.Left != 1 {
		t.Errorf("got %d tickets, wait %v, left %d", r.Tickets, r.Wait, r.Left)
	}
}
