package kiosk

import (
	"context"
	"net/http"
	"slices"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

const (
	// A report goes to the server every healthEvery and as soon as a word changed;
	// one that did not arrive is sent again after healthAgain.
	healthEvery = 15 * time.Second
	healthAgain = 5 * time.Second
	// clockOff is how far the machine's own clock may be from the server's before
	// staff should see to it. Tickets bear the corrected time either way.
	clockOff = 30 * time.Second
)

// health is what the machine tells the server of itself.
type health struct {
	Version string       `json:"version"`
	Printer string       `json:"printer"`
	Paper   string       `json:"paper"`
	Link    string       `json:"link"`
	Store   string       `json:"store"`
	Clock   string       `json:"clock"`
	Unsent  int          `json:"unsent"`
	Offset  int64        `json:"offset_ms"`
	Printed int          `json:"printed_today"`
	Offers  []OfferCount `json:"offers,omitempty"`
	// Alone is how long the machine worked without a server today while numbers were
	// given, in seconds: since it was started.
	Alone int64 `json:"alone_seconds,omitempty"`

	date   queue.Date // the machine's business day
	taking bool       // numbers are given now
}

// words are what a change of which is told at once.
func (h health) words() [6]string {
	return [6]string{h.Version, h.Printer, h.Paper, h.Link, h.Store, h.Clock}
}

// health says how the machine is. The loop runs it.
func (k *Kiosk) health() health {
	paper := k.spool.words()
	today, reading := k.agent.Today(k.watch.now())
	offset := k.offset(reading)
	return health{
		Version: Version(), Printer: paper.Printer, Paper: paper.Paper, Link: k.linkWord(), Store: k.storeWord(),
		Clock: clockWord(reading, offset), Unsent: k.agent.Unsent(), Offset: offset.Milliseconds(),
		Printed: k.own.printed(today.Date()), Offers: k.offered(today.State().Settings()),
		date: today.Date(), taking: taking(today.State().Settings(), k.watch.now().Wall.Add(offset)),
	}
}

// taking reports whether numbers of any service are given at a moment.
func taking(s *queue.Settings, at time.Time) bool {
	return slices.ContainsFunc(s.Services, func(v queue.ServiceSettings) bool {
		return !at.Before(v.Opens.Add(-v.Early)) && at.Before(v.Closes)
	})
}

// aloneTime adds up how long a machine worked without a server on a day.
type aloneTime struct {
	date queue.Date
	last time.Duration // on the monotonic clock
	sum  time.Duration
}

// count adds the time since it was called last, and returns whole seconds.
func (a *aloneTime) count(h health, now time.Duration) int64 {
	switch {
	case h.date != a.date:
		*a = aloneTime{date: h.date}
	case h.Link == queue.LinkAlone && h.taking:
		a.sum += now - a.last
	}
	a.last = now
	return int64(a.sum / time.Second)
}

// offered counts the offers of services that there still are: the server knows no others.
func (k *Kiosk) offered(s *queue.Settings) []OfferCount {
	return slices.DeleteFunc(k.offers.list(k.today()), func(o OfferCount) bool {
		_, ok := s.Service(o.Service)
		return !ok
	})
}

// offset is the server's clock minus the machine's own, as of the last contact.
func (k *Kiosk) offset(r replica.Reading) time.Duration {
	if r.Block == nil {
		return 0
	}
	return r.Block.Offset
}

func (k *Kiosk) linkWord() string {
	if k.client != nil && k.agent.Online() {
		return queue.LinkOnline
	}
	return queue.LinkAlone
}

func (k *Kiosk) storeWord() string {
	switch bad := len(k.store.Health()); {
	case k.agent.Broken() || bad > 1:
		return queue.StoreBroken
	case bad == 1:
		return queue.StoreOneFile
	}
	return queue.WordOK
}

func clockWord(r replica.Reading, offset time.Duration) string {
	switch {
	case r.Guessed:
		return queue.ClockUnbelievable
	case offset.Abs() > clockOff:
		return queue.ClockOff
	}
	return queue.WordOK
}

// reports tells the server how the machine is, and asks how busy the other offices
// are, until the context ends.
func (k *Kiosk) reports(ctx context.Context) {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	var r reporter
	var alone aloneTime
	for {
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
		h, err := ask(ctx, k, func(context.Context) health { return k.health() })
		if err != nil {
			continue // it stops, or the disk keeps the loop waiting
		}
		now := k.watch.now()
		timer := now.Timer
		h.Alone = alone.count(h, now.Monotonic)
		if r.due(h, timer) {
			r.sent(h, timer, k.sendHealth(ctx, h) == nil)
		}
		if h.Link == queue.LinkOnline && len(k.currentPlan().Elsewhere) > 0 {
			k.askOthers(ctx)
		}
		if h.Link == queue.LinkOnline {
			k.askLessons(ctx, h.date)
		}
	}
}

// reporter decides when a report is due.
type reporter struct {
	next  time.Duration // on the timer
	tried [6]string     // of the newest report that was sent
}

func (r *reporter) due(h health, timer time.Duration) bool {
	return timer >= r.next || h.words() != r.tried
}

func (r *reporter) sent(h health, timer time.Duration, arrived bool) {
	r.tried, r.next = h.words(), timer+healthEvery
	if !arrived {
		r.next = timer + healthAgain
	}
}

func (k *Kiosk) sendHealth(ctx context.Context, h health) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	u := k.client.base.JoinPath("kiosks", string(k.client.kiosk), "health")
	return k.client.call(ctx, http.MethodPost, u, randomHex(16), h, &struct{}{})
}
