package follow_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/estimate"
	"machi/internal/estimate/follow"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
	"machi/internal/replica"
)

// record writes the entries of a random day as a log does.
func record(t *testing.T, seed uint64, steps int) *day.Day {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	l := queuetest.New(queuetest.Settings(), "s0")
	for range steps {
		_, _ = l.Wander(r.IntN)
	}
	d := day.New()
	for _, e := range l.Entries {
		raw, err := day.Body(e.Meta, e.Events, d.Origin(e.Origin), nil)
		if err != nil {
			t.Fatal(err)
		}
		incarnation := d.Head().Incarnation
		if d.Head().Number == 0 {
			incarnation = eventlog.Incarnation{byte(seed + 1)}
		}
		if err := d.Apply(eventlog.Record{Number: d.Head().Number + 1, Prev: d.Head().Hash, Incarnation: incarnation, Body: raw}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// part returns a day with the first records of another.
func part(t *testing.T, d *day.Day, n int) *day.Day {
	t.Helper()
	p, err := day.Replay(d.Records(0, n))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(t *testing.T, f *estimate.Follower, s *queue.State) string {
	t.Helper()
	if f == nil {
		t.Fatal("it has not come to the head")
	}
	o := f.OfficeOf(s, s.Moment().Add(time.Minute), estimate.Conditions{})
	if o.Failed != nil {
		t.Fatal(o.Failed)
	}
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// lessonsOf are what a day has taught, through their stored form.
func lessonsOf(t *testing.T, d *day.Day) *place.Lessons {
	t.Helper()
	var o follow.Office
	raw, err := json.Marshal(o.To(d, nil, 0).Lessons())
	if err != nil {
		t.Fatal(err)
	}
	var lessons place.Lessons
	if err := json.Unmarshal(raw, &lessons); err != nil {
		t.Fatal(err)
	}
	return &lessons
}

// TestTheSameLogGivesTheSameWaits: a server that follows record by record and is
// asked in between, one that reads all at once, a machine with a copy of the log, and
// one that read other lessons and another history before, all say the same.
func TestTheSameLogGivesTheSameWaits(t *testing.T) {
	d, other := record(t, 1, 240), record(t, 2, 90)
	yesterday := lessonsOf(t, record(t, 3, 240))
	for name, lessons := range map[string]*place.Lessons{"without lessons": nil, "with lessons": yesterday} {
		t.Run(name, func(t *testing.T) {
			var whole, steps, pages, again follow.Office
			want := text(t, whole.To(d, lessons, 0), d.State())
			for n := 1; n <= int(d.Head().Number); n += 23 {
				p := part(t, d, n)
				if f := steps.To(p, lessons, 0); f != nil {
					text(t, f, p.State())
				}
			}
			if got := text(t, steps.To(d, lessons, 0), d.State()); got != want || steps.Again() > 0 {
				t.Errorf("step by step, begun again %d times:\n%s\nat once\n%s", steps.Again(), got, want)
			}
			for range d.Head().Number {
				if f := pages.To(d, lessons, 20); f != nil {
					break
				}
			}
			if got := text(t, pages.To(d, lessons, 20), d.State()); got != want {
				t.Errorf("in pages\n%s\nat once\n%s", got, want)
			}
			again.To(other, nil, 0)
			if got := text(t, again.To(d, lessons, 0), d.State()); got != want || again.Again() != 1 {
				t.Errorf("after another history, begun again %d times:\n%s\nat once\n%s", again.Again(), got, want)
			}
			machine := replica.NewReplica(replica.Identity{Office: "km-test", Kiosk: "K1", Store: "0123456789abcdef"}, "2026-04-01", nil)
			if _, err := machine.Confirm(d.Records(0, 0), d.Head()); err != nil {
				t.Fatal(err)
			}
			var copied follow.Office
			if got := text(t, copied.To(machine.Confirmed(), lessons, 0), machine.State()); got != want {
				t.Errorf("a machine says\n%s\nthe server\n%s", got, want)
			}
		})
	}
}

func TestLessonsChangeWhatIsSaid(t *testing.T) {
	d := record(t, 1, 240)
	var o follow.Office
	without := text(t, o.To(d, nil, 0), d.State())
	if with := text(t, o.To(d, lessonsOf(t, record(t, 3, 240)), 0), d.State()); with == without {
		t.Error("other lessons change nothing")
	}
	if got := text(t, o.To(d, nil, 0), d.State()); got != without || o.Again() != 2 {
		t.Errorf("begun again %d times, want 2; without lessons again\n%s\nbefore\n%s", o.Again(), got, without)
	}
}

func TestNothingIsSaidOfADayThatIsNotOpen(t *testing.T) {
	var o follow.Office
	if f := o.To(day.New(), nil, 0); f != nil {
		t.Errorf("an estimator of a day without records: %v", fmt.Sprint(f.State().Opened()))
	}
}
