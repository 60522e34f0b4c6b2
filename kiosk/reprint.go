package kiosk

import (
	"context"
	"errors"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/print"
)

// errNoTicket says that a ticket is not of today, or not known here.
var errNoTicket = errors.New("kiosk: no such ticket today")

// reprint prints a ticket once more, marked as a copy, and waits for its paper. For
// a ticket of this machine a mark is safe before the first byte, so that a power cut
// leaves a ticket whose paper nobody knows about. An error is errNoTicket, that of
// the store, or the printer's.
func (k *Kiosk) reprint(ctx context.Context, id queue.TicketID, statusURL string) (Ticket, error) {
	type begun struct {
		press  replica.Press
		ticket Ticket
		own    bool
		err    error
	}
	b, err := ask(ctx, k, func(context.Context) (b begun) {
		if b.press, b.own, b.err = k.pressOf(id); b.err != nil {
			return b
		}
		b.ticket = k.copyOf(b.press, statusURL)
		if b.own && b.press.State != replica.Unknown { // one that is flagged already need not be again
			started := b.press
			started.State = replica.Starting
			b.err = k.save(replica.Mark{Kind: replica.MarkPress, Press: &started})
		}
		return b
	})
	p, t, own := b.press, b.ticket, b.own
	if err = errors.Join(err, b.err); err != nil {
		return t, err
	}
	out := make(chan error, 1)
	paper := k.paperOf(p, t)
	paper.Copy = true
	if !k.spool.put(job{paperName(p) + "-copy", paper, func(err error) { out <- err }}) {
		out <- &print.Failed{Code: print.Busy}
	}
	err = <-out // bounded by printWithin for each job before it
	if own {
		k.settleCopy(p, err)
	}
	t.State = stateAfter(paperEvent(err))
	return t, err
}

// settleCopy keeps what became of a copy's paper. A ticket that had paper before
// has it still.
func (k *Kiosk) settleCopy(p replica.Press, err error) {
	if err == nil || p.State != replica.Printed {
		p.State = stateAfter(paperEvent(err))
	}
	// A machine that stops leaves the mark before the first byte, which says enough.
	select {
	case k.inbox <- event{ask: func(context.Context) { _ = k.save(replica.Mark{Kind: replica.MarkPress, Press: &p}) }}:
	case <-k.done:
	}
}

func stateAfter(e replica.PressEvent) replica.PressState {
	switch e {
	case replica.PaperOut:
		return replica.Printed
	case replica.PaperUnknown:
		return replica.Unknown
	}
	return replica.Failed
}

// pressOf returns the press behind a ticket of today, or one made of what the log
// says of another machine's ticket. The loop runs it.
func (k *Kiosk) pressOf(id queue.TicketID) (p replica.Press, own bool, err error) {
	today, _ := k.agent.Today(k.watch.now())
	if p, own = k.own.get(id); own && p.Date == today.Date() && p.State.Final() && p.State != replica.Withdrawn {
		return p, true, nil
	}
	t, ok := today.State().Ticket(id)
	if !ok || own {
		return p, own, errNoTicket
	}
	return replica.Press{
		State: replica.Printed, Ticket: t.ID, Number: t.Number, Service: t.Line.Service, Language: t.Language,
		At: t.IssuedAt, Date: today.Date(), Quote: t.Quote,
	}, false, nil
}

// copyOf is a ticket as it stands now: what was promised when it was given is over.
// The loop runs it.
func (k *Kiosk) copyOf(p replica.Press, statusURL string) Ticket {
	t := k.ticketOf(p)
	t.StatusURL, t.Quote = statusURL, k.quoteOf(p.Ticket)
	return t
}
