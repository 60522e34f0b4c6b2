package replica_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
	"machi/internal/replica"
)

func order(n int) replica.Order {
	return replica.Order{
		Command: queue.CommandID(fmt.Sprint("c", n)), Ticket: queue.TicketID(fmt.Sprintf("K1.01234567-%06d", n)),
		At: queuetest.Opening.Add(time.Duration(n) * time.Minute), Service: "moving", Overflow: 1,
	}
}

func refused(err error, code queue.Code) bool {
	var refusal *queue.Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}

// issue decides a ticket and makes it count.
func issue(t *testing.T, r *replica.Replica, o replica.Order) queue.Number {
	t.Helper()
	issued, err := r.Issue(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(issued.Body); err != nil {
		t.Fatal(err)
	}
	return issued.Number
}

func confirm(t *testing.T, r *replica.Replica, w *ward) (again bool) {
	t.Helper()
	d := w.day(r.Date())
	again, err := r.Confirm(d.Records(r.Head().Number, 0), d.Head())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// push gives the server what it does not have.
func push(t *testing.T, r *replica.Replica, w *ward) {
	t.Helper()
	done := w.push(replica.PushBodies{Date: r.Date(), Bodies: r.Pending()})
	if done.Failed {
		t.Fatalf("the push is refused: %s", done.Code)
	}
	if err := r.Acknowledged(done.Origin); err != nil {
		t.Fatal(err)
	}
}

func fresh() *replica.Replica { return replica.NewReplica(identity, today, settings()) }

func TestTheOwnRangeAndWhatComesBehindIt(t *testing.T) {
	rows := []struct {
		name string
		slot int
		want []queue.Number
	}{
		{"the first store", 0, []queue.Number{"A801", "A802", "A803", "K1-0005", "K1-0006"}},
		{"the second store", 1, []queue.Number{"A811", "A812", "A813", "K1B-0005", "K1B-0006"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := fresh()
			var got []queue.Number
			for n := range row.want {
				o := order(n + 1)
				o.Slot, o.Overflow = row.slot, 5
				got = append(got, issue(t, r, o))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("numbers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatACopyRefuses(t *testing.T) {
	rows := []struct {
		name string
		plan *queue.Settings
		do   func(*replica.Order)
		want queue.Code
	}{
		{"no plan", nil, func(*replica.Order) {}, queue.DayNotOpen},
		{"a slot that the plan has not", settings(), func(o *replica.Order) { o.Slot = 2 }, queue.RangeNotBound},
		{"no slot", settings(), func(o *replica.Order) { o.Slot = -1 }, queue.RangeNotBound},
		{"a service that is not there", settings(), func(o *replica.Order) { o.Service = "fishing" }, queue.UnknownService},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r, o := replica.NewReplica(identity, today, row.plan), order(1)
			row.do(&o)
			if _, err := r.Issue(o); !refused(err, row.want) {
				t.Errorf("%v, want %s", err, row.want)
			}
			if r.Origin().Number != 0 {
				t.Error("a refusal left a body")
			}
		})
	}
}

// TestAGuessUsesNoNumberOfADate issues with a clock that nobody believes: an
// overflow number, a flag, and no closed door.
func TestAGuessUsesNoNumberOfADate(t *testing.T) {
	plan := settings()
	plan.Services[0].Opens = queuetest.Opening.Add(30 * time.Minute)
	plan.Services[0].Closes = queuetest.Opening.Add(8 * time.Hour)
	for _, at := range []time.Duration{0, time.Hour, 8 * time.Hour, 15 * time.Hour} {
		r, o := replica.NewReplica(identity, today, plan), order(1)
		o.At, o.Guessed = queuetest.Opening.Add(at), true
		if n := issue(t, r, o); n != "K1-0001" {
			t.Errorf("%v after the opening: number %s", at, n)
		}
		ticket, _ := r.State().Ticket(o.Ticket)
		if !ticket.Has(queue.FlagClock) || !ticket.Has(queue.FlagOffline) {
			t.Errorf("flags %v", ticket.Flags)
		}
	}
}

func TestTheDaysOwnSettingsReplaceThePlan(t *testing.T) {
	w, r := newWard(t), fresh()
	old := settings()
	old.Series[0].Kiosks["K1"] = []queue.Range{{First: 701, Last: 703}}
	r.Plan(old)
	if n, err := r.Issue(order(1)); err != nil || n.Number != "A701" {
		t.Fatalf("by the stored plan: %s, %v", n.Number, err)
	}
	confirm(t, r, w)
	if n, err := r.Issue(order(1)); err != nil || n.Number != "A801" {
		t.Errorf("by the day's own settings: %s, %v", n.Number, err)
	}
	r.Plan(nil)
	if !r.State().Opened() {
		t.Error("a confirmed day needs no plan")
	}
}

func TestAStoredPlanRunsAnotherDate(t *testing.T) {
	later := replica.NewReplica(identity, "2026-04-03", settings())
	o := order(1)
	o.At = o.At.Add(48 * time.Hour)
	if n := issue(t, later, o); n != "A801" {
		t.Errorf("number %s", n)
	}
	if got := later.State().Settings().Date; got != "2026-04-03" {
		t.Errorf("the day is run as %s", got)
	}
}

func TestOwnBodiesLieOnTop(t *testing.T) {
	w, r := newWard(t), fresh()
	issue(t, r, order(1))
	w.must(today, queue.IssueTicket{Ticket: "web-1", Service: "moving", Channel: queue.ChannelWeb})
	confirm(t, r, w)
	for _, n := range []queue.Number{"A001", "A801"} {
		if len(r.State().ByNumber(n)) != 1 {
			t.Errorf("%s is not in the merged day", n)
		}
	}
	if diff := cmp.Diff([]queue.CommandID{"c1"}, r.Commands()); diff != "" {
		t.Errorf("pending commands (-want +got):\n%s", diff)
	}
	push(t, r, w)
	if len(r.Pending()) != 0 || len(r.Commands()) != 0 {
		t.Errorf("%d bodies wait behind the acknowledgement", len(r.Pending()))
	}
	if again := confirm(t, r, w); again || len(r.State().ByNumber("A801")) != 1 {
		t.Errorf("pulled back: again %v, %d tickets", again, len(r.State().ByNumber("A801")))
	}
	// Records that are known are passed over.
	if again, err := r.Confirm(w.day(today).Records(0, 0), w.day(today).Head()); again || err != nil {
		t.Errorf("the same records: again %v, %v", again, err)
	}
}

// TestPaperWins has a server that gave a number whose answer was lost, and a
// machine that printed one of its own for the same press.
func TestPaperWins(t *testing.T) {
	give := func(w *ward) {
		w.give(replica.Press{Command: "c1", Ticket: order(1).Ticket, Service: "moving"})
	}
	rows := []struct {
		name  string
		steps func(*testing.T, *ward, *replica.Replica)
	}{
		{"the server's number is pulled behind the paper", func(t *testing.T, w *ward, r *replica.Replica) {
			issue(t, r, order(1))
			give(w)
			confirm(t, r, w)
		}},
		{"the server's number is known already", func(t *testing.T, w *ward, r *replica.Replica) {
			give(w)
			confirm(t, r, w)
			issue(t, r, order(1))
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w, r := newWard(t), fresh()
			row.steps(t, w, r)
			for i := range 2 {
				ticket, ok := r.State().Ticket(order(1).Ticket)
				if !ok || ticket.Number != "A801" || !ticket.Has(queue.FlagRenumbered) {
					t.Fatalf("round %d: the ticket is %+v", i, ticket)
				}
				push(t, r, w)
				confirm(t, r, w)
			}
			if ticket, _ := w.day(today).State().Ticket(order(1).Ticket); ticket.Number != "A801" {
				t.Errorf("the server calls %s", ticket.Number)
			}
		})
	}
}

func TestAnotherLogIsFollowedFromItsBeginning(t *testing.T) {
	another := func(t *testing.T, change func(*ward)) *ward {
		w := newWard(t)
		change(w)
		w.day(today)
		return w
	}
	rows := []struct {
		name string
		to   *ward
	}{
		{"another incarnation", another(t, func(w *ward) {
			w.life = eventlog.Incarnation{9}
			w.must(today, queue.OpenCounter{Counter: "1"})
			w.must(today, queue.OpenCounter{Counter: "2"})
		})},
		{"a shorter log", another(t, func(*ward) {})},
		{"another record in its place", another(t, func(w *ward) { w.must(today, queue.OpenCounter{Counter: "2"}) })},
		{"another record behind it", another(t, func(w *ward) {
			w.must(today, queue.OpenCounter{Counter: "2"})
			w.must(today, queue.OpenCounter{Counter: "1"})
		})},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w, r := newWard(t), fresh()
			w.must(today, queue.OpenCounter{Counter: "1"})
			issue(t, r, order(1))
			push(t, r, w)
			w.must(today, queue.OpenCounter{Counter: "3"})
			w2 := newWard(t)
			w2.must(today, queue.OpenCounter{Counter: "1"})
			confirm(t, r, w2) // the part before the push
			if r.Head().Number != 2 {
				t.Fatalf("follows %d records", r.Head().Number)
			}
			row.to.t = t
			if !confirm(t, r, row.to) || r.Head().Number != 0 {
				t.Fatalf("goes on at %d", r.Head().Number)
			}
			if len(r.State().ByNumber("A801")) != 1 {
				t.Error("the own ticket is gone meanwhile")
			}
			if confirm(t, r, row.to) || r.Head() != row.to.day(today).Head() {
				t.Errorf("stands at %v", r.Head())
			}
			if len(r.Pending()) != 1 {
				t.Error("what the other log lacks is not sent again")
			}
			push(t, r, row.to)
			if len(row.to.day(today).State().ByNumber("A801")) != 1 {
				t.Error("the other log lacks the paper")
			}
		})
	}
}

func TestARecordThatCannotBeRead(t *testing.T) {
	w, r := newWard(t), fresh()
	issue(t, r, order(1))
	bad := slices.Clone(w.day(today).Records(0, 0))
	bad[0].Body = []byte("no body")
	if _, err := r.Confirm(bad, w.day(today).Head()); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Fatalf("%v, want a corrupt record", err)
	}
	if r.Head().Number != 0 || len(r.Pending()) != 1 {
		t.Errorf("stands at %d with %d pending", r.Head().Number, len(r.Pending()))
	}
}

func TestHowFarTheServerKnowsTheChain(t *testing.T) {
	r := fresh()
	for n := range 3 {
		issue(t, r, order(n+1))
	}
	second := day.Origin{Number: 2, Hash: eventlog.BodyHash(r.Pending()[1])}
	rows := []struct {
		name    string
		origin  day.Origin
		pending int
		fork    bool
	}{
		{"two of three", second, 1, false},
		{"all", r.Origin(), 0, false},
		{"nothing any more: the rest is sent again", day.Origin{}, 3, false},
		{"more than there is", day.Origin{Number: 4}, 3, true},
		{"less than nothing", day.Origin{Number: -1}, 3, true},
		{"another one", day.Origin{Number: 2, Hash: eventlog.Hash{1}}, 3, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := r.Acknowledged(row.origin)
			if errors.Is(err, day.ErrFork) != row.fork || len(r.Pending()) != row.pending || r.Forked() != row.fork {
				t.Errorf("%v, %d pending, forked %v", err, len(r.Pending()), r.Forked())
			}
		})
	}
	if _, err := r.Issue(order(9)); !refused(err, queue.RangeNotBound) {
		t.Errorf("a copied store issues: %v", err)
	}
}

// TestACopiedStoreIsFoundInTheLog lets two machines write under one name.
func TestACopiedStoreIsFoundInTheLog(t *testing.T) {
	rows := []struct {
		name  string
		steps func(*testing.T, *ward, *replica.Replica) error
	}{
		{"both wrote a first body", func(t *testing.T, w *ward, r *replica.Replica) error {
			issue(t, r, order(2))
			_, err := r.Confirm(w.day(today).Records(0, 0), w.day(today).Head())
			return err
		}},
		{"the other one wrote all", func(_ *testing.T, w *ward, r *replica.Replica) error {
			_, err := r.Confirm(w.day(today).Records(0, 0), w.day(today).Head())
			return err
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w, original := newWard(t), fresh()
			issue(t, original, order(1))
			push(t, original, w)
			r := fresh()
			if err := row.steps(t, w, r); !errors.Is(err, day.ErrFork) || !r.Forked() {
				t.Errorf("%v, forked %v", err, r.Forked())
			}
		})
	}
}

func TestOnlyTheNextOwnBodyIsTaken(t *testing.T) {
	r := fresh()
	first, err := r.Issue(order(1))
	if err != nil {
		t.Fatal(err)
	}
	stranger := replica.NewReplica(replica.Identity{Office: "km-test", Kiosk: "K1", Store: "other"}, today, settings())
	foreign, err := stranger.Issue(order(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(first.Body); err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name string
		raw  []byte
		want error
	}{
		{"the same again", first.Body, day.ErrFork},
		{"another store's", foreign.Body, day.ErrFork},
		{"no body", []byte("{"), eventlog.ErrCorrupt},
	}
	for _, row := range rows {
		if err := r.Add(row.raw); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
	if r.Origin().Number != 1 {
		t.Errorf("the chain has %d bodies", r.Origin().Number)
	}
}
