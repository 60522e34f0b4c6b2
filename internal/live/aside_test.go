package live

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/board"
	"machi/internal/day"
	"machi/internal/estimate"
	"machi/internal/estimate/follow"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
)

// longDay is an office whose day has more records than anybody shall wait for.
type longDay struct {
	t       *testing.T
	mu      sync.Mutex
	day     *day.Day
	at      time.Time
	n       int
	lessons *place.Lessons
}

func newLongDay(t *testing.T, visits int) *longDay {
	l := &longDay{t: t, at: time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)}
	l.begin(1, visits)
	return l
}

// again has the log begun again with another past, which is seen whole.
func (l *longDay) again(incarnation byte, visits int) {
	other := &longDay{t: l.t, at: l.at, n: l.n}
	other.begin(incarnation, visits)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.day, l.at, l.n = other.day, other.at, other.n
}

func (l *longDay) begin(incarnation byte, visits int) {
	l.day = day.New()
	l.do(incarnation, queue.OpenDay{Settings: queue.Settings{
		Office: "o", Date: "2026-04-01", Rule: queue.DefaultRule(),
		Services: []queue.ServiceSettings{{ID: "cert", Series: "A", Stages: []queue.Stage{queue.StageReception}}},
		Series:   []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 799}}},
		Counters: []queue.CounterSettings{{ID: "1", Services: []queue.ServiceID{"cert"}, Stages: []queue.Stage{queue.StageReception}}},
	}})
	l.do(incarnation, queue.OpenCounter{Counter: "1"})
	for i := range visits {
		l.visit(incarnation, i)
	}
}

func (l *longDay) visit(incarnation byte, i int) {
	id := queue.TicketID(fmt.Sprintf("s%d-%d", incarnation, i))
	l.do(incarnation, queue.IssueTicket{Ticket: id, Service: "cert", Channel: queue.ChannelKiosk})
	if i%2 == 0 {
		c, _ := l.day.State().Counter("1")
		if c.Ticket != "" {
			l.do(incarnation, queue.Finish{Ticket: c.Ticket, Counter: "1"})
		}
		l.do(incarnation, queue.CallNext{Counter: "1"})
	}
}

func (l *longDay) do(incarnation byte, c queue.Command) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	l.at = l.at.Add(10 * time.Second)
	m := queue.Meta{Command: queue.CommandID(fmt.Sprint(l.n)), At: l.at, Actor: queue.Actor{Role: queue.RoleStaff, ID: "x"}, Origin: "s"}
	r, err := l.day.Decide(m, c, eventlog.Incarnation{incarnation})
	if err != nil || r == nil {
		l.t.Fatalf("%T: %v", c, err)
	}
	next := l.day.Clone()
	if err := next.Apply(*r); err != nil {
		l.t.Fatal(err)
	}
	l.day = next
}

func (l *longDay) View(queue.OfficeID) (office.View, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return office.View{Office: "o", Date: "2026-04-01", State: l.day.State(), Head: l.day.Head(), Day: l.day, At: l.at}, nil
}

func (l *longDay) Wait(ctx context.Context, _ queue.OfficeID, _ eventlog.Head) error {
	<-ctx.Done()
	return ctx.Err()
}

func (l *longDay) taught() *place.Lessons {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lessons
}

func (l *longDay) teach(lessons *place.Lessons) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lessons = lessons
}

// want is what an estimator says that has read all of the log with some lessons.
func (l *longDay) want(lessons *place.Lessons, at time.Time) estimate.Wait {
	l.t.Helper()
	var o follow.Office
	f := o.To(l.day, lessons, 0)
	if f == nil {
		l.t.Fatal("the day is not open")
	}
	return f.Office(at, estimate.Conditions{}).Services["cert"]
}

// TestALongDayIsReadAside: whoever asks is answered at once, with what was known,
// while an estimator reads a long day: after a start, with other lessons, and when the
// log has another past.
func TestALongDayIsReadAside(t *testing.T) {
	l := newLongDay(t, few/2+10)
	at := l.at.Add(time.Hour)
	registry := prometheus.NewRegistry()
	h := New(Options{
		Views: l, Offices: func() []queue.OfficeID { return []queue.OfficeID{"o"} }, Now: func() time.Time { return at }, Start: "run", Refresh: time.Hour,
		Info:    func(id queue.OfficeID) (board.Info, bool) { return board.Info{ID: id}, true },
		Lessons: func(queue.OfficeID, queue.Date) *place.Lessons { return l.taught() }, Registerer: registry,
	})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	h.turn <- struct{}{} // nothing can be made aside
	go func() { defer close(ran); _ = h.Run(ctx) }()
	w, err := h.Subscribe([]queue.OfficeID{"o"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	says := func() estimate.Wait {
		s, err := h.Snapshot("o")
		if err != nil {
			t.Fatal(err)
		}
		return bare(s.Estimate.Services["cert"])
	}
	until := func(what string, want estimate.Wait) {
		t.Helper()
		waiting, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		for got := says(); !reflect.DeepEqual(got, want); got = says() {
			if _, err := w.Next(waiting); err != nil {
				t.Fatalf("%s: %v: it says %+v, want %+v", what, err, got, want)
			}
		}
	}

	if got := says(); got.Called.Known || got.Ahead == 0 {
		t.Errorf("before anything is read: %+v, want who is ahead, and no times", got)
	}
	<-h.turn
	until("after a start", l.want(nil, at))

	h.turn <- struct{}{}
	var before follow.Office
	lessons := before.To(l.day, nil, 0).Lessons()
	l.teach(lessons)
	l.visit(1, 10_000)
	old := l.want(nil, at)
	if got := says(); !reflect.DeepEqual(got, old) {
		t.Errorf("while lessons are taken in: %+v, want %+v, as without them", got, old)
	}
	<-h.turn
	if reflect.DeepEqual(l.want(lessons, at), old) {
		t.Fatal("these lessons change nothing")
	}
	until("with lessons", l.want(lessons, at))

	h.turn <- struct{}{}
	l.again(2, few/2+20)
	if got := says(); !got.Called.Known || got.Ahead != l.want(lessons, at).Ahead {
		t.Errorf("while the log that was begun again is read: %+v, want some time", got)
	}
	<-h.turn
	until("with another past", l.want(lessons, at))
	if n := rebuilt(t, registry); n != 2 {
		t.Errorf("begun again %v times, want 2", n)
	}

	h.turn <- struct{}{}
	l.teach(nil)
	l.visit(2, 10_000)
	says()
	cancel()
	<-ran // though one waits for its turn
}

func rebuilt(t *testing.T, r *prometheus.Registry) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "machi_live_estimator_rebuilt_total" {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}

// bare leaves out how it is shown.
func bare(w estimate.Wait) estimate.Wait {
	var none estimate.Range
	w.Called.Told, w.Finished.Told = none.Told, none.Told
	return w
}
