package trouble_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/queue"
)

// TestAWholeDayAlone is Tachikawa's 27 June 2022: the line is down from opening to
// closing, 800 people come to two machines, and in the evening all is merged.
func TestAWholeDayAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.machine("K1"), w.machine("K2")
	w.fall()
	const people = 250
	for range people * *more {
		one.press()
		two.press()
		w.clock.pass(7 * time.Hour / time.Duration(people**more))
	}
	if owed := one.screen().Unsent; owed < people {
		t.Errorf("the outbox holds %d bodies after %d presses", owed, people)
	}
	w.serve()
	one.settle()
	two.settle()
	if got := len(w.audit()["2026-04-01"]); got != 2*people**more {
		t.Errorf("%d papers of the day, want %d", got, 2*people**more)
	}
	d, _ := w.day("2026-04-01")
	inOrder(t, d.State().Line(queue.Line{Service: "moving", Stage: queue.StageReception}))
}

// inOrder checks that people wait in the order in which they came: the clocks of
// both machines are right.
func inOrder(t *testing.T, line []*queue.Ticket) {
	t.Helper()
	for i := 1; i < len(line); i++ {
		if line[i].IssuedAt.Before(line[i-1].IssuedAt.Add(-time.Minute)) {
			t.Errorf("%s of %s waits before %s of %s", line[i-1].Number, line[i-1].IssuedAt, line[i].Number, line[i].IssuedAt)
		}
	}
}

// TestThreeDaysAlone presses on three days without a server, before and after each
// midnight, with a machine that is switched off at night: every ticket comes into
// its own day.
func TestThreeDaysAlone(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	w.fall()
	want := map[queue.Date]int{}
	for _, date := range []queue.Date{"2026-04-01", "2026-04-02", "2026-04-03"} {
		for range 3 {
			m.press()
			want[date]++
			w.clock.pass(time.Hour)
		}
		w.clock.pass(until(w.clock.truth(), 9))
		m.restart()
	}
	w.serve()
	m.settle()
	if alarms := m.screen().Alarms; len(alarms) > 0 {
		t.Errorf("staff are called for %v: three days alone are nothing to see to", alarms)
	}
	days := w.audit()
	for date, n := range want {
		if len(days[date]) != n {
			t.Errorf("%d papers of %s, want %d", len(days[date]), date, n)
		}
	}
	if len(days) != len(want) {
		t.Errorf("papers of %d days, want %d", len(days), len(want))
	}
}

// until returns how long it is to the next time that the clock shows an hour.
func until(now time.Time, hour int) time.Duration {
	now = now.In(queue.JST)
	next := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, queue.JST)
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next.Sub(now)
}

// TestOverMidnight leaves a machine on that is alone while the business day changes.
func TestOverMidnight(t *testing.T) {
	w := newWorld(t)
	m := w.machine("K1")
	w.fall()
	m.press()
	w.clock.pass(until(w.clock.truth(), 23))
	m.press()
	w.clock.pass(until(w.clock.truth(), 4) + time.Minute)
	m.press()
	w.serve()
	m.settle()
	days := w.audit()
	if len(days["2026-04-01"]) != 2 || len(days["2026-04-02"]) != 1 {
		t.Errorf("papers by day: %v, want two of the first and one of the second", days)
	}
}

// TestClocksThatAreWrong boots a machine that is alone with each kind of bad clock.
func TestClocksThatAreWrong(t *testing.T) {
	t.Parallel()
	year := 365 * 24 * time.Hour
	wrong := []struct {
		name string
		by   time.Duration
	}{
		{"a dead battery: the year 2000", -26 * year},
		{"a year ahead", year},
		{"an hour back", -time.Hour},
		{"an hour ahead, as in a country with summer time", time.Hour},
		{"two days ahead", 49 * time.Hour},
		{"a day back", -24 * time.Hour},
	}
	w := newWorld(t)
	m := w.machine("K1")
	for range 2 {
		m.press()
	}
	w.fall()
	for _, tt := range wrong {
		m.clock.wrong(tt.by)
		m.restart()
		for range 2 {
			if got := m.press(); !got.IssuedAt.IsZero() && got.IssuedAt.Sub(w.clock.truth()).Abs() > 26*time.Hour {
				t.Errorf("%s: the ticket says %s, it is %s", tt.name, got.IssuedAt, w.clock.truth())
			}
		}
	}
	roll := rand.New(rand.NewPCG(42, 42))
	for range 20 * *more {
		m.clock.wrong(time.Duration(roll.Int64N(int64(4*year))) - 2*year)
		m.press() // the clock jumps under a machine that runs
		m.restart()
		m.press()
	}
	m.clock.wrong(0)
	w.serve()
	m.settle()
	w.audit()
}

// TestClockThatRunsAheadTwice boots a machine that is alone twice, each time with a
// clock a day further ahead: it believes in a day that the server does not know yet,
// and learns from the server what day it is.
func TestClockThatRunsAheadTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.machine("K1")
	m.press()
	w.fall()
	m.clock.wrong(25 * time.Hour)
	m.restart()
	m.press()
	m.clock.wrong(50 * time.Hour)
	m.restart()
	w.serve()
	m.settle()
	w.audit()
}

// TestWeeksStaySmall lets a machine work for three days, mostly alone, and stand idle
// for ten: its store forgets what the server has had for long, and nothing that
// counts for life.
func TestWeeksStaySmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.machine("K1")
	const days, people = 3, 45
	for range days {
		w.fall()
		for range people {
			m.press()
		}
		w.serve()
		m.settle()
		w.clock.pass(24 * time.Hour)
	}
	before := size(t, m)
	w.fall()
	w.clock.pass(10 * 24 * time.Hour)
	w.serve()
	m.settle()
	eventually(t, "the store has forgotten", func() bool { m.clock.push(time.Minute); return size(t, m) < before/5 })
	m.restart()
	m.settle()
	m.fate(m.press())
	serial := fmt.Sprintf("-%06d", days*people+1)
	if !slices.ContainsFunc(w.papers.all(), func(p paper) bool { return strings.HasSuffix(string(p.ticket), serial) }) {
		t.Errorf("no paper has the serial %s: the store forgot what counts for life", serial)
	}
	w.audit()
}

// size returns the length of the machine's journal.
func size(t *testing.T, m *machine) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(m.dir, sideFile))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
