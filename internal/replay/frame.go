package replay

import (
	"time"

	"machi/internal/queue"
)

// Frame is how an office stood at a moment.
type Frame struct {
	At           time.Time
	Index        int
	Issued, Left int // until then
	Inside       int // came, and had not left
	Lines        []Standing
	Counters     []At
	Calls        []Call  // that stood on the wall, newest first, at most [Wall]
	Quotes       []Quote // the newest of each service, at most [Told] old
}

// Standing is a line at a moment.
type Standing struct {
	Service queue.ServiceID
	Stage   queue.Stage
	Waiting int
	Longest time.Duration
}

// At is a counter at a moment.
type At struct {
	ID   queue.CounterID
	Open bool
	Call *Call // whom it called or served; nil: nobody
}

// Bounds of a frame.
const (
	Wall = 6                // calls
	Told = 30 * time.Minute // how long a quote counts as what people were told
)

// At returns the frame at a moment; before the first or behind the last frame it is
// that one.
func (f Film) At(moment time.Time) Frame {
	i := min(max(0, int(moment.Sub(f.From)/Step)), len(f.Issued)-1)
	at := f.From.Add(time.Duration(i) * Step)
	frame := Frame{At: at, Index: i, Issued: f.Issued[i], Left: f.Left[i], Inside: f.Issued[i] - f.Left[i]}
	for _, l := range f.Lines {
		frame.Lines = append(frame.Lines, Standing{l.Service, l.Stage, l.Waiting[i], time.Duration(l.Longest[i]) * time.Second})
	}
	called := 0
	for called < len(f.Calls) && !f.Calls[called].At.After(at) {
		called++
	}
	for n := called - 1; n >= max(0, called-Wall); n-- {
		frame.Calls = append(frame.Calls, f.Calls[n])
	}
	for _, c := range f.Counters {
		frame.Counters = append(frame.Counters, counterAt(c, f.Calls[:called], at))
	}
	frame.Quotes = f.quotesAt(at)
	return frame
}

func counterAt(c Counter, called []Call, at time.Time) At {
	state := At{ID: c.ID}
	for _, s := range c.Open {
		state.Open = state.Open || !at.Before(s.From) && at.Before(s.To)
	}
	for n := len(called) - 1; n >= 0; n-- {
		if called[n].Counter == c.ID {
			if at.Before(called[n].Until) {
				state.Call = &called[n]
			}
			break
		}
	}
	return state
}

func (f Film) quotesAt(at time.Time) []Quote {
	newest := map[queue.ServiceID]Quote{}
	for _, q := range f.Quotes {
		if !q.At.After(at) && at.Sub(q.At) <= Told {
			newest[q.Service] = q
		}
	}
	var list []Quote
	for _, l := range f.Lines {
		if q, ok := newest[l.Service]; ok && l.Stage == queue.StageReception {
			list = append(list, q)
		}
	}
	return list
}
