package office_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/office"
	"machi/internal/queue"
)

func TestLostTailIsPutBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		left    int64 // records that the store still has
		restart bool
	}{
		{"the tail", 3, false},
		{"everything", 0, false},
		{"the tail, and the server started anew", 3, true},
		{"everything, and the server started anew", 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "a", memlog.New())
			for range 250 { // more than one append
				r.ticket()
			}
			want := r.store.Records(stream)
			r.store.Truncate(stream, c.left)
			if c.restart {
				r.begin()
			} else {
				r.second()
			}
			if a := r.do(r.issue()); code(a[0].Err) != office.InDoubt {
				t.Errorf("while others may put back: %v", a[0].Err)
			}
			r.settle()
			if diff := cmp.Diff(heads(want), heads(r.store.Records(stream))); diff != "" {
				t.Fatalf("the store (-before +after):\n%s", diff)
			}
			r.same()
			if got := r.ticket(); got != "A251" {
				t.Errorf("the next number is %s", got)
			}
			if got := r.core.Stats().PutBack; got != len(want)-int(c.left) {
				t.Errorf("%d records put back", got)
			}
		})
	}
}

// TestLossIsFoundByTheNextCommand: nobody has to wait for the next second.
func TestLossIsFoundByTheNextCommand(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	r.ticket()
	r.ticket()
	r.store.LoseTail(stream, 1)
	if a := r.do(r.issue()); code(a[0].Err) != office.InDoubt {
		t.Errorf("decided on a store that had lost its tail: %v", a[0].Err)
	}
	r.settle()
	if got := r.ticket(); got != "A003" {
		t.Errorf("the next number is %s", got)
	}
}

// TestTwoServersPutBackWhatEachHasSeen: the one that saw less goes first.
func TestTwoServersPutBackWhatEachHasSeen(t *testing.T) {
	store := memlog.New()
	a := newRig(t, "a", store)
	for range 5 {
		a.ticket()
	}
	b := newRig(t, "b", store.Peer())
	for range 5 {
		a.ticket()
	}
	want := store.Records(stream)
	store.Truncate(stream, 2)
	b.second() // b puts back what it has seen, and holds back
	if got := b.do(b.issue())[0]; code(got.Err) != office.InDoubt {
		t.Errorf("b decided at once: %v", got.Err)
	}
	a.second()
	b.settle()
	if diff := cmp.Diff(heads(want), heads(store.Records(stream))); diff != "" {
		t.Fatalf("the store (-before +after):\n%s", diff)
	}
	a.settle()
	a.same()
	b.same()
}

// fork gives the store a history in which everything behind record n is b's.
func fork(t *testing.T, a *rig, n int64) {
	t.Helper()
	other := memlog.New()
	if err := other.Replace(stream, a.store.Records(stream)[:n]); err != nil {
		t.Fatal(err)
	}
	b := newRig(t, "b", other)
	b.now = a.now
	b.must(queue.OpenCounter{Counter: "2"})
	b.ticket()
	b.ticket()
	if err := a.store.Replace(stream, other.Records(stream)); err != nil {
		t.Fatal(err)
	}
}

func TestForkKeepsBothSuffixes(t *testing.T) {
	for _, c := range []struct {
		name    string
		restart bool
	}{{"known from memory", false}, {"known from the journal", true}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "a", memlog.New())
			common := r.ticket()
			at := r.core.Day().Head().Number
			lost := r.issue()
			lostNumber := number(r.do(lost)[0])
			r.must(queue.OpenCounter{Counter: "1"})
			r.must(queue.CallTicket{Ticket: lost.Request.Command.(queue.IssueTicket).Ticket, Counter: "1"})
			bodies := r.store.Records(stream)[at:]
			fork(t, r, at)

			if c.restart {
				r.begin()
			} else {
				r.second()
			}
			if got := r.do(r.issue())[0]; code(got.Err) != office.InDoubt {
				t.Errorf("decided at once: %v", got.Err)
			}
			r.settle()
			r.same()
			checkFacts(t, r, bodies)
			s := r.core.Day().State()
			if n := len(s.Tickets()); n != 4 {
				t.Errorf("%d tickets, want 4", n)
			}
			if twins := s.ByNumber(lostNumber); len(twins) != 2 || len(s.ByNumber(common)) != 1 {
				t.Errorf("%d tickets bear %s", len(twins), lostNumber)
			}
			called, _ := s.Ticket(lost.Request.Command.(queue.IssueTicket).Ticket)
			if called.Status != queue.Called || called.Counter != "1" {
				t.Errorf("the called ticket is %s at %q", called.Status, called.Counter)
			}
			if a := r.do(&office.Job{Request: lost.Request}); !a[0].Reply.Repeated || number(a[0]) != lostNumber {
				t.Errorf("the lost command, sent again: %+v", a[0])
			}
			if next := r.ticket(); len(r.core.Day().State().ByNumber(next)) != 1 {
				t.Errorf("number %s was given twice", next)
			}
			if got := r.core.Stats(); got.Facts != 3 || got.Lost != 0 || got.Forks != 1 {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

// checkFacts checks that the bodies of records are in the store again, as facts and
// byte for byte.
func checkFacts(t *testing.T, r *rig, want []eventlog.Record) {
	t.Helper()
	var got []string
	for _, rec := range r.store.Records(stream) {
		if rec.Fact {
			got = append(got, string(rec.Body))
		}
	}
	var bodies []string
	for _, rec := range want {
		bodies = append(bodies, string(rec.Body))
	}
	if diff := cmp.Diff(bodies, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// TestAnotherIncarnation: the store was emptied and somebody else began the day.
func TestAnotherIncarnation(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	for range 3 {
		r.ticket()
	}
	other := newRig(t, "b", memlog.New())
	other.ticket()
	if err := r.store.Replace(stream, other.store.Records(stream)); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.same()
	if got := len(r.core.Day().State().Tickets()); got != 4 {
		t.Errorf("%d tickets, want 4", got)
	}
	if r.core.Day().Head().Incarnation != other.core.Day().Head().Incarnation {
		t.Error("the incarnation is not the store's")
	}
}

// TestRepairIsDisturbed: each call of the repair may fail, in every way.
func TestRepairIsDisturbed(t *testing.T) {
	for fault := memlog.Fail; fault <= memlog.Unsafe; fault++ {
		for calls := range 12 {
			r := newRig(t, "a", memlog.New())
			for range 4 {
				r.ticket()
			}
			fork(t, r, 3)
			n := 0
			r.store.SetFaults(func(memlog.Op, string) memlog.Fault {
				if n++; n == calls+1 {
					return fault
				}
				return memlog.None
			})
			for range 5 {
				r.settle()
			}
			r.same()
			if got := len(r.core.Day().State().Tickets()); got != 6 {
				t.Errorf("fault %d in call %d: %d tickets, want 6", fault, calls, got)
			}
		}
	}
}

func TestDamagedLogStopsTheOffice(t *testing.T) {
	store := memlog.New()
	a := newRig(t, "a", store)
	for range 4 {
		a.ticket()
	}
	good := store.Records(stream)
	store.Damage(stream, 3)
	b := newRig(t, "b", store.Peer())
	b.settle()
	if got := b.do(b.issue())[0]; code(got.Err) != office.InDoubt || !errors.Is(got.Err, eventlog.ErrCorrupt) {
		t.Errorf("answer %v", got.Err)
	}
	if !b.core.Doubt() || b.core.Day().Head().Number != 2 {
		t.Errorf("it stands at %d, in doubt: %v", b.core.Day().Head().Number, b.core.Doubt())
	}
	if err := store.Replace(stream, good); err != nil { // the operator's repair
		t.Fatal(err)
	}
	b.second()
	if got := b.ticket(); got != "A005" {
		t.Errorf("number %s", got)
	}
	b.same()
}

// kioskFacts are bodies that a kiosk wrote on its own.
func kioskFacts(t *testing.T, origin string, count int) [][]byte {
	t.Helper()
	var bodies [][]byte
	var after day.Origin
	for i := range count {
		id := queue.TicketID("K1.9f3a-" + string(rune('a'+i)))
		events := []queue.Event{queue.TicketIssued{
			Ticket: id, Number: queue.Number("A80" + string(rune('1'+i))), Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving",
			Channel: queue.ChannelKiosk, IssuedAt: morning, Arrival: morning,
		}}
		m := queue.Meta{
			Command: queue.CommandID("press-" + string(rune('a'+i))), At: morning, Origin: origin,
			Actor: queue.Actor{Role: queue.RoleKiosk, ID: "K1"},
		}
		raw, err := day.Body(m, events, after, nil)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, raw)
		after = day.Origin{Number: after.Number + 1, Hash: eventlog.BodyHash(raw)}
	}
	return bodies
}

func TestPushedFacts(t *testing.T) {
	bodies := kioskFacts(t, "kiosk/K1/9f3a", 5)
	stranger := kioskFacts(t, "kiosk/K2/77aa", 2)
	denied := errors.New("not its own")
	for _, c := range []struct {
		name   string
		facts  [][]byte
		allow  func(queue.Entry) error
		want   error
		origin int64
		added  int
	}{
		{"in order", bodies, nil, nil, 5, 5},
		{"known ones are skipped", append(bodies[:2:2], bodies...), nil, nil, 5, 5},
		{"with a gap", bodies[1:], nil, day.ErrGap, 0, 0},
		{"with a gap behind the first", [][]byte{bodies[0], bodies[2]}, nil, day.ErrGap, 0, 0},
		{"of two origins", [][]byte{bodies[0], stranger[0]}, nil, office.ErrBadPush, 0, 0},
		{"no body", [][]byte{[]byte("{")}, nil, office.ErrBadPush, 0, 0},
		{"not allowed", bodies, func(queue.Entry) error { return denied }, denied, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "a", memlog.New())
			a := r.do(&office.Job{Facts: c.facts, Allow: c.allow})[0]
			if !errors.Is(a.Err, c.want) || a.Reply.Origin.Number != c.origin {
				t.Errorf("answer %v, origin at %d", a.Err, a.Reply.Origin.Number)
			}
			if got := len(r.core.Day().State().Tickets()); got != c.added {
				t.Errorf("%d tickets, want %d", got, c.added)
			}
			r.same()
		})
	}
}

func TestPaperWins(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	bodies := kioskFacts(t, "kiosk/K1/9f3a", 1)
	issue := r.job(queue.IssueTicket{Ticket: "K1.9f3a-a", Service: "moving", Channel: queue.ChannelKiosk})
	issue.Request.ID = "press-a"
	r.store.SetFaults(memlog.Appends(memlog.Unsafe))
	if a := r.do(issue); code(a[0].Err) != office.NumberNotSafe {
		t.Fatalf("answer %v", a[0].Err)
	}
	if a := r.do(&office.Job{Facts: bodies}); a[0].Err != nil {
		t.Fatal(a[0].Err)
	}
	got, _ := r.core.Day().State().Ticket("K1.9f3a-a")
	if got.Number != "A801" || len(r.core.Day().State().Tickets()) != 1 {
		t.Errorf("the ticket bears %s", got.Number)
	}
}

func TestVerify(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	for range 3 {
		r.ticket()
	}
	records := r.store.Records(stream)
	d, err := office.Verify(records)
	if err != nil || d.Head() != r.core.Day().Head() {
		t.Errorf("a whole day: %v", err)
	}
	records[2].Body[0] ^= 1
	if d, err = office.Verify(records); !errors.Is(err, eventlog.ErrCorrupt) || d.Head().Number != 2 {
		t.Errorf("a damaged one: %v, at %d", err, d.Head().Number)
	}
}
