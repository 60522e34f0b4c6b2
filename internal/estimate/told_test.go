package estimate

import (
	"testing"
	"time"

	"machi/internal/queue"
)

// TestNobodyLaterIsToldLess asks for random crowded offices: every range is in order
// and no time negative, who is finished was called before, and in the order of the
// calls nobody of a line is told less than the one before, newcomers included.
func TestNobodyLaterIsToldLess(t *testing.T) {
	known := 0
	for seed := range 20 * *more {
		l := crowdedLog(seed)
		f := NewFollower(nil)
		for _, e := range l.Entries {
			if err := f.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
		at := l.At.Add(time.Duration(seed%7) * time.Minute)
		o := f.Office(at, Conditions{})
		if o.Failed != nil {
			t.Fatalf("seed %d: %v", seed, o.Failed)
		}
		for id, w := range o.Tickets {
			known += inOrder(t, seed, string(id), w)
		}
		last := map[queue.Line]Wait{}
		for _, ticket := range f.see(f.State(), at, Conditions{}, nil).waiting {
			w := o.Tickets[ticket.ID]
			if less(w.Called, last[ticket.Line].Called) || w.Ahead < last[ticket.Line].Ahead {
				t.Errorf("seed %d: %s is told %+v, the one before it %+v", seed, ticket.ID, w, last[ticket.Line])
			}
			if ticket.Only == "" {
				last[ticket.Line] = w
			}
		}
		for _, v := range f.State().Settings().Services {
			w := o.Services[v.ID]
			known += inOrder(t, seed, "a newcomer for "+string(v.ID), w)
			line := queue.Line{Service: v.ID, Stage: queue.StageReception}
			for _, ticket := range f.State().Line(line) {
				plain := !ticket.Priority && ticket.Only == "" && ticket.NotBefore.IsZero() && ticket.Appointment.IsZero()
				if plain && w.Called.Known && less(w.Called, o.Tickets[ticket.ID].Called) {
					t.Errorf("seed %d: a newcomer for %s is told %+v, %s who waits %+v", seed, v.ID, w, ticket.ID, o.Tickets[ticket.ID])
				}
			}
		}
	}
	if known < 400 {
		t.Errorf("%d estimates are too few to prove anything", known)
	}
}

// inOrder checks one wait; it returns 1 if something is known of it.
func inOrder(t *testing.T, seed uint64, who string, w Wait) int {
	t.Helper()
	for _, r := range []Range{w.Called, w.Finished} {
		if r.Known && (r.Low < 0 || r.Low > r.P50 || r.P50 > r.P80 || r.P80 > r.High || r.High > 48*time.Hour) || !r.Known && r != (Range{}) {
			t.Errorf("seed %d: %s is told %+v", seed, who, r)
		}
	}
	if w.Finished.Known && less(w.Finished, w.Called) {
		t.Errorf("seed %d: %s is finished %+v before being called %+v", seed, who, w.Finished, w.Called)
	}
	if !w.Called.Known {
		return 0
	}
	return 1
}

// less reports whether a figure of a known range is below another's.
func less(r, than Range) bool {
	return r.Known && than.Known && (r.Low < than.Low || r.P50 < than.P50 || r.P80 < than.P80 || r.High < than.High)
}
