package kiosk

import (
	"context"
	"errors"
	"net/http"

	"github.com/oklog/ulid/v2"

	"machi/internal/queue"
	"machi/internal/replica"
)

// act is something that staff or a visitor do at the machine.
type act struct {
	Action  queue.KioskAction `json:"action"`
	Ticket  queue.TicketID    `json:"ticket,omitempty"`
	Service queue.ServiceID   `json:"service,omitempty"`
	Detail  string            `json:"detail,omitempty"` // never a PIN, never a secret
}

// do carries an act out: by the server, or, where that does not answer or does not
// know a ticket yet that this machine gave, in the machine's own chain under the
// same command id. It returns the code of a refusal, such as "alone" for what only
// the server can do.
func (k *Kiosk) do(ctx context.Context, a act) (code string, err error) {
	return k.doOnce(ctx, newCommand(), a)
}

func newCommand() queue.CommandID { return queue.CommandID(ulid.Make().String()) }

// doOnce is do under a command id: asked twice, the act is done once.
func (k *Kiosk) doOnce(ctx context.Context, id queue.CommandID, a act) (code string, err error) {
	online, err := ask(ctx, k, func(context.Context) bool { return k.linkWord() == queue.LinkOnline })
	if err != nil {
		return "", err
	}
	if online {
		code, answered := k.askAct(ctx, id, a)
		if answered && (code != string(queue.UnknownTicket) || !k.gave(a.Ticket)) {
			return code, nil
		}
	}
	return k.doAlone(ctx, id, a)
}

// askAct asks the server, and reports whether it said yes or no.
func (k *Kiosk) askAct(ctx context.Context, id queue.CommandID, a act) (code string, answered bool) {
	ctx, cancel := context.WithTimeout(ctx, k.o.Patience)
	defer cancel()
	u := k.client.base.JoinPath("kiosks", string(k.client.kiosk), "acts")
	err := k.client.call(ctx, http.MethodPost, u, string(id), a, &struct{}{})
	var no *objection
	switch {
	case err == nil:
		return "", true
	case errors.As(err, &no) && no.status < http.StatusInternalServerError && no.Code != "":
		return no.Code, true
	}
	return "", false // a page of something between the two says nothing, either
}

func (k *Kiosk) gave(id queue.TicketID) bool {
	_, ok := k.own.get(id)
	return ok
}

// doAlone writes an act into the machine's own chain and returns when it is safe.
func (k *Kiosk) doAlone(ctx context.Context, id queue.CommandID, a act) (code string, err error) {
	done := make(chan string, 1)
	err = k.question(ctx, func(ctx context.Context) {
		k.acting[id] = done
		k.step(ctx, replica.Act{Command: id, Action: a.Action, Ticket: a.Ticket, Detail: a.Detail})
	})
	if err != nil {
		return "", err
	}
	select {
	case code := <-done:
		return code, nil
	case <-k.done:
		return "", errStopped
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// acted hands the fate of an act to whoever waits for it. The loop runs it.
func (k *Kiosk) acted(o replica.ActDone) {
	if done, ok := k.acting[o.Command]; ok {
		done <- o.Code
		delete(k.acting, o.Command)
	}
}

// audit writes down what was done already; nobody waits for it.
func (k *Kiosk) audit(a act) {
	select {
	case <-k.done:
		return // what was made safe before tells enough
	default:
	}
	k.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*k.o.Patience)
		defer cancel()
		if code, err := k.do(ctx, a); code != "" || err != nil {
			k.o.Logger.Error("an act at the machine is not in the log", "action", a.Action, "code", code, "error", err)
		}
	})
}
