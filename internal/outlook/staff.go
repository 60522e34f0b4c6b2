package outlook

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/queue"
)

// Staffing is what counters are to reach.
type Staffing struct {
	Counters []queue.CounterSettings // that there are
	Most     int                     // that may be open at once; 0: all
	Sure     float64                 // share of the days on which the target is to be kept; 0: [DefaultSure]
}

// DefaultSure is on how many of the days the advised counters keep the target.
const DefaultSure = 0.8

// Need is how many counters a day takes so that its target is kept: on a share of
// the days (Staffing.Sure), a share of the visitors (Input.Share) is called within
// the target of their service.
type Need struct {
	// Enough is whether the counters that there are do; if not, the plan is to open
	// all that may be.
	Enough bool
	Spells []Spell // the advised plan
	Open   [Slots]int
	Groups []Group
	Hours  float64 // of open counters, together
	Kept   float64 // share of the days on which the plan keeps the target
}

// Group are the counters that serve the same.
type Group struct {
	Services []queue.ServiceID
	Stages   []queue.Stage
	Counters []queue.CounterID
	Open     [Slots]int
}

// How the advice is looked for.
const (
	lookFutures  = 96  // played to choose whom to send home
	proofFutures = 480 // other ones, to say how many counters are enough
	finalFutures = 960 // and others, that no choice was made with but to open more
	mostLooks    = 60
	// floorShare is below the share that every service and every half hour must reach
	// over all days: none is given up for the others.
	floorShare = 0.3
	holeCost   = 0.2  // of a closing between two openings, in terms of a counter's use
	stintGain  = 0.15 // of closing a counter that is open for a single half hour
)

// Advise says which counters a day needs. From all of them it closes, half hour by half
// hour, those with the least to do, for as long as the target is kept; every service
// keeps a counter in all of its hours. Of the Input it takes all but the spells.
func Advise(in Input, o Staffing) Need {
	if o.Sure <= 0 {
		o.Sure = DefaultSure
	}
	a := newAdviser(in, o)
	a.limit()
	if !a.look() {
		a.enough = a.prove() >= o.Sure
	}
	if a.enough {
		a.shrink()
		a.settle()
		a.finish()
	}
	return a.need()
}

// adviser is a plan in the making.
type adviser struct {
	in     Input
	o      Staffing
	first  int // half hours of the day
	last   int
	open   [][Slots]bool // by counter
	use    [][Slots]float64
	halls  [3]*hall // to look, to prove, and to finish
	kept   float64
	enough bool
	closed []unit // in that order
}

func newAdviser(in Input, o Staffing) *adviser {
	if len(o.Counters) > MostCounters {
		o.Counters = o.Counters[:MostCounters]
	}
	a := &adviser{in: in, o: o, first: SlotOf(max(in.From, in.Opens)), last: SlotOf(in.Close - 1)}
	a.open = make([][Slots]bool, len(o.Counters))
	for c := range a.open {
		for slot := a.first; slot <= a.last; slot++ {
			a.open[c][slot] = true
		}
	}
	for i, n := range []int{lookFutures, proofFutures, finalFutures} {
		try := in
		try.Futures, try.Seed = n, in.Seed+uint64(i)*0x9e3779b9
		n = futures(&try)
		a.halls[i] = newHall(&try, n)
		a.halls[i].gather(n)
	}
	return a
}

// spells is the plan as an Input has it.
func (a *adviser) spells() (out []Spell) {
	for c, s := range a.o.Counters {
		for slot := a.first; slot <= a.last; slot++ {
			if !a.open[c][slot] {
				continue
			}
			from := slot
			for slot <= a.last && a.open[c][slot] {
				slot++
			}
			out = append(out, Spell{
				Counter: s.ID, Services: s.Services, Own: s.Own, Stages: s.Stages,
				From: max(a.in.From, a.in.Opens, time.Duration(from)*SlotLength), To: time.Duration(slot) * SlotLength,
			})
		}
	}
	return out
}

// try plays the plan in a hall's futures, and returns the share of the days that keep
// the target; none do where a service or a half hour is given up.
func (a *adviser) try(i int) float64 {
	h := a.halls[i]
	h.plan(a.spells())
	t := newTrial(h)
	for f := range len(h.crowds) {
		h.play(f)
		t.add(h)
	}
	a.use = a.useOf(h)
	if t.givesUp(h.share - floorShare) {
		return 0
	}
	return float64(t.kept) / float64(len(h.crowds))
}

func (a *adviser) useOf(h *hall) [][Slots]float64 {
	use := make([][Slots]float64, len(a.o.Counters))
	for k, id := range h.names {
		c := slices.IndexFunc(a.o.Counters, func(s queue.CounterSettings) bool { return s.ID == id })
		for slot, busy := range h.use[k] {
			use[c][slot] = busy / SlotLength.Seconds() / float64(len(h.crowds))
		}
	}
	return use
}

// look plays the plan, and says whether it is enough.
func (a *adviser) look() bool {
	a.kept = a.try(0)
	a.enough = a.kept >= a.o.Sure
	return a.enough
}

func (a *adviser) prove() float64 {
	a.kept = a.try(1)
	return a.kept
}

// unit is a counter in a half hour.
type unit struct{ counter, slot int }

// cheapest are the open units that may close, those with the least to do first.
func (a *adviser) cheapest() []unit {
	var list []unit
	for c := range a.open {
		for slot := a.first; slot <= a.last; slot++ {
			if a.open[c][slot] && a.spare(c, slot) {
				list = append(list, unit{c, slot})
			}
		}
	}
	slices.SortStableFunc(list, func(x, y unit) int { return cmp.Compare(a.cost(x), a.cost(y)) })
	return list
}

// cost is what closing a unit takes away.
func (a *adviser) cost(u unit) float64 {
	cost := a.use[u.counter][u.slot]
	before, after := u.slot > a.first && a.open[u.counter][u.slot-1], u.slot < a.last && a.open[u.counter][u.slot+1]
	switch {
	case before && after:
		cost += holeCost
	case !before && !after:
		cost -= stintGain
	}
	return cost
}

// spare reports whether all lines that a counter serves in a half hour have another.
func (a *adviser) spare(counter, slot int) bool {
	mine := a.lines(counter)
	for c := range a.open {
		if c != counter && a.open[c][slot] {
			mine &^= a.lines(c)
		}
	}
	for i := range a.in.Services[:min(MostServices, len(a.in.Services))] {
		if v := &a.in.Services[i]; mine&(15<<lineOf(i, false, false)) != 0 && (v.comes(slot) || mine&(3<<lineOf(i, true, false)) != 0 && v.comes(-1)) {
			return false
		}
	}
	return true
}

func (a *adviser) lines(counter int) uint64 {
	s := a.o.Counters[counter]
	return a.halls[0].mask(s.Services, s.Stages)
}

// comes reports whether anybody is expected in a half hour; -1: in any.
func (s *Service) comes(slot int) bool {
	if len(s.Known) > 0 {
		return true
	}
	if slot >= 0 {
		return s.Mean[slot] > 0
	}
	return slices.ContainsFunc(s.Mean[:], positive)
}

// limit closes what is more than may be open at once.
func (a *adviser) limit() {
	if a.o.Most <= 0 || a.o.Most >= len(a.open) {
		return
	}
	a.look()
	for slot := a.first; slot <= a.last; slot++ {
		for a.count(slot) > a.o.Most {
			list := slices.DeleteFunc(a.cheapest(), func(u unit) bool { return u.slot != slot })
			if len(list) == 0 {
				break // every service keeps a counter all the same
			}
			a.open[list[0].counter][slot] = false
		}
	}
}

func (a *adviser) count(slot int) (n int) {
	for c := range a.open {
		if a.open[c][slot] {
			n++
		}
	}
	return n
}

// shrink closes units, many at first, for as long as the days that are looked at keep
// the target.
func (a *adviser) shrink() {
	kept := map[unit]bool{}
	batch := len(a.cheapest()) / 4
	for range mostLooks {
		list := a.candidates(kept)
		if len(list) == 0 || len(kept) == mostKept {
			return
		}
		batch = min(max(1, batch), len(list))
		use, done := a.use, len(a.closed)
		for _, u := range list[:batch] {
			a.close(u)
		}
		if a.look() {
			continue
		}
		if batch == 1 {
			kept[list[0]] = true
		}
		a.reopen(done)
		a.use = use
		batch /= 2
	}
}

// mostKept is after how many units that cannot be closed no others are tried.
const mostKept = 4

// candidates are the cheapest units to close, but for those that are known to be
// needed.
func (a *adviser) candidates(kept map[unit]bool) []unit {
	return slices.DeleteFunc(a.cheapest(), func(u unit) bool { return kept[u] })
}

func (a *adviser) close(u unit) {
	if a.spare(u.counter, u.slot) {
		a.open[u.counter][u.slot] = false
		a.closed = append(a.closed, u)
	}
}

// reopen opens again what was closed after the first so many.
func (a *adviser) reopen(first int) {
	for _, u := range a.closed[first:] {
		a.open[u.counter][u.slot] = true
	}
	a.closed = a.closed[:first]
}

// settle opens again one by one what other days need to keep the target, and closes
// what they do not.
func (a *adviser) settle() {
	for a.prove() < a.o.Sure && len(a.closed) > 0 {
		a.reopen(len(a.closed) - 1)
	}
	if a.enough = a.kept >= a.o.Sure; !a.enough {
		return
	}
	kept := map[unit]bool{}
	for best := a.kept; len(kept) < mostKept && best > a.o.Sure+near; {
		list := a.candidates(kept)
		if len(list) == 0 {
			return
		}
		use, done := a.use, len(a.closed)
		a.close(list[0])
		if a.prove() >= a.o.Sure {
			best = a.kept
			continue
		}
		kept[list[0]] = true
		a.reopen(done)
		a.kept, a.use = best, use
	}
}

// finish opens again what days need that had no part in the choice: whoever chooses
// among many plans the one that is just enough chooses by luck as well.
func (a *adviser) finish() {
	for a.kept = a.try(2); a.kept < a.o.Sure && len(a.closed) > 0; a.kept = a.try(2) {
		a.reopen(len(a.closed) - 1)
	}
	a.enough = a.kept >= a.o.Sure
}

// near is how much more often than asked the target may be kept before another
// counter is sent home.
const near = 0.005

func (a *adviser) need() Need {
	n := Need{Enough: a.enough, Spells: a.spells(), Kept: a.kept, Groups: groupUp(a.o.Counters)}
	for c, s := range a.o.Counters {
		for slot, open := range a.open[c] {
			if !open {
				continue
			}
			n.Open[slot]++
			n.Hours += SlotLength.Hours()
			for i := range n.Groups {
				if slices.Contains(n.Groups[i].Counters, s.ID) {
					n.Groups[i].Open[slot]++
				}
			}
		}
	}
	return n
}

func groupUp(counters []queue.CounterSettings) (out []Group) {
	for _, list := range groupsOf(&queue.Settings{Counters: counters}) {
		g := Group{Services: list[0].Services, Stages: list[0].Stages}
		for _, c := range list {
			g.Counters = append(g.Counters, c.ID)
		}
		out = append(out, g)
	}
	return out
}

// trial counts what an advice asks of the futures of a hall.
type trial struct {
	kept            int
	services, slots [max(MostServices, Slots)]count
}

func newTrial(h *hall) *trial {
	h.use = make([][Slots]float64, len(h.seats))
	return &trial{}
}

//go:norace
func (t *trial) add(h *hall) {
	var all count
	for i := range h.visits {
		v := &h.visits[i]
		if v.began || !(v.called >= 0) {
			continue
		}
		met := 0.0
		if target := h.services[v.service].target; target <= 0 || v.called-v.came <= target {
			met = 1
		}
		slot := slotOf(max(v.came, h.from))
		for _, c := range []*count{&all, &t.services[v.service], &t.slots[slot]} {
			c.yes, c.all = c.yes+met, c.all+1
		}
	}
	if all.yes >= h.share*all.all {
		t.kept++
	}
}

func (t *trial) givesUp(floor float64) bool {
	few := func(c count) bool { return c.yes < floor*c.all }
	return slices.ContainsFunc(t.services[:], few) || slices.ContainsFunc(t.slots[:], few)
}
