package notify

import (
	"context"
	"crypto/subtle"
	"strings"

	"machi/internal/ledger"
	"machi/internal/notify/outbox"
)

// Rules returns the rules of a ticket, the oldest first.
func (e *Engine) Rules(ticket string) []View {
	e.mu.Lock()
	d := e.day
	e.mu.Unlock()
	if d == nil {
		return nil
	}
	var list []View
	for _, i := range d.box.Items() {
		if i.Data.Ticket == ticket && (i.State != outbox.Dropped || i.Reason == "over") {
			list = append(list, d.view(i))
		}
	}
	return list
}

// view shows a rule to the holder of its ticket.
func (d *day) view(i item) View {
	v := View{ID: i.ID, Channel: i.Data.Channel, When: Told(i.Data.When), State: Pending}
	switch i.State {
	case outbox.Sent:
		v.State = Sent
	case outbox.Failed:
		v.State = Failed
	case outbox.Dropped:
		v.State = Ended
	}
	c, err := d.open(i)
	if err != nil {
		return v
	}
	v.Hint = hint(c)
	if i.Data.Code != "" && !i.State.Final() {
		v.Code = c.Code
	}
	return v
}

// hint shows enough of an address to know it by.
func hint(c Contact) string {
	local, domain, ok := strings.Cut(strings.Trim(c.Mail, `"`), "@")
	if !ok || local == "" {
		return ""
	}
	for _, first := range local {
		return string(first) + "•••@" + domain
	}
	return ""
}

// Remove forgets a rule of a ticket. It returns [ErrUnknown] where there is none; to
// remove one again is no error.
func (e *Engine) Remove(ctx context.Context, ticket, id string) error {
	d, err := e.today(ctx)
	if err != nil {
		return err
	}
	return d.box.Write(ctx, func() ([]event, error) {
		i, ok := d.box.Get(id)
		switch {
		case !ok || i.Data.Ticket != ticket:
			return nil, ErrUnknown
		case i.State.Final():
			return nil, ledger.ErrDone
		}
		return []event{outbox.End[rule](id, outbox.Dropped, "removed")}, nil
	})
}

// KnownStop reports whether a link in an e-mail is one of today's.
func (e *Engine) KnownStop(ctx context.Context, token string) bool {
	d, err := e.today(ctx)
	if err != nil {
		return false
	}
	_, ok := d.stopOf(token)
	return ok
}

func (d *day) stopOf(token string) (item, bool) {
	id, _, _ := strings.Cut(token, ".")
	i, ok := d.box.Get(id)
	good := d.ring.Holds() && subtle.ConstantTimeCompare([]byte(stopToken(d.ring, id)), []byte(token)) == 1
	return i, ok && good
}

// Stop ends all messages to the address of a link, for this day; after it nobody knows
// the address. It returns [ErrUnknown] for a link that is not one of today's.
func (e *Engine) Stop(ctx context.Context, token string) error {
	d, err := e.today(ctx)
	if err != nil {
		return err
	}
	return d.box.Write(ctx, func() ([]event, error) {
		of, ok := d.stopOf(token)
		switch {
		case !ok:
			return nil, ErrUnknown
		case d.isStopped(of.Data.Tag):
			return nil, ledger.ErrDone
		}
		events, err := noted(note{Stop: of.Data.Tag})
		for _, i := range d.box.Items() {
			if i.Data.Tag == of.Data.Tag && !i.State.Final() {
				events = append(events, outbox.End[rule](i.ID, outbox.Dropped, "removed"))
			}
		}
		return events, err
	})
}
