package clerks_test

import (
	"flag"
	"slices"
	"sync"
	"testing"

	"github.com/anishathalye/porcupine"
)

var more = flag.Int("more", 1, "let the clerks press this many times as often")

const (
	clerks = 64
	rounds = 12
	// spare tickets wait while everybody is called, so that a call finds a line.
	spare = 8
)

// atOnce lets many do something at the same instant, and waits for all of them.
func atOnce(n int, do func(i int)) {
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-begin
			do(i)
		})
	}
	ready.Wait()
	close(begin)
	done.Wait()
}

// shift is one round of the office: it begins and ends with nobody in it.
type shift struct {
	*world
	round int
	has   []int // number at each counter
}

func (s *shift) fail(clerk int, what string, got answer) {
	s.t.Errorf("round %d, counter %s: %s: %+v", s.round, counterID(clerk), what, got)
}

// issueAll gives a ticket for each clerk and some more.
func (s *shift) issueAll() {
	atOnce(clerks+spare, func(i int) { s.act(clerks+i, i, wish{verb: issue}, 0) })
}

// callAll is the press of all clerks at once, half of them through each server.
func (s *shift) callAll() {
	atOnce(clerks, func(i int) {
		got := s.act(i, i+s.round, wish{callNext, i}, 0)
		if got.number == 0 {
			s.fail(i, "called nobody", got)
		}
		s.has[i] = got.number
	})
	sorted := slices.Sorted(slices.Values(s.has))
	if different := len(slices.Compact(sorted)); different != clerks {
		s.t.Errorf("round %d: %d clerks called %d different tickets", s.round, clerks, different)
	}
}

// change lets some clerks take their call back and call again, and some finish and
// call the next with one key, each time through the other server.
func (s *shift) change() {
	atOnce(clerks, func(i int) {
		switch i % 8 {
		case s.round % 8:
			if got := s.act(i, i+1, wish{undo, i}, 0); got.code != "" {
				s.fail(i, "undo", got)
				return
			}
			s.has[i] = s.act(i, i, wish{callNext, i}, 0).number
		case (s.round + 1) % 8:
			s.has[i] = s.act(i, i+1, wish{finishNext, i}, 0).number
		}
	})
}

// finishAll empties the counters; some had not meant to, and do it once more.
func (s *shift) finishAll() {
	atOnce(clerks, func(i int) {
		number := s.has[i]
		if got := s.act(i, i+s.round, wish{finish, i}, number); got.code != "" {
			s.fail(i, "finish", got)
			return
		}
		if i%16 != s.round%16 {
			return
		}
		if got := s.act(i, i+s.round+1, wish{undo, i}, 0); got.code != "" {
			s.fail(i, "undo of the finish", got)
			return
		}
		if got := s.act(i, i, wish{finish, i}, number); got.code != "" {
			s.fail(i, "finish again", got)
		}
	})
}

// TestSixtyFourClerksCallSixtyFourTickets is the whole of it.
func TestSixtyFourClerksCallSixtyFourTickets(t *testing.T) {
	w := open(t, clerks)
	atOnce(clerks, func(i int) {
		if status, got := w.post(i, "counters/"+counterID(i)+"/open", `{"staff":"`+counterID(i)+`"}`); status != 200 {
			t.Errorf("counter %s does not open: %d %s", counterID(i), status, got.Code)
		}
	})
	hall := newHall(clerks, 1)
	for round := range rounds * *more {
		s := &shift{world: w, round: round, has: make([]int, clerks)}
		s.issueAll()
		s.callAll()
		if round == 0 {
			checkerSeesDoubleCall(t, hall, w.sofar())
		}
		s.change()
		s.finishAll()
		if t.Failed() {
			return
		}
		// The office is empty again, so the rounds can be checked one by one.
		history := w.seen()
		if got := porcupine.CheckOperationsTimeout(modelFrom(hall), history, patience); got != porcupine.Ok {
			t.Fatalf("round %d: no order of %d actions explains what clients saw: %s", round, len(history), got)
		}
		hall = newHall(clerks, hall.next+clerks+spare)
	}
}
