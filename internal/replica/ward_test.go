package replica_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
	"machi/internal/replica"
)

var (
	life     = eventlog.Incarnation{1, 2, 3}
	identity = replica.Identity{Office: "km-test", Kiosk: "K1", Store: "0123456789abcdef"}
)

const today = queue.Date("2026-04-01")

// ward is the server of a test: days in memory, decided by the real domain.
type ward struct {
	t    *testing.T
	at   time.Time
	days map[queue.Date]*day.Day
	life eventlog.Incarnation
	full bool // no range is left for another store
	n    int
}

func newWard(t *testing.T) *ward {
	return &ward{t: t, at: queuetest.Opening, days: map[queue.Date]*day.Day{}, life: life}
}

// day returns a day, opened with its plan.
func (w *ward) day(date queue.Date) *day.Day {
	if d, ok := w.days[date]; ok {
		return d
	}
	plan, err := replica.PlanFor(queuetest.Settings(), date)
	if err != nil {
		w.t.Fatal(err)
	}
	w.days[date] = day.New()
	w.must(date, queue.OpenDay{Settings: plan})
	return w.days[date]
}

// decide does a command as one of the ward's own.
func (w *ward) decide(date queue.Date, id queue.CommandID, c queue.Command) error {
	d := w.day(date)
	from, _, _ := date.Bounds()
	at := w.at
	if queue.BusinessDay(at) != date {
		at = from.Add(time.Hour)
	}
	r, err := d.Decide(queue.Meta{Command: id, At: at, Actor: queuetest.Staff("x"), Origin: "s1"}, c, w.life)
	if err != nil || r == nil {
		return err
	}
	return d.Apply(*r)
}

func (w *ward) must(date queue.Date, c queue.Command) {
	w.t.Helper()
	w.n++
	if err := w.decide(date, queue.CommandID(fmt.Sprintf("s1-%s-%d", w.life, w.n)), c); err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
}

// give answers a machine's question for a number.
func (w *ward) give(p replica.Press) replica.Input {
	date := queue.BusinessDay(w.at)
	err := w.decide(date, p.Command, queue.IssueTicket{
		Ticket: p.Ticket, Service: p.Service, Further: p.Further, Channel: channel(p), Priority: p.Priority,
	})
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		return replica.ServerDenied{Command: p.Command, Code: string(refusal.Code)}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	ticket, _ := w.day(date).State().Ticket(p.Ticket)
	return replica.ServerGave{Command: p.Command, Number: ticket.Number}
}

func channel(p replica.Press) queue.Channel {
	if p.Desk {
		return queue.ChannelReception
	}
	return queue.ChannelKiosk
}

func (w *ward) pull(o replica.PullRecords, sent replica.Now) replica.PullDone {
	d := w.day(o.Date)
	return replica.PullDone{
		Turn: o.Turn, Date: o.Date, Records: d.Records(o.After, 0), Head: d.Head(), Sent: sent, Server: w.at,
	}
}

func (w *ward) bind(o replica.BindStore, id replica.Identity) replica.SendDone {
	if w.full {
		return replica.SendDone{Turn: o.Turn, Failed: true, Code: string(queue.NoRangeLeft)}
	}
	date := queue.BusinessDay(w.at)
	w.n++
	_ = w.decide(date, queue.CommandID(fmt.Sprint("bind-", w.n)), queue.BindRange{Kiosk: id.Kiosk, Store: id.Store}) // or it is bound
	for _, b := range w.day(date).State().Bindings(id.Kiosk) {
		if b.Store == id.Store {
			return replica.SendDone{Turn: o.Turn, Bound: true, Slot: b.Slot}
		}
	}
	return replica.SendDone{Turn: o.Turn, Failed: true, Code: string(queue.NoRangeLeft)}
}

func (w *ward) push(o replica.PushBodies) replica.SendDone {
	done := replica.SendDone{Turn: o.Turn, Date: o.Date}
	d := w.day(o.Date)
	for _, raw := range o.Bodies {
		r, err := d.Fact(raw)
		switch {
		case errors.Is(err, day.ErrKnown):
			continue
		case errors.Is(err, day.ErrGap):
			done.Failed, done.Code = true, "origin_gap"
			return done
		case errors.Is(err, day.ErrFork):
			done.Failed, done.Code = true, "origin_forked"
			return done
		}
		if err == nil {
			err = d.Apply(r)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	done.Origin = d.Origin(identity.Origin())
	return done
}

// answer does what an output asks of the server; nil where it asks nothing.
func (w *ward) answer(o replica.Output, now replica.Now) replica.Input {
	switch o := o.(type) {
	case replica.AskServer:
		return w.give(o.Press)
	case replica.PullRecords:
		return w.pull(o, now)
	case replica.BindStore:
		return w.bind(o, identity)
	case replica.FetchPlan:
		plan := *w.day(queue.BusinessDay(w.at)).State().Settings()
		return replica.SendDone{Turn: o.Turn, Plan: &plan}
	case replica.InquireCommands:
		return replica.SendDone{Turn: o.Turn, Date: o.Date, Origin: w.day(o.Date).Origin(identity.Origin())}
	case replica.PushBodies:
		return w.push(o)
	}
	return nil
}

// machine is an agent with a disk that never fails unless it is told to, and a
// printer that does what the test says.
type machine struct {
	t       *testing.T
	agent   *replica.Agent
	now     replica.Now
	marks   []replica.Mark
	plan    *queue.Settings
	disk    error
	presses int
	within  time.Duration    // for the server's number
	outs    []replica.Output // what it wanted, saves apart
}

func newMachine(t *testing.T, plan *queue.Settings, marks ...replica.Mark) *machine {
	m := &machine{t: t, plan: plan, marks: marks}
	m.now = replica.Now{Wall: queuetest.Opening, Monotonic: time.Minute, Timer: time.Minute, Boot: "boot1"}
	m.start(false)
	return m
}

func settings() *queue.Settings {
	s := queuetest.Settings()
	return &s
}

// start boots the machine from its marks.
func (m *machine) start(offline bool) {
	m.t.Helper()
	agent, err := replica.New(replica.Options{Identity: identity, Plan: m.plan, Marks: slices.Clone(m.marks), Offline: offline, AskWithin: m.within})
	if err != nil {
		m.t.Fatal(err)
	}
	m.agent = agent
	m.do(replica.Start{})
}

// pass lets time pass on all clocks.
func (m *machine) pass(d time.Duration) {
	m.now.Wall, m.now.Monotonic, m.now.Timer = m.now.Wall.Add(d), m.now.Monotonic+d, m.now.Timer+d
}

// do takes an input and makes safe what the agent wants safe.
func (m *machine) do(in replica.Input) []replica.Output {
	todo, from := m.agent.Step(m.now, in), len(m.outs)
	for len(todo) > 0 {
		o := todo[0]
		todo = todo[1:]
		save, is := o.(replica.SaveMark)
		if !is {
			m.outs = append(m.outs, o)
			continue
		}
		if m.disk == nil {
			m.marks = append(m.marks, save.Mark)
		}
		todo = append(todo, m.agent.Step(m.now, replica.MarkSaved{Err: m.disk})...)
	}
	return m.outs[from:]
}

func (m *machine) touch() replica.Touch {
	m.presses++
	return replica.Touch{
		Session: fmt.Sprint("session", m.presses), Command: queue.CommandID(fmt.Sprint("c", m.presses)), Service: "moving",
	}
}

// press lets a visitor press in a new session and returns the outputs.
func (m *machine) press() []replica.Output { return m.do(m.touch()) }

// serve lets the server answer whatever is wanted, until nothing is.
func (m *machine) serve(w *ward) {
	for len(m.outs) > 0 {
		o := m.outs[0]
		m.outs = m.outs[1:]
		if in := w.answer(o, m.now); in != nil {
			m.do(in)
		}
	}
}

// meet lets a machine and a server speak for a while.
func (m *machine) meet(w *ward, rounds int) {
	for range rounds {
		m.pass(500 * time.Millisecond)
		m.do(replica.Tick{})
		m.serve(w)
	}
}

// fetch returns the first output of a kind, taking no other.
func fetch[T replica.Output](t *testing.T, outs []replica.Output) T {
	t.Helper()
	for _, o := range outs {
		if found, is := o.(T); is {
			return found
		}
	}
	var none T
	t.Fatalf("no %T among %d outputs: %v", none, len(outs), outs)
	return none
}

func has[T replica.Output](outs []replica.Output) bool {
	return slices.ContainsFunc(outs, func(o replica.Output) bool { _, is := o.(T); return is })
}

// last returns the newest state of a press that the screen was told.
func last(t *testing.T, outs []replica.Output) replica.Press {
	t.Helper()
	for _, o := range slices.Backward(outs) {
		if changed, is := o.(replica.PressChanged); is {
			return changed.Press
		}
	}
	t.Fatalf("the screen was told nothing: %v", outs)
	return replica.Press{}
}

func alarms(outs []replica.Output) []string {
	var codes []string
	for _, o := range outs {
		if a, is := o.(replica.Alarm); is {
			codes = append(codes, a.Code)
		}
	}
	return codes
}
