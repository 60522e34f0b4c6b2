package promise_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/history"
	"machi/internal/promise"
	"machi/internal/queue"
)

// morning is a Monday.
var morning = time.Date(2026, 4, 6, 10, 0, 0, 0, queue.JST)

const minute = time.Minute

// visit is somebody who was told 20 to 30 minutes and was called after waited.
func visit(waited time.Duration, change ...func(*history.Visit)) history.Visit {
	v := history.Visit{
		Service: "moving", Channel: queue.ChannelKiosk, Issued: morning, Outcome: history.Served, Ended: morning.Add(waited + 5*minute),
		Told: &history.Told{Ahead: 4, Low: 21 * minute, P50: 25 * minute, High: 29 * minute},
		Legs: []history.Leg{{
			Service: "moving", Stage: queue.StageReception, Joined: morning, Called: morning.Add(waited),
			Started: morning.Add(waited), Finished: morning.Add(waited + 5*minute), Counter: "1", Outcome: history.Served,
		}},
	}
	for _, c := range change {
		c(&v)
	}
	return v
}

// left never was called.
func left(v *history.Visit) {
	v.Ended = v.Legs[0].Called
	v.Outcome, v.Legs[0].Outcome = history.Left, history.Left
	v.Legs[0].Called, v.Legs[0].Started, v.Legs[0].Finished, v.Legs[0].Counter = time.Time{}, time.Time{}, v.Ended, ""
}

func TestWhatBecameOfAPromise(t *testing.T) {
	for _, row := range []struct {
		name   string
		visit  history.Visit
		want   promise.Fate
		waited time.Duration
	}{
		{"called within the range", visit(24 * minute), promise.Kept, 24 * minute},
		{"at its lower end as it was shown, not as it was computed", visit(20 * minute), promise.Kept, 20 * minute},
		{"at its upper end as it was shown", visit(30 * minute), promise.Kept, 30 * minute},
		{"a second before the lower end", visit(20*minute - time.Second), promise.Early, 20*minute - time.Second},
		{"a second after the upper end", visit(30*minute + time.Second), promise.Late, 30*minute + time.Second},
		{"nobody came, but the call is known", visit(24*minute, func(v *history.Visit) {
			v.Outcome, v.Legs[0].Outcome = history.NoShow, history.NoShow
		}), promise.Kept, 24 * minute},
		{"only the first call counts, not the one after the back office", visit(24*minute, func(v *history.Visit) {
			v.Legs = append(v.Legs, history.Leg{Service: "moving", Stage: queue.StageDelivery, Called: morning.Add(90 * minute)})
		}), promise.Kept, 24 * minute},
		{"called at the second line, having been sent on before any call", visit(40*minute, func(v *history.Visit) {
			second := v.Legs[0]
			v.Legs[0] = history.Leg{Service: "other", Joined: morning, Finished: morning.Add(10 * minute), Outcome: history.Left}
			v.Legs = append(v.Legs, second)
		}), promise.Late, 40 * minute},
		{"left before a call", visit(10*minute, left), promise.Gone, 10 * minute},
		{"left after the upper end", visit(50*minute, left), promise.Gone, 50 * minute},
		{"only a lower end was told", visit(24*minute, func(v *history.Visit) {
			v.Told.Low, v.Told.High = 90*minute, 150*minute
		}), promise.Endless, 24 * minute},
		{"the wait was not known", visit(24*minute, func(v *history.Visit) { *v.Told = history.Told{Ahead: 3} }), promise.Untold, 0},
		{"nothing was told", visit(24*minute, func(v *history.Visit) { v.Told = nil }), promise.Untold, 0},
		{"asked for more time", visit(40*minute, func(v *history.Visit) { v.Later = 1 }), promise.Postponed, 40 * minute},
		{"the moment of issue was guessed", visit(24*minute, func(v *history.Visit) { v.Flags = []queue.Flag{queue.FlagClock} }), promise.Uncertain, 24 * minute},
		{"noted afterwards, without a moment of call", visit(24*minute, func(v *history.Visit) {
			v.Legs[0].Unmeasured, v.Legs[0].Called = true, v.Legs[0].Finished
		}), promise.Uncertain, 29 * minute},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := promise.Of(row.visit)
			if got.Fate != row.want || got.Waited != row.waited {
				t.Errorf("fate %d after %v, want %d after %v", got.Fate, got.Waited, row.want, row.waited)
			}
		})
	}
}

// book holds one day of visits that waited as long as told.
func book(visits ...history.Visit) *promise.Book {
	b := promise.NewBook("o")
	b.Add(history.Day{Office: "o", Date: "2026-04-06", Visits: visits})
	return b
}

func TestARecordCountsEverybodyOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	changes := []func(*history.Visit){
		left, func(v *history.Visit) { v.Told = nil }, func(v *history.Visit) { v.Later = 1 },
		func(v *history.Visit) { v.Flags = []queue.Flag{queue.FlagClock} },
		func(v *history.Visit) { v.Legs[0].Outcome = history.NoShow },
	}
	var visits []history.Visit
	for range 500 {
		v := visit(time.Duration(random.Int64N(int64(60 * minute))))
		v.Told.High += time.Duration(random.Int64N(int64(80 * minute)))
		if random.IntN(3) == 0 {
			changes[random.IntN(len(changes))](&v)
		}
		visits = append(visits, v)
	}
	b := book(visits...)
	r := b.Record()
	if got := r.All.People + r.Apart.Gone + r.Apart.Untold + r.Apart.Endless + r.Apart.Postponed + r.Apart.Uncertain; got != len(visits) {
		t.Errorf("%d of %d visits are accounted for: %+v", got, len(visits), r)
	}
	for _, s := range append(samples(b.Report()), r.All, r.Newest) {
		if s.Kept+s.Early+s.Late != s.People {
			t.Errorf("%+v does not add up", s)
		}
		if kept, early, late := s.Percent(); s.People > 0 && (kept+early+late != 100 || kept < 0 || early < 0 || late < 0) {
			t.Errorf("%+v: %d %d %d", s, kept, early, late)
		}
	}
	if r.Newest.People != promise.Recent {
		t.Errorf("the newest are %d", r.Newest.People)
	}
	rep := b.Report()
	for name, rows := range map[string][]promise.Row{"services": rep.Services, "hours": rep.Hours, "weekdays": rep.Weekdays, "days": rep.Days, "weeks": rep.Weeks} {
		people := 0
		for _, row := range rows {
			people += row.People
		}
		if people != r.All.People {
			t.Errorf("%s: %d people, want %d", name, people, r.All.People)
		}
	}
}

func samples(r promise.Report) []promise.Sample {
	var list []promise.Sample
	for _, rows := range [][]promise.Row{r.Services, r.Hours, r.Weekdays, r.Days, r.Weeks} {
		for _, row := range rows {
			list = append(list, row.Sample)
		}
	}
	return list
}

func TestSharesAreRoundedAgainstTheOffice(t *testing.T) {
	for _, row := range []struct {
		kept, early, late   int
		wantK, wantE, wantL int
	}{
		{199, 0, 1, 99, 0, 1},
		{200, 0, 0, 100, 0, 0},
		{299, 0, 1, 99, 0, 1},
		{2, 0, 1, 66, 0, 34},
		{1, 1, 1, 33, 33, 34},
		{0, 0, 20, 0, 0, 100},
		{999, 1, 0, 99, 1, 0},
	} {
		s := promise.Sample{People: row.kept + row.early + row.late, Kept: row.kept, Early: row.early, Late: row.late}
		if k, e, l := s.Percent(); k != row.wantK || e != row.wantE || l != row.wantL {
			t.Errorf("%+v: %d %d %d", s, k, e, l)
		}
	}
	if (promise.Sample{People: 19}).Enough() || !(promise.Sample{People: 20}).Enough() {
		t.Error("shares are told of fewer than 20")
	}
}

func TestHowMuchLongerIsCountedFromTheShownEnd(t *testing.T) {
	var visits []history.Visit
	for over := 1; over <= 10; over++ {
		visits = append(visits, visit(30*minute+time.Duration(over)*minute))
	}
	s := book(visits...).Record().All
	if s.Late != 10 || s.Half != 5*minute || s.Most != 9*minute {
		t.Errorf("%+v", s)
	}
}

func TestPeopleAreComparedWithThoseWhoWereToldTheSame(t *testing.T) {
	var visits []history.Visit
	for i := range 250 {
		waited := 24 * minute
		if i < 60 { // the oldest, which the newest 200 have pushed out in part
			waited = 50 * minute
		}
		v := visit(waited)
		v.Issued = v.Issued.Add(time.Duration(i) * time.Second)
		v.Legs[0].Called = v.Issued.Add(waited)
		visits = append(visits, v)
	}
	r := book(visits...).Record()
	same, ok := r.About(20*minute, 30*minute)
	if !ok || same.People != promise.Recent || same.Late != 10 {
		t.Errorf("told the same: %+v, %v", same, ok)
	}
	if about, ok := r.About(15*minute, 25*minute); !ok || about.People != promise.Recent {
		t.Errorf("told about the same: %+v, %v", about, ok)
	}
	if few, ok := r.About(50*minute, 70*minute); ok {
		t.Errorf("nobody was told that: %+v", few)
	}
	if usual, ok := r.Usual(); !ok || usual.Low != 20*minute || usual.High != 30*minute {
		t.Errorf("the usual range is %+v", usual)
	}
	if _, ok := book().Record().Usual(); ok {
		t.Error("an empty record has a usual range")
	}
}

func TestErrorsOfAReport(t *testing.T) {
	total := book(visit(20*minute), visit(40*minute), visit(25*minute)).Report().Total
	if total.Error != 20*minute/3 || total.Bias != 10*minute/3 {
		t.Errorf("error %v, bias %v", total.Error, total.Bias)
	}
}
