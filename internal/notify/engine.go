package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/eventlog"
	"machi/internal/notify/outbox"
	"machi/internal/notify/vault"
	"machi/internal/queue"
)

// Options say what an engine works with. Store, Dir, Server, Run, Now and Standing are
// required.
type Options struct {
	Store eventlog.Store
	// Dir is the folder of the vault's keys; it belongs to this server alone, and no
	// backup may hold it.
	Dir string
	// Server is this server for life, Run this run of it.
	Server, Run string
	// Now is the offices' clock: it says when the business day ends.
	Now func() time.Time
	// Standing returns how the ticket of a secret's hash stands, which was last known
	// at an office; false: nobody knows it now.
	Standing func(office queue.OfficeID, ticket string) (Standing, bool)
	// Senders are the channels that are set up.
	Senders  map[Channel]Sender
	Channels Channels
	// CheckPush says what is wrong with a push subscription; nil: nothing ever is.
	CheckPush func(Subscription) error
	// Parse reads what LINE posts; nil where LINE is off.
	Parse func(signature string, body []byte) ([]Word, error)
	// Reply answers a word; nil: nobody does.
	Reply func(ctx context.Context, w Word, text string) error
	// PublicURL stands before paths in messages.
	PublicURL string

	Wall  func() time.Time // the machine's clock; nil: [time.Now]
	Every time.Duration    // how often rules are looked at; zero means half a second
	Lease time.Duration    // see [outbox.Options]
	// Within bounds one try; zero means 20 seconds.
	Within     time.Duration
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Engine tells people what they asked to be told. It is safe for concurrent use.
type Engine struct {
	o       Options
	metrics *metrics
	tries   *tally // of LINE codes, by user

	base    context.Context // of what runs beside the loop; ended by Run
	stop    context.CancelFunc
	running sync.WaitGroup
	flights map[Channel]chan struct{} // one token for each message under way

	mu      sync.Mutex // held while a day is opened or ended
	day     *day
	trouble string // that was logged last
}

// atOnce bounds the messages under way on one channel: a mail server that does not answer
// must not keep others waiting.
const atOnce = 4

// New returns an engine. It sends while [Engine.Run] runs.
func New(o Options) *Engine {
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Every = cmp.Or(o.Every, 500*time.Millisecond)
	o.Within = cmp.Or(o.Within, 20*time.Second)
	e := &Engine{o: o, metrics: newMetrics(o.Registerer), tries: newTally(), flights: map[Channel]chan struct{}{}}
	for c := range o.Senders {
		e.flights[c] = make(chan struct{}, atOnce)
	}
	e.base, e.stop = context.WithCancel(context.Background())
	return e
}

// Channels returns the ways that are set up.
func (e *Engine) Channels() Channels { return e.o.Channels }

// Run looks at the rules and sends until the context ends; messages under way are
// waited for, and their ends written.
func (e *Engine) Run(ctx context.Context) error {
	tick := time.NewTicker(e.o.Every)
	defer tick.Stop()
	var swept time.Time
	for {
		if e.o.Wall().Sub(swept) > time.Hour {
			swept = e.o.Wall()
			e.log("days that are over cannot be removed", e.sweep(ctx))
		}
		if len(e.o.Senders) > 0 {
			e.log("notices wait for the store", e.round(ctx))
		}
		select {
		case <-ctx.Done():
			e.stop()
			e.running.Wait()
			return nil
		case <-tick.C:
		}
	}
}

// log says a trouble once, not at every round.
func (e *Engine) log(what string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err == nil && e.trouble == what:
		e.trouble = ""
	case err != nil && e.trouble != what && e.base.Err() == nil:
		e.trouble = what
		e.o.Logger.Warn(what, "error", err)
	}
}

// today returns the business day that runs, opened. A day that is over is destroyed
// first, so that nothing of it can be read any more.
func (e *Engine) today(ctx context.Context) (*day, error) {
	date := queue.BusinessDay(e.o.Now())
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.day != nil && e.day.date == date {
		return e.day, nil
	}
	if e.day != nil {
		if err := e.day.destroy(ctx, e.o.Store); err != nil {
			e.o.Logger.Warn("a day that is over cannot be removed yet", "error", err)
		}
		e.day = nil
	}
	d, err := e.openDay(ctx, date)
	if err == nil {
		e.day = d
	}
	return d, err
}

// round looks at all rules once, and sends what is due.
func (e *Engine) round(ctx context.Context) error {
	d, err := e.today(ctx)
	if err != nil {
		return err
	}
	if err := d.join(ctx); err != nil {
		return err
	}
	var ends []outbox.Outcome
	for _, i := range d.box.Open() {
		j, end := e.look(d, i)
		switch {
		case end != "":
			ends = append(ends, outbox.Outcome{ID: i.ID, State: end, Reason: "over"})
		case j.send:
			if err := e.take(ctx, d, j); err != nil {
				return err
			}
		}
	}
	if len(ends) == 0 {
		return nil
	}
	return d.box.Settle(ctx, ends...)
}

// job is a rule that is due.
type job struct {
	id      string
	channel Channel
	contact Contact
	kind    Kind
	at      Standing
	send    bool
}

// look decides about one rule.
func (e *Engine) look(d *day, i item) (job, outbox.State) {
	s, ok := e.o.Standing(i.Data.Office, i.Data.Ticket)
	if !ok {
		return job{}, ""
	}
	kind, v := i.Data.When.fires(s)
	switch {
	case v == tooLate && i.Tries > 0:
		return job{}, outbox.Failed
	case v == tooLate, kind == Called && !i.Data.When.Ready && i.Data.Tag != "" && !d.speaks(i):
		return job{}, outbox.Dropped
	case v == notYet, i.Data.Code != "", e.o.Senders[i.Data.Channel] == nil:
		return job{}, ""
	}
	c, err := d.open(i)
	if err != nil { // sealed for others, who will send it
		return job{}, ""
	}
	return job{i.ID, i.Data.Channel, c, kind, s, true}, ""
}

// take claims a rule and sends its notice aside.
func (e *Engine) take(ctx context.Context, d *day, j job) error {
	flights := e.flights[j.channel]
	select {
	case flights <- struct{}{}:
	default:
		return nil // the next round is soon
	}
	got, err := d.box.Claim(ctx, []string{j.id})
	if err != nil || len(got) == 0 {
		<-flights
		return err
	}
	e.running.Go(func() {
		defer func() { <-flights }()
		e.settle(d, e.send(d, j, got[0]))
	})
	return nil
}

// send tries once.
func (e *Engine) send(d *day, j job, i item) outbox.Outcome {
	ctx, cancel := context.WithTimeout(context.Background(), e.o.Within)
	defer cancel()
	n := Notice{ID: i.ID, Contact: j.contact, Message: message(tagOf(i.Data.Ticket), j.kind, j.at, j.contact), For: worth(j.kind)}
	if e.o.PublicURL != "" {
		n.Page, n.Stop = e.o.PublicURL+n.Message.URL, e.o.PublicURL+"/tell/stop/"+stopToken(d.ring, i.ID)
	}
	err := e.o.Senders[i.Data.Channel].Send(ctx, n)
	var f *Failure
	if err != nil && !errors.As(err, &f) {
		f = &Failure{Verdict: Again, Reason: "error"}
	}
	if f == nil {
		e.metrics.count(i.Data.Channel, "sent")
		return outbox.Outcome{ID: i.ID, State: outbox.Sent}
	}
	e.metrics.count(i.Data.Channel, string(f.Verdict))
	e.o.Logger.Warn("a notice was not sent", "channel", i.Data.Channel, "verdict", f.Verdict, "reason", f.Reason, "try", i.Tries)
	switch f.Verdict {
	case Refused, Gone:
		return outbox.Outcome{ID: i.ID, State: outbox.Failed, Reason: string(f.Verdict)}
	}
	return outbox.Outcome{
		ID: i.ID, State: outbox.Waiting, Unclear: f.Verdict == Unclear, Reason: f.Reason, Wait: Pause(i.Tries, f.After, rand.Float64()),
	}
}

// lastWords is how long an engine that stops asks the store to take outcomes.
const lastWords = 5 * time.Second

// settle writes down what became of a try, as often as the store has to be asked. It
// gives up when the day is over, or soon after the engine stops: then another takes the
// claim over.
func (e *Engine) settle(d *day, o outbox.Outcome) {
	var stopped <-chan time.Time
	for wait := 100 * time.Millisecond; !d.over.Load(); wait = min(2*wait, 5*time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		outcomes := []outbox.Outcome{o}
		if o.Reason == string(Gone) {
			outcomes = d.gone(o)
		}
		err := d.box.Settle(ctx, outcomes...)
		cancel()
		if err == nil || d.over.Load() {
			return
		}
		e.log("notices wait for the store", err)
		if stopped == nil && e.base.Err() != nil {
			stopped = time.After(lastWords)
		}
		select {
		case <-stopped:
			return
		case <-time.After(wait):
		}
	}
}

// gone ends all rules of an address that is no more.
func (d *day) gone(o outbox.Outcome) []outbox.Outcome {
	list := []outbox.Outcome{o}
	lost, _ := d.box.Get(o.ID)
	for _, i := range d.box.Items() {
		if i.ID != o.ID && i.State == outbox.Waiting && i.Data.Tag == lost.Data.Tag && lost.Data.Tag != "" {
			list = append(list, outbox.Outcome{ID: i.ID, State: outbox.Failed, Reason: string(Gone)})
		}
	}
	return list
}

// tagOf names a ticket's messages on a phone: a newer one takes the older one's place.
func tagOf(ticket string) string {
	sum := sha256.Sum256([]byte("tag " + ticket))
	return hex.EncodeToString(sum[:8])
}

// stopToken returns what the link in an e-mail bears: only today's servers can make it.
func stopToken(r *vault.Ring, id string) string { return id + "." + r.Tag(id, "stop") }
