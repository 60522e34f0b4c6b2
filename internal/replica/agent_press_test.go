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
	"machi/internal/replica"
)

// setUp returns a machine that has met its server and is bound to a range.
func setUp(t *testing.T) (*machine, *ward) {
	t.Helper()
	w, m := newWard(t), newMachine(t, settings())
	m.meet(w, 5)
	if m.agent.Slot() != 0 || !m.agent.Online() {
		t.Fatalf("slot %d, online %v", m.agent.Slot(), m.agent.Online())
	}
	return m, w
}

// pressed lets somebody press, and the server answer or not, until paper is out.
func pressed(t *testing.T, m *machine, w *ward, online bool) replica.Press {
	t.Helper()
	outs := m.press()
	ask := fetch[replica.AskServer](t, outs)
	in := replica.Input(replica.ServerSilent{Command: ask.Press.Command})
	if online {
		in = w.give(ask.Press)
	}
	p := fetch[replica.PrintTicket](t, m.do(in)).Press
	m.do(replica.PaperReport{Command: p.Command, Event: replica.PaperOut})
	return p
}

// TestARestartBehindEveryMark cuts the power behind each mark of a press.
func TestARestartBehindEveryMark(t *testing.T) {
	want := map[replica.PressState]replica.PressState{
		replica.Pressed: replica.Withdrawn, replica.Numbered: replica.Withdrawn, replica.Starting: replica.Unknown,
	}
	for _, online := range []bool{true, false} {
		full, w := setUp(t)
		before := len(full.marks)
		p := pressed(t, full, w, online)
		for cut := before + 1; cut <= len(full.marks); cut++ {
			if full.marks[cut-1].Kind != replica.MarkPress {
				continue
			}
			state := full.marks[cut-1].Press.State
			t.Run(fmt.Sprintf("online %v, behind %s", online, state), func(t *testing.T) {
				w2 := newWard(t)
				w2.must(today, queue.BindRange{Kiosk: "K1", Store: identity.Store})
				if online || state == replica.Pressed {
					w2.give(p)
				}
				m := newMachine(t, settings(), full.marks[:cut]...)
				m.now.Boot = "boot2"
				outs := slices.Clone(m.outs)
				if has[replica.PrintTicket](outs) {
					t.Fatal("a restart prints")
				}
				if state.Final() {
					if has[replica.PressChanged](outs) {
						t.Error("a press that has ended changes")
					}
					return
				}
				if got := last(t, outs); got.State != want[state] {
					t.Errorf("ends as %s, want %s", got.State, want[state])
				}
				m.meet(w2, 20)
				if m.agent.Unsent() != 0 || !m.agent.Online() || has[replica.PrintTicket](m.outs) {
					t.Errorf("%d unsent, online %v", m.agent.Unsent(), m.agent.Online())
				}
				ticket, ok := w2.day(today).State().Ticket(p.Ticket)
				switch {
				case !ok:
					t.Error("the server knows nothing of the ticket")
				case want[state] == replica.Withdrawn && ticket.Status != queue.Withdrawn:
					t.Errorf("nobody saw the number, and the ticket is %s", ticket.Status)
				case want[state] == replica.Unknown && (ticket.Status != queue.Waiting || !ticket.Has(queue.FlagPrintUnknown) || ticket.Number != p.Number):
					t.Errorf("paper may exist, and the ticket is %s %s with flags %v", ticket.Number, ticket.Status, ticket.Flags)
				}
			})
		}
	}
}

func TestAMachineMayBeToldToGiveTheServerMoreTime(t *testing.T) {
	m, w := setUp(t)
	m.within = 30 * time.Second
	m.start(false)
	m.meet(w, 5)
	ask := fetch[replica.AskServer](t, m.press())
	m.pass(m.within - time.Millisecond)
	if outs := m.do(replica.Tick{}); has[replica.PrintTicket](outs) {
		t.Fatal("the own range is used before the server's time was up")
	}
	if p := fetch[replica.PrintTicket](t, m.do(w.give(ask.Press))).Press; p.Number != "A001" || !m.agent.Online() {
		t.Errorf("printed %s, online %v", p.Number, m.agent.Online())
	}
}

func TestAfterASilenceTheOwnRangeIsUsedAtOnce(t *testing.T) {
	m, w := setUp(t)
	if p := pressed(t, m, w, true); p.Number != "A001" || p.Pool != queue.PoolServer {
		t.Fatalf("the server gave %s of %s", p.Number, p.Pool)
	}
	m.pass(2 * time.Second)
	ask := fetch[replica.AskServer](t, m.press())
	m.pass(replica.AskWithin - time.Millisecond)
	if outs := m.do(replica.Tick{}); has[replica.PrintTicket](outs) {
		t.Fatal("the own range is used before the server's time was up")
	}
	m.pass(time.Millisecond)
	p := fetch[replica.PrintTicket](t, m.do(replica.Tick{})).Press
	if p.Number != "A801" || p.Pool != queue.PoolKiosk || m.agent.Online() || !m.agent.Busy() {
		t.Fatalf("printed %s of %s, online %v", p.Number, p.Pool, m.agent.Online())
	}
	if outs := m.do(w.give(ask.Press)); has[replica.PrintTicket](outs) || has[replica.PressChanged](outs) {
		t.Error("an answer that came too late counts")
	}
	m.do(replica.PaperReport{Command: p.Command, Event: replica.PaperFailed, Code: "paper_out"})
	m.pass(2 * time.Second)
	outs := m.press()
	if has[replica.AskServer](outs) || fetch[replica.PrintTicket](t, outs).Press.Number != "A802" {
		t.Errorf("the next visitor waits for the server too: %v", outs)
	}
	m.do(replica.PaperReport{Command: "c3", Event: replica.PaperUnknown})
	m.meet(w, 20)
	if !m.agent.Online() || m.agent.Unsent() != 0 {
		t.Errorf("online %v, %d unsent", m.agent.Online(), m.agent.Unsent())
	}
	for _, n := range []queue.Number{"A801", "A802"} {
		if len(w.day(today).State().ByNumber(n)) != 1 {
			t.Errorf("the server lacks the paper %s", n)
		}
	}
}

func TestWhatATouchMeets(t *testing.T) {
	rows := []struct {
		name string
		do   func(*testing.T, *machine, *ward) replica.Touch
		want string
	}{
		{"a press on its way", func(_ *testing.T, m *machine, _ *ward) replica.Touch { m.press(); return m.touch() }, replica.Busy},
		{"the same screen again", func(t *testing.T, m *machine, w *ward) replica.Touch {
			pressed(t, m, w, true)
			again := m.touch()
			again.Session = "session1"
			return again
		}, "session_used"},
		{"a finger that is too fast", func(t *testing.T, m *machine, w *ward) replica.Touch { pressed(t, m, w, true); return m.touch() }, "too_soon"},
		{"no plan", func(_ *testing.T, m *machine, _ *ward) replica.Touch { m.plan = nil; m.start(false); return m.touch() }, replica.NotSetUp},
		{"no disk", func(_ *testing.T, m *machine, _ *ward) replica.Touch {
			m.disk = errors.New("no space left")
			m.press()
			return m.touch()
		}, replica.OutOfService},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m, w := setUp(t)
			touch := row.do(t, m, w)
			outs := m.do(touch)
			if p := last(t, outs); p.State != replica.Refused || p.Code != row.want || p.Command != touch.Command {
				t.Errorf("%s %s, want a refusal for %s", p.State, p.Code, row.want)
			}
		})
	}
}

func TestTheServersNoIsShown(t *testing.T) {
	m, w := setUp(t)
	w.must(today, queue.SetService{Service: "moving", State: queue.Paused, Message: "点検"})
	ask := fetch[replica.AskServer](t, m.press())
	if p := last(t, m.do(w.give(ask.Press))); p.State != replica.Refused || p.Code != string(queue.ServiceNotOpen) || m.agent.Busy() {
		t.Fatalf("ended as %s %s", p.State, p.Code)
	}
	m.meet(w, 2)
	m.pass(2 * time.Second)
	m.press()
	if p := last(t, m.do(replica.ServerSilent{Command: "c2"})); p.Code != string(queue.ServiceNotOpen) {
		t.Errorf("offline the copy says %s %s", p.State, p.Code)
	}
	m.meet(w, 20)
	if m.agent.Unsent() != 0 || !m.agent.Online() {
		t.Errorf("%d unsent, online %v", m.agent.Unsent(), m.agent.Online())
	}
}

// TestNoFileNoTicket lets the disk fail at each mark that a press waits for.
func TestNoFileNoTicket(t *testing.T) {
	for good := range 4 {
		t.Run(fmt.Sprint(good, " marks are safe"), func(t *testing.T) {
			m, _ := setUp(t)
			outs := m.agent.Step(m.now, m.touch())
			printed, saved := false, 0
			for len(outs) > 0 {
				o := outs[0]
				outs = outs[1:]
				switch o := o.(type) {
				case replica.SaveMark:
					in := replica.MarkSaved{}
					if saved == good {
						in.Err = errors.New("no space left")
					}
					saved++
					outs = append(outs, m.agent.Step(m.now, in)...)
				case replica.AskServer:
					outs = append(outs, m.agent.Step(m.now, replica.ServerSilent{Command: o.Press.Command})...)
				case replica.PrintTicket:
					printed = true
					outs = append(outs, m.agent.Step(m.now, replica.PaperReport{Command: o.Press.Command, Event: replica.PaperOut})...)
				}
			}
			if printed != (good == 3) || !m.agent.Broken() || m.agent.Busy() {
				t.Errorf("printed %v, broken %v, busy %v", printed, m.agent.Broken(), m.agent.Busy())
			}
		})
	}
}

func TestManyPressesTellStaff(t *testing.T) {
	m, w := setUp(t)
	m.outs = nil
	for range 10 {
		pressed(t, m, w, true)
		m.pass(1500 * time.Millisecond)
	}
	if !slices.Contains(alarms(m.outs), "many_tickets") {
		t.Errorf("alarms %v", alarms(m.outs))
	}
}

// TestOverflowCountsForLife restarts a machine whose range is used up, on another
// day: the overflow goes on.
func TestOverflowCountsForLife(t *testing.T) {
	m, w := setUp(t)
	var got []queue.Number
	offline := func() {
		m.pass(2 * time.Second)
		p := fetch[replica.PrintTicket](t, m.press()).Press
		m.do(replica.PaperReport{Command: p.Command, Event: replica.PaperOut})
		got = append(got, p.Number)
	}
	m.press()
	got = append(got, fetch[replica.PrintTicket](t, m.do(replica.ServerSilent{Command: "c1"})).Press.Number)
	m.do(replica.PaperReport{Command: "c1", Event: replica.PaperOut})
	for range 4 {
		offline()
	}
	m.pass(24 * time.Hour)
	m.outs = nil // the question of yesterday never arrives
	m.start(true)
	for range 4 {
		offline()
	}
	want := []queue.Number{"A801", "A802", "A803", "K1-0001", "K1-0002", "A801", "A802", "A803", "K1-0003"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("numbers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]queue.Date{today, "2026-04-02"}, m.agent.Days()); diff != "" {
		t.Errorf("days side by side (-want +got):\n%s", diff)
	}
	w.at = w.at.Add(24 * time.Hour)
	m.meet(w, 20)
	if m.agent.Unsent() != 0 || !m.agent.Online() {
		t.Errorf("%d unsent, online %v", m.agent.Unsent(), m.agent.Online())
	}
	for date, n := range map[queue.Date]int{today: 5, "2026-04-02": 4} {
		if tickets := len(w.day(date).State().Tickets()); tickets != n {
			t.Errorf("%s has %d tickets at the server, want %d", date, tickets, n)
		}
	}
	m.pass(20 * 24 * time.Hour)
	m.start(false)
	if _, kept := m.agent.Day(today); !kept {
		t.Error("a clock that jumps forgets days")
	}
	w.at = w.at.Add(20 * 24 * time.Hour)
	m.meet(w, 5)
	m.start(false)
	if _, kept := m.agent.Day(today); kept {
		t.Error("a day that the server has is kept for ever")
	}
}

func TestMarksThatDoNotFit(t *testing.T) {
	m, w := setUp(t)
	pressed(t, m, w, false)
	at := slices.IndexFunc(m.marks, func(x replica.Mark) bool { return len(x.Body) > 0 })
	foreign := identity
	foreign.Store = "another"
	rows := []struct {
		name  string
		id    replica.Identity
		marks []replica.Mark
	}{
		{"another store's", foreign, m.marks},
		{"a press without a press", identity, []replica.Mark{{Kind: replica.MarkPress}}},
		{"a kind from the future", identity, []replica.Mark{{Kind: "dance"}}},
		{"one mark twice", identity, append(slices.Clone(m.marks[:at+1]), m.marks[at])},
		{"an acknowledgement of what is not there", identity, []replica.Mark{{Kind: replica.MarkAcknowledged, Date: today, Origin: originOf(m)}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if _, err := replica.New(replica.Options{Identity: row.id, Plan: settings(), Marks: row.marks}); err == nil {
				t.Error("the agent starts")
			} else if row.name == "a kind from the future" && !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("%v, want a damaged mark", err)
			}
		})
	}
}

func originOf(m *machine) *day.Origin {
	r, _ := m.agent.Today(m.now)
	o := r.Origin()
	return &o
}
