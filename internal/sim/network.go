package sim

import "time"

// network carries messages between machines. Every pair has its own weather.
type network struct {
	world  *world
	chance chance
	links  map[[2]*node]*weather // by direction
	fair   weather               // of all pairs without weather of their own
	counts struct{ sent, lost, twice int }
}

// weather is what may become of a message on a link.
type weather struct {
	cut   bool
	loss  float64
	twice float64
	delay time.Duration // mean of what is added to the way itself; reorders
}

const (
	wayMin = 2 * time.Millisecond
	wayMax = 15 * time.Millisecond
)

func (n *network) weather(from, to *node) *weather {
	if w, ok := n.links[[2]*node{from, to}]; ok {
		return w
	}
	return &n.fair
}

// set gives both directions of a pair their own weather; nil ends it.
func (n *network) set(from, to *node, there, back *weather) {
	for pair, w := range map[[2]*node]*weather{{from, to}: there, {to, from}: back} {
		if w == nil {
			delete(n.links, pair)
		} else {
			n.links[pair] = w
		}
	}
}

// calm ends all bad weather.
func (n *network) calm() {
	clear(n.links)
	n.fair = weather{}
}

// send carries a message; it arrives never, once or twice, and only at a machine
// that is up then.
func (n *network) send(from, to *node, arrive func()) {
	n.counts.sent++
	w := n.weather(from, to)
	if w.cut || n.chance.in(w.loss) {
		n.counts.lost++
		return
	}
	copies := 1
	if n.chance.in(w.twice) {
		copies = 2
		n.counts.twice++
	}
	for range copies {
		n.world.after(n.chance.span(wayMin, wayMax)+n.chance.tail(w.delay), func() {
			if to.up {
				arrive()
			}
		})
	}
}

// exchange is a request and its answer: done hears the answer, or after the
// deadline that there is none, exactly once; unless the asker dies first.
func exchange[A any](n *network, from, to *node, deadline time.Duration, serve func(answer func(A)), done func(A, bool)) {
	life, settled := from.life, false
	settle := func(a A, ok bool) {
		if !settled && from.up && from.life == life {
			settled = true
			done(a, ok)
		}
	}
	n.send(from, to, func() {
		serve(func(a A) { n.send(to, from, func() { settle(a, true) }) })
	})
	n.world.after(deadline, func() {
		var none A
		settle(none, false)
	})
}
