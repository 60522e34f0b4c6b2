package sim

import "time"

// printer is a ticket printer as its driver meets it.
type printer struct {
	world *world
	empty bool // no paper
	gone  bool // unplugged
	mute  bool // prints and never says so
}

const (
	printTakes   = 800 * time.Millisecond
	printTimeout = 5 * time.Second
)

// paperFate is what the driver learns of a ticket.
type paperFate string

const (
	paperOut     paperFate = "out"
	paperNone    paperFate = "none"
	paperUnknown paperFate = "unknown"
)

// print prints one ticket and says what is known of it, once.
func (p *printer) print(done func(paperFate)) {
	if p.gone || p.empty {
		p.world.after(50*time.Millisecond, func() { done(paperNone) })
		return
	}
	p.world.after(printTakes, func() {
		switch {
		case p.gone || p.mute: // in the middle of the ticket
			p.world.after(printTimeout, func() { done(paperUnknown) })
		case p.empty:
			done(paperNone)
		default:
			done(paperOut)
		}
	})
}
