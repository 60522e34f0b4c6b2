package office_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/office"
	"machi/internal/queue"
)

func TestNumbersAscend(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	for i := 1; i <= 3; i++ {
		if got, want := r.ticket(), queue.Number(fmt.Sprintf("A%03d", i)); got != want {
			t.Errorf("ticket %d has number %s, want %s", i, got, want)
		}
	}
	r.same()
}

func TestBatchIsOneAppendAndOneKeep(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	jobs := []*office.Job{r.issue(), r.issue(), r.issue()}
	out := r.core.Step(r.now, office.Submit{Jobs: jobs})
	appended, is := only(t, out).(office.Append)
	if !is || len(appended.Records) != 3 {
		t.Fatalf("the jobs cause %#v, want one append of 3 records", out)
	}
	if n := r.core.Day().State().WaitingCount(); n != 0 {
		t.Errorf("%d tickets are shown before the append is confirmed", n)
	}
	late := r.issue() // comes while the append is under way
	if out := r.core.Step(r.now, office.Submit{Jobs: []*office.Job{late}}); len(out) != 0 {
		t.Fatalf("a job that comes meanwhile causes %v", out)
	}
	out = r.core.Step(r.now, office.Appended{})
	if kept, is := only(t, out).(office.Keep); !is || len(kept.Records) != 3 {
		t.Fatalf("the append causes %#v, want one keep of 3 records", out)
	}
	out = r.core.Step(r.now, office.Kept{})
	if len(out) != 4 {
		t.Fatalf("%d outputs behind the journal, want 3 answers and the next append", len(out))
	}
	for i, o := range out[:3] {
		a, is := o.(office.Answer)
		if want := queue.Number(fmt.Sprintf("A%03d", i+1)); !is || a.Job != jobs[i] || number(a) != want {
			t.Errorf("output %d is %#v, want the answer %s", i, o, want)
		}
	}
	if _, is := out[3].(office.Append); !is {
		t.Errorf("the late job causes %T", out[3])
	}
}

func only(t *testing.T, out []office.Output) office.Output {
	t.Helper()
	if len(out) != 1 {
		t.Fatalf("%d outputs, want 1: %v", len(out), out)
	}
	return out[0]
}

// TestOutcomesOfAnAppend is the table of what a server answers, whatever the store
// says. What is not in the log afterwards was answered with an error.
func TestOutcomesOfAnAppend(t *testing.T) {
	for _, c := range []struct {
		name        string
		fault       memlog.Fault
		change      func(*office.CoreOptions)
		issue, open string // codes
		unconfirmed bool
		in          bool // the ticket is in the log
	}{
		{"appended", memlog.None, nil, "", "", false, true},
		{"failed", memlog.Fail, nil, "store_unreachable", "store_unreachable", false, false},
		{"the reply is lost", memlog.UnclearDone, nil, "", "", false, true},
		{"the request is lost", memlog.UnclearUndone, nil, "", "", false, true},
		{"not on every data node", memlog.Unsafe, nil, "number_not_safe", "", true, true},
		{"the reply is lost, with data nodes", memlog.UnclearDone, replicated, "number_not_safe", "", true, true},
		{"the request is lost, with data nodes", memlog.UnclearUndone, replicated, "", "", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change == nil {
				c.change = func(*office.CoreOptions) {}
			}
			r := newRig(t, "a", memlog.New(), c.change)
			r.store.SetFaults(memlog.Appends(c.fault))
			issue, open := r.issue(), r.job(queue.OpenCounter{Counter: "1"})
			a := r.do(issue, open)
			if code(a[0].Err) != c.issue || code(a[1].Err) != c.open || a[1].Reply.Unconfirmed != c.unconfirmed {
				t.Errorf("answers %q and %q, unconfirmed %v", code(a[0].Err), code(a[1].Err), a[1].Reply.Unconfirmed)
			}
			if a[0].Reply.Repeated || a[1].Reply.Repeated {
				t.Error("the first answer claims to be a repetition")
			}
			if got := len(r.store.Records(stream)) == 3; got != c.in {
				t.Errorf("in the log: %v, want %v", got, c.in)
			}
			r.settle()
			r.same()
			// Another safe append makes what lies before it safe, and a repetition
			// of the request has at most one effect, in every case.
			r.ticket()
			if a := r.do(&office.Job{Request: issue.Request}); a[0].Err != nil || number(a[0]) == "" || a[0].Reply.Repeated != c.in {
				t.Errorf("sent again: %v, %+v", a[0].Err, a[0].Reply)
			}
			if n := r.core.Day().State().WaitingCount(); n != 2 {
				t.Errorf("%d tickets wait, want 2", n)
			}
		})
	}
}

func TestUnsafeNumberStaysUnsafeWhenAskedAgain(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	r.store.SetFaults(memlog.Appends(memlog.Unsafe))
	issue := r.issue()
	r.do(issue)
	if a := r.do(&office.Job{Request: issue.Request}); code(a[0].Err) != office.NumberNotSafe {
		t.Errorf("sent again: %v", a[0].Err)
	}
}

// TestAnotherServerDoesNotKnowWhatIsSafe: the losing side of a split may have more
// than one server, and a number that only it has is nobody's.
func TestAnotherServerDoesNotKnowWhatIsSafe(t *testing.T) {
	store := memlog.New()
	a := newRig(t, "a", store, replicated)
	b := newRig(t, "b", store.Peer(), replicated)
	store.SetFaults(memlog.Appends(memlog.Unsafe))
	issue := a.issue()
	a.do(issue)
	store.SetFaults(nil)
	b.second()
	for range 2 {
		if got := b.do(&office.Job{Request: issue.Request})[0]; code(got.Err) != office.NumberNotSafe {
			t.Errorf("asked there: %+v, %v", got.Reply, got.Err)
		}
	}
	b.ticket() // is on every data node, and so is what lies before it
	if got := b.do(&office.Job{Request: issue.Request})[0]; got.Err != nil || number(got) != "A001" {
		t.Errorf("once it is safe: %+v, %v", got.Reply, got.Err)
	}
}

// TestUnsafeRangeIsNotTold: a machine that was told its range by the losing side of
// a split would share it with the next one.
func TestUnsafeRangeIsNotTold(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	r.store.SetFaults(memlog.Appends(memlog.Unsafe))
	bind := r.job(queue.BindRange{Kiosk: "K1", Store: "s1"})
	for range 2 {
		if a := r.do(&office.Job{Request: bind.Request}); code(a[0].Err) != office.NumberNotSafe {
			t.Errorf("told: %+v, %v", a[0].Reply, a[0].Err)
		}
	}
	r.store.SetFaults(nil)
	r.ticket() // is on every data node, and so is what lies before it
	if a := r.do(&office.Job{Request: bind.Request}); a[0].Err != nil || a[0].Reply.Outcome == nil {
		t.Errorf("once it is safe: %+v, %v", a[0].Reply, a[0].Err)
	}
}

// TestNoChainGoesOnBehindAnUnclearAppend: a data node that was lost may hold the
// record, and it must have a place when it comes back.
func TestNoChainGoesOnBehindAnUnclearAppend(t *testing.T) {
	r := newRig(t, "a", memlog.New(), replicated)
	r.ticket()
	r.store.SetFaults(memlog.Appends(memlog.UnclearUndone))
	r.do(r.issue())
	var origins []string
	for _, rec := range r.store.Records(stream)[1:] {
		body, err := eventlog.DecodeBody(rec.Body)
		if err != nil {
			t.Fatal(err)
		}
		origins = append(origins, body.Origin)
	}
	if len(origins) != 2 || origins[0] == origins[1] {
		t.Errorf("the records around it are of %v", origins)
	}
}

func TestSameIDTwice(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	first := r.issue()
	twin, other := office.Job{Request: first.Request}, office.Job{Request: first.Request}
	other.Request.Fingerprint = "another request"
	a := r.do(first, &twin, &other)
	if a[0].Err != nil || a[0].Reply.Repeated || a[1].Err != nil || !a[1].Reply.Repeated || number(a[0]) != number(a[1]) {
		t.Errorf("in one batch: %+v and %+v", a[0], a[1])
	}
	if !errors.Is(a[2].Err, office.ErrKeyReused) {
		t.Errorf("another request with the id: %v", a[2].Err)
	}
	r.begin() // forgets nothing
	late, reused := office.Job{Request: first.Request}, office.Job{Request: other.Request}
	a = r.do(&late, &reused)
	if !a[0].Reply.Repeated || number(a[0]) != "A001" || !errors.Is(a[1].Err, office.ErrKeyReused) {
		t.Errorf("behind a restart: %+v and %v", a[0], a[1].Err)
	}
	if n := r.core.Day().State().WaitingCount(); n != 1 {
		t.Errorf("%d tickets wait, want 1", n)
	}
}

func TestWhatComesTooLateIsAnsweredOnlyIfItWasDone(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	done, never := r.issue(), r.issue()
	r.do(done)
	late := []*office.Job{{Request: done.Request}, {Request: never.Request}}
	for _, j := range late {
		j.Request.OnlyRepeat = true
	}
	a := r.do(late...)
	if a[0].Err != nil || !a[0].Reply.Repeated || number(a[0]) != "A001" {
		t.Errorf("what was done: %+v, %v", a[0].Reply, a[0].Err)
	}
	if !errors.Is(a[1].Err, office.ErrTooLate) {
		t.Errorf("what was not: %v, want ErrTooLate", a[1].Err)
	}
	if n := len(r.store.Records(stream)); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}

func TestRefusalChangesNothing(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	before := len(r.store.Records(stream))
	a := r.do(r.job(queue.CallNext{Counter: "1"}))
	if code(a[0].Err) != string(queue.CounterNotOpen) {
		t.Errorf("refused as %q", code(a[0].Err))
	}
	if got := len(r.store.Records(stream)); got != before {
		t.Errorf("%d records, want %d", got, before)
	}
}

// TestNoRefusalFromAnOldView: a ticket that another server gave is seen before a
// clerk is told that nobody waits.
func TestNoRefusalFromAnOldView(t *testing.T) {
	store := memlog.New()
	a := newRig(t, "a", store)
	b := newRig(t, "b", store.Peer())
	a.must(queue.OpenCounter{Counter: "1"})
	b.second()
	want := b.ticket()
	called := a.must(queue.CallNext{Counter: "1"}).Events[0].(queue.TicketCalled)
	if called.Number != want {
		t.Errorf("called %s, want %s", called.Number, want)
	}
	a.same()
	if got := a.core.Stats().Conflicts; got != 0 {
		t.Errorf("%d conflicts", got)
	}
}

func TestLostRaceDecidesAgain(t *testing.T) {
	store := memlog.New()
	a := newRig(t, "a", store)
	b := newRig(t, "b", store.Peer())
	if got := []queue.Number{a.ticket(), b.ticket(), a.ticket(), b.ticket()}; !reflect.DeepEqual(got, []queue.Number{"A001", "A002", "A003", "A004"}) {
		t.Errorf("numbers %v", got)
	}
	if a.core.Stats().Conflicts+b.core.Stats().Conflicts != 3 {
		t.Errorf("conflicts %d and %d", a.core.Stats().Conflicts, b.core.Stats().Conflicts)
	}
	b.same()
}

func TestGivesUpRacing(t *testing.T) {
	store := memlog.New()
	a := newRig(t, "a", store)
	b := newRig(t, "b", store.Peer())
	races := 0
	store.SetFaults(func(op memlog.Op, _ string) memlog.Fault {
		if op == memlog.OpAppend {
			races++
			b.ticket()
		}
		return memlog.None
	})
	if got := a.do(a.issue())[0]; code(got.Err) != office.Overloaded {
		t.Errorf("answer %v", got.Err)
	}
	if races != 6 {
		t.Errorf("%d attempts, want 6", races)
	}
}

func TestOverload(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	jobs := make([]*office.Job, 257)
	for i := range jobs {
		jobs[i] = r.issue()
	}
	a := r.do(jobs...)
	for i, got := range a {
		want := ""
		if i == 256 {
			want = office.Overloaded
		}
		if code(got.Err) != want {
			t.Fatalf("job %d: %v", i, got.Err)
		}
	}
	if r.core.Waiting() != 0 {
		t.Errorf("%d jobs still wait", r.core.Waiting())
	}
}

func TestCancelledJobIsNotDone(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	first, second := r.issue(), r.issue()
	r.core.Step(r.now, office.Submit{Jobs: []*office.Job{first}})
	r.core.Step(r.now, office.Submit{Jobs: []*office.Job{second}})
	r.core.Step(r.now, office.Cancel{Job: second})
	r.core.Step(r.now, office.Appended{})
	out := r.core.Step(r.now, office.Kept{})
	if a, is := only(t, out).(office.Answer); !is || a.Job != first {
		t.Errorf("outputs %v", out)
	}
}

func TestJournalFails(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	r.keepErr = errors.New("disk full")
	issue := r.issue()
	if a := r.do(issue); code(a[0].Err) != office.NumberNotSafe {
		t.Errorf("a number with one disk: %v", a[0].Err)
	}
	if a := r.do(r.issue()); code(a[0].Err) != office.StoreUnreachable {
		t.Errorf("the next: %v", a[0].Err)
	}
	if n := len(r.store.Records(stream)); n != 2 {
		t.Errorf("%d records, want 2: nothing is appended that cannot be kept", n)
	}
	r.keepErr = nil
	if got := r.ticket(); got != "A002" {
		t.Errorf("number %s", got)
	}
	if len(r.journal) != 3 {
		t.Errorf("%d records in the journal, want all 3", len(r.journal))
	}
}

func TestStoreIsDownAtTheStart(t *testing.T) {
	store := memlog.New()
	r := newRig(t, "a", store)
	want := r.ticket()
	store.SetFaults(func(memlog.Op, string) memlog.Fault { return memlog.Fail })
	r.begin()
	if !r.core.Doubt() || len(r.core.Day().State().ByNumber(want)) != 1 {
		t.Errorf("in doubt: %v; what the journal knows must be shown", r.core.Doubt())
	}
	if a := r.do(r.issue()); code(a[0].Err) != office.StoreUnreachable {
		t.Errorf("answer %v", a[0].Err)
	}
	store.SetFaults(nil)
	if got := r.ticket(); got != "A002" {
		t.Errorf("number %s", got)
	}
	r.same()
}

func TestTimeOnlyGoesOn(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	r.ticket()
	before := r.core.Day().State().Moment()
	r.now = r.now.Add(-time.Hour)
	r.ticket()
	if got := r.core.Day().State().Moment(); !got.After(before) {
		t.Errorf("the moment went from %v to %v", before, got)
	}
}

func TestDayEnds(t *testing.T) {
	r := newRig(t, "a", memlog.New())
	r.ticket()
	r.now = time.Date(2026, 4, 2, 2, 59, 58, 0, queue.JST)
	r.second()
	if r.core.Day().State().Closed() {
		t.Fatal("the day closed too early")
	}
	r.second()
	if !r.core.Day().State().Closed() {
		t.Fatal("the day did not close")
	}
	head := r.core.Day().Head()
	r.settle()
	if r.core.Day().Head() != head {
		t.Error("ticks fill the log")
	}
	r.same()
}

// TestCoreRepeatsExactly: the core has no goroutine, clock or chance of its own.
func TestCoreRepeatsExactly(t *testing.T) {
	life := func() (eventlog.Head, []string) {
		store := memlog.New()
		r := newRig(t, "a", store)
		b := newRig(t, "b", store.Peer())
		for i := range 20 {
			store.SetFaults(memlog.Appends(memlog.Fault(i % 5)))
			r.do(r.issue(), r.issue())
			b.do(b.issue())
		}
		store.SetFaults(nil)
		store.LoseTail(stream, 3)
		r.settle()
		return r.core.Day().Head(), r.notices
	}
	head, notices := life()
	again, same := life()
	if head != again || !reflect.DeepEqual(notices, same) {
		t.Errorf("two lives: %v %v and %v %v", head.Number, notices, again.Number, same)
	}
}
