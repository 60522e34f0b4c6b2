package replica

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"machi/internal/planted"
	"machi/internal/queue"
)

// The codes of refusals that are not the domain's.
const (
	Busy         = "busy"          // a press is on its way
	NotSetUp     = "not_set_up"    // the machine has never had a plan
	RangeMissing = "range_missing" // no server, and no range of its own is safe
)

// touch begins a press, or refuses it visibly.
func (a *Agent) touch(t Touch) {
	p := Press{
		State: Refused, Command: t.Command, Session: t.Session, Secret: t.Secret, Service: t.Service,
		Further: t.Further, Language: t.Language, Priority: t.Priority, Quote: t.Quote,
	}
	p.Desk = t.Desk
	if p.Code = a.hinder(t); p.Code != "" {
		a.emit(PressChanged{p})
		return
	}
	if !t.Desk && a.guard.Begin(t.Session, a.now.Timer) {
		a.emit(Alarm{Code: "many_tickets"})
	}
	reading := a.clock.Read(a.now)
	a.clock.Use(reading)
	a.serial++
	p.State, p.Serial = Pressed, a.serial
	p.Ticket = a.ticketOf(p)
	p.At, p.Date, p.Guessed, p.Online = reading.At, reading.Day, reading.Guessed, a.link.Online()
	a.press = &p
	a.keep(p, true, nil)
}

// ticketOf names the ticket of a press. Machines on copies of one store have one
// label and count alike, and neither knows of the other: the chance in the
// command's id keeps their tickets apart.
func (a *Agent) ticketOf(p Press) queue.TicketID {
	if planted.On(planted.NamesAlike) {
		return queue.TicketID(fmt.Sprintf("%s-%06d", a.id.Label(), p.Serial))
	}
	return queue.TicketID(fmt.Sprintf("%s.%s-%06d", a.id.Label(), chanceIn(p.Command), p.Serial))
}

// chanceIn returns the end of a command's id, which is random, without hyphens.
func chanceIn(id queue.CommandID) string {
	text := strings.ReplaceAll(string(id), "-", "")
	return text[max(0, len(text)-8):]
}

// hinder says why a press may not begin, or "".
func (a *Agent) hinder(t Touch) string {
	switch {
	case a.broken:
		return OutOfService
	case a.barred != "":
		return a.barred
	case a.press != nil || len(a.queue) >= maxQueue:
		return Busy
	case a.plan == nil:
		return NotSetUp
	case t.Desk:
		return ""
	}
	if reason, ok := a.guard.Allow(t.Session, a.now.Timer); !ok {
		return reason
	}
	return ""
}

// settle closes the presses that an earlier run left.
func (a *Agent) settle() {
	for _, p := range a.found {
		a.move(&p, PressInput{Kind: Restarted})
	}
	a.found = nil
}

// answer feeds the press on its way, if the answer is for it.
func (a *Agent) answer(id queue.CommandID, in PressInput) {
	if a.press != nil && a.press.Command == id {
		a.move(a.press, in)
	}
}

// answered feeds the press the server's answer, if it still waits for one.
func (a *Agent) answered(id queue.CommandID, in PressInput) {
	if a.press != nil && a.press.State == Asked {
		a.answer(id, in)
	}
}

func (a *Agent) silent(id queue.CommandID) {
	if a.press != nil && a.press.Command == id && a.press.State == Asked {
		a.link.Lost(a.now.Timer)
		a.move(a.press, PressInput{Kind: Silent})
	}
}

// move steps a press and carries out what it wants.
func (a *Agent) move(p *Press, in PressInput) {
	before := p.State
	next, action := p.Step(in)
	*p = next
	if p.State != before {
		a.emit(PressChanged{*p})
	}
	switch action {
	case ToSave:
		a.keep(*p, true, nil)
	case ToKeep:
		a.keep(*p, false, nil)
	case ToAsk:
		a.ask(p)
	case ToIssue:
		a.issue(p)
	case ToPrint:
		a.emit(PrintTicket{*p})
	case ToTakeBack:
		a.keep(*p, false, a.withdrawal(*p))
	case ToFlag:
		a.keep(*p, false, a.flag(*p))
	}
	if a.press == p && p.State.Final() {
		a.press = nil
	}
}

// ask asks the server, unless it bars the machine since the touch.
func (a *Agent) ask(p *Press) {
	if a.barred != "" {
		a.move(p, PressInput{Kind: Denied, Code: a.barred})
		return
	}
	a.asked = a.now.Timer
	a.emit(AskServer{*p})
}

// issue has a number of the own range decided when its turn comes to be made safe:
// acts at the machine may be on their way to the same chain.
func (a *Agent) issue(p *Press) {
	now := a.now
	a.queue = append(a.queue, save{
		waits:  true,
		build:  func() (Mark, error) { return a.issued(now, p) },
		denied: func(err error) { a.move(p, PressInput{Kind: Denied, Code: code(err)}) },
	})
}

// issued decides a number. Its body is made safe together with the press's mark.
func (a *Agent) issued(now Now, p *Press) (Mark, error) {
	switch {
	case a.barred != "":
		return Mark{}, &queue.Refusal{Code: queue.Code(a.barred)}
	case a.slot < 0 || a.copied:
		return Mark{}, &queue.Refusal{Code: RangeMissing}
	}
	issued, err := a.day(p.Date).Issue(Order{
		Command: p.Command, At: p.At, Guessed: p.Guessed, Clock: a.clock.Read(now).Block, Ticket: p.Ticket,
		Service: p.Service, Further: p.Further, Language: p.Language, Priority: p.Priority,
		Secret: p.Secret, Quote: p.Quote, Desk: p.Desk, Slot: a.slot, Overflow: a.overflow + 1,
	})
	if err != nil {
		return Mark{}, err
	}
	*p, _ = p.Step(PressInput{Kind: Given, Number: issued.Number, Pool: queue.PoolKiosk})
	kept := *p
	return Mark{Kind: MarkPress, Press: &kept, Date: p.Date, Body: issued.Body}, nil
}

func code(err error) string {
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		return string(refusal.Code)
	}
	return OutOfService
}

// withdrawal makes a ticket that nobody has seen harmless. Where no number was
// decided here, the body bears the press's own command id: a server that gets the
// lost question later finds the command done.
func (a *Agent) withdrawal(p Press) func() ([]byte, error) {
	id := p.Command
	if p.Number != "" {
		id += ".withdrawn"
	}
	return a.body(p, id, queue.TicketWithdrawn{Ticket: p.Ticket})
}

func (a *Agent) flag(p Press) func() ([]byte, error) {
	return a.body(p, p.Command+".unknown", queue.TicketFlagged{Ticket: p.Ticket, Flag: queue.FlagPrintUnknown})
}

func (a *Agent) body(p Press, id queue.CommandID, e queue.Event) func() ([]byte, error) {
	now := a.now
	return func() ([]byte, error) {
		reading := a.clock.Read(now)
		at := reading.At
		if reading.Day != p.Date || at.Before(p.At) {
			at = p.At.Add(time.Millisecond)
		}
		return a.day(p.Date).Write(queue.Meta{Command: id, At: at}, reading.Block, e)
	}
}
