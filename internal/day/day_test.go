package day_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

var life = eventlog.Incarnation{1, 2, 3}

// office is a server of a test: it decides on a day and keeps its records.
type office struct {
	*day.Day
	t      *testing.T
	origin string
	at     time.Time
	n      int
}

func open(t *testing.T, origin string) *office {
	t.Helper()
	o := &office{Day: day.New(), t: t, origin: origin, at: queuetest.Opening}
	o.do(queue.OpenDay{Settings: queuetest.Settings()})
	return o
}

func (o *office) meta() queue.Meta {
	o.n++
	o.at = o.at.Add(time.Second)
	return queue.Meta{Command: queue.CommandID(fmt.Sprintf("%s-%d", o.origin, o.n)), At: o.at, Actor: queuetest.Staff("x"), Origin: o.origin}
}

// do decides a command, applies its record and returns that.
func (o *office) do(c queue.Command) eventlog.Record {
	o.t.Helper()
	m := o.meta()
	if act, is := c.(queue.ActKiosk); is {
		m.Actor = act.Action.ActorOf(act.Kiosk)
	}
	r, err := o.Decide(m, c, life)
	if err != nil || r == nil {
		o.t.Fatalf("%T: record %v, %v", c, r, err)
	}
	if err := o.Apply(*r); err != nil {
		o.t.Fatal(err)
	}
	return *r
}

func (o *office) issue(id queue.TicketID) eventlog.Record {
	o.t.Helper()
	return o.do(queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk})
}

// copyAs returns another server that has followed the day so far.
func (o *office) copyAs(origin string) *office {
	return &office{Day: o.Clone(), t: o.t, origin: origin, at: o.at}
}

func hash(t *testing.T, d *day.Day) eventlog.Hash {
	t.Helper()
	h, err := d.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestADayIsItsRecords(t *testing.T) {
	o := open(t, "s1")
	o.do(queue.OpenCounter{Counter: "1"})
	o.issue("a")
	o.do(queue.CallNext{Counter: "1"})
	again, err := day.Replay(o.Records(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if again.Head() != o.Head() || hash(t, again) != hash(t, o.Day) {
		t.Errorf("replay stands at %v with another state than %v", again.Head(), o.Head())
	}
	if o.Head().Incarnation != life || o.Head().Number != 4 {
		t.Errorf("head %v, want 4 records of incarnation %v", o.Head(), life)
	}
	if found := invariant.CompareReplicas(o.Day, again); len(found) > 0 {
		t.Error(found)
	}
}

func TestDecidingChangesNothing(t *testing.T) {
	o := open(t, "s1")
	before, head := hash(t, o.Day), o.Head()
	if _, err := o.Decide(o.meta(), queue.OpenCounter{Counter: "1"}, life); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Decide(o.meta(), queue.CallNext{Counter: "1"}, life); err == nil {
		t.Error("a closed counter called")
	}
	if r, err := o.Decide(o.meta(), queue.Tick{}, life); r != nil || err != nil {
		t.Errorf("a tick at which nothing lapses gave %v, %v", r, err)
	}
	if hash(t, o.Day) != before || o.Head() != head {
		t.Error("deciding changed the day")
	}
}

func TestRecordsArePaged(t *testing.T) {
	o := open(t, "s1")
	for i := range 4 {
		o.issue(queue.TicketID(fmt.Sprint("t", i)))
	}
	rows := []struct {
		after int64
		limit int
		want  []int64
	}{
		{0, 0, []int64{1, 2, 3, 4, 5}},
		{-3, 2, []int64{1, 2}},
		{3, 0, []int64{4, 5}},
		{3, 1, []int64{4}},
		{5, 0, nil},
		{99, 3, nil},
	}
	for _, row := range rows {
		var got []int64
		for _, r := range o.Records(row.after, row.limit) {
			got = append(got, r.Number)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("Records(%d, %d) (-want +got):\n%s", row.after, row.limit, diff)
		}
	}
}

// TestWhatDoesNotFollowIsRefused gives a day records that are not its next one,
// and wants it to stand where it stood.
func TestWhatDoesNotFollowIsRefused(t *testing.T) {
	rewrite := func(r eventlog.Record, change func(*eventlog.Body)) eventlog.Record {
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			panic(err)
		}
		change(&body)
		r.Body, err = body.Encode()
		if err != nil {
			panic(err)
		}
		return r
	}
	rows := []struct {
		name   string
		want   error
		change func(eventlog.Record) eventlog.Record
	}{
		{"a number too high", eventlog.ErrCorrupt, func(r eventlog.Record) eventlog.Record { r.Number++; return r }},
		{"another past", eventlog.ErrCorrupt, func(r eventlog.Record) eventlog.Record { r.Prev[0]++; return r }},
		{"another life", eventlog.ErrCorrupt, func(r eventlog.Record) eventlog.Record { r.Incarnation[0]++; return r }},
		{"no body", eventlog.ErrCorrupt, func(r eventlog.Record) eventlog.Record { r.Body = []byte("?"); return r }},
		{"a later schema", eventlog.ErrCorrupt, func(r eventlog.Record) eventlog.Record {
			return rewrite(r, func(b *eventlog.Body) { b.Schema = eventlog.NewestSchema + 1 })
		}},
		{"an unknown kind of event", eventlog.ErrCorrupt, func(r eventlog.Record) eventlog.Record {
			return rewrite(r, func(b *eventlog.Body) { b.Events = []byte(`[{"kind":"ticket_teleported","data":{}}]`) })
		}},
		{"a gap in the origin's chain", day.ErrGap, func(r eventlog.Record) eventlog.Record {
			return rewrite(r, func(b *eventlog.Body) { b.OriginNumber++ })
		}},
		{"an origin number below one", eventlog.ErrCorrupt, func(r eventlog.Record) eventlog.Record {
			return rewrite(r, func(b *eventlog.Body) { b.OriginNumber = 0 })
		}},
		{"another past of the origin", day.ErrFork, func(r eventlog.Record) eventlog.Record {
			return rewrite(r, func(b *eventlog.Body) { b.OriginPrev[0]++ })
		}},
		{"a number that the origin has used", day.ErrFork, func(r eventlog.Record) eventlog.Record {
			return rewrite(r, func(b *eventlog.Body) { b.OriginNumber = 1 })
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			o := open(t, "s1")
			next, err := o.Decide(o.meta(), queue.OpenCounter{Counter: "1"}, life)
			if err != nil {
				t.Fatal(err)
			}
			before, head := hash(t, o.Day), o.Head()
			if err := o.Apply(row.change(*next)); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if hash(t, o.Day) != before || o.Head() != head {
				t.Error("the day has changed")
			}
			if err := o.Apply(*next); err != nil {
				t.Errorf("the true record no longer follows: %v", err)
			}
		})
	}
}

func TestAnEntryThatDoesNotFitIsCorrupt(t *testing.T) {
	o := open(t, "s1")
	raw, err := day.Body(o.meta(), []queue.Event{queue.ServiceStarted{Ticket: "nobody", Counter: "1"}}, o.Origin("s1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = o.Apply(eventlog.Record{Number: 2, Prev: o.Head().Hash, Incarnation: life, Body: raw})
	var corrupt *queue.CorruptError
	if !errors.As(err, &corrupt) || corrupt.Event != "service_started" || !strings.Contains(err.Error(), "record 2") {
		t.Errorf("got %v, want a corrupt entry of record 2", err)
	}
}

func TestALostTailComesBackAsFacts(t *testing.T) {
	first := open(t, "s1")
	first.do(queue.OpenCounter{Counter: "1"})
	first.issue("a")
	other := first.copyAs("s2") // has not seen what comes now
	lost := []eventlog.Record{first.do(queue.CallNext{Counter: "1"}), first.do(queue.Start{Ticket: "a"})}
	other.issue("b")
	if _, err := other.Fact(lost[1].Body); !errors.Is(err, day.ErrGap) {
		t.Errorf("the second of the tail before the first: got %v, want ErrGap", err)
	}
	for _, r := range lost {
		fact, err := other.Fact(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if !fact.Fact || !slices.Equal(fact.Body, r.Body) {
			t.Errorf("the body was not put back as it was")
		}
		if err := other.Apply(fact); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Fact(r.Body); !errors.Is(err, day.ErrKnown) {
			t.Errorf("put back twice: got %v, want ErrKnown", err)
		}
	}
	if ticket, _ := other.State().Ticket("a"); ticket.Status != queue.Serving {
		t.Errorf("the ticket is %s, want serving", ticket.Status)
	}
	if got, want := other.Origin("s1"), first.Origin("s1"); got != want {
		t.Errorf("origin %v, want %v", got, want)
	}
	if diff := cmp.Diff([]string{"s1", "s2"}, other.Origins()); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
	if found := invariant.CheckRecords(other.Records(0, 0)); len(found) > 0 {
		t.Error(found)
	}
}

func TestACopiedStoreIsFound(t *testing.T) {
	server := open(t, "s1")
	kiosk, twin := server.copyAs("kiosk/K1/s"), server.copyAs("kiosk/K1/s")
	press := func(o *office, id queue.TicketID) []byte {
		return o.do(queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk, Pool: queue.PoolKiosk, Kiosk: "K1"}).Body
	}
	bodies := [][]byte{press(kiosk, "K1-1"), press(kiosk, "K1-2")}
	press(twin, "K1-1b")
	for _, raw := range bodies[:1] {
		fact, err := server.Fact(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Apply(fact); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := server.Fact(press(twin, "K1-2b")); !errors.Is(err, day.ErrFork) {
		t.Errorf("got %v, want ErrFork", err)
	}
	if _, err := server.Fact(bodies[1]); err != nil {
		t.Errorf("the first store can no longer push: %v", err)
	}
	if _, err := server.Fact([]byte("noise")); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("noise: got %v, want ErrCorrupt", err)
	}
}

func TestClonesAreApart(t *testing.T) {
	o := open(t, "s1")
	a, b := o.copyAs("a"), o.copyAs("b")
	a.issue("x")
	b.issue("y")
	b.issue("z")
	if o.Head().Number != 1 || a.Head().Number != 2 || b.Head().Number != 3 {
		t.Errorf("heads %d, %d, %d, want 1, 2, 3", o.Head().Number, a.Head().Number, b.Head().Number)
	}
	if diff := cmp.Diff([]string{"s1"}, o.Origins()); diff != "" {
		t.Errorf("the original's origins (-want +got):\n%s", diff)
	}
	if _, ok := a.State().Ticket("y"); ok {
		t.Error("one clone sees the other's ticket")
	}
}

func TestStreamNames(t *testing.T) {
	office, date, ok := day.SplitStream(day.Stream("km-setagaya", "2026-04-01"))
	if office != "km-setagaya" || date != "2026-04-01" || !ok {
		t.Errorf("got %q %q %v", office, date, ok)
	}
	if _, _, ok := day.SplitStream("nothing"); ok {
		t.Error("a name without a date was split")
	}
}

// TestReplicasAgree lets three servers write by turns on one log, each following
// the others, and wants one state everywhere.
func TestReplicasAgree(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 5))
		a := open(t, "s0")
		servers := []*office{a, a.copyAs("s1"), a.copyAs("s2")}
		log := queuetest.New(queuetest.Settings(), "names")
		for range 150 {
			o := servers[r.IntN(len(servers))]
			log.State, log.At = o.State(), o.at
			record, err := o.Decide(o.meta(), log.Command(r.IntN), life)
			if err != nil || record == nil {
				continue
			}
			for _, s := range servers {
				if err := s.Apply(*record); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				s.at = o.at
			}
		}
		days := []*day.Day{servers[0].Day, servers[1].Day, servers[2].Day}
		if found := slices.Concat(invariant.CompareReplicas(days...), invariant.CheckRecords(a.Records(0, 0))); len(found) > 0 {
			t.Errorf("seed %d: %v", seed, found)
		}
	}
}
