package sim

import "time"

// node is a machine: it can be up or down, and each life after a crash is a new
// one, in which nothing that the old one planned happens any more.
type node struct {
	world *world
	name  string
	up    bool
	life  int
	clock clock
}

// after plans something that only this life of the machine does.
func (n *node) after(d time.Duration, do func()) {
	life := n.life
	n.world.after(d, func() {
		if n.up && n.life == life {
			do()
		}
	})
}

func (n *node) boot() {
	n.up = true
	n.life++
	n.clock.boots++
	n.clock.booted = n.world.now
}

func (n *node) crash() { n.up = false }

// wall returns what the machine's wall clock shows.
func (n *node) wall() time.Time { return n.world.start.Add(n.clock.at(n.world.now)) }

// clock is a machine's wall clock: the true time, seen with an offset and a drift.
type clock struct {
	offset time.Duration
	drift  float64 // seconds gained per second; a quartz is good for 200 ppm
	boots  int
	booted time.Duration
}

func (c *clock) at(now time.Duration) time.Duration {
	return now + c.offset + time.Duration(float64(now)*c.drift)
}

// monotonic returns the time since the boot as the machine counts it.
func (c *clock) monotonic(now time.Duration) time.Duration {
	up := now - c.booted
	return up + time.Duration(float64(up)*c.drift)
}
