package whatif_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
	"machi/internal/whatif"
)

// ward is an office's day with clerks who call when they are free and visitors who
// take as long as they take.
type ward struct {
	t    *testing.T
	undo bool // clerks take back what they did
	log  *queuetest.Log
	roll *rand.Rand
	todo []todo // sorted by moment
}

type todo struct {
	at time.Time
	do func()
}

func settings() queue.Settings {
	s := queuetest.Settings()
	s.Rule = queue.DefaultRule()
	s.Series[0].Main = queue.Range{First: 1, Last: 799}
	s.Series[0].Next, s.Series[0].Desk, s.Series[0].Kiosks = queue.Range{}, queue.Range{}, nil
	s.Kiosks = nil
	return s
}

func (w *ward) later(d time.Duration, do func()) {
	x := todo{w.log.At.Add(d), do}
	i, _ := slices.BinarySearchFunc(w.todo, x.at, func(a todo, at time.Time) int {
		if a.at.After(at) {
			return 1
		}
		return -1
	})
	w.todo = slices.Insert(w.todo, i, x)
}

func (w *ward) seconds(low, high int) time.Duration {
	return time.Duration(low+w.roll.IntN(high-low+1))*time.Second + time.Duration(w.roll.IntN(1000))*time.Millisecond
}

func (w *ward) do(by string, c queue.Command) bool {
	_, err := w.log.Do(queuetest.Staff(by), c)
	var refusal *queue.Refusal
	if err != nil && !errors.As(err, &refusal) {
		w.t.Fatalf("%T: %v", c, err)
	}
	return err == nil
}

// day plays a morning of visitors at three counters, with everything that happens
// on one: appointments, priority, no-shows, breaks, paper work, numbers by choice.
func day(t *testing.T, seed uint64, rule queue.Rule, undo bool) *queuetest.Log {
	t.Helper()
	s := settings()
	s.Rule = rule
	w := &ward{t: t, undo: undo, log: queuetest.New(s, "s"), roll: rand.New(rand.NewPCG(seed, 1))}
	w.later(0, w.visitor)
	for _, id := range []queue.CounterID{"1", "2", "3"} {
		w.later(w.seconds(1, 300), func() {
			w.do(string(id), queue.OpenCounter{Counter: id})
			w.clerk(id)
		})
	}
	w.later(4*time.Hour, func() { w.do("boss", queue.CloseDay{}) })
	for len(w.todo) > 0 && !w.log.State.Closed() {
		next := w.todo[0]
		w.todo = w.todo[1:]
		w.log.At = next.at
		next.do()
	}
	return w.log
}

var opens = queuetest.Opening

func (w *ward) visitor() {
	if w.log.At.After(opens.Add(2 * time.Hour)) {
		return
	}
	w.later(w.seconds(5, 150), w.visitor)
	c := queue.IssueTicket{Ticket: w.log.Ticket(), Channel: queue.ChannelKiosk, Service: "moving", Priority: w.roll.IntN(6) == 0}
	if w.roll.IntN(2) == 0 {
		c.Service = "cert"
	}
	if w.roll.IntN(8) == 0 {
		c.Channel, c.Appointment = queue.ChannelAppointment, w.log.At.Add(w.seconds(0, 1500)-10*time.Minute)
	}
	if w.roll.IntN(10) == 0 {
		c.Further = []queue.ServiceID{"cert"}
	}
	if !w.do("kiosk", c) {
		return
	}
	if w.roll.IntN(12) == 0 { // patience
		w.later(w.seconds(600, 2400), func() { w.do("boss", queue.Withdraw{Ticket: c.Ticket}) })
	}
	if w.roll.IntN(15) == 0 {
		w.later(w.seconds(60, 600), func() { w.do("boss", queue.Defer{Ticket: c.Ticket, For: 5 * time.Minute}) })
	}
}

func (w *ward) clerk(id queue.CounterID) {
	counter, _ := w.log.State.Counter(id)
	if counter.State != queue.CounterOpen {
		return
	}
	if w.log.At.After(opens.Add(200 * time.Minute)) {
		w.do(string(id), queue.CloseCounter{Counter: id})
		return
	}
	if w.roll.IntN(25) == 0 { // a break
		w.do(string(id), queue.PauseCounter{Counter: id, Reason: "休憩"})
		w.later(w.seconds(300, 1200), func() { w.do(string(id), queue.OpenCounter{Counter: id}); w.clerk(id) })
		return
	}
	called := false
	switch waiting := w.log.State.Lines(); {
	case w.roll.IntN(12) == 0 && len(waiting) > 0:
		called = w.do(string(id), queue.CallTicket{Ticket: w.log.State.Line(waiting[0])[0].ID, Counter: id})
	case w.roll.IntN(10) == 0:
		called = w.do(string(id), queue.CallNext{Counter: id, Service: "cert"})
	default:
		called = w.do(string(id), queue.CallNext{Counter: id})
	}
	if !called {
		w.later(w.seconds(5, 40), func() { w.clerk(id) })
		return
	}
	w.serve(id)
}

func (w *ward) serve(id queue.CounterID) {
	counter, _ := w.log.State.Counter(id)
	ticket := counter.Ticket
	if w.roll.IntN(14) == 0 {
		w.later(w.seconds(60, 120), func() {
			w.do(string(id), queue.MarkNoShow{Ticket: ticket})
			w.later(w.seconds(100, 900), func() { w.do(string(id), queue.Restore{Ticket: ticket, Place: queue.PlaceBack}) })
			w.clerk(id)
		})
		return
	}
	if w.undo && w.roll.IntN(20) == 0 { // the wrong key, taken back
		w.later(w.seconds(3, 20), func() {
			w.do(string(id), queue.Undo{Counter: id})
			if counter, _ := w.log.State.Counter(id); counter.Ticket != "" {
				w.talk(id, counter.Ticket)
			} else {
				w.clerk(id)
			}
		})
		return
	}
	w.talk(id, ticket)
}

func (w *ward) talk(id queue.CounterID, ticket queue.TicketID) {
	w.later(w.seconds(10, 60), func() {
		w.do(string(id), queue.Start{Ticket: ticket})
		w.later(w.seconds(20, 300), func() { w.end(id, ticket) })
	})
}

func (w *ward) end(id queue.CounterID, ticket queue.TicketID) {
	t, _ := w.log.State.Ticket(ticket)
	paper := t.Line == queue.Line{Service: "moving", Stage: queue.StageReception} && w.roll.IntN(2) == 0
	if paper {
		w.later(w.seconds(200, 1200), func() { w.do("back", queue.MarkReady{Ticket: ticket}) })
	}
	if w.roll.IntN(2) == 0 {
		w.do(string(id), queue.FinishAndCallNext{Counter: id, Processing: paper})
		if counter, _ := w.log.State.Counter(id); counter.Ticket != "" {
			w.serve(id)
			return
		}
	} else {
		w.do(string(id), queue.Finish{Ticket: ticket, Processing: paper})
	}
	w.later(w.seconds(2, 30), func() { w.clerk(id) })
}

func replay(t *testing.T, l *queuetest.Log, rule queue.Rule) whatif.Result {
	t.Helper()
	r, err := whatif.Replay(l.Entries, rule, l.At.Add(48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rules are some that an office may have.
func rules(seed uint64) queue.Rule {
	rule := queue.DefaultRule()
	rule.Ratio, rule.MaxOvertaken, rule.MaxWait = int(seed%4), 5+int(seed%3)*9, time.Duration(15+seed%5*10)*time.Minute
	return rule
}

func TestTheSameRuleMakesTheSameDay(t *testing.T) {
	for seed := range uint64(5) {
		rule := rules(seed)
		r := replay(t, day(t, seed, rule, false), rule)
		if r.Reproduced != r.Calls || r.Moved.Same != r.Visitors || r.Before != r.After || r.Guessed != 0 {
			t.Errorf("seed %d: %d of %d calls, moved %+v, %d talks guessed\n%+v\n%+v", seed, r.Reproduced, r.Calls, r.Moved, r.Guessed, r.Before, r.After)
		}
	}
}

// What was undone is the one thing that is not played again move by move.
func TestADayWithSlipsIsNearlyTheSame(t *testing.T) {
	calls, again := 0, 0
	for seed := range uint64(4) {
		rule := rules(seed)
		r := replay(t, day(t, seed, rule, true), rule)
		calls, again = calls+r.Calls, again+r.Reproduced
	}
	if again*100 < calls*95 {
		t.Errorf("%d of %d calls were made again", again, calls)
	}
}

func TestADayThatRunsIsComparedUpToNow(t *testing.T) {
	rule := rules(3)
	whole := day(t, 3, rule, true)
	for n := 40; n < len(whole.Entries); n += 90 {
		now := whole.Entries[n-1].At.Add(time.Millisecond)
		r, err := whatif.Replay(whole.Entries[:n], rule, now)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Running || r.Reproduced != r.Calls || r.Moved.Same != r.Visitors {
			t.Errorf("after %d entries: running %v, %d of %d calls, moved %+v", n, r.Running, r.Reproduced, r.Calls, r.Moved)
		}
	}
}

func TestNobodyIsLostUnderAnotherRule(t *testing.T) {
	for seed := range uint64(2) {
		l := day(t, seed, rules(seed), true)
		for _, rule := range []queue.Rule{
			{MaxOvertaken: 1}, {Ratio: 5, MaxWait: 10 * time.Minute}, {Ratio: 1, MaxOvertaken: 100, Choose: queue.ChooseNobody}, {},
		} {
			r := replay(t, l, rule)
			if r.After.NotCalled > r.Before.NotCalled+2 { // who gave up before being called this time
				t.Errorf("seed %d, rule %+v: %d are not called, in the day %d", seed, rule, r.After.NotCalled, r.Before.NotCalled)
			}
			if n := r.Moved.Earlier + r.Moved.Same + r.Moved.Later; n != r.Visitors || r.Before.Wait.N != r.Visitors {
				t.Errorf("seed %d: %d of %d visitors are compared", seed, n, r.Visitors)
			}
		}
	}
}

func TestARuleDoesWhatItSays(t *testing.T) {
	first, fair := rules(0), rules(0)
	first.Ratio, first.MaxWait, first.MaxOvertaken = 0, 0, 1000
	fair.Ratio, fair.MaxWait, fair.MaxOvertaken = 1, 0, 1000
	bounded, nobody := first, first
	bounded.MaxOvertaken = 3
	nobody.Choose = queue.ChooseNobody
	type sums struct{ priority, ordinary, most, pairs int }
	var days []*queuetest.Log
	for seed := range uint64(3) {
		days = append(days, day(t, seed, first, false))
	}
	sum := func(rule queue.Rule) (s sums) {
		for _, l := range days {
			r := replay(t, l, rule)
			for _, row := range r.Classes {
				switch row.Key {
				case whatif.Priority:
					s.priority += row.After.P90
				case whatif.Ordinary:
					s.ordinary += row.After.P90
				}
			}
			s.most += r.After.MostBefore
			s.pairs += r.After.Overtaken
		}
		return s
	}
	always, inTurn, bound, turn := sum(first), sum(fair), sum(bounded), sum(nobody)
	if inTurn.priority <= always.priority || inTurn.ordinary >= always.ordinary {
		t.Errorf("1:1 gives %+v, always first %+v", inTurn, always)
	}
	if bound.most >= always.most {
		t.Errorf("a bound of 3 gives %+v, none %+v", bound, always)
	}
	if turn.pairs >= always.pairs {
		t.Errorf("nobody chooses: %+v, staff do: %+v", turn, always)
	}
}

func TestDaysThatCannotBeCompared(t *testing.T) {
	l := queuetest.New(settings(), "s")
	if _, err := whatif.Replay(l.Entries, settings().Rule, l.At); !errors.Is(err, whatif.ErrEmpty) {
		t.Errorf("nobody was called: %v", err)
	}
	if _, err := whatif.Replay(make([]queue.Entry, whatif.MaxEntries+1), settings().Rule, l.At); !errors.Is(err, whatif.ErrTooLong) {
		t.Errorf("a day without end: %v", err)
	}
	if _, err := whatif.Replay(nil, settings().Rule, l.At); !errors.Is(err, whatif.ErrEmpty) {
		t.Errorf("no day: %v", err)
	}
	_, err := whatif.Replay([]queue.Entry{{Events: []queue.Event{queue.TicketWithdrawn{Ticket: "x"}}}}, settings().Rule, l.At)
	var corrupt *queue.CorruptError
	if !errors.As(err, &corrupt) {
		t.Errorf("a day without a beginning: %v", err)
	}
}

// Days by chance hold everything that a log may hold, much of it senseless. The
// replay must come to an end and keep most of the calls.
func TestStrangeDaysAreReplayedToo(t *testing.T) {
	calls, again := 0, 0
	for seed := range uint64(8) {
		roll := rand.New(rand.NewPCG(seed, 2))
		l := queuetest.New(queuetest.Settings(), "s")
		other := l.Fork("k")
		for range 300 {
			if _, err := l.Wander(roll.IntN); err != nil {
				var refusal *queue.Refusal
				if !errors.As(err, &refusal) {
					t.Fatal(err)
				}
			}
		}
		if seed%2 == 0 { // another machine had worked alone
			for range 30 {
				_, _ = other.Wander(roll.IntN)
			}
			l.Entries = append(l.Entries, queuetest.Facts(other.Entries)...)
		}
		r, err := whatif.Replay(l.Entries, queuetest.Settings().Rule, l.At.Add(time.Hour))
		if err != nil && !errors.Is(err, whatif.ErrEmpty) {
			t.Fatalf("seed %d: %v", seed, err)
		}
		calls, again = calls+r.Calls, again+r.Reproduced
	}
	if again*10 < calls*8 {
		t.Errorf("%d of %d calls were made again", again, calls)
	}
}

func BenchmarkReplay(b *testing.B) {
	l := day(&testing.T{}, 1, rules(1), true)
	for b.Loop() {
		if _, err := whatif.Replay(l.Entries, rules(2), l.At); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(l.Entries)), "entries")
}
