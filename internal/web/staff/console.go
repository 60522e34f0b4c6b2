package staff

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// chainCookie is set by a clerk who wants finishing to call the next at once.
const chainCookie = "machi_chain"

// consolePage is a counter as a clerk sees it.
type consolePage struct {
	ui.View
	board.Console
	Who     page.Identity
	Now     time.Time
	Problem string
	// Did names what a form did, for those without script; About is its ticket.
	Did, About string
	// Chain makes finishing call the next: one press for each visitor.
	Chain bool
	// Card is the ticket that was looked for, Several those it could be.
	Card    *board.ConsoleTicket
	Several []board.ConsoleTicket
	Typed   string // what was looked for
	// Offices are those that a visitor can be sent on to.
	Offices []board.Office
	// Cut marks the drawing of what is seen while the link is gone: nothing but
	// what the own ticket needs.
	Cut bool
}

// Button is one command of the console: where it is sent and what it says. Keys
// are a person's own; Act is the name they are given to.
type Button struct {
	Act    string
	Do     string // under /do/
	Text   string
	Hint   string // under the text
	Fields []Field
	// Kept commands are kept by the outbox while the link is gone; all others are
	// grey then.
	Kept bool
	// Off says why it cannot be pressed; empty when it can.
	Off string
	// From is when it can be pressed: before, it is grey and counts down.
	From  time.Time
	Nonce string
	Base  string
}

// Field is a fixed field of a button's command.
type Field struct{ Name, Value string }

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (consolePage) Key() string { return rand.Text() }

// Base returns where the console's forms are sent.
func (p consolePage) Base() string { return p.Home() + "/do/" }

// Home returns the console's own address.
func (p consolePage) Home() string { return "/staff/" + string(p.Office) + "/" + string(p.Counter.ID) }

func (p consolePage) counterDo(verb string) string {
	return "counters/" + string(p.Counter.ID) + "/" + verb
}

func (p consolePage) button(act, do, text string, fields ...Field) Button {
	return Button{Act: act, Do: do, Text: p.T(text), Fields: fields, Nonce: p.Key(), Base: p.Base()}
}

// counter returns a button about the counter itself.
func (p consolePage) counter(act, verb, text string, fields ...Field) Button {
	return p.button(act, p.counterDo(verb), text, fields...)
}

// own returns a button about a ticket that says which counter acts.
func (p consolePage) own(t board.ConsoleTicket, act, verb, text string, fields ...Field) Button {
	return p.button(act, "tickets/"+string(t.Number)+"/"+verb, text, append(fields, p.here())...)
}

// about returns a button about a ticket that any counter may press.
func (p consolePage) about(t board.ConsoleTicket, act, verb, text string, fields ...Field) Button {
	return p.button(act, "tickets/"+string(t.Number)+"/"+verb, text, fields...)
}

func (p consolePage) here() Field { return Field{"counter", string(p.Counter.ID)} }

func (b Button) kept() Button { b.Kept = true; return b }

// Mode is what the page is about: taken, closed, paused, called, serving, next or idle.
func (p consolePage) Mode() string {
	switch {
	case p.Taken():
		return "taken"
	case p.Current != nil:
		return string(p.Current.State)
	case p.Counter.State != queue.CounterOpen:
		return string(p.Counter.State)
	case p.Next != nil:
		return "next"
	}
	return "idle"
}

// Taken reports whether another member of staff holds the counter.
func (p consolePage) Taken() bool {
	return p.Counter.State != queue.CounterClosed && p.Counter.Staff != cmp.Or(p.Who.Name, p.Who.ID)
}

// Free reports whether the counter could call somebody now.
func (p consolePage) Free() bool {
	return !p.Taken() && p.Current == nil && p.Counter.State == queue.CounterOpen
}

// Delivering reports whether the current ticket came for what is ready for it.
func (p consolePage) Delivering() bool {
	return p.Current != nil && p.Current.Stage == queue.StageDelivery
}

// Main returns the one thing to do next: the big button. A counter that another
// holds has none: taking it over is asked for twice.
func (p consolePage) Main() Button {
	switch p.Mode() {
	case "called":
		text := "do.start"
		if p.Counter.Remote {
			text = "do.start-video"
		}
		return p.own(*p.Current, "main", "start", text).kept()
	case "serving":
		return p.finish()
	case "closed":
		b := p.counter("main", "open", "do.open")
		b.Hint = p.serviceNames(p.Counter.Services)
		return b
	case "paused":
		return p.counter("main", "open", "do.resume-counter", p.services()...)
	}
	b := p.counter("main", "call-next", "do.call-next")
	if p.Next != nil {
		b.Fields = []Field{{"expect", string(p.Next.Number)}}
	}
	return b
}

// finish is the main button of a talk.
func (p consolePage) finish() Button {
	if p.Chain && p.Next != nil {
		return p.finishNext("main")
	}
	text := "do.finish"
	if p.Delivering() {
		text = "do.finish-delivery"
	}
	b := p.own(*p.Current, "main", "finish", text).kept()
	if further := p.Current.Further; len(further) > 0 {
		b.Hint = p.T("hint.further", "service", p.Service(further[0]))
	}
	return b
}

func (p consolePage) finishNext(act string) Button {
	b := p.counter(act, "finish-and-call-next", "do.finish-next", Field{"number", string(p.Current.Number)})
	if p.Next != nil {
		b.Hint = string(p.Next.Number)
	} else {
		b.Off = p.T("console.nonext")
	}
	return b
}

// services are the fields that keep what the counter serves.
func (p consolePage) services() []Field {
	var list []Field
	for _, id := range p.Counter.Services {
		list = append(list, Field{"services", string(id)})
	}
	return list
}

// Others returns what else one press can do, the likeliest first.
func (p consolePage) Others() []Button {
	switch p.Mode() {
	case "called":
		again := p.own(*p.Current, "recall", "recall", "do.recall")
		again.From = p.Current.RecallAfter
		return []Button{again, p.noShow()}
	case "serving":
		var list []Button
		switch {
		case p.Cut:
		case p.Chain && p.Next != nil:
			list = append(list, p.own(*p.Current, "finish-next", "finish", "do.finish").kept())
		default:
			list = append(list, p.finishNext("finish-next"))
		}
		if p.Processes(*p.Current) {
			list = append(list, p.own(*p.Current, "processing", "finish", "do.processing", Field{"processing", "true"}).kept())
		}
		return list
	case "next":
		skip := p.counter("skip", "skip", "do.skip", Field{"number", string(p.Next.Number)})
		skip.Hint = p.T("hint.skip", "t", p.Span(p.Rule.Skip))
		if p.Rule.Skip == 0 {
			return nil
		}
		return []Button{skip}
	}
	return nil
}

func (p consolePage) noShow() Button {
	b := p.own(*p.Current, "no-show", "no-show", "do.no-show").kept()
	if !p.Current.NoShow {
		b.Off = p.T("off.calls", "n", p.Rule.NoShowCalls-p.Current.Calls)
	}
	return b
}

// Processes reports whether a ticket can go on into the back office.
func (p consolePage) Processes(t board.ConsoleTicket) bool {
	return t.Stage == queue.StageReception && slices.Contains(p.stages(t.Service), queue.StageProcessing)
}

func (p consolePage) stages(id queue.ServiceID) []queue.Stage {
	for _, s := range p.Services {
		if s.ID == id {
			return s.Stages
		}
	}
	return nil
}

// Calls returns the buttons that call the next of one service.
func (p consolePage) Calls() []Button {
	if !p.Free() || !p.MayChoose || len(p.Counter.Services) < 2 {
		return nil
	}
	var list []Button
	for _, s := range p.Services {
		n := 0
		for _, t := range p.Waiting {
			if t.Service == s.ID && t.NotBefore.IsZero() && !t.Away {
				n++
			}
		}
		if n == 0 || !slices.Contains(p.Counter.Services, s.ID) {
			continue
		}
		b := p.counter("", "call-next", "", Field{"service", string(s.ID)})
		b.Text, b.Hint = p.Name(s.Name), p.T("label.people", "n", n)
		list = append(list, b)
	}
	return list
}

// Ready returns the tickets that can be announced at a delivery counter.
func (p consolePage) Ready() []board.ConsoleTicket {
	if !slices.Contains(p.Counter.Stages, queue.StageDelivery) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Waiting), func(t board.ConsoleTicket) bool { return t.Stage != queue.StageDelivery })
}

// Asking returns the colleagues who need help.
func (p consolePage) Asking() []board.ConsoleCounter {
	return slices.DeleteFunc(slices.Clone(p.Colleagues), func(c board.ConsoleCounter) bool { return c.Help == "" })
}

// Announced counts the tickets that are called to be handed over here.
func (p consolePage) Announced() int {
	n := 0
	for _, t := range p.Waiting {
		if t.Announced == p.Counter.ID && t.Announced != "" {
			n++
		}
	}
	return n
}

// Working returns the colleagues whose counters are not closed.
func (p consolePage) Working() []board.ConsoleCounter {
	return slices.DeleteFunc(slices.Clone(p.Colleagues), func(c board.ConsoleCounter) bool { return c.State == queue.CounterClosed })
}

// Shut names the counters that are closed.
func (p consolePage) Shut() string {
	var names []string
	for _, c := range p.Colleagues {
		if c.State == queue.CounterClosed {
			names = append(names, string(c.ID))
		}
	}
	return strings.Join(names, p.T("list.between"))
}

// Answer returns the button that says that this counter comes to help another.
func (p consolePage) Answer(other queue.CounterID) Button {
	return p.button("answer", "counters/"+string(other)+"/answer-help", "do.answer-help")
}

// UndoButton returns the button that takes the last action back.
func (p consolePage) UndoButton() Button {
	b := p.counter("undo", "undo", "do.undo", Field{"command", string(p.Undo.Command)})
	for _, a := range p.History {
		if a.Command == p.Undo.Command {
			b.Hint = strings.TrimSpace(string(a.Number) + " " + p.What(a))
		}
	}
	return b
}

// UndoThis returns the button that takes one action of the list back.
func (p consolePage) UndoThis(a board.ConsoleAction) Button {
	return p.counter("", "undo", "do.undo", Field{"command", string(a.Command)})
}

// What says what was done.
func (p consolePage) What(a board.ConsoleAction) string { return p.Or("what."+a.What, "what.other") }

// CancelHelp returns the button that says that help is needed no more.
func (p consolePage) CancelHelp() Button {
	return p.counter("", "answer-help", "do.cancel-help")
}

// CloseButton closes the counter; it serves nobody then.
func (p consolePage) CloseButton() Button { return p.counter("close", "close", "do.close") }

// CounterPath returns where a form about the counter with fields of its own is sent.
func (p consolePage) CounterPath(verb string) string { return p.Base() + p.counterDo(verb) }

// TicketPath returns where a form about a ticket is sent.
func (p consolePage) TicketPath(t board.ConsoleTicket, verb string) string {
	return p.Base() + "tickets/" + string(t.Number) + "/" + verb
}

// Serves reports whether the counter serves a service now.
func (p consolePage) Serves(id queue.ServiceID) bool { return slices.Contains(p.Counter.Services, id) }

// MachineRows returns the office's machines in words, those apart that were never
// connected.
func (p consolePage) MachineRows() []page.Machine {
	return slices.DeleteFunc(page.Machines(p.View, p.Machines), func(m page.Machine) bool { return m.State == board.MachineUnused })
}

// ProblemWords says what went wrong with a form.
func (p consolePage) ProblemWords() string {
	return p.Or("problem."+p.Problem, "problem.other", "code", p.Problem)
}

// DidWords says what a form did.
func (p consolePage) DidWords() string {
	return p.Or("told."+p.Did, "told.other", "number", p.About)
}

// CutServing is the page as it looks once the current ticket was started while
// the link is gone; CutFree once it has left the counter.
func (p consolePage) CutServing() consolePage {
	serving := *p.Current
	serving.State, serving.StartedAt = queue.Serving, time.Time{}
	p.Current, p.Next, p.Undo, p.Cut = &serving, nil, nil, true
	return p
}

// CutFree is the page once the counter is free while the link is gone.
func (p consolePage) CutFree() consolePage {
	p.Current, p.Next, p.Undo, p.Cut = nil, nil, nil, true
	return p
}

// CutServe records, without a link, that a number was served here. The browser
// puts the number in the place of NUMBER.
func (p consolePage) CutServe() Button {
	return p.button("main", "tickets/NUMBER/serve", "do.serve", p.here()).kept()
}
