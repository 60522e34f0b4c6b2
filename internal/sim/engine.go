package sim

import "time"

// engine is the only clock of a world: a heap of what is still to happen. Two
// things of one moment happen in the order in which they were planned.
type engine struct {
	now     time.Duration // since the world began
	planned uint64
	heap    []happening
}

type happening struct {
	at    time.Duration
	order uint64
	do    func()
}

func (h happening) before(o happening) bool {
	if h.at != o.at {
		return h.at < o.at
	}
	return h.order < o.order
}

// after plans something for d from now; nothing is ever planned for the past.
func (e *engine) after(d time.Duration, do func()) {
	e.planned++
	e.push(happening{e.now + max(0, d), e.planned, do})
}

// step lets the next thing happen that is due until a moment. It reports false,
// and moves the clock there, when nothing is.
func (e *engine) step(until time.Duration) bool {
	if len(e.heap) == 0 || e.heap[0].at > until {
		e.now = max(e.now, until)
		return false
	}
	next := e.pop()
	e.now = next.at
	next.do()
	return true
}

func (e *engine) push(h happening) {
	e.heap = append(e.heap, h)
	for i := len(e.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !e.heap[i].before(e.heap[parent]) {
			return
		}
		e.heap[i], e.heap[parent] = e.heap[parent], e.heap[i]
		i = parent
	}
}

func (e *engine) pop() happening {
	top, last := e.heap[0], len(e.heap)-1
	e.heap[0] = e.heap[last]
	e.heap[last] = happening{}
	e.heap = e.heap[:last]
	for i := 0; ; {
		least := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < last && e.heap[child].before(e.heap[least]) {
				least = child
			}
		}
		if least == i {
			return top
		}
		e.heap[i], e.heap[least] = e.heap[least], e.heap[i]
		i = least
	}
}
