package replica

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Options are what an [Agent] starts with. Identity is required.
type Options struct {
	Identity Identity
	// Plan is the newest stored plan; nil for a machine that never had one.
	Plan *queue.Settings
	// Marks are what earlier runs kept, in order.
	Marks []Mark
	// Offline keeps the machine from hoping: the first press uses the own range.
	Offline bool
	// AskWithin is how long the server has for a number; 0 is [AskWithin].
	AskWithin time.Duration
}

// Agent is a ticket machine's mind. It owns the copies of its days, the press
// that is on its way, the link and the clock. Feed it one [Input] at a time with
// [Agent.Step], carry out the outputs in order, and feed back what became of them.
type Agent struct {
	id       Identity
	plan     *queue.Settings
	clock    Clock
	guard    Guard
	link     Link
	days     map[queue.Date]*Replica
	slot     int    // -1 until a slot is bound
	binding  bool   // the slot is known, its mark is on the way
	copied   bool   // the ranges are not this machine's own any more
	barred   string // why the server takes nothing from this machine; empty: it does
	serial   int64
	overflow int
	press    *Press // on its way
	asked    time.Duration
	found    []Press  // unfinished, from an earlier run
	queue    []save   // marks to be made safe
	flying   *save    // the one that is being made safe
	broken   bool     // nothing can be made safe
	kept     *Contact // the newest contact on disk
	inquired map[queue.Date]bool
	planned  time.Duration // when the plan was last fetched, on the timer; -1: never
	refused  string        // what the server last objected to
	out      []Output
	now      Now
}

// save is a mark to be made safe. It is built when its turn comes, because a body
// names the body before it.
type save struct {
	build func() (Mark, error)
	mark  Mark
	waits bool            // the press waits for it
	act   queue.CommandID // the act that waits for it
	// denied, where set, takes the reason for which nothing is to be kept.
	denied func(error)
}

// keepDays is how long a day can be sent again after the server had it all: a
// server may be restored from a backup.
const keepDays = 8

// maxQueue bounds the marks that wait to be made safe; it is far above what the
// presses of one visitor and one restart can cause.
const maxQueue = 1024

// New returns an agent that knows what earlier runs kept. It returns an error for
// marks that do not fit together: another machine's, or damaged ones.
func New(o Options) (*Agent, error) {
	a := &Agent{
		id: o.Identity, plan: o.Plan, days: map[queue.Date]*Replica{}, slot: -1,
		inquired: map[queue.Date]bool{}, planned: -1,
	}
	open := map[queue.CommandID]Press{}
	for i, m := range o.Marks {
		if err := a.remember(m, open); err != nil {
			return nil, fmt.Errorf("mark %d: %w", i+1, err)
		}
	}
	a.found = slices.SortedFunc(maps.Values(open), func(x, y Press) int { return int(x.Serial - y.Serial) })
	a.link = NewLink(o.Offline || a.pending())
	a.link.within = o.AskWithin
	return a, nil
}

// remember folds a mark of an earlier run.
func (a *Agent) remember(m Mark, open map[queue.CommandID]Press) error {
	switch m.Kind {
	case MarkPress:
		if m.Press == nil {
			return fmt.Errorf("%w: a press without a press", eventlog.ErrCorrupt)
		}
		p := *m.Press
		a.serial = max(a.serial, p.Serial)
		a.clock.Resume(nil, p.At, p.Date)
		if open[p.Command] = p; p.State.Final() {
			delete(open, p.Command)
		}
		return a.effect(m)
	case MarkAcknowledged, MarkBound, MarkContact, MarkCopied, MarkAct, MarkBarred:
		return a.effect(m)
	}
	return fmt.Errorf("%w: a mark of kind %q", eventlog.ErrCorrupt, m.Kind)
}

// effect is what a mark changes once it is safe, in this run and after a restart.
func (a *Agent) effect(m Mark) error {
	switch m.Kind {
	case MarkPress:
		a.countOverflow(m.Press.Number)
		if m.Body != nil {
			return a.day(m.Date).Add(m.Body)
		}
	case MarkAcknowledged:
		if m.Origin != nil {
			return a.day(m.Date).Acknowledged(*m.Origin)
		}
	case MarkBound:
		a.slot = m.Slot
	case MarkContact:
		a.kept = m.Contact
		a.clock.Resume(m.Contact, time.Time{}, "")
	case MarkCopied:
		a.copied = true
	case MarkAct:
		return a.day(m.Date).Add(m.Body)
	case MarkBarred:
		a.barred = m.Code
	}
	return nil
}

func (a *Agent) countOverflow(n queue.Number) {
	for slot := range max(1, a.slot+1) {
		a.overflow = max(a.overflow, queue.OverflowCount(n, queue.OverflowLabel(a.id.Kiosk, slot)))
	}
}

// day returns the copy of a day.
func (a *Agent) day(date queue.Date) *Replica {
	if r, ok := a.days[date]; ok {
		return r
	}
	r := NewReplica(a.id, date, a.plan)
	a.days[date] = r
	return r
}

// Step takes one input and returns what is to be done, in order.
func (a *Agent) Step(now Now, in Input) []Output {
	a.now, a.out = now, nil
	switch in := in.(type) {
	case Start:
		a.settle()
		a.prune()
	case Touch:
		a.touch(in)
	case MarkSaved:
		a.saved(in)
	case ServerGave:
		a.answered(in.Command, PressInput{Kind: Given, Number: in.Number, Pool: queue.PoolServer})
	case ServerDenied:
		a.answered(in.Command, PressInput{Kind: Denied, Code: in.Code})
	case ServerSilent:
		a.silent(in.Command)
	case PaperReport:
		a.answer(in.Command, PressInput{Kind: in.Event, Code: in.Code})
	case PullDone:
		a.pulled(in)
	case SendDone:
		a.sent(in)
	case Act:
		a.act(in)
	case Barred:
		a.bar(in.Code)
	case Admitted:
		a.admit()
	case Tick:
	}
	a.pump()
	return a.out
}

func (a *Agent) emit(o Output) { a.out = append(a.out, o) }

// pump does what is due whatever the input was.
func (a *Agent) pump() {
	if a.press != nil && a.press.State == Asked && a.now.Timer-a.asked >= a.link.patience() {
		a.silent(a.press.Command)
	}
	a.flush()
	a.pull()
	a.send()
}

// Online reports whether the server is asked for the next number.
func (a *Agent) Online() bool { return a.link.Online() }

// Slot returns the slot that the store is bound to, or -1.
func (a *Agent) Slot() int { return a.slot }

// Broken reports whether the machine is out of service until it is restarted:
// neither file could be written.
func (a *Agent) Broken() bool { return a.broken }

// Refused returns the code of what the server last objected to, such as
// "origin_forked", or "".
func (a *Agent) Refused() string { return a.refused }

// Barred returns why the server takes nothing from this machine, or "".
func (a *Agent) Barred() string { return a.barred }

// Copied reports whether another machine works under this store's name, as far as
// is known. The server gives numbers to both; the own range is nobody's.
func (a *Agent) Copied() bool { return a.copied }

// Busy reports whether a press is on its way.
func (a *Agent) Busy() bool { return a.press != nil }

// Planned reports whether the agent knows what its office offers: numbers can be given.
func (a *Agent) Planned() bool { return a.plan != nil }

// Unsent returns how many bodies the server has not acknowledged, of all days.
func (a *Agent) Unsent() int {
	n := 0
	for _, r := range a.days {
		n += len(r.Pending())
	}
	return n
}

// Today returns the copy of the business day that it is, and the reading of the
// clock that says so.
func (a *Agent) Today(now Now) (*Replica, Reading) {
	r := a.clock.Read(now)
	return a.day(r.Day), r
}

// Days returns the dates of all copies, sorted.
func (a *Agent) Days() []queue.Date { return slices.Sorted(maps.Keys(a.days)) }

// Day returns the copy of a day, if there is one.
func (a *Agent) Day(date queue.Date) (*Replica, bool) {
	r, ok := a.days[date]
	return r, ok
}

// prune forgets old days of which nothing is unsent.
func (a *Agent) prune() {
	_, reading := a.Today(a.now)
	from, _, err := reading.Day.Bounds()
	if err != nil {
		return
	}
	oldest := queue.BusinessDay(from.Add(-keepDays * 24 * time.Hour))
	maps.DeleteFunc(a.days, func(date queue.Date, r *Replica) bool {
		return date < oldest && len(r.Pending()) == 0
	})
}

// pending reports whether something can be sent and is not. A store without a
// slot cannot send, and what it owes must not keep the machine from the server.
func (a *Agent) pending() bool {
	if a.slot < 0 {
		return false
	}
	for _, r := range a.days {
		if len(r.Pending()) > 0 {
			return true
		}
	}
	return false
}
