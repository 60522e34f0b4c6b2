package staff

import (
	"slices"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// Button is one command of the console: where it is sent, what it says, which
// key stands for it.
type Button struct {
	Do     string // under /do/
	Text   string
	Key    string
	Hint   string // under the text, for the big one
	Fields []Field
	Calls  bool // calls somebody: needs the link
	Nonce  string
	Base   string
}

// Field is a fixed field of a button's command.
type Field struct{ Name, Value string }

// Base returns where the console's forms are sent.
func (p consolePage) Base() string {
	return "/staff/" + string(p.Office) + "/" + string(p.Counter.ID) + "/do/"
}

func (p consolePage) counterDo(verb string) string {
	return "counters/" + string(p.Counter.ID) + "/" + verb
}

func (p consolePage) button(do, text, key string, fields ...Field) Button {
	return Button{Do: do, Text: p.T(text), Key: key, Fields: fields, Nonce: p.Key(), Base: p.Base()}
}

func (p consolePage) ticketButton(n queue.Number, verb, text, key string, fields ...Field) Button {
	return p.button("tickets/"+string(n)+"/"+verb, text, key, fields...)
}

func (p consolePage) here() Field { return Field{"counter", string(p.Counter.ID)} }

// Main returns the one thing to do next: the big button, on the space bar.
func (p consolePage) Main() Button {
	switch {
	case p.Current != nil && p.Current.State == queue.Called:
		return p.ticketButton(p.Current.Number, "start", "do.start", "Space", p.here())
	case p.Current != nil:
		return p.ticketButton(p.Current.Number, "finish", "do.finish", "Space", p.here())
	case p.Counter.State == queue.CounterClosed:
		return p.button(p.counterDo("open"), "do.open", "Space")
	case p.Counter.State == queue.CounterPaused:
		return p.button(p.counterDo("open"), "do.resume-counter", "Space")
	}
	b := p.button(p.counterDo("call-next"), "do.call-next", "Space")
	b.Calls = true
	return b
}

// Idle reports whether the counter is open and free, and nobody can be called.
func (p consolePage) Idle() bool {
	return p.Current == nil && p.Next == nil && p.Counter.State == queue.CounterOpen
}

// Others returns what else can be done with the current ticket.
func (p consolePage) Others() []Button {
	if p.Current == nil {
		return nil
	}
	n := p.Current.Number
	if p.Current.State == queue.Called {
		return []Button{
			p.ticketButton(n, "recall", "do.recall", "R", p.here()),
			p.ticketButton(n, "no-show", "do.no-show", "X", p.here()),
		}
	}
	next := p.button(p.counterDo("finish-and-call-next"), "do.finish-next", "N")
	next.Calls = true
	list := []Button{next}
	if p.hasDelivery() && p.Current.Stage == queue.StageReception {
		list = append(list, p.ticketButton(n, "finish", "do.processing", "B", p.here(), Field{"processing", "true"}))
	}
	return list
}

// hasDelivery reports whether any counter of the office hands things over: only
// then do visits go through a back office.
func (p consolePage) hasDelivery() bool {
	delivers := func(c board.ConsoleCounter) bool { return slices.Contains(c.Stages, queue.StageDelivery) }
	return delivers(p.Counter) || slices.ContainsFunc(p.Colleagues, delivers)
}

// CallThis returns the button that calls a waiting ticket out of turn, or
// nothing while the counter cannot call.
func (p consolePage) CallThis(t board.ConsoleTicket) []Button {
	if p.Current != nil || p.Counter.State != queue.CounterOpen {
		return nil
	}
	b := p.ticketButton(t.Number, "call", "do.call", "", p.here())
	b.Calls = true
	return []Button{b}
}

// Back returns what brings a ticket that was set aside on again.
func (p consolePage) Back(t board.ConsoleTicket) []Button {
	switch t.State {
	case queue.Held:
		return []Button{p.ticketButton(t.Number, "resume", "do.resume", "")}
	case queue.NoShow:
		return []Button{p.ticketButton(t.Number, "restore", "do.restore", "", Field{"place", string(queue.PlaceBack)})}
	case queue.Processing:
		return []Button{p.ticketButton(t.Number, "ready", "do.ready", "")}
	}
	return nil
}

// UndoButton returns the button that takes the last action back.
func (p consolePage) UndoButton() Button {
	return p.button(p.counterDo("undo"), "do.undo", "U", Field{"command", string(p.Undo.Command)})
}

// CloseButton closes the counter; it serves nobody then.
func (p consolePage) CloseButton() Button { return p.button(p.counterDo("close"), "do.close", "") }

// Answer returns the button that says that this counter comes to help another.
func (p consolePage) Answer(other queue.CounterID) Button {
	return p.button("counters/"+string(other)+"/answer-help", "do.answer-help", "")
}

// Path returns where a form with fields of its own is sent.
func (p consolePage) Path(verb string) string {
	if p.Current != nil && slices.Contains([]string{"hold", "transfer", "note"}, verb) {
		return p.Base() + "tickets/" + string(p.Current.Number) + "/" + verb
	}
	return p.Base() + p.counterDo(verb)
}

// MachineRows returns the office's machines in words, those apart that were never
// connected.
func (p consolePage) MachineRows() []page.Machine {
	return slices.DeleteFunc(page.Machines(p.View, p.Machines), func(m page.Machine) bool { return m.State == board.MachineUnused })
}

// Row is a ticket with the page it stands on, for the parts that draw one.
type Row struct {
	P      consolePage
	Ticket board.ConsoleTicket
}

// With returns a ticket together with its page.
func (p consolePage) With(t board.ConsoleTicket) Row { return Row{p, t} }

// Service returns a service's name.
func (p consolePage) Service(id queue.ServiceID) string {
	for _, s := range p.Services {
		if s.ID == id {
			return p.Name(s.Name)
		}
	}
	return string(id)
}

// Waited says how long a ticket has waited.
func (p consolePage) Waited(t board.ConsoleTicket) string {
	return p.Span(int(p.Now.Sub(t.Arrival).Seconds()))
}

// Why says why a ticket is next.
func (p consolePage) Why() string {
	return p.Or("why."+string(p.Next.Why.Code), "why.chosen", "t", p.Hour(p.Next.Why.Slot))
}

// ProblemWords says what went wrong with a form.
func (p consolePage) ProblemWords() string {
	return p.Or("problem."+p.Problem, "problem.other", "code", p.Problem)
}
