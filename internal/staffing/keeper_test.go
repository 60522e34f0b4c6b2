package staffing_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/expect"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
	"machi/internal/staffing"
)

const (
	today = queue.Date("2026-06-09")
	desk  = queue.OfficeID("desk")
)

// shelf keeps the closed days of the test.
type shelf struct {
	history.Store
	days map[queue.Date]history.Day
}

func (s shelf) Day(_ context.Context, _ queue.OfficeID, d queue.Date) (history.Day, bool, error) {
	day, ok := s.days[d]
	return day, ok, nil
}

func (s shelf) Days(context.Context, queue.OfficeID, queue.Date, queue.Date) iter.Seq2[history.Day, error] {
	return func(yield func(history.Day, error) bool) {
		for _, d := range s.days {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func at(d queue.Date, clock time.Duration) time.Time {
	midnight, err := time.ParseInLocation(time.DateOnly, string(d), queue.JST)
	if err != nil {
		panic(err)
	}
	return midnight.Add(clock)
}

// settings are of an office with one service and four counters.
func settings(_ queue.OfficeID, d queue.Date) (queue.Settings, error) {
	s := queue.Settings{
		Office: desk, Date: d, Rule: queue.DefaultRule(), Series: []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 799}}},
		Services: []queue.ServiceSettings{{ID: "cert", Series: "A", Stages: []queue.Stage{queue.StageReception}, Opens: at(d, 9*time.Hour), Closes: at(d, 17*time.Hour), Expected: 5 * time.Minute}},
	}
	for _, id := range []queue.CounterID{"1", "2", "3", "4"} {
		s.Counters = append(s.Counters, queue.CounterSettings{ID: id, Services: []queue.ServiceID{"cert"}, Stages: []queue.Stage{queue.StageReception}})
	}
	return s, nil
}

// closed is a day on which somebody comes every two minutes and is served for five by
// three counters.
func closed(d queue.Date) history.Day {
	day := history.Day{Office: desk, Date: d, Source: history.FromImport}
	free := [3]time.Duration{9 * time.Hour, 9 * time.Hour, 9 * time.Hour}
	for came := 9 * time.Hour; came < 17*time.Hour; came += 2 * time.Minute {
		c := 0
		for i := range free {
			if free[i] < free[c] {
				c = i
			}
		}
		called := max(came, free[c])
		free[c] = called + 5*time.Minute
		leg := history.Leg{
			Service: "cert", Stage: queue.StageReception, Joined: at(d, came), Called: at(d, called), Started: at(d, called), Finished: at(d, free[c]),
			Counter: queue.CounterID(string(rune('1' + c))), Outcome: history.Served,
		}
		day.Visits = append(day.Visits, history.Visit{Service: "cert", Issued: at(d, came), Legs: []history.Leg{leg}, Outcome: history.Served, Ended: leg.Finished})
	}
	for _, id := range []queue.CounterID{"1", "2", "3"} {
		day.Spells = append(day.Spells, history.Spell{Counter: id, Services: []queue.ServiceID{"cert"}, From: at(d, 9*time.Hour), To: at(d, 17*time.Hour)})
	}
	return day
}

// keeper makes a keeper of an office with so many closed days before today, at a time
// of today with a state.
func keeper(days int, now time.Duration, state *queue.State) *staffing.Keeper {
	past := map[queue.Date]history.Day{}
	var list []history.Day
	for n := 1; len(list) < days; n++ {
		from, _, _ := today.Bounds()
		date := from.AddDate(0, 0, -n)
		if date.Weekday() == time.Saturday || date.Weekday() == time.Sunday {
			continue
		}
		d := closed(queue.BusinessDay(date))
		past[d.Date] = d
		list = append(list, d)
	}
	var usual *outlook.Usual
	if days > 0 {
		usual = outlook.Learn(list)
	}
	return staffing.New(staffing.Options{
		Offices: func() []queue.OfficeID { return []queue.OfficeID{desk} }, Usual: func(queue.OfficeID) *outlook.Usual { return usual },
		Forecast: func(_ queue.OfficeID, d queue.Date) (expect.Day, bool) {
			return expect.Day{Office: desk, Date: d, Opens: at(d, 9*time.Hour), Closes: at(d, 17*time.Hour), Level: board.LevelUnknown}, d < "2026-09-01"
		},
		Settings: settings, State: func(queue.OfficeID) (*queue.State, bool) { return state, state != nil }, Days: shelf{days: past},
		Goal: func(id queue.OfficeID) (staffing.Goal, bool) {
			return staffing.Goal{Target: 15 * time.Minute, Share: 0.8}, id == desk
		},
		Now: func() time.Time { return at(today, now) }, Logger: slog.New(slog.DiscardHandler), Every: time.Hour,
	})
}

func TestADayIsAdvisedOn(t *testing.T) {
	a, err := keeper(12, 8*time.Hour, nil).Advice(t.Context(), desk, "2026-06-10")
	if err != nil {
		t.Fatal(err)
	}
	// Two and a half counters are busy all the time: two are too few, four too many.
	if !a.Known || !a.Open || !a.Enough || a.Basis != staffing.FromUsual || a.Days != 12 || a.Needed.Hours < 20 || a.Needed.Hours > 28 || a.Needed.Kept < 80 {
		t.Errorf("%+v", a)
	}
	if len(a.Halves) != 16 || a.Halves[0].From != "09:00" || a.Halves[0].Usual != 3 || len(a.Groups) != 1 || len(a.Groups[0].Needed) != 16 {
		t.Errorf("half hours: %+v of %+v", a.Halves, a.Groups)
	}
	if a, err := keeper(0, 8*time.Hour, nil).Advice(t.Context(), desk, today); err != nil || a.Known || len(a.Halves) != 0 {
		t.Errorf("of an office without a past: %+v, %v", a, err)
	}
	for _, date := range []queue.Date{"2026-06-08", "2027-01-01", "soon"} {
		if _, err := keeper(0, 8*time.Hour, nil).Advice(t.Context(), desk, date); !errors.Is(err, staffing.ErrDate) {
			t.Errorf("%s: %v", date, err)
		}
	}
	if _, err := keeper(0, 0, nil).Advice(t.Context(), "other", today); !errors.Is(err, staffing.ErrUnknown) {
		t.Errorf("another office: %v", err)
	}
}

func TestADayCanBeRunOtherwise(t *testing.T) {
	k := keeper(12, 8*time.Hour, nil)
	past, err := k.Ask(t.Context(), desk, staffing.Question{Date: "2026-06-05", More: -1, For: "cert"})
	if err != nil {
		t.Fatal(err)
	}
	if past.Basis != staffing.FromPast || past.Real == nil || past.Real.Called != 240 || !past.Real.Like {
		t.Errorf("past: %+v of %+v", past.Real, past)
	}
	if past.Change.P80.Low < 600 || past.Change.Hours >= 0 || past.Change.Better != 0 {
		t.Errorf("a counter fewer: %+v", past.Change)
	}
	less := 90
	next, err := k.Ask(t.Context(), desk, staffing.Question{Date: "2026-06-10", Elsewhere: []staffing.Elsewhere{{Service: "cert", Percent: less}}})
	if err != nil {
		t.Fatal(err)
	}
	if next.Basis != staffing.FromUsual || next.Real != nil || next.After.Arrivals.Mid > next.Before.Arrivals.Mid/5 || next.Change.P80.High > 0 {
		t.Errorf("a campaign: %+v", next)
	}
	long, err := k.Ask(t.Context(), desk, staffing.Question{Date: "2026-06-10", Closes: "19:00"})
	if err != nil || long.After.Halves[len(long.After.Halves)-1].From != "18:30" || long.After.Arrivals.Mid < long.Before.Arrivals.Mid*0.9 {
		t.Errorf("longer hours: %+v, %v", long.After, err)
	}
}

func TestABadQuestionIsBlamedOnItsField(t *testing.T) {
	k, eleven, second := keeper(12, 8*time.Hour, nil), 11, 1
	for field, q := range map[string]staffing.Question{
		"closes": {Closes: "09:30"}, "opens": {Opens: "early"}, "to": {More: 1, From: "12:00", To: "11:00"}, "for": {More: 1, For: "tea"}, "more": {More: 99},
		"open.counter": {Open: []staffing.Spell{{Counter: "9"}}}, "shut.from": {Shut: []staffing.Spell{{Counter: "1", From: "x"}}}, "percent": {Percent: 5},
		"ratio": {Ratio: &eleven}, "max_wait_seconds": {MaxWait: &second}, "elsewhere.percent": {Elsewhere: []staffing.Elsewhere{{Service: "cert", Percent: 101}}},
	} {
		q.Date = "2026-06-10"
		var fault *staffing.Fault
		if _, err := k.Ask(t.Context(), desk, q); !errors.As(err, &fault) || fault.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := keeper(0, 0, nil).Ask(t.Context(), desk, staffing.Question{Date: today}); !errors.Is(err, staffing.ErrLittle) {
		t.Errorf("without a past: %v", err)
	}
	if _, err := k.Ask(t.Context(), desk, staffing.Question{Date: "2026-06-06"}); !errors.Is(err, staffing.ErrDate) {
		t.Errorf("a day off: %v", err)
	}
}

// TestTheRestOfTodaySaysWhatToDo: forty people wait at ten for one open counter of
// three that are usual.
func TestTheRestOfTodaySaysWhatToDo(t *testing.T) {
	s := queue.New()
	n := 0
	do := func(clock time.Duration, c queue.Command) {
		t.Helper()
		n++
		m := queue.Meta{Command: queue.CommandID(string(rune('a'+n/26)) + string(rune('a'+n%26))), At: at(today, clock), Actor: queue.Actor{Role: queue.RoleStaff, ID: "x"}, Origin: "s"}
		events, err := queue.Decide(s, m, c)
		if err == nil {
			err = s.Apply(queue.Entry{Meta: m, Events: events})
		}
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
	}
	set, _ := settings(desk, today)
	do(8*time.Hour, queue.OpenDay{Settings: set})
	do(9*time.Hour, queue.OpenCounter{Counter: "1"})
	for i := range 40 {
		do(9*time.Hour+time.Duration(i)*time.Minute, queue.IssueTicket{Ticket: queue.TicketID("t" + string(rune('a'+i/26)) + string(rune('a'+i%26))), Service: "cert", Channel: queue.ChannelKiosk})
	}
	k := keeper(12, 10*time.Hour, s)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); k.Run(ctx) }()
	live := k.Live(desk)
	for limit := time.Now().Add(time.Minute); !live.Known && time.Now().Before(limit); live = k.Live(desk) {
		<-time.After(5 * time.Millisecond)
	}
	stop()
	<-done
	if !live.Known || !live.Over || live.Service != "cert" || len(live.Steps) == 0 || live.Steps[0].From < "10:10" || live.After >= live.Before || live.Before < 30*60 {
		t.Errorf("%+v", live)
	}
	if r, ok := k.Rest(desk); !ok || r.All.Day.N == 0 {
		t.Errorf("rest of the day: %v", ok)
	}
}
