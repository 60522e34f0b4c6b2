package replica_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/replica"
)

// TestAMachineWithoutARangeWorksWithServerNumbers takes a machine whose store
// could not be bound and that owes the server a body: it cannot send it, and
// must go back to server numbers all the same.
func TestAMachineWithoutARangeWorksWithServerNumbers(t *testing.T) {
	w := newWard(t)
	w.full = true
	m := newMachine(t, settings())
	m.meet(w, 5)
	if m.agent.Slot() != -1 || m.agent.Refused() != string(queue.NoRangeLeft) {
		t.Fatalf("slot %d, refused %q", m.agent.Slot(), m.agent.Refused())
	}
	m.outs = nil
	m.press()
	m.pass(replica.AskWithin)
	if p := last(t, m.do(replica.Tick{})); p.State != replica.Refused || p.Code != replica.RangeMissing {
		t.Fatalf("a press without server and range ended as %s %s", p.State, p.Code)
	}
	if m.agent.Unsent() != 1 || m.agent.Online() {
		t.Fatalf("%d bodies unsent, online %v: want the withdrawal of what the server may have given, and no server", m.agent.Unsent(), m.agent.Online())
	}
	for range 2 { // in this run, and in the next one
		m.meet(w, 10)
		if !m.agent.Online() {
			t.Fatal("a body that cannot be sent keeps the machine offline")
		}
		m.pass(2 * time.Second)
		m.press()
		m.serve(w)
		m.start(false)
	}
	w.full = false
	m.pass(10 * time.Minute)
	m.meet(w, 10)
	if m.agent.Slot() != 0 || m.agent.Unsent() != 0 {
		t.Errorf("slot %d, %d unsent: what waited goes when a range is there", m.agent.Slot(), m.agent.Unsent())
	}
}

// owing returns a machine that printed one ticket of its own and has just found
// the server again: the next thing that it wants is the send in the answer.
func owing[T replica.Output](t *testing.T) (*machine, *ward, T) {
	t.Helper()
	m, w := setUp(t)
	m.outs = nil
	pressed(t, m, w, false)
	for range 200 {
		for len(m.outs) > 0 {
			o := m.outs[0]
			m.outs = m.outs[1:]
			if wanted, is := o.(T); is {
				return m, w, wanted
			}
			if in := w.answer(o, m.now); in != nil {
				m.do(in)
			}
		}
		m.pass(500 * time.Millisecond)
		m.do(replica.Tick{})
	}
	var none T
	t.Fatalf("the machine never wanted a %T", none)
	return m, w, none
}

func TestWhatTheServerHasAgainstAPush(t *testing.T) {
	rows := []struct {
		code   string
		alarms []string
		copied bool
	}{
		{"", nil, false},
		{"origin_gap", nil, false},
		{"origin_forked", []string{"store_copied"}, true},
		{"too_long", []string{"push_refused"}, false},
	}
	for _, row := range rows {
		t.Run("code "+row.code, func(t *testing.T) {
			m, w, push := owing[replica.PushBodies](t)
			m.outs = nil
			var outs []replica.Output
			for range 2 { // the alarm comes once
				outs = append(outs, m.do(replica.SendDone{Turn: push.Turn, Date: push.Date, Failed: true, Code: row.code})...)
				outs = append(outs, m.do(replica.SendDone{Turn: push.Turn, Date: push.Date, Failed: true, Code: row.code})...)
			}
			if diff := cmp.Diff(row.alarms, alarms(outs)); diff != "" {
				t.Errorf("alarms (-want +got):\n%s", diff)
			}
			if m.agent.Refused() != row.code || m.agent.Unsent() != 1 {
				t.Errorf("refused %q, %d unsent", m.agent.Refused(), m.agent.Unsent())
			}
			m.pass(time.Second)
			again := m.do(replica.Tick{})
			if row.code == "origin_gap" {
				fetch[replica.InquireCommands](t, again)
			}
			m.start(true)
			m.pass(2 * time.Second)
			if p := last(t, m.press()); (p.Code == replica.RangeMissing) != row.copied {
				t.Errorf("after a restart a press is %s %s", p.State, p.Code)
			}
			if row.copied {
				return
			}
			m.do(replica.PaperReport{Command: "c2", Event: replica.PaperOut})
			m.meet(w, 20)
			if m.agent.Unsent() != 0 || !m.agent.Online() || m.agent.Refused() != "" {
				t.Errorf("%d unsent, online %v, refused %q", m.agent.Unsent(), m.agent.Online(), m.agent.Refused())
			}
		})
	}
}

func TestACopiedStoreTellsStaffOnce(t *testing.T) {
	rows := []struct {
		name string
		do   func(*testing.T) (*machine, []replica.Output)
	}{
		{"the server says that it knows another chain", func(t *testing.T) (*machine, []replica.Output) {
			m, _, ask := owing[replica.InquireCommands](t)
			done := replica.SendDone{Turn: ask.Turn, Date: ask.Date}
			done.Origin.Number, done.Origin.Hash = 1, eventlog.Hash{1}
			return m, m.do(done)
		}},
		{"the log holds what this store did not write", func(t *testing.T) (*machine, []replica.Output) {
			m, w, pull := owing[replica.PullRecords](t)
			twin := replica.NewReplica(identity, today, settings())
			issue(t, twin, order(9))
			push(t, twin, w)
			return m, m.do(w.pull(pull, m.now))
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m, outs := row.do(t)
			if diff := cmp.Diff([]string{"store_copied"}, alarms(outs)); diff != "" {
				t.Fatalf("alarms (-want +got):\n%s", diff)
			}
			m.pass(2 * time.Second)
			if p := last(t, m.press()); p.State != replica.Refused || p.Code != replica.RangeMissing {
				t.Errorf("a copied store gave %s %s %s", p.State, p.Number, p.Code)
			}
			if n := len(m.marks); !slices.ContainsFunc(m.marks[:n], func(k replica.Mark) bool { return k.Kind == replica.MarkCopied }) {
				t.Error("a restart would forget it")
			}
		})
	}
}

// A busy machine looks at an answer late: the round trip was over before.
func TestTheClockIsMeasuredWhenTheAnswerCame(t *testing.T) {
	m, w, pull := owing[replica.PullRecords](t)
	done := w.pull(pull, m.now)
	done.Got = m.now
	m.now.Wall, m.now.Monotonic, m.now.Timer = m.now.Wall.Add(8*time.Second), m.now.Monotonic+8*time.Second, m.now.Timer+8*time.Second
	m.do(done)
	if _, r := m.agent.Today(m.now); !r.At.Equal(done.Server.Add(8 * time.Second)) {
		t.Errorf("8 s after the answer the machine believes %v, the server said %v", r.At, done.Server)
	}
}

func TestRecordsThatCannotBeReadAreTold(t *testing.T) {
	m, w, pull := owing[replica.PullRecords](t)
	w.must(today, queue.OpenCounter{Counter: "1"})
	done := w.pull(pull, m.now)
	done.Records = slices.Clone(done.Records)
	done.Records[len(done.Records)-1].Body = []byte("{}")
	outs := m.do(done)
	if diff := cmp.Diff([]string{"records_unreadable"}, alarms(outs)); diff != "" {
		t.Fatalf("alarms (-want +got):\n%s", diff)
	}
	m.meet(w, 20)
	if r, _ := m.agent.Today(m.now); r.Head() != w.day(today).Head() || !m.agent.Online() {
		t.Errorf("stands at %d, online %v", r.Head().Number, m.agent.Online())
	}
}

// TestAnAnswerOfAnotherTurnIsVoid gives a machine answers that it did not wait for.
func TestAnAnswerOfAnotherTurnIsVoid(t *testing.T) {
	m, w, send := owing[replica.PushBodies](t)
	late := w.push(send)
	late.Turn--
	m.do(late)
	if m.agent.Unsent() != 1 {
		t.Error("a late acknowledgement counts")
	}
	m.do(replica.PullDone{Turn: -1, Date: today, Head: eventlog.Head{Number: 99}})
	m.do(replica.MarkSaved{})
	m.do(replica.ServerGave{Command: "c1", Number: "A099"})
	m.do(replica.PaperReport{Command: "c1", Event: replica.PaperFailed})
	if outs := m.do(replica.ServerDenied{Command: "c1", Code: "x"}); has[replica.PressChanged](outs) {
		t.Error("a press that has ended is refused")
	}
	late.Turn++
	m.do(late)
	if m.agent.Unsent() != 0 {
		t.Error("the right acknowledgement does not count")
	}
}

// TestARestoredServerIsSentTheRestAgain takes the server's day away after it had
// acknowledged what the machine wrote.
func TestARestoredServerIsSentTheRestAgain(t *testing.T) {
	m, w := setUp(t)
	pressed(t, m, w, false)
	m.meet(w, 20)
	if m.agent.Unsent() != 0 {
		t.Fatalf("%d unsent", m.agent.Unsent())
	}
	w.days, w.life = map[queue.Date]*day.Day{}, eventlog.Incarnation{7}
	for range 2 {
		m.meet(w, 60)
		if len(w.day(today).State().ByNumber("A801")) != 1 || m.agent.Unsent() != 0 || !m.agent.Online() {
			t.Fatalf("the restored server lacks the paper: %d unsent, online %v", m.agent.Unsent(), m.agent.Online())
		}
		m.start(false)
	}
}
