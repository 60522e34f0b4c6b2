package sim

import (
	"fmt"
	"time"

	"machi/internal/queue"
)

// clerk makes a console into a counter with a member of staff at it, who looks,
// thinks and presses, some time after the other.
func (c *console) work(until time.Duration) {
	if c.world.now > until {
		return
	}
	c.after(c.chance.span(2*time.Second, 14*time.Second), func() {
		c.look(c.act)
		c.work(until)
	})
}

// act does what a clerk does at a counter in the state that the screen shows.
func (c *console) act(s *queue.State) {
	counter, ok := s.Counter(c.counter)
	switch {
	case !ok || s.Closed():
	case counter.State != queue.CounterOpen:
		c.press(queue.OpenCounter{Counter: c.counter, Staff: c.staff, TakeOver: c.chance.in(0.2)})
	case counter.Ticket == "":
		c.free(s)
	default:
		if t, ok := s.Ticket(counter.Ticket); ok {
			c.serve(s, t)
		}
	}
}

func (c *console) press(cmd queue.Command) {
	c.command(queue.RoleStaff, cmd, func(a reply) {
		if a.outcome == nil {
			return
		}
		c.shown = a.outcome.Meta.Command
		c.arrival = false
		if c.chance.in(0.03) {
			c.after(c.chance.span(time.Second, 20*time.Second), c.undo)
		}
	})
}

func (c *console) undo() {
	if c.arrival {
		return // the key is for the counter's own actions
	}
	c.command(queue.RoleStaff, queue.Undo{Counter: c.counter}, func(a reply) {
		if a.outcome != nil {
			c.world.rare.reached(rareUndo)
		}
	})
}

// checkIn is a clerk to whom somebody shows a ticket from home; now and then it was
// the wrong one.
func (c *console) checkIn(id queue.TicketID) {
	if !c.up {
		return
	}
	c.command(queue.RoleStaff, queue.CheckIn{Ticket: id}, func(a reply) {
		if a.outcome == nil {
			return
		}
		c.world.rare.reached(rareClerkCheckIn)
		c.arrival = true
		if c.chance.in(0.15) {
			c.after(c.chance.span(time.Second, 15*time.Second), func() { c.takeBack(id, a.outcome.Meta.Command) })
		}
	})
}

// takeBack undoes an arrival; the right holder comes a little later.
func (c *console) takeBack(id queue.TicketID, command queue.CommandID) {
	c.command(queue.RoleStaff, queue.Undo{Command: command}, func(a reply) {
		if a.outcome != nil {
			c.world.rare.reached(rareArrivalUndone)
			c.after(c.chance.span(time.Minute, 5*time.Minute), func() { c.checkIn(id) })
		}
	})
}

// free is what a clerk does whose counter is empty.
func (c *console) free(s *queue.State) {
	if s.WaitingCount() == 0 && !c.chance.in(0.08) {
		return // nobody is there; clerks have other work too
	}
	switch n := c.chance.IntN(100); {
	case n < 12:
		c.press(queue.CallNext{Counter: c.counter, Service: seals})
	case n < 67:
		c.press(queue.CallNext{Counter: c.counter})
	case n < 70:
		c.deliver(s)
	case n < 74:
		c.chosen(s, func(t *queue.Ticket) queue.Command { return queue.CallTicket{Ticket: t.ID, Counter: c.counter} }, queue.Waiting, queue.NoShow, queue.Held)
	case n < 80:
		c.chosen(s, c.restore, queue.NoShow)
	case n < 84:
		c.chosen(s, func(t *queue.Ticket) queue.Command { return queue.Resume{Ticket: t.ID} }, queue.Held)
	case n < 90:
		c.chosen(s, func(t *queue.Ticket) queue.Command { return queue.MarkReady{Ticket: t.ID} }, queue.Processing)
	case n < 92:
		c.press(queue.PauseCounter{Counter: c.counter, Reason: "lunch"})
	case n < 93:
		c.press(queue.CloseCounter{Counter: c.counter})
	case n < 95:
		c.press(queue.QuickServe{Ticket: queue.TicketID(fmt.Sprintf("%s-q%d", c.name, c.serial)), Counter: c.counter, Service: seals, Quantity: 1})
	case n < 96:
		c.press(queue.AskHelp{Counter: c.counter, Text: "please"})
	case n < 97:
		c.press(queue.AnswerHelp{Counter: c.counter})
	default:
		c.tend(s)
	}
}

func (c *console) restore(t *queue.Ticket) queue.Command {
	return queue.Restore{Ticket: t.ID, Place: pick(c.chance, []queue.Place{queue.PlaceKeep, queue.PlaceBack, queue.PlaceEnd})}
}

// tend is what a clerk does to a ticket that waits.
func (c *console) tend(s *queue.State) {
	c.chosen(s, func(t *queue.Ticket) queue.Command {
		switch c.chance.IntN(9) {
		case 6, 7:
			return queue.Skip{Ticket: t.ID, Counter: c.counter}
		case 8:
			all := s.Tickets()
			return queue.Merge{Ticket: t.ID, Into: all[max(0, len(all)-1-c.chance.IntN(10))].ID}
		case 0:
			return queue.SetPriority{Ticket: t.ID, Priority: !t.Priority}
		case 1:
			return queue.Defer{Ticket: t.ID, For: 5 * time.Minute}
		case 2:
			return queue.ChangeService{Ticket: t.ID, Service: pick(c.chance, service)}
		case 3:
			return queue.Hold{Ticket: t.ID, Reason: "papers"}
		case 4:
			return queue.Withdraw{Ticket: t.ID}
		}
		return queue.AddNote{Ticket: t.ID, Text: "wheelchair"}
	}, queue.Waiting)
}

// deliver is what a clerk does with papers that are ready: several numbers are
// called at once, and handed over to whoever comes.
func (c *console) deliver(s *queue.State) {
	var ready, announced []queue.TicketID
	for _, id := range []queue.ServiceID{moving, mynum} {
		for _, t := range s.Line(queue.Line{Service: id, Stage: queue.StageDelivery}) {
			if t.Announced == c.counter {
				announced = append(announced, t.ID)
			} else {
				ready = append(ready, t.ID)
			}
		}
	}
	switch {
	case len(announced) > 0 && c.chance.in(0.6):
		c.press(queue.HandOver{Ticket: pick(c.chance, announced), Counter: c.counter})
	case len(ready) > 0:
		c.press(queue.Announce{Counter: c.counter, Tickets: ready[:min(3, len(ready))]})
	}
}

// chosen presses a command about one of the tickets in some statuses, if any.
func (c *console) chosen(s *queue.State, make func(*queue.Ticket) queue.Command, in ...queue.Status) {
	var list []*queue.Ticket
	for _, t := range s.Tickets() {
		for _, status := range in {
			if t.Status == status {
				list = append(list, t)
			}
		}
	}
	if len(list) > 0 {
		c.press(make(pick(c.chance, list)))
	}
}

// serve is what a clerk does with the ticket of the counter.
func (c *console) serve(s *queue.State, t *queue.Ticket) {
	at := c.wall()
	switch n := c.chance.IntN(100); {
	case t.Status == queue.Called && at.Sub(t.CalledAt) > 25*time.Second:
		c.press(queue.MarkNoShow{Ticket: t.ID, Counter: c.counter})
	case t.Status == queue.Called && n < 55 && (n < 4 || c.world.audit.inHand(t)):
		c.press(queue.Start{Ticket: t.ID, Counter: c.counter})
	case t.Status == queue.Called && n < 75:
		c.press(queue.Recall{Ticket: t.ID, Counter: c.counter})
	case t.Status == queue.Called:
	case n < 2:
		c.press(queue.Hold{Ticket: t.ID, Counter: c.counter, Reason: "photo"})
	case n < 4:
		c.press(queue.Transfer{Ticket: t.ID, Counter: c.counter, Service: pick(c.chance, service), Note: "next door"})
	case n < 5:
		c.press(queue.AddService{Ticket: t.ID, Service: pick(c.chance, service)})
	case n < 6:
		c.press(queue.Transfer{Ticket: t.ID, Counter: c.counter, To: pick(c.chance, s.Counters()).ID})
	case n < 16:
		c.press(queue.Finish{Ticket: t.ID, Counter: c.counter, Quantity: 1})
	case n < 21:
		service, _ := s.Settings().Service(t.Line.Service)
		c.press(queue.Finish{Ticket: t.ID, Counter: c.counter, Processing: service.HasStage(queue.StageProcessing) && t.Line.Stage == queue.StageReception})
	case n < 30:
		c.press(queue.FinishAndCallNext{Counter: c.counter})
	}
}

// lead is what the office's manager does now and then: stop a service or the
// whole office, and let it go on a little later.
func (c *console) lead(until time.Duration) {
	if c.world.now > until {
		return
	}
	c.after(c.chance.span(10*time.Minute, 40*time.Minute), func() {
		id := pick(c.chance, service)
		stop, resume := queue.Command(queue.SetService{Service: id, State: queue.Paused, Message: "system check"}), queue.Command(queue.SetService{Service: id, State: queue.Accepting})
		if c.chance.in(0.2) {
			stop, resume = queue.SetOffice{State: queue.Paused, Message: "drill"}, queue.SetOffice{State: queue.Accepting}
		}
		c.command(queue.RoleManager, stop, func(reply) {
			c.after(c.chance.span(20*time.Second, 3*time.Minute), func() {
				c.command(queue.RoleManager, resume, func(reply) {})
			})
		})
		c.lead(until)
	})
}
