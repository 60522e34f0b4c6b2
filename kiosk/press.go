package kiosk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"machi/internal/estimate"
	"machi/internal/queue"
	"machi/internal/replica"
)

// Choice is what a visitor touched.
type Choice struct {
	Service  queue.ServiceID `json:"service"`
	Language string          `json:"language,omitempty"`
	Priority bool            `json:"priority,omitempty"`
	// Session is the screen session: one ticket each. Empty is a session of its own.
	Session string `json:"session,omitempty"`
}

// Ticket is what became of a press: a number, or the code of a refusal.
type Ticket struct {
	Command   queue.CommandID    `json:"command"`
	State     replica.PressState `json:"state"` // printing, printed, failed, unknown or refused
	Code      string             `json:"code,omitempty"`
	Number    queue.Number       `json:"number,omitempty"`
	Service   queue.ServiceID    `json:"service"`
	Offline   bool               `json:"offline,omitempty"` // from the machine's own range
	StatusURL string             `json:"status_url,omitempty"`
	IssuedAt  time.Time          `json:"issued_at,omitzero"` // absent when the time is not known
	Quote     *Quote             `json:"quote,omitempty"`
	Bring     []Words            `json:"bring,omitempty"`
	// ShownOnly says that there is no paper: number and QR code stay on the screen
	// until the visitor has taken them.
	ShownOnly bool `json:"shown_only,omitempty"`

	id queue.TicketID
}

// errStopped says that the machine stopped before the press came to an end.
var errStopped = errors.New("kiosk: the machine is stopping")

// Press does what a touch of the button does and returns when the visitor has
// something to see: a number whose paper is on its way, or a refusal. The press
// goes on if the caller does not wait: the same choice of the same session asks
// again for what became of it.
func (k *Kiosk) Press(ctx context.Context, c Choice) (Ticket, error) {
	return k.take(ctx, c, false)
}

// take gives a number to a visitor, or, at the desk, to staff for a visitor.
func (k *Kiosk) take(ctx context.Context, c Choice, desk bool) (Ticket, error) {
	if c.Session == "" {
		c.Session = randomHex(8)
	}
	answer := make(chan Ticket, 1)
	if err := k.question(ctx, func(ctx context.Context) { k.begin(ctx, c, desk, answer) }); err != nil {
		return Ticket{}, err
	}
	select {
	case t := <-answer:
		return t, nil
	case <-k.done:
		return Ticket{}, errStopped
	case <-ctx.Done():
		return Ticket{}, ctx.Err()
	}
}

// begin starts a press, or joins the one that the session began before. The loop
// runs it.
func (k *Kiosk) begin(ctx context.Context, c Choice, desk bool, answer chan Ticket) {
	if t, state := k.recall(c); state == recalled {
		answer <- t
		return
	} else if state == underWay {
		k.waiting[t.Command] = append(k.waiting[t.Command], answer)
		return
	}
	command := queue.CommandID(ulid.Make().String())
	secret := randomHex(16)
	k.waiting[command], k.secrets[command] = []chan Ticket{answer}, secret
	k.note(command, c)
	k.step(ctx, replica.Touch{
		Session: c.Session, Command: command, Secret: hashOf(secret), Service: c.Service,
		Language: c.Language, Priority: c.Priority, Quote: k.quote(newcomer(c)), Desk: desk,
	})
}

// ask runs a function in the loop and returns what it found. Of a loop that comes
// to it too late nothing is taken: whoever asked has gone on.
func ask[T any](ctx context.Context, k *Kiosk, look func(ctx context.Context) T) (T, error) {
	found := make(chan T, 1)
	if err := k.question(ctx, func(loop context.Context) { found <- look(loop) }); err != nil {
		var none T
		return none, err
	}
	return <-found, nil
}

// question runs a function in the loop, unless the loop comes to it after the error
// that says that it took too long. One that has begun by then goes on, so it must
// write nothing that the caller reads.
func (k *Kiosk) question(ctx context.Context, ask func(ctx context.Context)) error {
	ctx, cancel := context.WithTimeout(ctx, k.o.Patience)
	defer cancel()
	done := make(chan struct{})
	var taken atomic.Bool
	defer taken.Store(true)
	once := func(loop context.Context) {
		if taken.CompareAndSwap(false, true) {
			ask(loop)
			close(done)
		}
	}
	select {
	case k.inbox <- event{ask: once}:
	case <-k.done:
		return errStopped
	case <-ctx.Done():
		return errStopped
	}
	select {
	case <-done:
		return nil
	case <-k.done:
		return errStopped
	case <-ctx.Done():
		return errStopped
	}
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// changed tells the screen, and whoever waits, what became of a press.
func (k *Kiosk) changed(p replica.Press) {
	if p.State.Final() {
		k.own.put(p)
	}
	if !p.State.Ticket() && p.State != replica.Refused {
		return
	}
	t := k.ticketOf(p)
	k.remember(t, p)
	for _, answer := range k.waiting[p.Command] {
		answer <- t
	}
	delete(k.waiting, p.Command)
	if p.State.Final() {
		delete(k.secrets, p.Command)
	}
}

func (k *Kiosk) ticketOf(p replica.Press) Ticket {
	t := Ticket{Command: p.Command, State: p.State, Code: p.Code, Service: p.Service}
	if p.State == replica.Refused {
		return t
	}
	t.id, t.Number, t.Offline, t.Quote = p.Ticket, p.Number, p.Pool == queue.PoolKiosk, shown(p.Quote)
	t.Bring, t.ShownOnly = k.currentPlan().Service(p.Service).Bring, p.State == replica.Failed
	if secret := k.secrets[p.Command]; secret != "" && k.o.StatusBase != "" {
		t.StatusURL = k.o.StatusBase + secret
	}
	if !p.Guessed {
		t.IssuedAt = p.At
	}
	return t
}

func (k *Kiosk) currentPlan() *Plan {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.plan == nil {
		return &Plan{}
	}
	return k.plan
}

// Rehearsal reports whether the machine runs on a rehearsal clock.
func (k *Kiosk) Rehearsal() bool { return !k.o.Clock.IsZero() }

// newcomer is whoever made a choice, as the estimator sees them.
func newcomer(c Choice) estimate.Newcomer {
	return estimate.Newcomer{Service: c.Service, Priority: c.Priority}
}
