package estimatetest

import (
	"math"
	"slices"

	"machi/internal/estimate/place"
)

// staff sets up the counters of a day: who comes, and who goes to lunch when.
func (g *game) staff(index int) {
	g.desks = nil
	for _, c := range g.Counters {
		if index < c.From || len(g.Counters) > 1 && g.r.Float64() < g.Absent {
			continue
		}
		d := &desk{Counter: c}
		g.desks = append(g.desks, d)
		if c.Reserve {
			continue
		}
		from := g.Opens * hour
		if d.Shift.to > 0 {
			from = d.Shift.from*hour + 5*minute*g.r.NormFloat64()
			g.plan(d.Shift.to*hour+10*minute*g.r.NormFloat64(), func() { g.leave(d) })
		}
		if g.Late.Mean > 0 {
			from += g.Late.draw(g.r)
		}
		g.plan(from, func() { g.start(d) })
		if c.Lunch > 0 && g.LunchLong > 0 {
			at := g.LunchAt*hour + float64(c.Lunch-1)*g.LunchLong*minute + 3*minute*g.r.NormFloat64()
			g.pause(d, at, g.LunchLong*minute*(0.9+0.2*g.r.Float64()))
		}
		for at := from; g.Pauses > 0; {
			at += g.r.ExpFloat64() * hour / g.Pauses
			if at > g.Closes*hour {
				break
			}
			g.pause(d, at, (4+10*g.r.Float64())*minute)
		}
	}
	g.plan(g.Closes*hour, g.evening)
	g.plan(g.Opens*hour, g.watch)
}

func (g *game) start(d *desk) {
	if d.open {
		return
	}
	d.open, d.closing, d.ready, d.idle = true, false, true, g.now
	g.emit(place.Open, nil, d.Name)
}

// shut closes a counter, after the person who is there.
func (g *game) shut(d *desk) {
	if d.busy != nil {
		d.closing = true
		return
	}
	d.open, d.closing = false, false
	g.emit(place.Close, nil, d.Name)
}

// leave ends a shift.
func (g *game) leave(d *desk) {
	if d.open {
		g.shut(d)
	}
}

func (g *game) pause(d *desk, at, long float64) {
	g.plan(at, func() {
		if !d.open || d.closing {
			return
		}
		g.shut(d)
		g.plan(g.now+long, func() { g.start(d) })
	})
}

// watch opens reserve counters under load, and closes them when it is over.
func (g *game) watch() {
	for _, d := range g.desks {
		if !d.Reserve {
			continue
		}
		waiting, open := 0, 0
		for _, t := range g.line {
			if slices.Contains(d.Serves, t.service.Name) {
				waiting++
			}
		}
		for _, o := range g.desks {
			if o.open && slices.ContainsFunc(o.Serves, func(s string) bool { return slices.Contains(d.Serves, s) }) {
				open++
			}
		}
		switch {
		case !d.open && waiting > 3+3*open:
			g.start(d)
		case d.open && d.busy == nil && waiting < open:
			g.shut(d)
		}
	}
	if g.now < g.Closes*hour {
		g.plan(g.now+5*minute, g.watch)
	}
}

// evening lets counters go when nobody of theirs waits any more.
func (g *game) evening() {
	left := false
	for _, d := range g.desks {
		if !d.open {
			continue
		}
		if d.busy == nil && !slices.ContainsFunc(g.line, func(t *ticket) bool { return slices.Contains(d.Serves, t.service.Name) }) {
			g.shut(d)
		}
		left = left || d.open
	}
	if left && g.now < 23.5*hour || len(g.line) > 0 && g.now < 23.5*hour {
		for _, d := range g.desks { // somebody must serve who is still here
			if !d.open && !d.Reserve && slices.ContainsFunc(g.line, func(t *ticket) bool { return slices.Contains(d.Serves, t.service.Name) }) {
				g.start(d)
			}
		}
		g.plan(g.now+5*minute, g.evening)
	}
}

// dispatch lets every free counter call.
func (g *game) dispatch() {
	for len(g.line) > 0 {
		var free *desk
		best := -1
		for _, d := range g.desks {
			if !d.open || d.closing || !d.ready || d.busy != nil || free != nil && free.idle <= d.idle {
				continue
			}
			if i := g.choose(d); i >= 0 {
				free, best = d, i
			}
		}
		if free == nil {
			return
		}
		t := g.line[best]
		g.line = append(g.line[:best], g.line[best+1:]...)
		g.call(free, t)
	}
}

// choose is the index in the line of whom a counter calls, or -1.
func (g *game) choose(d *desk) int {
	best, most, own := -1, math.Inf(-1), d.Serves[0]
	ordinary := g.Rule.Ratio > 0 && g.turns >= g.Rule.Ratio
	for i, t := range g.line {
		if t.ready > g.now || !slices.Contains(d.Serves, t.service.Name) {
			continue
		}
		v := g.now - t.at + g.Rule.Ahead[t.service.Name]*minute
		if t.priority {
			v += g.Rule.Priority * minute
		}
		if t.returned {
			v += g.Rule.Returned * minute
		}
		if t.service.Name == own {
			v += g.Rule.OwnFirst * minute
		}
		if g.Rule.Ratio > 0 && t.priority != ordinary {
			v += 24 * hour
		}
		if v > most {
			best, most = i, v
		}
	}
	if best >= 0 && g.Rule.Careless > 0 && g.r.Float64() < g.Rule.Careless {
		for range 5 {
			if i := g.r.IntN(len(g.line)); g.line[i].ready <= g.now && slices.Contains(d.Serves, g.line[i].service.Name) {
				return i
			}
		}
	}
	return best
}

func (g *game) call(d *desk, t *ticket) {
	d.busy, d.ready, t.called = t, false, g.now
	g.emit(place.Call, t, d.Name)
	g.turns++
	if !t.priority {
		g.turns = 0
	}
	s := t.service
	if g.r.Float64() < s.NoShow+s.NoShowBy*(g.now-t.at)/hour {
		g.plan(g.now+30+60*g.r.Float64(), func() { g.end(d, t, place.NoShow) })
		return
	}
	long := s.Time.draw(g.r) * g.factor
	if d.Speed > 0 {
		long *= d.Speed
	}
	if g.now >= g.shock.from && g.now < g.shock.to {
		long *= 2
	}
	g.plan(g.now+long, func() { g.end(d, t, place.Finish) })
}

func (g *game) end(d *desk, t *ticket, kind place.Kind) {
	g.emit(kind, t, d.Name)
	d.busy = nil
	if kind == place.Finish {
		g.goOn(t)
	}
	if d.closing {
		g.shut(d)
		return
	}
	gap := 0.0
	if g.Gap.Mean > 0 {
		gap = g.Gap.draw(g.r)
	}
	d.idle = g.now + gap
	g.plan(d.idle, func() { d.ready = d.busy == nil })
}

// goOn takes a ticket of the next stage.
func (g *game) goOn(t *ticket) {
	x := g.r.Float64()
	for _, n := range t.service.Then {
		if x -= n.Share; x < 0 {
			s := g.services[n.Service]
			g.plan(g.now+1+n.Walk.draw(g.r), func() { g.issue(s, t.visit, t.priority) })
			return
		}
	}
}
