package estimate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// retold is the office as the events tell it.
type retold struct {
	tickets map[string]place.Event // newest of each that is not gone
	open    map[string][]string
}

func (r *retold) take(e place.Event) {
	switch e.Kind {
	case place.Issue, place.Call, place.Return:
		r.tickets[e.Ticket] = e
	case place.Finish, place.NoShow, place.Cancel:
		delete(r.tickets, e.Ticket)
	case place.Open:
		r.open[e.Counter] = e.Classes
	case place.Close:
		delete(r.open, e.Counter)
	}
}

// lines says who is where, one text for each ticket and counter.
func (r *retold) lines() []string {
	var all []string
	for _, e := range r.tickets {
		switch {
		case e.Kind == place.Call && e.Counter == "":
			all = append(all, fmt.Sprintf("%s in %s", e.Visit, e.Class))
		case e.Kind == place.Call:
			all = append(all, fmt.Sprintf("%s of %s at %s", e.Visit, e.Class, e.Counter))
		default:
			all = append(all, fmt.Sprintf("%s waits for %s %v", e.Visit, e.Class, e.Priority))
		}
	}
	for id, classes := range r.open {
		all = append(all, fmt.Sprintf("%s serves %v", id, classes))
	}
	slices.Sort(all)
	return all
}

// linesOf says the same of a state.
func linesOf(s *queue.State) []string {
	var all []string
	for _, t := range s.Tickets() {
		switch at := standingOf(s, t); at {
		case inLine:
			all = append(all, fmt.Sprintf("%s waits for %s %v", t.ID, Class(t.Line), t.Priority))
		case atSeat:
			all = append(all, fmt.Sprintf("%s of %s at %s", t.ID, Class(t.Line), t.Counter))
		case atDesk:
			all = append(all, fmt.Sprintf("%s of %s at desk/%s", t.ID, Class(t.Line), t.Announced))
		case inBack:
			all = append(all, fmt.Sprintf("%s in %s", t.ID, classOf(t, at)))
		}
	}
	for _, c := range s.Counters() {
		if c.State == queue.CounterOpen {
			all = append(all, fmt.Sprintf("%s serves %v", c.ID, classesOf(c)))
		}
	}
	slices.Sort(all)
	return all
}

// twoHistories returns the entries of a random day, with what a second server wrote
// on its own put in as facts, late and in pieces.
func twoHistories(seed uint64, steps int) []queue.Entry {
	r := rand.New(rand.NewPCG(seed, 17))
	main := queuetest.New(queuetest.Settings(), "s0")
	wander := func() {
		e, err := main.Wander(r.IntN)
		for _, event := range e.Events {
			if _, called := event.(queue.TicketCalled); called && err == nil && r.IntN(3) == 0 {
				_, _ = main.Do(e.Actor, queue.Undo{Command: e.Command})
			}
		}
	}
	for range steps / 2 {
		wander()
	}
	if seed%2 == 0 {
		return main.Entries
	}
	other := main.Fork("s1")
	for range steps / 4 {
		wander()
		_, _ = other.Wander(r.IntN)
	}
	facts := queuetest.Facts(other.Entries)
	for range steps / 2 {
		for len(facts) > 0 && r.IntN(3) == 0 {
			if err := main.State.Apply(facts[0]); err != nil {
				panic(err) // facts always fit
			}
			main.Entries, facts = append(main.Entries, facts[0]), facts[1:]
		}
		wander()
	}
	return main.Entries
}

// TestTheMemoryIsToldWhatBecameOfEveryone folds what the memory is told into an
// office of its own and wants everybody where the state has them, after each record
// of days with undos, merges and late facts.
func TestTheMemoryIsToldWhatBecameOfEveryone(t *testing.T) {
	kinds := map[place.Kind]int{}
	for seed := range 8 * *more {
		f := NewFollower(nil)
		told := &retold{tickets: map[string]place.Event{}, open: map[string][]string{}}
		f.tap = func(e place.Event) { kinds[e.Kind]++; told.take(e) }
		for n, e := range twoHistories(seed, 260) {
			if err := f.Apply(e); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if f.failed != nil {
				t.Fatalf("seed %d, record %d: %v", seed, n, f.failed)
			}
			if got, want := told.lines(), linesOf(f.State()); !slices.Equal(got, want) {
				t.Fatalf("seed %d: after record %d, %+v, the memory has\n%s\nthe office\n%s", seed, n, e, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	t.Log(kinds)
	for kind := place.Issue; kind <= place.Return; kind++ {
		if kinds[kind] < 5 {
			t.Errorf("kind %d was told %d times: too few to prove anything", kind, kinds[kind])
		}
	}
}

// TestToAskChangesNothing follows one day twice, and asks one of the two all the time.
func TestToAskChangesNothing(t *testing.T) {
	for seed := range 3 * *more {
		asked, quiet := NewFollower(nil), NewFollower(nil)
		entries := twoHistories(seed, 200)
		for n, e := range entries {
			for _, f := range []*Follower{asked, quiet} {
				if err := f.Apply(e); err != nil {
					t.Fatal(err)
				}
			}
			if n%3 == 0 {
				asked.Office(e.At.Add(time.Duration(n)*time.Second), Conditions{})
			}
		}
		at := entries[len(entries)-1].At.Add(time.Minute)
		if got, want := fmt.Sprintf("%+v", asked.Office(at, Conditions{})), fmt.Sprintf("%+v", quiet.Office(at, Conditions{})); got != want {
			t.Errorf("seed %d: who was asked says\n%s\nwho was not\n%s", seed, got, want)
		}
	}
}

// TestAFailureIsUnknownAndSaysWhy: whatever breaks inside, nobody is told a wait, who
// is ahead is still known, and the office goes on.
func TestAFailureIsUnknownAndSaysWhy(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	do := func(c queue.Command) {
		if _, err := l.Do(queuetest.Staff("x"), c); err != nil {
			t.Fatal(err)
		}
	}
	do(queue.OpenCounter{Counter: "1"})
	for _, id := range []queue.TicketID{"s0-1", "s0-2"} {
		do(queue.IssueTicket{Ticket: id, Service: "cert", Channel: queue.ChannelKiosk})
	}
	f := NewFollower(nil)
	f.tap = func(e place.Event) {
		if e.Kind == place.Issue && e.Ticket == "s0-2" {
			panic("no number")
		}
	}
	for _, e := range l.Entries {
		if err := f.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	o := f.Office(l.At, Conditions{})
	if o.Failed == nil || !strings.Contains(o.Failed.Error(), "no number") {
		t.Errorf("failed: %v, want why", o.Failed)
	}
	if w := o.Tickets["s0-2"]; w.Called.Known || w.Finished.Known || w.Ahead != 1 {
		t.Errorf("the second is told %+v, want that nothing is known but one ahead", w)
	}
	if w := o.Services["cert"]; w.Called.Known || w.Ahead != 2 {
		t.Errorf("a newcomer is told %+v", w)
	}
}

// TestSilentMachinesLengthen: who may have given tickets that nobody knows of makes
// waits longer, and surely not shorter.
func TestSilentMachinesLengthen(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	kiosk := queue.Actor{Role: queue.RoleKiosk, ID: "K1"}
	if _, err := l.Do(queuetest.Staff("x"), queue.OpenCounter{Counter: "1"}); err != nil {
		t.Fatal(err)
	}
	f := NewFollower(nil)
	for i := range 12 {
		l.At = l.At.Add(3 * time.Minute)
		if _, err := l.Do(kiosk, queue.IssueTicket{Ticket: queue.TicketID(fmt.Sprintf("s0-%02d", i)), Service: "cert", Channel: queue.ChannelKiosk}); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range l.Entries {
		if err := f.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	at := l.At.Add(30 * time.Minute)
	heard := f.Office(at, Conditions{}).Services["cert"].Called
	silent := f.Office(at, Conditions{Silent: []Silence{{Kiosk: "K1", Since: l.At}, {Kiosk: "K9"}}}).Services["cert"].Called
	if !heard.Known || !silent.Known || silent.High <= heard.High || silent.P50 < heard.P50 {
		t.Errorf("a newcomer is told %+v, with a machine silent for half an hour %+v", heard, silent)
	}
	if back := f.Office(at, Conditions{Silent: []Silence{{Kiosk: "K1", Since: at}}}).Services["cert"].Called; back != heard {
		t.Errorf("a machine silent since now makes %+v of %+v", back, heard)
	}
}
