package expect_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/expect/expecttest"
	"machi/internal/forecast"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
)

// past is forty weeks of days until a date, and what they taught.
func past(until queue.Date) (m *forecast.Model, u *outlook.Usual, was map[queue.Date]expect.Was) {
	was = map[queue.Date]expect.Was{}
	var counts []forecast.Count
	var days []history.Day
	end, _ := calendar.ParseDay(string(until))
	for n := 280; n >= 0; n-- {
		date := queue.Date(end.Add(-n).String())
		d, open := expecttest.Closed(expecttest.Office, date, 1)
		if !open {
			continue
		}
		w, _ := expect.WasOf(d, expecttest.Limits)
		was[date] = w
		counts, days = append(counts, w.Counts...), append(days, d)
	}
	return forecast.Fit(counts, forecast.Special{Country: forecast.Japan}, nil), outlook.Learn(days), was
}

func TestADayToComeIsSaidInTheWordsOfTheRunningDay(t *testing.T) {
	model, usual, was := past("2026-06-05")
	source := func(date queue.Date) expect.Source {
		return expect.Source{Office: expecttest.Office, Date: date, Settings: expecttest.Settings(date), Model: model, Usual: usual, Thresholds: expecttest.Limits, Days: len(was)}
	}
	monday, tuesday := expect.Make(source("2026-06-15")), expect.Make(source("2026-06-16"))
	if !monday.Open() || len(monday.Halves) != 18 || len(monday.Lines) != 2 || monday.Basis != expect.FromWaits {
		t.Fatalf("%d half hours, %d services, basis %q", len(monday.Halves), len(monday.Lines), monday.Basis)
	}
	if expect.Rank(monday.Level) <= expect.Rank(tuesday.Level) || monday.Arrivals.P50 < 1.5*tuesday.Arrivals.P50 {
		t.Errorf("Monday is %s with %v, Tuesday %s with %v", monday.Level, monday.Arrivals, tuesday.Level, tuesday.Arrivals)
	}
	if first := monday.Halves[0]; !first.From.Equal(expecttest.At("2026-06-15", 8*time.Hour)) || first.Arrivals.P50 <= 0 {
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
	source := expect.Source{Office: expecttest.Office, Date: date, Settings: expecttest.Settings(date), Model: model, Usual: usual, Thresholds: expecttest.Limits}
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
		told = append(told, expect.ToldOf(expect.Make(expect.Source{Office: expecttest.Office, Date: date, Settings: expecttest.Settings(date), Model: model, Usual: usual, Thresholds: expecttest.Limits})))
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

func TestARecordSaysOfEachLevelWhatBecameOfIt(t *testing.T) {
	r := expect.Record{List: []expect.Compared{
		{Told: board.LevelBusy, Was: board.LevelBusy},
		{Told: board.LevelBusy, Was: board.LevelQuiet},
		{Told: board.LevelQuiet, Was: board.LevelModerate},
		{Told: board.LevelBusy, Was: board.LevelVeryBusy},
		{Told: board.LevelQuiet, Was: board.LevelQuiet},
	}}
	want := []expect.Outcome{{Level: board.LevelQuiet, Days: 2, Hits: 1, Busier: 1}, {Level: board.LevelBusy, Days: 3, Hits: 1, Calmer: 1, Busier: 1}}
	if got := r.ByLevel(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if none := (expect.Record{}).ByLevel(); none != nil {
		t.Errorf("of nothing: %+v", none)
	}
}

func TestWhoComesOutsideTheHoursCountsAtTheirEnds(t *testing.T) {
	told := expect.Told{Date: "2026-11-20", Level: board.LevelQuiet, Halves: map[int]expect.Range{17: {P50: 5, P90: 6}, 18: {P50: 3, P90: 4}}}
	was := expect.Was{Date: "2026-11-20", Came: 8, Level: board.LevelQuiet}
	was.Halves[15], was.Halves[17], was.Halves[18], was.Halves[40] = 2, 3, 2, 1
	r := expect.Compare(7, []expect.Told{told}, map[queue.Date]expect.Was{"2026-11-20": was})
	if r.Error != 0 || r.Bias != 0 || r.Within != 1 {
		t.Errorf("%+v", r)
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
