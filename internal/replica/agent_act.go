package replica

import (
	"slices"
	"strings"

	"machi/internal/planted"
	"machi/internal/queue"
)

// The codes of acts that are refused at the machine.
const (
	StoreCopied = "store_copied" // nothing of this store's chain would be taken
	Alone       = "alone"        // only the server can do it
	NotOwn      = "not_own"      // a ticket of another issuer; only the server can
	maxActed    = 500            // bytes of a detail
)

// act takes what a person does at the machine. It is decided when its turn comes
// to be made safe, on the day as it is then.
func (a *Agent) act(in Act) {
	if code := a.hinderAct(in); code != "" {
		a.emit(ActDone{in.Command, code})
		return
	}
	now := a.now
	if planted.On(planted.ActAnswersFirst) {
		a.emit(ActDone{Command: in.Command})
	}
	a.queue = append(a.queue, save{
		act:    in.Command,
		build:  func() (Mark, error) { return a.acted(now, in) },
		denied: func(err error) { a.undone(in.Command, err) },
	})
}

// hinderAct says why an act cannot be done by the machine alone, or "".
func (a *Agent) hinderAct(in Act) string {
	switch {
	case a.broken:
		return OutOfService
	case in.Command == "":
		return string(queue.MissingField)
	case len(a.queue) >= maxQueue:
		return Busy
	case a.copied:
		return StoreCopied
	case !slices.Contains(queue.KioskActions, in.Action):
		return string(queue.UnknownAction)
	case len(in.Detail) > maxActed:
		return string(queue.TooLong)
	}
	switch in.Action {
	case queue.ActServiceOpen, queue.ActServiceClose, queue.ActCheckIn, queue.ActLater:
		return Alone
	case queue.ActWithdraw, queue.ActLeave, queue.ActReprint, queue.ActIssue:
		if !a.Own(in.Ticket) {
			return NotOwn
		}
	}
	return ""
}

// undone answers an act that was not written down: it is refused, or was done
// before and may be answered again.
func (a *Agent) undone(id queue.CommandID, err error) {
	why := code(err)
	if why == string(queue.AlreadyDone) {
		why = ""
	}
	a.emit(ActDone{id, why})
}

// Own reports whether a ticket was issued by this machine and store, by whomever
// it was numbered.
func (a *Agent) Own(id queue.TicketID) bool {
	return strings.HasPrefix(id.Issuer()+".", a.id.Label()+".")
}

// acted returns the mark of an act. A ticket whose number the server gave may not
// have come back with the records yet: the act is believed.
func (a *Agent) acted(now Now, in Act) (Mark, error) {
	reading := a.clock.Read(now)
	a.clock.Use(reading)
	r := a.day(reading.Day)
	m := queue.Meta{Command: in.Command, At: reading.At, Origin: a.id.Origin(), Actor: in.Action.ActorOf(a.id.Kiosk)}
	events, err := r.act(m, in)
	if err != nil {
		return Mark{}, err
	}
	body, err := r.Write(m, reading.Block, events...)
	return Mark{Kind: MarkAct, Date: r.Date(), Body: body}, err
}

// act decides an act on the merged copy.
func (r *Replica) act(m queue.Meta, in Act) ([]queue.Event, error) {
	s := r.State()
	audit := queue.KioskActed{Kiosk: r.id.Kiosk, Action: in.Action, Ticket: in.Ticket, Detail: in.Detail}
	_, known := s.Ticket(in.Ticket)
	_, done := s.Outcome(m.Command)
	switch {
	case done:
		return nil, &queue.Refusal{Code: queue.AlreadyDone, Field: "command"}
	case in.Action != queue.ActWithdraw && in.Action != queue.ActLeave:
		return []queue.Event{audit}, nil
	case !known:
		return []queue.Event{queue.TicketWithdrawn{Ticket: in.Ticket}, audit}, nil
	}
	return queue.Decide(s, m, queue.ActKiosk{Kiosk: audit.Kiosk, Action: audit.Action, Ticket: audit.Ticket, Detail: audit.Detail})
}

// bar closes the machine: it gives no numbers until it is admitted. A press that
// the server was asked about ends without one; if the server has given it a
// number all the same, that is taken back.
func (a *Agent) bar(code string) {
	if code == "" || code == a.barred {
		return
	}
	a.barred = code
	if !planted.On(planted.BarForgotten) {
		a.note(Mark{Kind: MarkBarred, Code: code})
	}
	a.emit(Alarm{Code: code})
	if a.press != nil && a.press.State == Asked {
		a.move(a.press, PressInput{Kind: Silent})
	}
}

func (a *Agent) admit() {
	if a.barred == "" {
		return
	}
	a.barred = ""
	a.note(Mark{Kind: MarkBarred})
}
