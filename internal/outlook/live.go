package outlook

import (
	"slices"
	"time"

	"machi/internal/queue"
)

// Hint is what to do about the rest of a day.
type Hint struct {
	// Over is whether a wait beyond a target comes up; then Service, Peak and Before
	// say whose, when and how long: what four of five who come in that half hour will
	// not exceed.
	Over    bool
	Service queue.ServiceID
	Peak    int
	Target  time.Duration
	Before  time.Duration
	// Steps are the counters to open, and After the wait at the peak with them. Enough
	// is whether no wait beyond a target is left. Without steps, no counter that serves
	// the service can be opened.
	Steps  []Spell
	After  time.Duration
	Enough bool
	// Spare is a counter that is open and not needed between two times; nil: none.
	Spare *Spell
	// Base and With are the rest of the day as it stands and with the steps.
	Base, With Result
}

const (
	hintGrid  = 10 * time.Minute
	hintSteps = 3             // counters that are advised at most
	hintAhead = 4 * time.Hour // what lies farther off is not acted on yet
	spareFor  = time.Hour
	spareMost = 3 // counters that are tried
	// someCome is how many must be expected in a half hour for its wait to count.
	someCome = 0.5
)

// Live advises on the rest of a day: an Input that stands at the present, see
// [Input.Resume]. A counter is opened as late as it may be so that the peak stays
// within the target, and not before the next ten minutes.
func Live(in Input, o Staffing) Hint {
	h := Hint{Base: Play(in)}
	service, peak, wait := worst(&in, &h.Base)
	if service < 0 {
		h.Enough = true
		h.Spare = spare(in, o)
		return h
	}
	v := &in.Services[service]
	h.Over, h.Service, h.Peak, h.Target, h.Before, h.After, h.With = true, v.ID, peak, v.Target, wait, wait, h.Base
	for len(h.Steps) < hintSteps && !h.Enough {
		s, p, _ := worst(&in, &h.With)
		step, r, ok := open(in, o, in.Services[s].ID, p)
		if !ok {
			break
		}
		in.Spells = append(slices.Clone(in.Spells), step)
		h.Steps, h.With = append(h.Steps, step), r
		left, _, _ := worst(&in, &r)
		h.Enough = left < 0
	}
	h.After = h.With.Services[service].Slots[peak].Wait.P80
	return h
}

// worst is the half hour of the coming hours in which a wait exceeds its target by
// the most; -1: none does.
func worst(in *Input, r *Result) (service, slot int, wait time.Duration) {
	service = -1
	most := time.Duration(0)
	last := min(SlotOf(in.From+hintAhead), SlotOf(in.Close-1))
	for i := range r.Services {
		target := in.Services[i].Target
		for k := SlotOf(in.From); target > 0 && k <= last; k++ {
			f := &r.Services[i].Slots[k]
			if over := f.Wait.P80 - target; over > most && float64(f.N) >= someCome*float64(r.Futures) {
				service, slot, wait, most = i, k, f.Wait.P80, over
			}
		}
	}
	return service, slot, wait
}

// excess is by how much waits exceed their targets, over all who come.
func excess(in *Input, r *Result) (sum time.Duration) {
	for i := range r.Services {
		for k := range Slots {
			f := &r.Services[i].Slots[k]
			if target := in.Services[i].Target; target > 0 && f.N > 0 {
				sum += max(0, f.Wait.P80-target) * time.Duration(f.N) / time.Duration(r.Futures)
			}
		}
	}
	return sum
}

// open finds the counter whose opening helps most against a peak, and when.
func open(in Input, o Staffing, service queue.ServiceID, peak int) (step Spell, best Result, ok bool) {
	first := (in.From/hintGrid + 1) * hintGrid
	until := min(in.Close, time.Duration(peak+2)*SlotLength)
	tried := [][]queue.ServiceID{}
	for _, c := range o.Counters {
		same := slices.ContainsFunc(tried, func(s []queue.ServiceID) bool { return slices.Equal(s, c.Services) })
		if same || !slices.Contains(c.Services, service) || !slices.Contains(c.Stages, queue.StageReception) || !in.free(c.ID, first, until, o.Most) {
			continue
		}
		tried = append(tried, c.Services)
		s := Spell{Counter: c.ID, Services: c.Services, Own: c.Own, Stages: c.Stages, From: first, To: until}
		if r := in.with(s); !ok || excess(&in, &r) < excess(&in, &best) {
			step, best, ok = s, r, true
		}
	}
	if !ok {
		return step, best, false
	}
	return in.later(step, best, service, peak)
}

// free reports whether a counter can be opened: it is not planned to be open in the
// time, and no more would be open than may be.
func (in *Input) free(id queue.CounterID, from, until time.Duration, most int) bool {
	for at := from; at < until; at += hintGrid {
		n := 0
		for _, s := range in.Spells {
			if s.From <= at && at < s.To {
				if s.Counter == id {
					return false
				}
				n++
			}
		}
		if most > 0 && n >= most {
			return false
		}
	}
	return from < until
}

func (in Input) with(s ...Spell) Result {
	in.Spells = append(slices.Clone(in.Spells), s...)
	return Play(in)
}

// later opens a counter as late as the peak stays within what it is with the earliest
// opening, or within the target.
func (in Input) later(step Spell, best Result, service queue.ServiceID, peak int) (Spell, Result, bool) {
	i := slices.IndexFunc(in.Services, func(s Service) bool { return s.ID == service })
	limit := max(in.Services[i].Target, best.Services[i].Slots[peak].Wait.P80)
	spent := excess(&in, &best)
	lo, hi := 0, int((time.Duration(peak)*SlotLength-step.From)/hintGrid) // steps of the grid
	for lo < hi {
		mid := (lo + hi + 1) / 2
		try := step
		try.From += time.Duration(mid) * hintGrid
		r := in.with(try)
		if r.Services[i].Slots[peak].Wait.P80 <= limit && excess(&in, &r) <= spent+spent/10 {
			lo, best = mid, r
			continue
		}
		hi = mid - 1
	}
	step.From += time.Duration(lo) * hintGrid
	return step, best, true
}

// spare is an open counter that may close for an hour without any wait coming to
// exceed its target.
func spare(in Input, o Staffing) *Spell {
	from := (in.From/hintGrid + 1) * hintGrid
	until := from + spareFor
	if until > in.Close {
		return nil
	}
	tried := 0
	for k := len(in.Spells) - 1; k >= 0 && tried < spareMost; k-- {
		s := in.Spells[k]
		if s.From > from || s.To < until || !in.covered(k, from, until) || !slices.ContainsFunc(o.Counters, func(c queue.CounterSettings) bool { return c.ID == s.Counter }) {
			continue
		}
		tried++
		try := in
		try.Spells = slices.Clone(in.Spells)
		before, after := s, s
		before.To, after.From = from, until
		try.Spells[k] = before
		try.Spells = append(try.Spells, after)
		if r := Play(try); !over(&try, &r) {
			s.From, s.To = from, until
			return &s
		}
	}
	return nil
}

// over reports whether a wait exceeds three quarters of its target: less is not
// closed for.
func over(in *Input, r *Result) bool {
	for i := range r.Services {
		for k := range Slots {
			if f := &r.Services[i].Slots[k]; in.Services[i].Target > 0 && f.N > 0 && f.Wait.P80 > in.Services[i].Target*3/4 {
				return true
			}
		}
	}
	return false
}

// covered reports whether all that a spell serves is served by others in a time.
func (in *Input) covered(k int, from, until time.Duration) bool {
	mine := in.Spells[k]
	stages := mine.Stages
	if len(stages) == 0 {
		stages = []queue.Stage{queue.StageReception}
	}
	for _, id := range mine.Services {
		for _, stage := range stages {
			if !slices.ContainsFunc(in.Spells, func(s Spell) bool {
				serves := slices.Contains(s.Stages, stage) || len(s.Stages) == 0 && stage == queue.StageReception
				return s.Counter != mine.Counter && s.From <= from && s.To >= until && serves && slices.Contains(s.Services, id)
			}) {
				return false
			}
		}
	}
	return true
}
