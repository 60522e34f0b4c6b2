package sim

import "time"

// strikeAll plans the faults of the plan. What lasts is ended by its own time or
// by the calm, whichever comes first, and only once.
func (w *world) strikeAll() {
	for _, f := range w.plan.Faults {
		w.after(f.At, func() { w.strike(f) })
	}
	w.every(10*time.Minute, w.redis.save)
}

// every repeats something for as long as faults may strike.
func (w *world) every(d time.Duration, do func()) {
	w.after(d, func() {
		if w.now < w.end() {
			do()
			w.every(d, do)
		}
	})
}

func (w *world) strike(f Fault) {
	end := w.begin(f)
	if end == nil {
		return
	}
	w.story.tell("FAULT", "%d %s for %s (target %d, size %d)", f.Number, f.Kind, f.For.Round(time.Millisecond), f.Target, f.Size)
	w.active[f.Number] = end
	lasts := f.For
	if f.Kind == KioskNight {
		lasts = nextOpen + 20*time.Minute - w.now
	}
	w.after(lasts, func() { w.heal(f.Number) })
}

func (w *world) heal(number int) {
	if end, on := w.active[number]; on {
		delete(w.active, number)
		w.story.tell("HEALED", "%d", number)
		end()
	}
}

// calm ends all faults at once and starts what is down.
func (w *world) calm() {
	w.story.tell("CALM", "faults stop")
	for _, f := range w.plan.Faults {
		w.heal(f.Number)
	}
	w.net.calm()
	w.redis.slow, w.redis.loading, w.redis.unclear = 0, false, 0
	w.redis.notice()
	for _, s := range w.servers {
		s.start()
	}
	for _, b := range w.branches {
		for _, k := range b.kiosks {
			k.start()
		}
	}
}

// begin lets a fault strike and returns what ends it; nil when it cannot strike.
func (w *world) begin(f Fault) (end func()) {
	switch f.Kind {
	case LinkBad, LinkCut, LinkOneWay, NetBad, ServerPause:
		return w.badLink(f)
	case ServerKill, ServersOlder:
		return w.killServers(f)
	case StoreLoading, StoreSlow, StoreUnclear, StoreTail, StoreEmpty, StoreOlder, StorePromote, StoreSplit, StoreBroken:
		return w.badStore(f)
	case ConsoleCut:
		return w.cutConsole(f)
	}
	return w.badKiosk(f, w.kiosk(f.Target))
}

// machine returns a machine by number: servers, then kiosks.
func (w *world) machine(target int) *node {
	var all []*node
	for _, s := range w.servers {
		all = append(all, &s.node)
	}
	for _, b := range w.branches {
		for _, k := range b.kiosks {
			all = append(all, &k.node)
		}
	}
	return all[target%len(all)]
}

func (w *world) kiosk(target int) *kiosk {
	b := w.branches[target%len(w.branches)]
	return b.kiosks[target/len(w.branches)%len(b.kiosks)]
}

// around gives a machine's links to all others one weather there and another back.
func (w *world) around(n *node, others []*node, there, back *weather) {
	for _, o := range others {
		if o != n {
			w.net.set(n, o, there, back)
		}
	}
}

func (w *world) nodes() []*node {
	var all []*node
	for _, s := range w.servers {
		all = append(all, &s.node)
	}
	for _, d := range w.redis.nodes {
		all = append(all, &d.node)
	}
	for _, b := range w.branches {
		for _, k := range b.kiosks {
			all = append(all, &k.node)
		}
		for _, c := range b.consoles {
			all = append(all, &c.node)
		}
	}
	return all
}

func (w *world) badLink(f Fault) func() {
	bad := &weather{loss: 0.02 + float64(f.Size%40)/100, twice: 0.1, delay: time.Duration(f.Size%7) * 60 * time.Millisecond}
	cut := &weather{cut: true}
	n, others := w.machine(f.Target), w.nodes()
	switch f.Kind {
	case NetBad:
		w.net.fair = *bad
		return func() { w.net.fair = weather{} }
	case LinkBad:
		w.around(n, others, bad, bad)
	case LinkCut:
		w.around(n, others, cut, cut)
	case LinkOneWay:
		if f.Size%2 == 0 {
			w.around(n, others, cut, nil)
		} else {
			w.around(n, others, nil, cut)
		}
	case ServerPause:
		n, others = &w.servers[f.Target%len(w.servers)].node, nil
		for _, d := range w.redis.nodes {
			others = append(others, &d.node)
		}
		w.around(n, others, cut, cut)
	}
	return func() { w.around(n, others, nil, nil) }
}

// cutConsole lets a console reach no server, or only hear none: then what it tells
// is done, and it does not know.
func (w *world) cutConsole(f Fault) func() {
	b := w.branches[f.Target%len(w.branches)]
	c := b.consoles[f.Target/len(w.branches)%len(b.consoles)]
	cut := &weather{cut: true}
	there := cut
	if f.Size%3 == 0 {
		there = nil
	}
	var servers []*node
	for _, s := range w.servers {
		servers = append(servers, &s.node)
	}
	w.around(&c.node, servers, there, cut)
	return func() { w.around(&c.node, servers, nil, nil) }
}

func (w *world) killServers(f Fault) func() {
	if f.Kind == ServersOlder {
		for _, s := range w.servers {
			s.kill()
		}
		w.redis.restore()
		w.rare.reached(rareOldStore)
		return func() {
			for _, s := range w.servers {
				s.start()
			}
		}
	}
	s := w.servers[f.Target%len(w.servers)]
	s.kill()
	return s.start
}

func (w *world) badStore(f Fault) func() {
	r := w.redis
	switch f.Kind {
	case StoreLoading:
		r.loading = true
		return func() { r.loading = false }
	case StoreSlow:
		r.slow = time.Duration(50+f.Size) * time.Millisecond
		return func() { r.slow = 0 }
	case StoreUnclear:
		r.unclear = 0.1 + float64(f.Size%60)/100
		return func() { r.unclear = 0 }
	case StoreTail:
		r.forget(1 + f.Size%12)
	case StoreEmpty:
		r.forget(1 << 30)
	case StoreOlder:
		r.restore()
	case StoreBroken:
		r.broken = true
		return func() { r.broken = false; r.notice() }
	case StorePromote:
		r.promote((r.newest+1+f.Size%w.plan.Replicas)%len(r.nodes), nil)
		return r.notice
	case StoreSplit:
		r.broken = true
		// A bus has come: both sides of the split are asked for numbers.
		w.branches[0].arrivals(w.weather, 8, w.now, w.now+f.For)
		r.promote((r.newest+1+f.Size%w.plan.Replicas)%len(r.nodes), []*node{&w.servers[f.Target%len(w.servers)].node})
		return func() { r.broken = false; r.notice() }
	}
	return func() {}
}
