package staff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
)

// Row is a ticket with the page it stands on, for the parts that draw one.
type Row struct {
	P      consolePage
	Ticket board.ConsoleTicket
	Card   bool // the ticket that was looked for, not the one at the counter
}

// With returns a ticket together with its page.
func (p consolePage) With(t board.ConsoleTicket) Row { return Row{P: p, Ticket: t} }

// Here returns the ticket at the counter together with its page.
func (p consolePage) Here() Row { return Row{P: p, Ticket: *p.Current} }

// Looked returns the ticket that was looked for together with its page.
func (p consolePage) Looked() Row { return Row{P: p, Ticket: *p.Card, Card: true} }

// Service returns a service's name.
func (p consolePage) Service(id queue.ServiceID) string {
	for _, s := range p.Services {
		if s.ID == id {
			return p.Name(s.Name)
		}
	}
	return string(id)
}

func (p consolePage) serviceNames(ids []queue.ServiceID) string {
	if len(ids) == len(p.Services) {
		return p.T("console.allservices")
	}
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, p.Service(id))
	}
	return strings.Join(names, p.T("list.between"))
}

// Step is a stage of a visit: done, now or todo.
type Step struct{ Name, State string }

// Steps returns the stages of a ticket's service, where there is more than one.
func (p consolePage) Steps(t board.ConsoleTicket) []Step {
	stages := p.stages(t.Service)
	if len(stages) < 2 {
		return nil
	}
	var list []Step
	now := slices.Index(stages, t.Stage)
	for i, stage := range stages {
		state := "todo"
		switch {
		case i == now:
			state = "now"
		case i < now:
			state = "done"
		}
		list = append(list, Step{p.T("stage." + string(stage)), state})
	}
	return list
}

// since is the moment from which a ticket's wait is counted: an appointment that
// came early waits from its slot on.
func (p consolePage) since(t board.ConsoleTicket) time.Time {
	if t.Slot.After(t.Arrival) {
		return t.Slot
	}
	return t.Arrival
}

// Waits says how long a ticket has waited, until it was called where it has been.
func (p consolePage) Waits(t board.ConsoleTicket) string {
	wait := p.waited(t).Truncate(time.Minute)
	if wait == 0 {
		return p.T("console.justcame")
	}
	return p.T("console.waited", "t", p.Span(int(wait.Seconds())))
}

func (p consolePage) waited(t board.ConsoleTicket) time.Duration {
	until := p.Now
	if t.State.AtCounter() && !t.CalledAt.IsZero() {
		until = t.CalledAt
	}
	return max(0, until.Sub(p.since(t)))
}

// Tone says how a wait feels: empty, moderate, busy or very_busy. It is drawn as a
// colour and said as a word.
func (p consolePage) Tone(t board.ConsoleTicket) string {
	switch wait := p.waited(t); {
	case t.State != queue.Waiting || wait < 20*time.Minute:
		return ""
	case wait < 40*time.Minute:
		return "moderate"
	case wait < time.Hour:
		return "busy"
	}
	return "very_busy"
}

// Began is the moment that a counter's watch runs from: the start of the talk, or
// the newest call.
func (p consolePage) Began(t board.ConsoleTicket) time.Time {
	if t.State == queue.Serving && !t.StartedAt.IsZero() {
		return t.StartedAt
	}
	return t.CalledAt
}

// Watch says the time of a watch that began at a moment, such as "3:07".
func (p consolePage) Watch(from time.Time) string { return watch(p.Now.Sub(from)) }

// watch writes minutes and seconds, such as "3:07". It is the twin of watch in
// model.js.
func watch(d time.Duration) string {
	s := int(max(0, d).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Why says why a ticket is next.
func (p consolePage) Why() string {
	return p.Or("why."+string(p.Next.Why.Code), "why.chosen", "t", p.Hour(p.Next.Why.Slot))
}

// IsNext reports whether a ticket is the one that the rule would call.
func (p consolePage) IsNext(t board.ConsoleTicket) bool {
	return p.Next != nil && p.Next.ID == t.ID
}

// Language names a language.
func (p consolePage) Language(code string) string {
	return p.Or("lang."+code, "lang.other", "lang", code)
}

// CallThis returns the button that calls a ticket out of turn, or nothing while
// the counter cannot call or the rule does not let the clerk choose.
func (p consolePage) CallThis(t board.ConsoleTicket) []Button {
	if !p.Free() || t.Away {
		return nil
	}
	if t.Announced == p.Counter.ID && t.Announced != "" {
		return []Button{p.own(t, "", "hand-over", "do.hand-over-short")}
	}
	if !p.MayChoose && !p.IsNext(t) {
		return nil
	}
	return []Button{p.own(t, "", "call", "do.call")}
}

// Back returns what brings a ticket that was set aside on again.
func (p consolePage) Back(t board.ConsoleTicket) []Button {
	switch {
	case p.Taken():
	case t.State == queue.Held:
		return []Button{p.about(t, "", "resume", "do.resume")}
	case t.State == queue.NoShow:
		return []Button{p.about(t, "", "restore", "do.restore", Field{"place", string(queue.PlaceBack)})}
	case t.State == queue.Processing:
		return []Button{p.about(t, "", "ready", "do.ready")}
	}
	return nil
}

// in reports whether a ticket stands in one of the statuses.
func in(t board.ConsoleTicket, statuses ...queue.Status) bool {
	return slices.Contains(statuses, t.State)
}

// CardMain returns the likeliest command for the ticket that was looked for, on
// the main key; nothing where none would be right.
func (p consolePage) CardMain() []Button {
	t := *p.Card
	var b Button
	switch {
	case p.Taken() || t.Number == p.Counter.Number:
		return nil
	case t.Away:
		return nil // first the visitor checks in
	case in(t, queue.Processing):
		b = p.about(t, "", "ready", "do.ready")
	case p.Free() && in(t, queue.Waiting, queue.Held, queue.NoShow) && (p.MayChoose || p.IsNext(t)):
		b = p.own(t, "", "call", "do.call-number")
	case in(t, queue.Held):
		b = p.about(t, "", "resume", "do.resume")
	case in(t, queue.NoShow):
		b = p.about(t, "", "restore", "do.restore", Field{"place", string(queue.PlaceBack)})
	default:
		return nil
	}
	b.Act = "main"
	return []Button{b}
}

// CardActs returns what else one press can do with the ticket that was looked for.
func (p consolePage) CardActs() []Button {
	t := *p.Card
	if p.Taken() {
		return nil
	}
	var list []Button
	add := func(ok bool, b Button) {
		if ok {
			list = append(list, b)
		}
	}
	delivery := t.Stage == queue.StageDelivery && slices.Contains(p.Counter.Stages, queue.StageDelivery)
	add(delivery && in(t, queue.Waiting), p.own(t, "hand-over", "hand-over", "do.hand-over"))
	add(delivery && in(t, queue.Waiting), p.counter("announce", "announce", "do.announce-one", Field{"numbers", string(t.Number)}))
	add(in(t, queue.Held) && p.Free(), p.about(t, "back", "resume", "do.resume"))
	add(in(t, queue.Waiting) && p.Rule.Skip > 0, p.counter("skip", "skip", "do.skip", Field{"number", string(t.Number)}))
	if t.Priority {
		add(in(t, queue.Waiting, queue.Held, queue.NoShow), p.about(t, "priority", "priority", "do.priority-off", Field{"priority", "false"}))
	} else {
		add(in(t, queue.Waiting, queue.Held, queue.NoShow), p.about(t, "priority", "priority", "do.priority", Field{"priority", "true"}))
	}
	add(in(t, queue.Waiting, queue.Held, queue.NoShow) && !t.Away, p.own(t, "serve", "serve", "do.serve").kept())
	return list
}

// May reports which forms fit the ticket of a row.
func (r Row) May(verb string) bool {
	t := r.Ticket
	switch verb {
	case "hold":
		return in(t, queue.Waiting, queue.Called, queue.Serving, queue.Processing)
	case "transfer":
		return in(t, queue.Waiting, queue.Called, queue.Serving, queue.Held, queue.NoShow)
	case "add-service":
		return !t.State.Final() && len(r.P.Services) > 1
	case "change-service":
		return in(t, queue.Waiting, queue.Held, queue.NoShow) && len(r.P.Services) > 1
	case "restore":
		return in(t, queue.NoShow)
	case "merge":
		return in(t, queue.Waiting, queue.Held, queue.NoShow)
	case "withdraw":
		return in(t, queue.Waiting, queue.Called, queue.Held, queue.NoShow, queue.Processing)
	case "finish":
		return in(t, queue.Called, queue.Serving)
	}
	return true
}

// Path returns where a form about the row's ticket is sent.
func (r Row) Path(verb string) string { return r.P.TicketPath(r.Ticket, verb) }

// OwnTicket reports whether the row's ticket is the one at this counter.
func (r Row) OwnTicket() bool { return r.P.Current != nil && r.P.Current.ID == r.Ticket.ID }
