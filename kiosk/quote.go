package kiosk

import (
	"time"

	"machi/internal/estimate"
	"machi/internal/estimate/follow"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Quote is what a visitor is told: who waits before them, until called, and until
// they can go home. Minutes are the range that people are shown; a high of 0 means
// that the wait is not known.
type Quote struct {
	Ahead               int `json:"ahead"`
	LowMinutes          int `json:"low_minutes,omitempty"`
	HighMinutes         int `json:"high_minutes,omitempty"`
	FinishedLowMinutes  int `json:"finished_low_minutes,omitempty"`
	FinishedHighMinutes int `json:"finished_high_minutes,omitempty"`
}

// told puts a wait into minutes.
func told(w estimate.Wait) *Quote {
	q := &Quote{Ahead: w.Ahead}
	q.LowMinutes, q.HighMinutes = minutes(w.Called)
	q.FinishedLowMinutes, q.FinishedHighMinutes = minutes(w.Finished)
	return q
}

func minutes(r estimate.Range) (low, high int) {
	if !r.Known {
		return 0, 0
	}
	from, to := r.Shown()
	return int(from.Minutes()), int(to.Minutes())
}

// shown puts what was promised at the press into minutes.
func shown(q *queue.Quote) *Quote {
	if q == nil {
		return nil
	}
	return told(estimate.Wait{Ahead: q.Ahead, Called: estimate.Range{Known: q.High > 0, Low: q.Low, High: q.High}})
}

// newsFor is how long what is known of the line is worth a figure.
const newsFor = 5 * time.Minute

// waits estimates the day, or reports false: a machine that has heard nothing of it
// yet, or nothing lately, knows only who came to itself, and a figure would be a
// promise that the line does not keep. The loop runs it.
func (k *Kiosk) waits() (estimate.Office, bool) {
	follower, at, ok := k.estimates()
	if !ok {
		return estimate.Office{}, false
	}
	today, _ := k.agent.Today(k.watch.now())
	key := looked{follower, today.Date(), today.Head(), len(today.Pending())}
	if last := &k.estimator.last; last.looked != key || at.Before(last.at) || at.Sub(last.at) >= goodFor {
		shown := k.told.Show(follower.OfficeOf(today.State(), at, estimate.Conditions{}), today.State())
		*last = look{key, at, shown}
	}
	return k.estimator.last.office, true
}

// goodFor is how long a look at an unchanged line is good: shown waits are rounded to
// five minutes, and a press should not wait for figures.
const goodFor = 5 * time.Second

// look is an estimate, and what it was made of.
type look struct {
	looked
	at     time.Time
	office estimate.Office
}

type looked struct {
	by      *estimate.Follower
	date    queue.Date
	head    eventlog.Head
	pending int // own records that the server has not confirmed
}

// estimates returns the estimator of the day and the moment to ask it for, or false
// (see waits). The loop runs it.
func (k *Kiosk) estimates() (*estimate.Follower, time.Time, bool) {
	now := k.watch.now()
	today, reading := k.agent.Today(now)
	heard := k.heard > 0 && now.Timer-k.heard < newsFor
	if !today.State().Opened() || reading.Guessed || today.Head().Number == 0 || !heard {
		return nil, time.Time{}, false
	}
	follower := k.follow()
	return follower, reading.At, follower != nil
}

// estimator keeps the machine's estimator in step with the day as the server
// confirmed it. Owned by the loop.
type estimator struct {
	date   queue.Date
	office follow.Office
	last   look
}

// followAtOnce bounds the records that are taken in between two presses.
const followAtOnce = 100

// follow takes in what is new of the day. It returns nil while more is to come. What
// the machine has not sent yet stands in the state that is asked about, not in the
// memory: so nothing has to be taken in twice, and with nothing unsent the machine
// answers with the server's very figures. The loop runs it.
func (k *Kiosk) follow() *estimate.Follower {
	today, _ := k.agent.Today(k.watch.now())
	if k.estimator.date != today.Date() {
		k.estimator = estimator{date: today.Date()}
	}
	return k.estimator.office.To(today.Confirmed(), k.lessons.current(), followAtOnce)
}

// quote is what a visitor is promised with a ticket taken now: for a walk-in what the
// screen shows. nil where nothing is known. The loop runs it.
func (k *Kiosk) quote(n estimate.Newcomer) *queue.Quote {
	office, ok := k.waits()
	wait, known := office.Services[n.Service]
	if !ok || !known {
		return nil
	}
	if follower, at, ok := k.estimates(); ok && !n.Walks() {
		today, _ := k.agent.Today(k.watch.now())
		wait = follower.Ask(today.State(), at, estimate.Conditions{}, n)
	}
	q := wait.Quote()
	return &q
}

// quoteOf is how a ticket stands now; nil where it does not wait, or nobody knows.
// The loop runs it.
func (k *Kiosk) quoteOf(id queue.TicketID) *Quote {
	office, ok := k.waits()
	wait, known := office.Tickets[id]
	if !ok || !known {
		return nil
	}
	return told(wait)
}
