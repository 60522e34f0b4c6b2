package history_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

const km queue.OfficeID = "km-test"

// office is a day that a test plays.
type office struct {
	*day.Day
	t    testing.TB
	date queue.Date
	at   time.Time
	n    int
}

// begin opens a day at half past eight.
func begin(t testing.TB, date queue.Date) *office {
	t.Helper()
	o := &office{Day: day.New(), t: t, date: date, at: on(t, date, "08:30")}
	s := queuetest.Settings()
	s.Date = date
	o.do(queue.OpenDay{Settings: s})
	return o
}

func on(t testing.TB, date queue.Date, clock string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", string(date)+" "+clock, queue.JST)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// clock moves to a time of the day.
func (o *office) clock(text string) { o.at = on(o.t, o.date, text) }

func (o *office) meta() queue.Meta {
	o.n++
	return queue.Meta{Command: queue.CommandID(fmt.Sprintf("%s-%d", o.date, o.n)), At: o.at, Actor: queuetest.Staff("x"), Origin: "s0"}
}

func (o *office) do(c queue.Command) queue.CommandID {
	o.t.Helper()
	m := o.meta()
	r, err := o.Decide(m, c, eventlog.Incarnation{1})
	if err != nil || r == nil {
		o.t.Fatalf("%s %T: record %v, %v", o.at.Format(time.TimeOnly), c, r, err)
	}
	if err := o.Apply(*r); err != nil {
		o.t.Fatal(err)
	}
	return m.Command
}

func (o *office) issue(id queue.TicketID, service queue.ServiceID) {
	o.t.Helper()
	o.do(queue.IssueTicket{
		Ticket: id, Service: service, Channel: queue.ChannelKiosk, Secret: "secret-hash",
		Quote: &queue.Quote{Ahead: 2, Low: 5 * time.Minute, P50: 7 * time.Minute, High: 12 * time.Minute},
	})
}

// busy plays a plain day: visits that come every three minutes and take four.
func busy(t testing.TB, date queue.Date, visits int) *office {
	t.Helper()
	o := begin(t, date)
	o.do(queue.OpenCounter{Counter: "1", Staff: "Sato"})
	for i := range visits {
		id := queue.TicketID(fmt.Sprintf("s0-%06d", i))
		o.issue(id, "cert")
		o.at = o.at.Add(time.Minute)
		o.do(queue.CallNext{Counter: "1"})
		o.do(queue.Start{Ticket: id})
		o.at = o.at.Add(4 * time.Minute)
		o.do(queue.Finish{Ticket: id})
	}
	o.do(queue.CloseCounter{Counter: "1"})
	return o
}

func (o *office) build() history.Day {
	o.t.Helper()
	d, err := history.Build(km, o.date, o.Records(0, 0))
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

// keep puts the day's records into its log, or those that are missing there.
func (o *office) keep(store eventlog.Store) {
	o.t.Helper()
	log, err := store.Open(day.Stream(km, o.date))
	if err != nil {
		o.t.Fatal(err)
	}
	head, err := log.Head(o.t.Context())
	if err == nil {
		err = log.Append(o.t.Context(), head, o.Records(head.Number, 0))
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// fact brings in what another machine did, late.
func (o *office) fact(origin string, number int64, at time.Time, events ...queue.Event) {
	o.t.Helper()
	m := queue.Meta{Command: queue.CommandID(fmt.Sprint(origin, number)), At: at, Actor: queue.Actor{Role: queue.RoleKiosk, ID: "K1"}, Origin: origin}
	raw, err := day.Body(m, events, o.Origin(origin), nil)
	if err != nil {
		o.t.Fatal(err)
	}
	r, err := o.Fact(raw)
	if err == nil {
		err = o.Apply(r)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// wander plays a random day and returns its records.
func wander(t testing.TB, seed uint64, steps int) *office {
	t.Helper()
	o := begin(t, "2026-04-01")
	r := rand.New(rand.NewPCG(seed, 24))
	log := queuetest.New(queuetest.Settings(), "names")
	for range steps {
		o.at = o.at.Add(time.Duration(1+r.IntN(90)) * time.Second)
		log.State, log.At = o.State(), o.at
		record, err := o.Decide(o.meta(), log.Command(r.IntN), eventlog.Incarnation{1})
		if err != nil || record == nil {
			continue
		}
		if err := o.Apply(*record); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// server is one server of a test.
type server struct {
	*history.Keeper
	archive *history.Archive
	t       testing.TB
}

func serve(t testing.TB, store eventlog.Store, mirror history.Mirror, c *clock, errors *faults) *server {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	if errors != nil {
		logger = slog.New(errors)
	}
	a := history.NewArchive(history.ArchiveOptions{Store: store, Mirror: mirror, Now: c.now, Logger: logger})
	k, err := history.New(history.Options{
		Archive: a, Logs: store, Offices: func() []queue.OfficeID { return []queue.OfficeID{km} }, Now: c.now, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &server{k, a, t}
}

func (s *server) round(deep bool) {
	s.t.Helper()
	if err := s.Round(s.t.Context(), deep); err != nil {
		s.t.Fatal(err)
	}
}

// dates lists the closed days.
func (s *server) dates() []queue.Date {
	s.t.Helper()
	dates, err := s.archive.Dates(s.t.Context(), km, "2020-01-01", "2030-01-01")
	if err != nil {
		s.t.Fatal(err)
	}
	return dates
}

func (s *server) day(date queue.Date) history.Day {
	s.t.Helper()
	d, ok, err := s.archive.Day(s.t.Context(), km, date)
	if err != nil || !ok {
		s.t.Fatalf("%s: there %v, %v", date, ok, err)
	}
	return d
}

func mirror(t testing.TB) *journal.Side {
	t.Helper()
	side, err := journal.OpenSide(t.TempDir(), journal.SideOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = side.Close() })
	return side
}
