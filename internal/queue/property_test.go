package queue_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

var more = flag.Uint64("more", 1, "run the random tests with this many times as many seeds")

// seeds returns how many random days a test runs.
func seeds(many uint64) uint64 {
	if testing.Short() {
		return max(1, many/10)
	}
	return many * *more
}

// randomDay returns a day of random commands, judged after every entry.
func randomDay(t *testing.T, seed uint64, steps int) *queuetest.Log {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	settings := queuetest.Settings()
	if seed%5 == 4 {
		settings.Rule = settings.Rule.In(0) // a day that an older program opened
	}
	l := queuetest.New(settings, "s0")
	judge := invariant.New()
	judge.Step(queue.New(), l.Entries[0], l.State)
	for range steps {
		before := l.State.Clone()
		e, err := l.Wander(r.IntN)
		if _, refused := err.(*queue.Refusal); err != nil && !refused {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if e.Command == "" {
			continue
		}
		if schema := queue.Schema(e.Events); settings.Rule.Reading == 0 && schema > 1 {
			t.Errorf("seed %d: an older program cannot read its day any more: schema %d", seed, schema)
		}
		for _, v := range judge.Step(before, e, l.State) {
			t.Errorf("seed %d: %v", seed, v)
		}
		if t.Failed() {
			t.Fatalf("seed %d: after %+v", seed, e)
		}
	}
	return l
}

func TestRandomDaysKeepEveryInvariant(t *testing.T) {
	for seed := range seeds(60) {
		randomDay(t, seed, 300)
	}
}

func TestReplayGivesTheLiveState(t *testing.T) {
	for seed := range seeds(20) {
		l := randomDay(t, seed, 200)
		again, err := queue.Replay(l.Entries)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got, want := canonical(t, again), canonical(t, l.State); got != want {
			t.Errorf("seed %d: replay differs (-live +replayed):\n%s", seed, diffJSON(t, want, got))
		}
	}
}

// TestIssuedIsTheSumOfEnds is conservation: whoever took a ticket is still here
// or has ended, and when the day closes all have ended.
func TestIssuedIsTheSumOfEnds(t *testing.T) {
	for seed := range seeds(20) {
		l := randomDay(t, seed, 150)
		if _, err := l.Do(queuetest.Staff("boss"), queue.CloseDay{}); err != nil && !l.State.Closed() {
			t.Fatalf("seed %d: %v", seed, err)
		}
		issued, ended := 0, map[queue.Status]int{}
		for _, e := range l.Entries {
			for _, event := range e.Events {
				if kind := queue.Kind(event); kind == "ticket_issued" || kind == "quick_served" {
					issued++
				}
			}
		}
		sum := 0
		for _, ticket := range l.State.Tickets() {
			ended[ticket.Status]++
			if ticket.Status.Final() {
				sum++
			}
		}
		if sum != issued {
			t.Errorf("seed %d: issued %d, ended %v", seed, issued, ended)
		}
	}
}

// TestUndoGivesBackTheState takes back whatever can be taken back right after it
// was done, and wants the very state before.
func TestUndoGivesBackTheState(t *testing.T) {
	undone := map[string]int{}
	for seed := range seeds(40) {
		r := rand.New(rand.NewPCG(seed, 13))
		l := queuetest.New(queuetest.Settings(), "s0")
		for range 200 {
			before := l.State.Clone()
			e, err := l.Wander(r.IntN)
			if err != nil || e.Command == "" {
				continue
			}
			trial := l.Fork("trial")
			if _, err := trial.Do(queuetest.Staff("x"), queue.Undo{Command: e.Command}); err != nil {
				continue
			}
			for _, event := range e.Events {
				undone[queue.Kind(event)]++
			}
			if got, want := canonical(t, trial.State), canonical(t, before); got != want {
				t.Fatalf("seed %d: undo of %s (-before +undone):\n%s", seed, queue.Kind(e.Events[0]), diffJSON(t, want, got))
			}
		}
	}
	for _, kind := range []string{
		"ticket_called", "ticket_recalled", "service_started", "service_finished", "ticket_ready", "ticket_missed",
		"ticket_restored", "ticket_held", "ticket_resumed", "ticket_transferred", "ticket_withdrawn", "service_added",
		"priority_set", "ticket_deferred", "note_added", "ticket_flagged", "counter_opened", "counter_suspended",
		"counter_shut", "help_asked", "help_answered", "ticket_arrived", "ticket_served",
		"ticket_announced", "ticket_merged",
	} {
		if undone[kind] == 0 && !testing.Short() {
			t.Errorf("no undo of %s was tried", kind)
		}
	}
}

// TestCloneIsApart applies every entry of a day, decided and as a fact, to a
// clone, and wants the original untouched.
func TestCloneIsApart(t *testing.T) {
	for seed := range seeds(20) {
		r := rand.New(rand.NewPCG(seed, 17))
		base, tails := histories(r)
		for _, tail := range tails {
			for _, e := range tail {
				want := canonical(t, base.State)
				queue := base.State.Clone()
				if err := queue.Apply(e); err != nil {
					t.Fatal(err)
				}
				if got := canonical(t, base.State); got != want {
					t.Fatalf("seed %d: applying to a clone changed the original:\n%s", seed, diffJSON(t, want, got))
				}
				base.State = queue
			}
		}
		for range 50 {
			clone := base.Fork("c")
			want := canonical(t, base.State)
			if _, err := clone.Wander(r.IntN); err != nil {
				continue
			}
			if got := canonical(t, base.State); got != want {
				t.Fatalf("seed %d: deciding on a clone changed the original:\n%s", seed, diffJSON(t, want, got))
			}
		}
	}
}

// TestMergedDaysGoOn lets a day go on after every batch of facts, judged all the
// way: what was decided before the merge must not come back later.
func TestMergedDaysGoOn(t *testing.T) {
	for seed := range seeds(60) {
		r := rand.New(rand.NewPCG(seed, 19))
		l, tails := histories(r)
		judge, entries := invariant.New(), l.Entries
		judgeAll(t, judge, seed, entries)
		for _, tail := range tails {
			for _, fact := range tail {
				before := l.State.Clone()
				if err := l.State.Apply(fact); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				complain(t, seed, judge.Step(before, fact, l.State))
				if r.IntN(3) > 0 {
					continue
				}
				before = l.State.Clone()
				if e, err := l.Wander(r.IntN); err == nil && e.Command != "" {
					complain(t, seed, judge.Step(before, e, l.State))
				}
			}
		}
	}
}

func judgeAll(t *testing.T, judge *invariant.Checker, seed uint64, entries []queue.Entry) {
	t.Helper()
	s := queue.New()
	for _, e := range entries {
		before := s.Clone()
		if err := s.Apply(e); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		complain(t, seed, judge.Step(before, e, s))
	}
}

// complain fails for every violation but those of numbers that two histories gave
// twice: these tests let servers lose their stores, which the protocol forbids.
func complain(t *testing.T, seed uint64, found []invariant.Violation) {
	t.Helper()
	for _, v := range found {
		if v.ID != "N1" && v.ID != "N3" {
			t.Fatalf("seed %d: %v", seed, v)
		}
	}
}

// TestNobodyStarves keeps the newest priority tickets coming and wants the first
// ordinary one called within the bound.
func TestNobodyStarves(t *testing.T) {
	settings := queuetest.Settings()
	settings.Rule.Ratio, settings.Rule.MaxWait, settings.Rule.MaxOvertaken = 0, 0, 4
	settings.Rule.UndoWithin = 0
	l := queuetest.New(settings, "s0")
	clerk := queuetest.Staff("x")
	must(t, l, clerk, queue.OpenCounter{Counter: "2"})
	patient := l.Ticket()
	must(t, l, clerk, queue.IssueTicket{Ticket: patient, Service: "moving", Channel: queue.ChannelKiosk})
	for calls := 1; ; calls++ {
		l.At = l.At.Add(time.Minute)
		must(t, l, clerk, queue.IssueTicket{Ticket: l.Ticket(), Service: "cert", Channel: queue.ChannelKiosk, Priority: true})
		e := must(t, l, clerk, queue.CallNext{Counter: "2"})
		called := e.Events[0].(queue.TicketCalled)
		if called.Ticket == patient {
			if calls != 5 || called.Reason.Code != queue.ReasonOvertaken {
				t.Errorf("called as number %d because of %q, want the fifth because it was overtaken", calls, called.Reason.Code)
			}
			return
		}
		if calls > 5 {
			t.Fatal("the ticket starves")
		}
		must(t, l, clerk, queue.Finish{Ticket: called.Ticket})
	}
}

// must does what the test needs done.
func must(t *testing.T, l *queuetest.Log, by queue.Actor, c queue.Command) queue.Entry {
	t.Helper()
	e, err := l.Do(by, c)
	if err != nil {
		t.Fatalf("%T: %v", c, err)
	}
	return e
}
