package yearly

import (
	"errors"
	"fmt"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Told says what somebody is told who takes a number for a service at a moment; nil:
// nothing. See is shown every entry of the day's log before, in order.
type Told interface {
	See(e queue.Entry) error
	Quote(s *queue.State, at time.Time, service queue.ServiceID, priority bool) *queue.Quote
}

// Records makes the log of an office's day, every record of it decided by the queue,
// from the opening to the close. Told may be nil: then people are told a simple guess.
// It returns [ErrShut] for a day on which the office takes nobody.
func Records(s queue.Settings, o Options, told Told) ([]eventlog.Record, error) {
	p, err := newPlay(s, o.withDefaults())
	if err != nil {
		return nil, err
	}
	d := &diary{play: p, day: day.New(), told: told, where: map[queue.TicketID]int{}}
	copy(d.first[:], string(s.Date)+string(s.Office))
	p.book = d
	d.at = p.opens.Add(-30 * time.Minute)
	d.do(queue.RoleSystem, queue.OpenDay{Settings: s})
	if err := p.run(); err != nil {
		return nil, err
	}
	return d.day.Records(0, 0), nil
}

// diary has the queue decide a day and keeps the log.
type diary struct {
	*play
	day    *day.Day
	told   Told
	first  eventlog.Incarnation
	where  map[queue.TicketID]int // visitors
	serial int
	failed error
}

// do decides a command and keeps what it did; false: nothing. A refusal is part of the
// day.
func (d *diary) do(role string, c queue.Command) bool {
	if d.failed != nil {
		return false
	}
	d.serial++
	record, err := d.day.Decide(queue.Meta{
		Command: queue.CommandID(fmt.Sprintf("past-%s-%s-%d", d.settings.Office, d.settings.Date, d.serial)), At: d.at,
		Actor: queue.Actor{Role: role, ID: "past"}, Origin: "past",
	}, c, d.first)
	if no := (*queue.Refusal)(nil); errors.As(err, &no) || err == nil && record == nil {
		return false
	}
	if err == nil {
		err = d.keep(*record)
	}
	if err != nil {
		d.failed = fmt.Errorf("yearly: %s on %s: %w", d.settings.Office, d.settings.Date, err)
	}
	return err == nil
}

func (d *diary) keep(r eventlog.Record) error {
	if err := d.day.Apply(r); err != nil || d.told == nil {
		return err
	}
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return err
	}
	entry, err := day.Entry(body, false)
	if err != nil {
		return err
	}
	return d.told.See(entry)
}

func (d *diary) counter(c int) queue.CounterID { return d.settings.Counters[c].ID }

func (d *diary) id(v int) queue.TicketID {
	return queue.TicketID(fmt.Sprintf("past.%s-%d", d.settings.Office, v+1))
}

func (d *diary) open(c int) { d.do(queue.RoleStaff, queue.OpenCounter{Counter: d.counter(c)}) }
func (d *diary) shut(c int) { d.do(queue.RoleStaff, queue.CloseCounter{Counter: d.counter(c)}) }
func (d *diary) pause(c int) {
	d.do(queue.RoleStaff, queue.PauseCounter{Counter: d.counter(c), Reason: "昼休み"})
}

func (d *diary) issue(v int, q queue.Quote) bool {
	who := d.people[v]
	c := queue.IssueTicket{
		Ticket: d.id(v), Service: d.settings.Services[who.service].ID, Channel: who.channel, Language: "ja", Priority: who.priority, Appointment: who.slot, Quote: &q,
	}
	if d.told != nil {
		c.Quote = d.told.Quote(d.day.State(), d.at, c.Service, c.Priority)
	}
	role := queue.RoleStaff
	if who.channel == queue.ChannelKiosk {
		role = queue.RoleKiosk
	}
	d.where[c.Ticket] = v
	return d.do(role, c)
}

func (d *diary) call(c int) (v int, at line, ok bool) {
	if !d.do(queue.RoleStaff, queue.CallNext{Counter: d.counter(c)}) {
		return 0, line{}, false
	}
	desk, _ := d.day.State().Counter(d.counter(c))
	t, ok := d.day.State().Ticket(desk.Ticket)
	if !ok {
		return 0, line{}, false
	}
	v = d.where[t.ID]
	return v, line{d.lineOf(v), t.Line.Stage == queue.StageDelivery}, true
}

func (d *diary) start(v, c int) {
	d.do(queue.RoleStaff, queue.Start{Ticket: d.id(v), Counter: d.counter(c)})
}

func (d *diary) finish(v, c int, processing bool) {
	d.do(queue.RoleStaff, queue.Finish{Ticket: d.id(v), Counter: d.counter(c), Processing: processing})
}

func (d *diary) send(v, c, service int) {
	d.do(queue.RoleStaff, queue.Transfer{Ticket: d.id(v), Counter: d.counter(c), Service: d.settings.Services[service].ID})
}

func (d *diary) ready(v int) { d.do(queue.RoleStaff, queue.MarkReady{Ticket: d.id(v)}) }

func (d *diary) miss(v, c int) {
	d.do(queue.RoleStaff, queue.MarkNoShow{Ticket: d.id(v), Counter: d.counter(c)})
}

func (d *diary) restore(v int) {
	d.do(queue.RoleStaff, queue.Restore{Ticket: d.id(v), Place: queue.PlaceBack})
}

func (d *diary) withdraw(v int) bool {
	return d.do(queue.RoleHolder, queue.Withdraw{Ticket: d.id(v)})
}

func (d *diary) end() error {
	d.do(queue.RoleSystem, queue.CloseDay{})
	return d.failed
}
