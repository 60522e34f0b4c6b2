package estimate

import (
	"slices"
	"time"

	"machi/internal/planted"
)

// playout is one run of an [order].
type playout struct {
	*order
	lanes []lane
	free  []time.Duration // by chair
	wakes []wake
	keys  []time.Duration // by place: effective arrival as it stands
	count bool            // the starvation bound can be reached
	past  []int           // by place: how often it was overtaken
	run   int             // priority tickets called in a row
	made  []call
}

// lane is a group under way.
type lane struct {
	wait     []int32 // by effective arrival
	due      []int32 // appointments whose slot has come, by slot
	starving []int32 // at the starvation bound, by effective arrival
}

// open copies the groups; a newcomer joins the end of its own.
func (p *playout) open(late int32) {
	total := 1
	for i := range p.groups {
		total += len(p.groups[i].wait)
	}
	p.lanes = make([]lane, len(p.groups))
	p.keys, p.past = make([]time.Duration, len(p.places)), make([]int, len(p.places))
	most := 0
	for i := range p.places {
		p.keys[i], p.past[i] = p.places[i].key, p.places[i].passed
		most = max(most, p.past[i])
	}
	limit := p.rule.MaxOvertaken
	p.count = limit > 0 && most+len(p.places) >= limit
	room := make([]int32, 0, total+len(p.places))
	for i := range p.groups {
		from := len(room)
		room = append(room, p.groups[i].wait...)
		p.lanes[i].wait = room[from:len(room):len(room)]
	}
	for i := range p.places {
		if q := &p.places[i]; q.slot <= 0 && q.from <= 0 {
			p.fallDue(int32(i))
		}
		if p.count && p.past[i] >= limit && p.places[i].from <= 0 {
			p.starve(int32(i))
		}
	}
	if late >= 0 {
		p.join(late)
	}
}

// next returns the chair that is free first, or -1 when none calls any more.
func (p *playout) next() int {
	best := -1
	for i, free := range p.free {
		if free < never && (best < 0 || free < p.free[best]) {
			best = i
		}
	}
	return best
}

// wake lets time pass.
func (p *playout) wake(at time.Duration) {
	for len(p.wakes) > 0 && p.wakes[0].at <= at {
		w := p.wakes[0]
		p.wakes = p.wakes[1:]
		q := &p.places[w.place]
		switch {
		case !w.slot:
			due := q.slot <= w.at
			if due {
				p.keys[w.place] = q.came
			}
			p.join(w.place)
			if due {
				p.fallDue(w.place)
			}
			if p.count && p.past[w.place] >= p.rule.MaxOvertaken {
				p.starve(w.place)
			}
		case p.leave(w.place): // false for one that was called, or is skipped at its slot
			p.keys[w.place] = q.came
			p.join(w.place)
			p.fallDue(w.place)
		}
	}
}

// before reports whether the rule puts one place before another within a class.
func (p *playout) before(a, b int32) bool {
	if p.keys[a] != p.keys[b] {
		return p.keys[a] < p.keys[b]
	}
	return p.places[a].id < p.places[b].id
}

// join puts a place among those that may be called.
func (p *playout) join(n int32) {
	l := &p.lanes[p.places[n].group]
	l.wait = p.insert(l.wait, n)
}

// insert keeps a list in the order of arrivals.
func (p *playout) insert(list []int32, n int32) []int32 {
	at := len(list)
	for at > 0 && p.before(n, list[at-1]) {
		at--
	}
	return slices.Insert(list, at, n)
}

// leave takes a place from those that may be called; false: it was called already.
func (p *playout) leave(n int32) bool {
	l := &p.lanes[p.places[n].group]
	at := slices.Index(l.wait, n)
	if at < 0 {
		return false
	}
	if at == 0 {
		l.wait = l.wait[1:]
	} else {
		l.wait = slices.Delete(l.wait, at, at+1)
	}
	return true
}

// fallDue notes that the slot of an appointment has come.
func (p *playout) fallDue(n int32) {
	l := &p.lanes[p.places[n].group]
	at := len(l.due)
	for at > 0 && p.places[n].slot < p.places[l.due[at-1]].slot {
		at--
	}
	l.due = slices.Insert(l.due, at, n)
}

// starve notes that a place may not be overtaken once more.
func (p *playout) starve(n int32) {
	l := &p.lanes[p.places[n].group]
	l.starving = append(l.starving, n)
}

// choose asks the rule's questions, in its order; -1: nobody waits for the chair.
func (p *playout) choose(x *chair, at time.Duration) int32 {
	if n := p.first(x.all, p.starvingOf); n >= 0 {
		return n
	}
	if n := p.dueOf(x); n >= 0 {
		return n
	}
	head := p.first(x.all, p.headOf)
	if head < 0 || p.rule.MaxWait > 0 && at-p.keys[head] >= p.rule.MaxWait {
		return head
	}
	return p.byClass(x)
}

// first returns the earliest arrival among what groups offer.
func (p *playout) first(groups []int32, offer func(g int32) int32) int32 {
	best := int32(-1)
	for _, g := range groups {
		if n := offer(g); n >= 0 && (best < 0 || p.before(n, best)) {
			best = n
		}
	}
	return best
}

func (p *playout) headOf(g int32) int32 {
	if wait := p.lanes[g].wait; len(wait) > 0 {
		return wait[0]
	}
	return -1
}

func (p *playout) starvingOf(g int32) int32 {
	best := int32(-1)
	for _, n := range p.lanes[g].starving {
		if best < 0 || p.before(n, best) {
			best = n
		}
	}
	return best
}

// dueOf returns the appointment with the earliest slot that has come.
func (p *playout) dueOf(x *chair) int32 {
	best := int32(-1)
	for _, g := range x.all {
		for _, n := range p.lanes[g].due {
			if best >= 0 && p.places[n].slot > p.places[best].slot {
				break
			}
			if best < 0 || p.places[n].slot < p.places[best].slot || p.before(n, best) {
				best = n
			}
		}
	}
	return best
}

// byClass chooses between own and other services, and between the classes.
func (p *playout) byClass(x *chair) int32 {
	groups := x.all
	if p.first(x.own, p.headOf) >= 0 {
		groups = x.own
	}
	priority, ordinary := int32(-1), int32(-1)
	for _, g := range groups {
		best := &ordinary
		if p.groups[g].priority {
			best = &priority
		}
		if n := p.headOf(g); n >= 0 && (*best < 0 || p.before(n, *best)) {
			*best = n
		}
	}
	ratio := p.rule.Ratio
	switch {
	case priority < 0:
		return ordinary
	case ordinary < 0:
		return priority
	case planted.On(planted.OrderOfArrival):
		return p.first([]int32{p.places[priority].group, p.places[ordinary].group}, p.headOf)
	case ratio > 0 && p.run >= ratio:
		return ordinary
	}
	return priority
}

// take calls a place: it leaves, those before it were overtaken, and the turn of
// the classes is counted.
func (p *playout) take(x *chair, n int32) {
	if p.count {
		p.overtake(x, n)
	}
	p.leave(n)
	l := &p.lanes[p.places[n].group]
	drop := func(list []int32) []int32 {
		if at := slices.Index(list, n); at >= 0 {
			return slices.Delete(list, at, at+1)
		}
		return list
	}
	l.due, l.starving = drop(l.due), drop(l.starving)
	p.run++
	if !p.groups[p.places[n].group].priority {
		p.run = 0
	}
}

// overtake counts those whom the chair could have called before.
func (p *playout) overtake(x *chair, called int32) {
	for _, g := range x.all {
		for _, n := range p.lanes[g].wait {
			if n == called || !p.before(n, called) {
				break
			}
			if p.past[n]++; p.past[n] == p.rule.MaxOvertaken {
				p.starve(n)
			}
		}
	}
}
