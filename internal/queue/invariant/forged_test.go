package invariant_test

import (
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

// scene is an honest beginning: counters 1 and 2 are open, tickets a and b wait.
func scene(t *testing.T, change ...func(*queue.Settings)) *queuetest.Log {
	t.Helper()
	settings := queuetest.Settings()
	for _, f := range change {
		f(&settings)
	}
	l := queuetest.New(settings, "s0")
	for _, c := range []queue.Command{
		queue.OpenCounter{Counter: "1"},
		queue.OpenCounter{Counter: "2"},
		queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk},
		queue.IssueTicket{Ticket: "b", Service: "moving", Channel: queue.ChannelKiosk},
	} {
		do(t, l, c)
	}
	return l
}

func do(t *testing.T, l *queuetest.Log, c queue.Command) queue.Entry {
	t.Helper()
	l.At = l.At.Add(time.Minute)
	e, err := l.Do(queuetest.Staff("x"), c)
	if err != nil {
		t.Fatalf("%T: %v", c, err)
	}
	return e
}

// forged returns a decided entry that nobody decided.
func forged(l *queuetest.Log, events ...queue.Event) queue.Entry {
	l.At = l.At.Add(time.Minute)
	return queue.Entry{Meta: l.Meta(queuetest.Staff("x")), Events: events}
}

func fact(l *queuetest.Log, events ...queue.Event) queue.Entry {
	e := forged(l, events...)
	e.Fact, e.Origin = true, "s9"
	return e
}

func issue(id queue.TicketID, n queue.Number, pool queue.Pool, at time.Time) queue.TicketIssued {
	e := queue.TicketIssued{Ticket: id, Number: n, Pool: pool, Service: "moving", Channel: queue.ChannelKiosk, IssuedAt: at, Arrival: at}
	if pool == queue.PoolKiosk {
		e.Kiosk = "K1"
	}
	return e
}

// ids returns which invariants are broken.
func ids(found []invariant.Violation) []string {
	var list []string
	for _, v := range found {
		list = append(list, v.ID)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// forgery is an honest log with a lie behind it.
type forgery struct {
	name  string
	want  string
	forge func(t *testing.T, l *queuetest.Log) []queue.Entry
}

// TestForgedLogs shows each judge a log that breaks its promise, and wants that
// promise named and no other.
func TestForgedLogs(t *testing.T) {
	at := queuetest.Opening.Add(5 * time.Minute)
	rows := []forgery{
		{"two tickets bear one number", "N1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{fact(l, issue("z", "A001", queue.PoolServer, at))}
		}},
		{"a ticket id is used twice", "N2", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{fact(l, issue("a", "A001", queue.PoolServer, at))}
		}},
		{"a number of nobody's range", "N3", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{forged(l, issue("z", "A500", queue.PoolServer, at))}
		}},
		{"a kiosk prints from another store's slot", "N3", func(t *testing.T, l *queuetest.Log) []queue.Entry {
			do(t, l, queue.BindRange{Kiosk: "K1", Store: "s1"})
			e := fact(l, issue("z", "A801", queue.PoolKiosk, at))
			e.Origin = "kiosk/K1/s2"
			return []queue.Entry{e}
		}},
		{"the server's numbers fall", "N5", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{forged(l, issue("y", "A009", queue.PoolServer, at)), forged(l, issue("z", "A008", queue.PoolServer, at))}
		}},
		{"the range is left early", "N6", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{forged(l, issue("z", "A101", queue.PoolServer, at))}
		}},
		{"an entry does not fold", "L3", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{forged(l, queue.ServiceStarted{Ticket: "a", Counter: "1"})}
		}},
		{"a command is decided twice", "L6", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			e := forged(l, queue.PrioritySet{Ticket: "a", Priority: true})
			return []queue.Entry{e, e}
		}},
		{"a counter is taken without a word", "T4", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{forged(l, queue.CounterOpened{Counter: "1", Staff: "y"})}
		}},
		{"a no-show after too few calls", "T9", func(t *testing.T, l *queuetest.Log) []queue.Entry {
			do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
			settings := *l.State.Settings()
			settings.Rule.NoShowCalls = 2
			do(t, l, queue.ChangeSettings{Settings: settings})
			return []queue.Entry{forged(l, queue.TicketMissed{Ticket: "a", Number: "A001", Counter: "1"})}
		}},
		{"the second is called as the first", "O1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{forged(l, queue.TicketCalled{Ticket: "b", Number: "A002", Counter: "1", Reason: queue.Reason{Code: queue.ReasonLongest}})}
		}},
		{"the first is called for a wrong reason", "O1", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{forged(l, queue.TicketCalled{Ticket: "a", Number: "A001", Counter: "1", Reason: queue.Reason{Code: queue.ReasonPriority}})}
		}},
		{"a kiosk's papers are inverted", "O2", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			return []queue.Entry{fact(l, issue("y", "A801", queue.PoolKiosk, at)), fact(l, issue("z", "A802", queue.PoolKiosk, at.Add(-time.Minute)))}
		}},
		{"an origin's entries are inverted", "O2", func(_ *testing.T, l *queuetest.Log) []queue.Entry {
			e, f := fact(l, queue.NoteAdded{Ticket: "a"}), fact(l, queue.NoteAdded{Ticket: "b"})
			e.OriginNumber, f.OriginNumber = 2, 1
			return []queue.Entry{e, f}
		}},
		{"somebody is overtaken beyond the bound", "O1 O4", func(t *testing.T, l *queuetest.Log) []queue.Entry {
			settings := *l.State.Settings()
			settings.Rule.MaxOvertaken = 1
			do(t, l, queue.ChangeSettings{Settings: settings})
			do(t, l, queue.IssueTicket{Ticket: "c", Service: "moving", Channel: queue.ChannelKiosk, Priority: true})
			do(t, l, queue.IssueTicket{Ticket: "d", Service: "moving", Channel: queue.ChannelKiosk, Priority: true})
			do(t, l, queue.CallNext{Counter: "1"})
			return []queue.Entry{forged(l, queue.TicketCalled{Ticket: "d", Number: "A004", Counter: "2", Reason: queue.Reason{Code: queue.ReasonPriority}})}
		}},
	}
	rows = append(rows, forgedMachines...)
	rows = append(rows, forgedClerks...)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l := scene(t)
			entries := row.forge(t, l)
			if found := invariant.Check(l.Entries); len(found) > 0 {
				t.Fatalf("the honest part of the log is blamed: %v", found)
			}
			found := invariant.Check(append(l.Entries, entries...))
			if got := strings.Join(ids(found), " "); got != row.want {
				t.Errorf("got %v, want %s", found, row.want)
			}
			for _, v := range found {
				if v.Record <= int64(len(l.Entries)) || !strings.Contains(v.String(), v.Text) {
					t.Errorf("%q is not about a forged entry", v)
				}
			}
		})
	}
}

// TestForgedStates shows the checker an honest entry with a state that does not
// follow from it: what a broken fold would make.
func TestForgedStates(t *testing.T) {
	rows := []struct {
		name  string
		want  string
		forge func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State)
	}{
		{"the paper is not believed", "N4", func(_ *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			paper := fact(l, issue("a", "A801", queue.PoolKiosk, l.At))
			paper.Command = l.Entries[3].Command
			return paper, l.State
		}},
		{"a ticket moves without an event", "T1", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			other := l.Fork("s1")
			do(t, other, queue.Withdraw{Ticket: "a"})
			return forged(l, queue.PrioritySet{Ticket: "b", Priority: true}), other.State
		}},
		{"an event leads elsewhere", "T1", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			other := l.Fork("s1")
			do(t, other, queue.Withdraw{Ticket: "a"})
			return forged(l, queue.TicketHeld{Ticket: "a"}), other.State
		}},
		{"a double call goes unseen", "T2", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
			return fact(l, queue.TicketCalled{Ticket: "a", Number: "A001", Counter: "2"}), l.State
		}},
		{"a ticket vanishes", "T5", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			other := queuetest.New(queuetest.Settings(), "s0")
			do(t, other, queue.OpenCounter{Counter: "1"})
			return forged(l, queue.OfficeSet{State: queue.Paused}), other.State
		}},
		{"a day ends with somebody in it", "T5", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			state := l.State.Clone()
			closing := forged(l, queue.DayClosed{})
			if err := state.Apply(closing); err != nil {
				t.Fatal(err)
			}
			return closing, state
		}},
		{"a hold moves the arrival", "T7", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			other := l.Fork("s1")
			do(t, other, queue.CallTicket{Ticket: "a", Counter: "1"})
			do(t, other, queue.MarkNoShow{Ticket: "a"})
			do(t, other, queue.Restore{Ticket: "a", Place: queue.PlaceEnd})
			do(t, other, queue.Hold{Ticket: "a", Reason: "書類"})
			return forged(l, queue.TicketHeld{Ticket: "a"}), other.State
		}},
		{"an undo leaves things as they are", "T8", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			e := do(t, l, queue.SetPriority{Ticket: "a", Priority: true})
			return forged(l, queue.ActionUndone{Command: e.Command}), l.State
		}},
		{"an undo of what never was", "T8", func(_ *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			return forged(l, queue.ActionUndone{Command: "never"}), l.State
		}},
		{"a ticket that was given up elsewhere leaves its counter", "O6", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
			other := l.Fork("s1")
			do(t, other, queue.Withdraw{Ticket: "a"})
			e := fact(l, queue.TicketWithdrawn{Ticket: "a"}, queue.KioskActed{Kiosk: "K1", Action: queue.ActLeave, Ticket: "a"})
			e.Actor = queue.KioskVisitor("K1")
			return e, other.State
		}},
		{"a merge moves a called ticket", "O5", func(t *testing.T, l *queuetest.Log) (queue.Entry, *queue.State) {
			do(t, l, queue.CallTicket{Ticket: "a", Counter: "1"})
			other := l.Fork("s1")
			do(t, other, queue.MarkNoShow{Ticket: "a"})
			return fact(l, queue.NoteAdded{Ticket: "b"}), other.State
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l := scene(t)
			e, after := row.forge(t, l)
			judge, state := invariant.New(), queue.New()
			for _, honest := range l.Entries {
				before := state.Clone()
				if err := state.Apply(honest); err != nil {
					t.Fatal(err)
				}
				if found := judge.Step(before, honest, state); len(found) > 0 {
					t.Fatalf("the honest part of the log is blamed: %v", found)
				}
			}
			if found := judge.Step(state, e, after); strings.Join(ids(found), " ") != row.want {
				t.Errorf("got %v, want %s", found, row.want)
			}
		})
	}
}

// dayOf writes a log's entries as the records of a day.
func dayOf(t *testing.T, l *queuetest.Log) *day.Day {
	t.Helper()
	d := day.New()
	for _, e := range l.Entries {
		raw, err := day.Body(e.Meta, e.Events, d.Origin(e.Origin), nil)
		if err != nil {
			t.Fatal(err)
		}
		h := d.Head()
		r := eventlog.Record{Number: h.Number + 1, Prev: h.Hash, Incarnation: eventlog.Incarnation{1}, Body: raw}
		if err := d.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestChainsAreChecked(t *testing.T) {
	honest := dayOf(t, scene(t)).Records(0, 0)
	if found := invariant.CheckRecords(honest); len(found) > 0 {
		t.Fatalf("an honest day is blamed: %v", found)
	}
	rows := []struct {
		name  string
		forge func([]eventlog.Record) []eventlog.Record
	}{
		{"a record is missing", func(r []eventlog.Record) []eventlog.Record { return append(r[:2], r[3:]...) }},
		{"a byte is changed", func(r []eventlog.Record) []eventlog.Record {
			r[1].Body = []byte(strings.Replace(string(r[1].Body), `"staff":"x"`, `"staff":"y"`, 1))
			return r
		}},
		{"a body is not readable", func(r []eventlog.Record) []eventlog.Record {
			r[len(r)-1].Body = []byte("{")
			return r
		}},
		{"an origin skips a number", func(r []eventlog.Record) []eventlog.Record {
			last := &r[len(r)-1]
			last.Body = []byte(strings.Replace(string(last.Body), `"origin_number":5`, `"origin_number":6`, 1))
			return r
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			found := invariant.CheckRecords(row.forge(slices.Clone(honest)))
			if diff := cmp.Diff([]string{"L2"}, ids(found)); diff != "" {
				t.Errorf("(-want +got):\n%s%v", diff, found)
			}
		})
	}
}

func TestReplicasAreCompared(t *testing.T) {
	l := scene(t)
	a, b := dayOf(t, l), dayOf(t, l)
	if found := invariant.CompareReplicas(a, b); len(found) > 0 {
		t.Fatalf("equal replicas are blamed: %v", found)
	}
	if err := b.State().Apply(fact(l, queue.PrioritySet{Ticket: "a", Priority: true})); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"L3"}, ids(invariant.CompareReplicas(a, b))); diff != "" {
		t.Errorf("another state at one head (-want +got):\n%s", diff)
	}
}

func TestConfirmedCommandsAreSought(t *testing.T) {
	l := scene(t)
	confirmed := []queue.CommandID{l.Entries[1].Command, l.Entries[3].Command}
	if found := invariant.CheckConfirmed(confirmed, dayOf(t, l)); len(found) > 0 {
		t.Fatalf("an honest day is blamed: %v", found)
	}
	found := invariant.CheckConfirmed(append(confirmed, "lost"), dayOf(t, l))
	if diff := cmp.Diff([]string{"L1"}, ids(found)); diff != "" || len(found) != 1 {
		t.Errorf("(-want +got):\n%s%v", diff, found)
	}
}

func TestMergesAreCompared(t *testing.T) {
	l := scene(t)
	first := []queue.Entry{fact(l, queue.PrioritySet{Ticket: "a", Priority: true})}
	second := []queue.Entry{fact(l, queue.PrioritySet{Ticket: "a", Priority: false})}
	if found := invariant.CheckMerge(l.State, [][]queue.Entry{first, second}); len(found) > 0 {
		t.Fatalf("facts in two orders are blamed: %v", found)
	}
	first[0].Fact, second[0].Fact = false, false // decided entries do depend on their order
	found := invariant.CheckMerge(l.State, [][]queue.Entry{first, second})
	if diff := cmp.Diff([]string{"L5"}, ids(found)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
