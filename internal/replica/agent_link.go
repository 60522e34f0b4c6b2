package replica

import (
	"errors"
	"time"

	"machi/internal/day"
	"machi/internal/queue"
)

const (
	// PushAtOnce bounds the bodies of one push and the ids of one inquiry.
	PushAtOnce = 200
	// planEvery is how old a plan may become while the server answers.
	planEvery = 10 * time.Minute
	// contactEvery is how often a contact is written down.
	contactEvery = 10 * time.Minute
)

// pull asks for records of today when that is due. Pulls are also the probes.
func (a *Agent) pull() {
	wait, turn, due := a.link.Pull(a.now.Timer)
	if !due {
		return
	}
	today, _ := a.Today(a.now)
	a.emit(PullRecords{Turn: turn, Date: today.Date(), After: today.Head().Number, Wait: wait})
}

func (a *Agent) pulled(in PullDone) {
	if !a.link.Pulled(a.now.Timer, in.Turn, !in.Failed, a.pending()) || in.Failed {
		return
	}
	if !in.Server.IsZero() {
		a.meet(in)
	}
	a.confirm(in)
	if !a.link.Online() {
		clear(a.inquired) // after an outage the server is asked first what it knows
	}
}

func (a *Agent) confirm(in PullDone) {
	r := a.day(in.Date)
	_, err := r.Confirm(in.Records, in.Head)
	switch {
	case errors.Is(err, day.ErrFork):
		a.foundCopy(err.Error())
	case err != nil:
		a.emit(Alarm{Code: "records_unreadable", Detail: err.Error()})
	}
}

// meet measures the server's clock. The answer may have lain about while the machine
// did other things: the round trip ended before.
func (a *Agent) meet(in PullDone) {
	got := in.Got
	if got.Boot == "" {
		got = a.now
	}
	c := a.clock.Meet(in.Sent, got, in.Server)
	a.clock.Use(a.clock.Read(a.now))
	old := a.kept
	if old != nil && old.Boot == c.Boot && c.Monotonic-old.Monotonic < contactEvery {
		return
	}
	a.kept = &c
	a.note(Mark{Kind: MarkContact, Contact: &c})
}

// send does the next thing that the server must hear, in this order: which store
// this is, what today's settings are, what became of unsent commands, the bodies.
func (a *Agent) send() {
	turn, due := a.link.Send(a.now.Timer)
	if !due {
		return
	}
	switch {
	case a.slot < 0 && !a.binding && a.refused != string(queue.NoRangeLeft):
		a.emit(BindStore{turn})
	case a.planned < 0 || a.now.Timer-a.planned >= planEvery:
		a.emit(FetchPlan{turn})
	case a.slot >= 0 && a.sendBodies(turn):
	default:
		a.link.Idle()
	}
}

// sendBodies sends what waits of the oldest day that has something.
func (a *Agent) sendBodies(turn int) bool {
	for _, date := range a.Days() {
		r := a.days[date]
		bodies := r.Pending()
		switch {
		case len(bodies) == 0 || r.Forked():
			continue
		case !a.inquired[date]:
			ids := r.Commands()
			a.emit(InquireCommands{turn, date, ids[:min(len(ids), PushAtOnce)]})
		default:
			a.emit(PushBodies{turn, date, bodies[:min(len(bodies), PushAtOnce)]})
		}
		return true
	}
	return false
}

func (a *Agent) sent(in SendDone) {
	if !a.link.Sent(a.now.Timer, in.Turn, !in.Failed) {
		return
	}
	if in.Failed {
		a.objected(in)
		return
	}
	a.refused = ""
	switch {
	case in.Plan != nil:
		a.takePlan(in.Plan)
	case in.Date != "":
		a.inquired[in.Date] = true
		a.acknowledge(a.day(in.Date), in.Origin)
	case in.Bound:
		a.binding = true
		a.note(Mark{Kind: MarkBound, Slot: in.Slot})
	}
}

// foundCopy closes the own ranges for good: whoever else uses them prints numbers
// of its own.
func (a *Agent) foundCopy(detail string) {
	a.refused = "origin_forked"
	if a.copied {
		return
	}
	a.copied = true
	a.note(Mark{Kind: MarkCopied})
	a.emit(Alarm{Code: StoreCopied, Detail: detail})
}

// objected takes what the server has against a send. A gap says how much it knows.
func (a *Agent) objected(in SendDone) {
	if in.Code == "" || in.Code == a.refused {
		return
	}
	a.refused = in.Code
	switch in.Code {
	case "origin_gap":
		delete(a.inquired, in.Date)
		return
	case "origin_forked":
		a.foundCopy("the server knows another chain")
	case string(queue.NoRangeLeft):
		a.emit(Alarm{Code: in.Code})
	default:
		a.emit(Alarm{Code: "push_refused", Detail: in.Code})
	}
}

// takePlan keeps the newest plan for days of which no record is known.
func (a *Agent) takePlan(plan *queue.Settings) {
	a.planned, a.plan = a.now.Timer, plan
	for _, r := range a.days {
		r.Plan(plan)
	}
}
