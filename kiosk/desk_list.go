package kiosk

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"machi/internal/queue"
)

// deskPage is how many tickets staff see at once, as the server does it.
const deskPage = 20

// DeskTicket is a ticket as staff at the machine see it.
type DeskTicket struct {
	ID       queue.TicketID  `json:"id"`
	Number   queue.Number    `json:"number"`
	Service  queue.ServiceID `json:"service"`
	Status   queue.Status    `json:"status"`
	IssuedAt time.Time       `json:"issued_at"`
	Channel  queue.Channel   `json:"channel,omitempty"`
	Away     bool            `json:"away,omitempty"`
	Own      bool            `json:"own"`
	// PrintState is what became of an own ticket's paper: printing, printed, failed
	// or unknown.
	PrintState string `json:"print_state,omitempty"`
}

// DeskTickets is a page of tickets, the newest first.
type DeskTickets struct {
	Tickets []DeskTicket   `json:"tickets"`
	Next    queue.TicketID `json:"next,omitempty"` // what to ask for after these
	Alone   bool           `json:"alone"`          // own tickets only: the server does not answer
}

// postDeskList lists today's tickets, those of which the number begins with q: all
// of the office while the server answers, own ones otherwise.
func (k *Kiosk) postDeskList(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[struct {
		Session string         `json:"session"`
		After   queue.TicketID `json:"after"`
		Q       string         `json:"q"`
	}](w, r)
	if !ok || !k.staff(w, in.Session) {
		return
	}
	type found struct {
		online bool
		own    DeskTickets
	}
	prefix := strings.ToUpper(strings.TrimSpace(in.Q))
	f, err := ask(r.Context(), k, func(context.Context) found {
		return found{k.linkWord() == queue.LinkOnline, k.ownTickets(in.After, prefix)}
	})
	if err != nil {
		refuseFor(w, err)
		return
	}
	if f.online {
		if all, err := k.allTickets(r.Context(), in.After, prefix); err == nil {
			f.own = all
		}
	}
	answer(w, http.StatusOK, f.own)
}

// allTickets asks the server.
func (k *Kiosk) allTickets(ctx context.Context, after queue.TicketID, prefix string) (DeskTickets, error) {
	ctx, cancel := context.WithTimeout(ctx, k.o.Patience)
	defer cancel()
	u := k.client.base.JoinPath("kiosks", string(k.client.kiosk), "tickets")
	u.RawQuery = url.Values{"after": {string(after)}, "q": {prefix}}.Encode()
	var out DeskTickets
	if err := k.client.call(ctx, http.MethodGet, u, "", nil, &out); err != nil {
		return out, err
	}
	for i := range out.Tickets {
		t := &out.Tickets[i]
		p, own := k.own.get(t.ID)
		if t.Own = own; own {
			t.PrintState = printState(p)
		}
	}
	if out.Tickets == nil {
		out.Tickets = []DeskTicket{}
	}
	return out, nil
}

// ownTickets lists what this machine gave today. The loop runs it.
func (k *Kiosk) ownTickets(after queue.TicketID, prefix string) DeskTickets {
	today, _ := k.agent.Today(k.watch.now())
	out := DeskTickets{Tickets: []DeskTicket{}, Alone: true}
	skip := after != ""
	for _, p := range k.own.of(today.Date()) {
		if skip {
			skip = p.Ticket != after
			continue
		}
		if !strings.HasPrefix(string(p.Number), prefix) && p.Number != queue.NormalizeNumber(prefix) {
			continue
		}
		if len(out.Tickets) == deskPage {
			out.Next = out.Tickets[deskPage-1].ID
			break
		}
		t := DeskTicket{
			ID: p.Ticket, Number: p.Number, Service: p.Service, Status: queue.Waiting, IssuedAt: p.At, Own: true, PrintState: printState(p),
		}
		if now, ok := today.State().Ticket(p.Ticket); ok {
			t.Number, t.Service, t.Status, t.Channel = now.Number, now.Line.Service, now.Status, now.Channel
		}
		out.Tickets = append(out.Tickets, t)
	}
	return out
}
