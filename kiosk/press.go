package kiosk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"

	"machi/internal/estimate"
	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/print"
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
}

// Quote is what the visitor was told before the press.
type Quote struct {
	Ahead       int `json:"ahead"`
	LowMinutes  int `json:"low_minutes,omitempty"` // of the range that is shown; high 0: not known
	HighMinutes int `json:"high_minutes,omitempty"`
}

// errStopped says that the machine stopped before the press came to an end.
var errStopped = errors.New("kiosk: the machine is stopping")

// Press does what a touch of the button does and returns when the visitor has
// something to see: a number whose paper is on its way, or a refusal.
func (k *Kiosk) Press(ctx context.Context, c Choice) (Ticket, error) {
	if c.Session == "" {
		c.Session = randomHex(8)
	}
	command := queue.CommandID(ulid.Make().String())
	secret := randomHex(16)
	answer := make(chan Ticket, 1)
	begin := func(ctx context.Context) {
		k.waiting[command], k.secrets[command] = answer, secret
		k.step(ctx, replica.Touch{
			Session: c.Session, Command: command, Secret: hashOf(secret), Service: c.Service,
			Language: c.Language, Priority: c.Priority, Quote: k.quote(c.Service),
		})
	}
	if err := k.question(ctx, begin); err != nil {
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

// question runs a function in the loop.
func (k *Kiosk) question(ctx context.Context, ask func(ctx context.Context)) error {
	ctx, cancel := context.WithTimeout(ctx, drainWithin)
	defer cancel()
	done := make(chan struct{})
	select {
	case k.inbox <- event{ask: func(loop context.Context) { ask(loop); close(done) }}:
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

// quote is what the screen promises for a service now.
func (k *Kiosk) quote(id queue.ServiceID) *queue.Quote {
	today, reading := k.agent.Today(k.watch.now())
	// A machine that has heard nothing of the day yet knows only who came to itself:
	// a figure would be a promise that the line does not keep.
	if !today.State().Opened() || reading.Guessed || today.Head().Number == 0 {
		return nil
	}
	wait, ok := estimate.Estimate(today.State(), reading.At).Services[id]
	if !ok {
		return nil
	}
	q := &queue.Quote{Ahead: wait.Ahead}
	if wait.Called.Known {
		q.Low, q.P50, q.High = wait.Called.Low, wait.Called.P50, wait.Called.High
	}
	return q
}

func shown(q *queue.Quote) *Quote {
	if q == nil {
		return nil
	}
	out := &Quote{Ahead: q.Ahead}
	if q.High > 0 {
		low, high := estimate.Range{Known: true, Low: q.Low, High: q.High}.Shown()
		out.LowMinutes, out.HighMinutes = int(low.Minutes()), int(high.Minutes())
	}
	return out
}

// maxRemembered bounds the presses that the screen can ask about.
const maxRemembered = 16

// changed tells the screen, and whoever waits, what became of a press.
func (k *Kiosk) changed(p replica.Press) {
	if !p.State.Ticket() && p.State != replica.Refused {
		return
	}
	t := k.ticketOf(p)
	k.mu.Lock()
	if _, known := k.last[p.Command]; !known {
		k.order = append(k.order, p.Command)
	}
	k.last[p.Command] = t
	if len(k.order) > maxRemembered {
		delete(k.last, k.order[0])
		k.order = k.order[1:]
	}
	k.mu.Unlock()
	if answer, ok := k.waiting[p.Command]; ok {
		answer <- t
		delete(k.waiting, p.Command)
	}
	if p.State.Final() {
		delete(k.secrets, p.Command)
	}
}

func (k *Kiosk) ticketOf(p replica.Press) Ticket {
	t := Ticket{Command: p.Command, State: p.State, Code: p.Code, Service: p.Service}
	if p.State == replica.Refused {
		return t
	}
	t.Number, t.Offline, t.Quote = p.Number, p.Pool == queue.PoolKiosk, shown(p.Quote)
	if secret := k.secrets[p.Command]; secret != "" && k.o.StatusBase != "" {
		t.StatusURL = k.o.StatusBase + secret
	}
	if !p.Guessed {
		t.IssuedAt = p.At
	}
	return t
}

// paperOf lays out what is printed.
func (k *Kiosk) paperOf(p replica.Press) print.Ticket {
	t := k.ticketOf(p)
	plan := k.currentPlan()
	service := plan.Service(p.Service)
	out := print.Ticket{
		Ward: k.o.Ward, Office: plan.Office.Name.In("ja"), Number: string(p.Number), Service: service.Name.In("ja"),
		At: t.IssuedAt, Ahead: -1, StatusURL: t.StatusURL, Language: p.Language, Rehearsal: k.Rehearsal(), Offline: t.Offline,
	}
	if p.Language != "" && p.Language != "ja" {
		out.OfficeOther, out.ServiceElse = plan.Office.Name[p.Language], service.Name[p.Language]
	}
	if t.Quote != nil {
		out.Ahead = t.Quote.Ahead
		out.Low = time.Duration(t.Quote.LowMinutes) * time.Minute
		out.High = time.Duration(t.Quote.HighMinutes) * time.Minute
	}
	return out
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
