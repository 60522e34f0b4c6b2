package clerks_test

import (
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"
)

// verb is what a client asks for.
type verb string

const (
	issue      verb = "issue"
	callNext   verb = "call-next"
	finish     verb = "finish"
	finishNext verb = "finish-and-call-next"
	undo       verb = "undo"
)

// wish is the input of an operation: who presses what. Counters count from 0.
type wish struct {
	verb    verb
	counter int
}

// answer is its output. Number is that of the ticket that was issued or called, 0
// where nobody waits.
type answer struct {
	number int
	code   string // of the problem; empty: it was done
}

// hall is the model: an office with one line and some counters, that does one thing
// at a time. It is a value: a step makes a new one.
type hall struct {
	next    int   // the next number to give
	waiting []int // numbers in the order in which they are called: as they were given
	at      []desk
}

// desk is one counter: whom it has, and what its undo key would take back.
type desk struct {
	has, ended int  // 0: nobody
	called     bool // the newest action called has
	finished   bool // the newest action ended ended
}

func newHall(counters, next int) hall { return hall{next: next, at: make([]desk, counters)} }

// step reports whether the hall could have answered a wish like this, and the hall
// after it. A wrong answer is found before anything is copied: the checker asks for
// many.
func (h hall) step(w wish, a answer) (bool, hall) {
	if w.verb == issue {
		if a != (answer{number: h.next}) {
			return false, h
		}
		h.waiting, h.next = append(slices.Clip(h.waiting), a.number), h.next+1
		return true, h
	}
	d := h.at[w.counter]
	switch w.verb {
	case callNext:
		if d.has != 0 {
			return a.code == "counter_busy", h
		}
		if len(h.waiting) == 0 {
			return a == answer{}, h // nothing happened that could be taken back
		}
		return h.call(w.counter, desk{}, a)
	case finish:
		if d.has == 0 {
			return a.code == "wrong_status", h
		}
		return a == answer{}, h.with(w.counter, desk{ended: d.has, finished: true})
	case finishNext:
		if d.has == 0 {
			return a.code == "counter_free", h
		}
		return h.call(w.counter, desk{ended: d.has, finished: true}, a)
	case undo:
		return h.undo(w.counter, a)
	}
	return false, h
}

// call lets a counter that is free call the first of the line, if any.
func (h hall) call(counter int, free desk, a answer) (bool, hall) {
	if len(h.waiting) == 0 {
		return a == answer{}, h.with(counter, free)
	}
	if a != (answer{number: h.waiting[0]}) {
		return false, h
	}
	free.has, free.called = h.waiting[0], true
	h.waiting = h.waiting[1:]
	return true, h.with(counter, free)
}

// undo puts back whoever was called, at the old place, and brings back whoever was
// finished. Only the newest action is modelled: the tests take back no other.
func (h hall) undo(counter int, a answer) (bool, hall) {
	d := h.at[counter]
	switch {
	case !d.called && !d.finished:
		return a.code == "nothing_to_undo", h
	case a != answer{}:
		return false, h
	case d.called:
		place, _ := slices.BinarySearch(h.waiting, d.has)
		h.waiting = slices.Insert(slices.Clone(h.waiting), place, d.has)
	}
	return true, h.with(counter, desk{has: d.ended})
}

func (h hall) with(counter int, d desk) hall {
	h.at = slices.Clone(h.at)
	h.at[counter] = d
	return h
}

func (h hall) equal(o hall) bool {
	return h.next == o.next && slices.Equal(h.waiting, o.waiting) && slices.Equal(h.at, o.at)
}

// modelFrom returns the model of an office that stands as given.
func modelFrom(start hall) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return start },
		Step: func(state, input, output any) (bool, any) {
			ok, after := state.(hall).step(input.(wish), output.(answer))
			return ok, after
		},
		Equal: func(a, b any) bool { return a.(hall).equal(b.(hall)) },
		DescribeOperation: func(input, output any) string {
			return fmt.Sprintf("%v -> %v", input, output)
		},
	}
}
