package estimate

import (
	"time"

	"machi/internal/queue"
	"machi/internal/told"
)

// Range is an estimate of a time still to come. The zero Range is "unknown".
type Range struct {
	Known bool
	P50   time.Duration // as likely too long as too short
	P80   time.Duration // four of five visitors wait no longer
	Low   time.Duration // Low to High is the 80 % range: one in ten is called before, one in ten after
	High  time.Duration
	// Told is what is shown already and stays, where a memory holds it (see [Steady]);
	// the zero Span: Low and High are rounded.
	Told told.Span
}

// Wait is what a visitor is told.
type Wait struct {
	Ahead    int   // tickets that will be called before, as far as the rule tells now
	Called   Range // until the number is called; for a called ticket zero
	Finished Range // until the visitor goes home
}

// Newcomer is somebody who takes a ticket now.
type Newcomer struct {
	Service     queue.ServiceID
	Priority    bool
	Appointment time.Time // slot of one who checks in for it; zero: a walk-in
}

// Walks reports whether the rule treats the newcomer as anybody who just comes: for
// those [Office.Services] holds the answer.
func (n Newcomer) Walks() bool { return !n.Priority && n.Appointment.IsZero() }

// Office is the estimate for all of one office at one moment.
type Office struct {
	At       time.Time
	Services map[queue.ServiceID]Wait // for somebody who takes a ticket now
	Tickets  map[queue.TicketID]Wait  // for every ticket still open
	// Failed says why nothing, or less than could be, is known although the office is
	// open: the estimator broke. Somebody has to look at it; nobody is told wrong.
	Failed error
}
