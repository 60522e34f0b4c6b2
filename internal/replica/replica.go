package replica

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Identity names a ticket machine and the store it works on.
type Identity struct {
	Office queue.OfficeID
	Kiosk  queue.KioskID
	Store  string // random, made together with the store
}

// Origin returns the name under which the machine writes bodies.
func (i Identity) Origin() string { return "kiosk/" + string(i.Kiosk) + "/" + i.Store }

// Label returns the issuer of the machine's tickets: the kiosk and the beginning
// of the store id, so that two stores of one kiosk never share a ticket id.
func (i Identity) Label() string { return string(i.Kiosk) + "." + i.Store[:min(8, len(i.Store))] }

// Replica is one office-day as a machine knows it.
type Replica struct {
	id        Identity
	date      queue.Date
	plan      *queue.Settings
	confirmed *day.Day
	own       [][]byte // all bodies of this machine, in origin order
	acked     int64    // how many of them the server has
	merged    *day.Day // confirmed and own; nil when it must be folded anew
	forked    bool
}

// NewReplica returns the copy of a day of which nothing is known yet but the
// stored plan; a nil plan makes a copy that cannot issue until the day's own
// settings were confirmed.
func NewReplica(id Identity, date queue.Date, plan *queue.Settings) *Replica {
	return &Replica{id: id, date: date, plan: plan, confirmed: day.New()}
}

// Date returns the business day.
func (r *Replica) Date() queue.Date { return r.date }

// Plan replaces the stored plan, which counts only while no record of the day is
// known. Its date may be another one.
func (r *Replica) Plan(plan *queue.Settings) {
	r.plan, r.merged = plan, nil
}

// Confirmed returns the day as the server confirmed it. The caller must not change
// it, nor keep it beyond the next call.
func (r *Replica) Confirmed() *day.Day { return r.confirmed }

// Head returns the newest confirmed record.
func (r *Replica) Head() eventlog.Head { return r.confirmed.Head() }

// State returns the day as the machine sees it. The caller must not change it,
// nor keep it beyond the next call.
func (r *Replica) State() *queue.State { return r.fold().State() }

// Forked reports whether the log holds bodies of this machine's name that it did
// not write: its store was copied, and the ranges are not its own any more.
func (r *Replica) Forked() bool {
	r.fold()
	return r.forked
}

// Origin returns how far the machine's own chain has come.
func (r *Replica) Origin() day.Origin {
	if len(r.own) == 0 {
		return day.Origin{}
	}
	return day.Origin{Number: int64(len(r.own)), Hash: eventlog.BodyHash(r.own[len(r.own)-1])}
}

// Pending returns the bodies that the server has not acknowledged, in origin order.
func (r *Replica) Pending() [][]byte { return slices.Clip(r.own[r.acked:]) }

// Ahead reports whether the machine knows more than the confirmed records say: own
// bodies that are pending, or acknowledged and not back yet.
func (r *Replica) Ahead() bool { return r.fold().Head() != r.confirmed.Head() }

// Commands returns the command ids of the pending bodies, in origin order.
func (r *Replica) Commands() []queue.CommandID {
	var ids []queue.CommandID
	for _, raw := range r.Pending() {
		if b, err := eventlog.DecodeBody(raw); err == nil {
			ids = append(ids, queue.CommandID(b.Command))
		}
	}
	return ids
}

// Acknowledged says how far the server knows the machine's chain. A server that
// was restored from an older copy may know less than before; the rest is sent
// again. It returns [day.ErrFork] when the server's chain is not this machine's.
func (r *Replica) Acknowledged(o day.Origin) error {
	switch {
	case o.Number < 0 || o.Number > int64(len(r.own)):
		r.forked = true
		return fmt.Errorf("%w: the server knows %d records, this store wrote %d", day.ErrFork, o.Number, len(r.own))
	case o.Number > 0 && o.Hash != eventlog.BodyHash(r.own[o.Number-1]):
		r.forked = true
		return fmt.Errorf("%w: record %d differs", day.ErrFork, o.Number)
	}
	r.acked = o.Number
	return nil
}

// Confirm takes records pulled from the server, and the head at which its log
// stood. It reports true where the log is not the one that was followed so far
// (another incarnation, another tail): the confirmed part is then forgotten and
// must be pulled from the beginning. An error means that a record cannot be read;
// the confirmed part is forgotten too, and own bodies stay; or, as [day.ErrFork],
// that the log holds bodies under this machine's name that it did not write.
func (r *Replica) Confirm(records []eventlog.Record, head eventlog.Head) (again bool, err error) {
	if r.parted(head) {
		r.forget()
		return true, nil
	}
	for _, rec := range records {
		if rec.Number <= r.confirmed.Head().Number {
			continue
		}
		if r.confirmed.Head().Follows(rec) != nil {
			r.forget()
			return true, nil
		}
		if err := r.confirmed.Apply(rec); err != nil {
			r.forget()
			return false, err
		}
		r.merged = nil
	}
	o := r.confirmed.Origin(r.id.Origin())
	// A whole log that lacks bodies the server once had has lost a tail: they are
	// to be sent again.
	if o.Number > r.acked || o.Number < r.acked && r.confirmed.Head() == head {
		err = r.Acknowledged(o)
	}
	return false, err
}

// parted reports whether a server's head cannot lie ahead of the confirmed one.
func (r *Replica) parted(head eventlog.Head) bool {
	mine := r.confirmed.Head()
	switch {
	case mine.Number == 0:
		return false
	case head.Number < mine.Number || head.Incarnation != mine.Incarnation:
		return true
	}
	return head.Number == mine.Number && head.Hash != mine.Hash
}

func (r *Replica) forget() { r.confirmed, r.merged = day.New(), nil }

// Add takes an own body that is safe on the machine's disk. It returns an error
// for a body that is not the next of the machine's chain.
func (r *Replica) Add(raw []byte) error {
	b, err := eventlog.DecodeBody(raw)
	if err != nil {
		return err
	}
	if tail := r.Origin(); b.OriginNumber != tail.Number+1 || b.OriginPrev != tail.Hash || b.Origin != r.id.Origin() {
		return fmt.Errorf("%w: own record %d of %s after %d", day.ErrFork, b.OriginNumber, b.Origin, tail.Number)
	}
	r.own = append(r.own, raw)
	if r.merged != nil {
		r.put(r.merged, raw)
	}
	return nil
}

// Write returns a body of the machine about itself or one of its own tickets: the
// next of its chain. Make it safe, then [Replica.Add] it. The actor is the
// machine, unless the meta names who acted at it.
func (r *Replica) Write(m queue.Meta, clock *eventlog.Clock, events ...queue.Event) ([]byte, error) {
	m.Origin, m.At = r.id.Origin(), m.At.In(queue.JST).Round(0)
	if m.Actor == (queue.Actor{}) {
		m.Actor = queue.Actor{Role: queue.RoleKiosk, ID: string(r.id.Kiosk)}
	}
	return day.Body(m, events, r.Origin(), clock)
}

// Order is a ticket to be issued from the machine's own numbers.
type Order struct {
	Command  queue.CommandID
	At       time.Time // corrected; see [Clock]
	Guessed  bool      // At is a guess: overflow number, flag, and no closed door
	Clock    *eventlog.Clock
	Ticket   queue.TicketID
	Service  queue.ServiceID
	Further  []queue.ServiceID
	Language string
	Priority bool
	Desk     bool   // by staff: channel reception
	Secret   string // hash, hexadecimal
	Quote    *queue.Quote
	Slot     int // the slot of the kiosk's ranges that its store is bound to
	Overflow int // the next overflow count, for life
}

func (o Order) channel() queue.Channel {
	if o.Desk {
		return queue.ChannelReception
	}
	return queue.ChannelKiosk
}

// Issued is the answer to an [Order].
type Issued struct {
	Number queue.Number
	Body   []byte // to be made safe and then added
}

// Issue decides a ticket from the machine's own range on the merged copy. Nothing
// counts before the body is safe and was added. It returns a *[queue.Refusal]
// where the day, as far as it is known, says no.
func (r *Replica) Issue(o Order) (Issued, error) {
	if r.Forked() {
		return Issued{}, &queue.Refusal{Code: queue.RangeNotBound, Field: "store", Have: "copied"}
	}
	s := r.State()
	if !s.Opened() {
		return Issued{}, &queue.Refusal{Code: queue.DayNotOpen, Field: "plan"}
	}
	if o.Guessed {
		s, o.At = r.guess(s, o)
	}
	m, command := r.asked(s, o)
	events, err := queue.Decide(s, m, command)
	if err != nil {
		return Issued{}, err
	}
	issue := events[0].(queue.TicketIssued)
	issue.Ticket = o.Ticket
	if o.Guessed {
		issue.Flags = append(issue.Flags, queue.FlagClock)
		slices.Sort(issue.Flags)
	}
	raw, err := r.Write(queue.Meta{Command: o.Command, At: o.At}, o.Clock, issue)
	return Issued{Number: issue.Number, Body: raw}, err
}

// asked returns what is to be decided. Where the log holds the press already, the
// server gave it a number whose answer did not come: a failover could still lose
// that number and give it to somebody else, so it must not be printed. The own one
// is decided beside it, and the paper wins when both meet.
func (r *Replica) asked(s *queue.State, o Order) (queue.Meta, queue.IssueTicket) {
	m, command := queue.Meta{Command: o.Command, At: o.At, Origin: r.id.Origin()}, r.command(o)
	if _, known := s.Outcome(o.Command); known {
		m.Command += ".own"
		command.Ticket += ".own"
	}
	return m, command
}

func (r *Replica) command(o Order) queue.IssueTicket {
	return queue.IssueTicket{
		Ticket: o.Ticket, Service: o.Service, Further: o.Further, Channel: o.channel(),
		Language: o.Language, Priority: o.Priority, Secret: o.Secret, Quote: o.Quote,
		Pool: queue.PoolKiosk, Kiosk: r.id.Kiosk, Slot: o.Slot, Overflow: o.Overflow,
	}
}

// guess returns a copy of the day without the kiosk's ranges, because their
// numbers belong to a date and the date is not known, and a moment at which the
// service is open: a clock that nobody believes must not close a door.
func (r *Replica) guess(s *queue.State, o Order) (*queue.State, time.Time) {
	alone := s.Clone()
	// Settings of another day or broken ones cannot come out of a valid day.
	_ = alone.Apply(queue.Entry{Events: []queue.Event{queue.SettingsChanged{
		Settings: withoutRanges(*s.Settings(), r.id.Kiosk),
	}}})
	v, _ := s.Settings().Service(o.Service)
	at := o.At
	if !v.Opens.IsZero() && at.Before(v.Opens) {
		at = v.Opens
	}
	if !v.Closes.IsZero() && !at.Before(v.Closes) {
		at = v.Closes.Add(-time.Second)
	}
	return alone, at
}

// fold returns the confirmed day with the own bodies merged on top.
func (r *Replica) fold() *day.Day {
	if r.merged != nil {
		return r.merged
	}
	d := r.confirmed.Clone()
	if d.Head().Number == 0 && r.plan != nil {
		r.open(d)
	}
	for _, raw := range r.own {
		r.put(d, raw)
	}
	r.merged = d
	return d
}

// open begins a day of which no record is known with the stored plan. The record
// never leaves the machine.
func (r *Replica) open(d *day.Day) {
	plan, err := PlanFor(*r.plan, r.date)
	if err != nil {
		return // a plan that cannot run a day is no plan
	}
	from, _, _ := r.date.Bounds()
	rec, err := d.Decide(queue.Meta{Command: "plan", At: from, Origin: "plan"}, queue.OpenDay{Settings: plan}, eventlog.Incarnation{})
	if err == nil {
		_ = d.Apply(*rec) // follows an empty day by construction
	}
}

// put merges an own body into a day. One that the log has already is skipped.
func (r *Replica) put(d *day.Day, raw []byte) {
	rec, err := d.Fact(raw)
	if err == nil {
		err = d.Apply(rec)
	}
	if errors.Is(err, day.ErrFork) {
		r.forked = true
	}
}
