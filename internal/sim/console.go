package sim

import (
	"fmt"
	"time"

	"machi/internal/office"
	"machi/internal/queue"
)

const (
	viewDeadline    = 2 * time.Second
	commandDeadline = 3 * time.Second
	commandTries    = 5
)

// console is a clerk's screen, or the browser of a resident: it speaks to one
// server and turns to the next when that one is silent.
type console struct {
	node
	chance  chance
	branch  *branch
	counter queue.CounterID
	staff   string
	server  int
	serial  int
	shown   queue.CommandID // newest own action that was confirmed, for undo
	arrival bool            // and it was a check-in
	outbox
}

func (c *console) next() *server {
	return c.world.servers[c.server%len(c.world.servers)]
}

// look asks a server for the office as it stands.
func (c *console) look(then func(*queue.State)) {
	s := c.next()
	exchange(c.world.net, &c.node, &s.node, viewDeadline, func(answer func(*queue.State)) {
		if state := s.shown(c.branch.id); state != nil {
			answer(state)
		}
	}, func(state *queue.State, ok bool) {
		if c.looked(state, ok) {
			then(state)
		}
	})
}

// command sends a wish, under one id however often, until somebody answers.
func (c *console) command(role string, cmd queue.Command, then func(reply)) {
	c.serial++
	r := office.Request{
		ID: queue.CommandID(fmt.Sprintf("%s-%d", c.name, c.serial)), Actor: queue.Actor{Role: role, ID: c.staff},
		Fingerprint: fmt.Sprintf("%T", cmd), Command: cmd,
	}
	c.try(r, commandTries, then)
}

func (c *console) try(r office.Request, left int, then func(reply)) {
	s := c.next()
	exchange(c.world.net, &c.node, &s.node, commandDeadline, func(answer func(reply)) {
		s.submit(c.branch.id, r, answer)
	}, func(a reply, ok bool) {
		switch {
		case ok && a.unavailable == "":
			c.world.audit.answered(c.branch.id, r, a)
			then(a)
		case left > 1:
			c.server++
			c.after(c.chance.span(100*time.Millisecond, time.Second), func() { c.try(r, left-1, then) })
		default:
			c.world.story.tell(c.name, "gave up %s (%T)", r.ID, r.Command)
			then(reply{unavailable: "gave_up"})
		}
	})
}
