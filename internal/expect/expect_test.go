package expect_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/forecast"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
)

const (
	office queue.OfficeID  = "o"
	moving queue.ServiceID = "moving"
	papers queue.ServiceID = "certificate"
)

var limits = expect.Thresholds{moving: {20 * time.Minute, 40 * time.Minute, 80 * time.Minute}, papers: {10 * time.Minute, 20 * time.Minute, 40 * time.Minute}}

func at(date queue.Date, clock time.Duration) time.Time {
	from, _, _ := date.Bounds()
	d := from.In(queue.JST)
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, queue.JST).Add(clock)
}

func settings(date queue.Date) queue.Settings {
	s := queue.Settings{Office: office, Date: date, Rule: queue.DefaultRule()}
	day, _ := calendar.ParseDay(string(date))
	opens, closes := at(date, 8*time.Hour+30*time.Minute), at(date, 17*time.Hour)
	if !calendar.BusinessDay(day) {
		opens, closes = at(date, 0), at(date, 0)
	}
	for _, id := range []queue.ServiceID{moving, papers} {
		v := queue.ServiceSettings{ID: id, Series: "A", Stages: []queue.Stage{queue.StageReception}, Expected: 10 * time.Minute, Opens: opens, Closes: closes}
		if opens.Before(closes) {
			v.Early = 30 * time.Minute
		}
		s.Services = append(s.Services, v)
	}
	for _, id := range []queue.CounterID{"1", "2"} {
		s.Counters = append(s.Counters, queue.CounterSettings{ID: id, Services: []queue.ServiceID{moving, papers}})
	}
	return s
}

// closed is a day as it went: on Mondays twice as many come as on other days, and two
// counters serve them.
func closed(date queue.Date, seed uint64) (history.Day, bool) {
	day, _ := calendar.ParseDay(string(date))
	if !calendar.BusinessDay(day) {
		return history.Day{}, false
	}
	r := rand.New(rand.NewPCG(seed, uint64(day.Day)+100*uint64(day.Month)))
	d := history.Day{Office: office, Date: date, Source: history.FromLog, Made: history.Making}
	for _, c := range []queue.CounterID{"1", "2"} {
		d.Spells = append(d.Spells, history.Spell{Counter: c, Services: []queue.ServiceID{moving, papers}, From: at(date, 8*time.Hour+30*time.Minute), To: at(date, 19*time.Hour)})
	}
	rate := 8 * time.Minute
	if day.Weekday() == time.Monday {
		rate = 4 * time.Minute
	}
	free := [2]time.Time{d.Spells[0].From, d.Spells[0].From}
	for came := at(date, 8*time.Hour+20*time.Minute); came.Before(at(date, 17*time.Hour)); came = came.Add(time.Duration(r.ExpFloat64() * float64(rate))) {
		service, talk := papers, 5*time.Minute
		if r.IntN(2) == 0 {
			service, talk = moving, 13*time.Minute
		}
		talk = time.Duration((0.5 + r.Float64()) * float64(talk))
		i := 0
		if free[1].Before(free[0]) {
			i = 1
		}
		called := came
		if free[i].After(called) {
			called = free[i]
		}
		called = called.Truncate(time.Second)
		ended := called.Add(talk).Truncate(time.Second)
		free[i] = ended.Add(15 * time.Second)
		d.Visits = append(d.Visits, history.Visit{
			Number: queue.Number(fmt.Sprintf("A%03d", len(d.Visits)+1)), Service: service, Channel: "kiosk", Issued: came.Truncate(time.Second), Outcome: history.Served, Ended: ended,
			Legs: []history.Leg{{Service: service, Stage: queue.StageReception, Joined: came.Truncate(time.Second), Called: called, Finished: ended, Counter: d.Spells[i].Counter, Outcome: history.Served}},
		})
	}
	return d, true
}

// past is forty weeks of days until a date, and what they taught.
func past(until queue.Date) (m *forecast.Model, u *outlook.Usual, was map[queue.Date]expect.Was) {
	was = map[queue.Date]expect.Was{}
	var counts []forecast.Count
	var days []history.Day
	end, _ := calendar.ParseDay(string(until))
	for n := 280; n >= 0; n-- {
		date := queue.Date(end.Add(-n).String())
		d, open := closed(date, 1)
		if !open {
			continue
		}
		w, _ := expect.WasOf(d, limits)
		was[date] = w
		counts, days = append(counts, w.Counts...), append(days, d)
	}
	return forecast.Fit(counts, forecast.Special{Country: forecast.Japan}, nil), outlook.Learn(days), was
}

func TestADayToComeIsSaidInTheWordsOfTheRunningDay(t *testing.T) {
	model, usual, was := past("2026-06-05")
	source := func(date queue.Date) expect.Source {
		return expect.Source{Office: office, Date: date, Settings: settings(date), Model: model, Usual: usual, Thresholds: limits, Days: len(was)}
	}
	monday, tuesday := expect.Make(source("2026-06-15")), expect.Make(source("2026-06-16"))
	if !monday.Open() || len(monday.Halves) != 18 || len(monday.Lines) != 2 || monday.Basis != expect.FromWaits {
		t.Fatalf("%d half hours, %d services, basis %q", len(monday.Halves), len(monday.Lines), monday.Basis)
	}
	if expect.Rank(monday.Level) <= expect.Rank(tuesday.Level) || monday.Arrivals.P50 < 1.5*tuesday.Arrivals.P50 {
		t.Errorf("Monday is %s with %v, Tuesday %s with %v", monday.Level, monday.Arrivals, tuesday.Level, tuesday.Arrivals)
	}
	if first := monday.Halves[0]; !first.From.Equal(at("2026-06-15", 8*time.Hour)) || first.Arrivals.P50 <= 0 {
		t.Errorf("the first half hour, in which numbers are given already: %+v", first)
	}
	again := expect.Make(source("2026-06-15"))
	if fmt.Sprint(again) != fmt.Sprint(monday) {
		t.Error("the same source gives another day")
	}
	sunday := expect.Make(source("2026-06-14"))
	if sunday.Open() || sunday.Level != board.LevelClosed || sunday.Reasons[0] != expect.Closed {
		t.Errorf("Sunday: %+v", sunday)
	}
	nothing := source("2026-06-15")
	nothing.Model = nil
	if d := expect.Make(nothing); d.Level != board.LevelUnknown || d.Reasons[0] != expect.NoHistory || d.Known() {
		t.Errorf("without a past: %+v", d)
	}
	blind := source("2026-06-15")
	blind.Usual = nil
	if d := expect.Make(blind); d.Basis != expect.FromArrivals || d.Waits.Known || !d.Known() {
		t.Errorf("without counters: %s of %q, waits %v", d.Level, d.Basis, d.Waits)
	}
}

func TestADayFollowsWhatStaffSay(t *testing.T) {
	model, usual, _ := past("2026-06-05")
	const date = "2026-06-16"
	source := expect.Source{Office: office, Date: date, Settings: settings(date), Model: model, Usual: usual, Thresholds: limits}
	plain := expect.Make(source)
	source.Remark = &expect.Override{Percent: 200, Reason: "一斉発送"}
	double := expect.Make(source)
	if got := double.Arrivals.P50 / plain.Arrivals.P50; got < 1.99 || got > 2.01 || expect.Rank(double.Level) <= expect.Rank(plain.Level) || double.Reasons[0] != expect.ByStaff {
		t.Errorf("twice as many: %v times, %s after %s, %v", got, double.Level, plain.Level, double.Reasons)
	}
	source.Remark = &expect.Override{Level: board.LevelVeryBusy, Reason: "人手が足りません"}
	said := expect.Make(source)
	if said.Level != board.LevelVeryBusy || said.Model != plain.Level || said.Waits.Known || said.Arrivals != plain.Arrivals {
		t.Errorf("%s (model %s), waits %v", said.Level, said.Model, said.Waits)
	}
	source.Model = nil
	if d := expect.Make(source); d.Level != board.LevelVeryBusy || !d.Known() || len(d.Reasons) != 1 || d.Reasons[0] != expect.ByStaff {
		t.Errorf("without a past: %s %v", d.Level, d.Reasons)
	}
}

func TestARecordIsWhatWasToldBesideWhatWas(t *testing.T) {
	model, usual, was := past("2026-06-05")
	var told []expect.Told
	day, _ := calendar.ParseDay("2026-05-07")
	for ; day.String() <= "2026-06-06"; day = day.Add(1) {
		date := queue.Date(day.String())
		told = append(told, expect.ToldOf(expect.Make(expect.Source{Office: office, Date: date, Settings: settings(date), Model: model, Usual: usual, Thresholds: limits})))
	}
	r := expect.Compare(7, told, was)
	if r.Days != 22 || r.From != "2026-05-07" || r.To != "2026-06-05" || len(r.List) != r.Days || !r.Enough() {
		t.Fatalf("%d days from %s to %s", r.Days, r.From, r.To)
	}
	if r.Error <= 0 || r.Error > 0.6 || r.Within < 0.6 || r.Hits+r.Near < r.Days*8/10 {
		t.Errorf("missed by %.2f, %.2f within, %d and %d of %d", r.Error, r.Within, r.Hits, r.Near, r.Days)
	}
	if none := expect.Compare(7, told, nil); none.Days != 0 || none.Enough() {
		t.Errorf("with nothing to compare: %+v", none)
	}
}

func TestACrowdIsCalledWhatOneInFourMeets(t *testing.T) {
	for want, people := range map[board.Level][4]float64{
		board.LevelQuiet: {80, 10, 5, 5}, board.LevelModerate: {60, 20, 15, 5}, board.LevelBusy: {0, 70, 20, 10}, board.LevelVeryBusy: {75, 0, 0, 25}, board.LevelUnknown: {},
	} {
		var c expect.Crowd
		for i, n := range people {
			c.Meet(expect.Levels[i], n)
		}
		c.Meet(board.LevelUnknown, 1000)
		if got := c.Level(); got != want {
			t.Errorf("%v is %s, want %s", people, got, want)
		}
	}
}
