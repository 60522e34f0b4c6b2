package curve_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"machi/internal/curve"
	"machi/internal/history"
	"machi/internal/history/profile"
	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

const minute = time.Minute

// at is a moment of an ordinary Thursday.
func at(hour, min int) time.Time { return time.Date(2026, 6, 11, hour, min, 0, 0, queue.JST) }

// log writes a day and keeps its entries.
type log struct {
	t       *testing.T
	state   *queue.State
	entries []queue.Entry
}

func open(t *testing.T, moment time.Time) *log {
	t.Helper()
	l := &log{t: t, state: queue.New()}
	l.do(moment, queue.OpenDay{Settings: queue.Settings{
		Office: "o", Date: "2026-06-11", Rule: queue.DefaultRule(),
		Services: []queue.ServiceSettings{
			{ID: "cert", Series: "A", Stages: []queue.Stage{queue.StageReception}, Opens: at(9, 0), Closes: at(12, 0)},
			{ID: "moving", Series: "A", Stages: []queue.Stage{queue.StageReception}, Opens: at(9, 0), Closes: at(11, 0), Early: 10 * minute},
		},
		Series:   []queue.SeriesSettings{{ID: "A", Main: queue.Range{First: 1, Last: 799}}},
		Counters: []queue.CounterSettings{{ID: "1", Services: []queue.ServiceID{"cert", "moving"}, Stages: []queue.Stage{queue.StageReception}}},
	}})
	l.do(moment, queue.OpenCounter{Counter: "1"})
	return l
}

func (l *log) do(moment time.Time, c queue.Command) {
	l.t.Helper()
	m := queue.Meta{Command: queue.CommandID(fmt.Sprint(len(l.entries))), At: moment, Actor: queue.Actor{Role: queue.RoleStaff, ID: "x"}, Origin: "s"}
	events, err := queue.Decide(l.state, m, c)
	if err != nil {
		l.t.Fatalf("%T: %v", c, err)
	}
	e := queue.Entry{Meta: m, Events: events}
	if err := l.state.Apply(e); err != nil {
		l.t.Fatal(err)
	}
	l.entries = append(l.entries, e)
}

func (l *log) issue(moment time.Time, service queue.ServiceID, told time.Duration) {
	l.t.Helper()
	c := queue.IssueTicket{Ticket: queue.TicketID(fmt.Sprint("t", len(l.entries))), Service: service, Channel: queue.ChannelKiosk}
	if told > 0 {
		c.Quote = &queue.Quote{Low: told - minute, P50: told, High: told + minute}
	}
	l.do(moment, c)
}

func (l *log) follow() *curve.Follower {
	l.t.Helper()
	f := curve.New()
	for _, e := range l.entries {
		if err := f.Apply(e); err != nil {
			l.t.Fatal(err)
		}
	}
	return f
}

// waiting lists how many waited at each step.
func waiting(points []curve.Point) []int {
	var list []int
	for _, p := range points {
		list = append(list, p.Waiting)
	}
	return list
}

func TestADayIsFollowedStepByStep(t *testing.T) {
	l := open(t, at(8, 0))
	l.issue(at(8, 53), "moving", 0)
	l.issue(at(9, 0), "cert", 20*minute)
	l.issue(at(9, 5), "cert", 30*minute)
	l.do(at(9, 6), queue.CallNext{Counter: "1"})
	l.issue(at(9, 12), "cert", 10*minute)
	p := l.follow().Picture(at(9, 22), curve.Usual{})

	all, _ := p.Line(curve.All)
	if got, want := waiting(all.Points), []int{0, 1, 2, 3, 2, 3, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("all: %v, want %v from %v", got, want, at(8, 50))
	}
	if first := all.Points[0].At; !first.Equal(at(8, 50)) || !p.Opens.Equal(at(8, 50)) || !p.Closes.Equal(at(12, 0)) {
		t.Errorf("from %v, hours %v to %v", first, p.Opens, p.Closes)
	}
	cert, _ := p.Line("cert")
	var told []string
	for _, p := range cert.Points {
		told = append(told, fmt.Sprint(p.Known, p.Told.Minutes()))
	}
	// Of an even number the lower middle is told.
	if want := []string{"false 0", "false 0", "true 20", "true 20", "true 20", "true 10", "true 10"}; !reflect.DeepEqual(told, want) {
		t.Errorf("told: %v, want %v", told, want)
	}
	if moving, _ := p.Line("moving"); moving.Points[2].Known || moving.Usual != nil {
		t.Errorf("moving: %+v: nobody was told anything", moving)
	}
	if _, ok := p.Line("nothing"); ok {
		t.Error("a service that is not there has a line")
	}
}

// What nobody saw is not drawn as if nobody had waited.
func TestADayThatBeganLateBeginsThere(t *testing.T) {
	l := open(t, at(9, 31))
	if points := l.follow().Points(curve.All, at(9, 40)); len(points) != 2 || !points[0].At.Equal(at(9, 35)) {
		t.Errorf("%+v, want 9:35 and 9:40", points)
	}
}

func TestADayIsNotFollowedForEver(t *testing.T) {
	l := open(t, at(8, 0))
	l.issue(at(11, 50), "cert", 0)
	points := l.follow().Points(curve.All, at(23, 0))
	if last := points[len(points)-1]; !last.At.Equal(at(14, 0)) || last.Waiting != 1 {
		t.Errorf("the last is %+v, want one waiting at 14:00", last)
	}
}

// TestRestartsAndOtherServersDrawTheSame: somebody who looks again and again, with
// what came late in between, sees in the end what one sees who reads the log at once.
func TestRestartsAndOtherServersDrawTheSame(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		settings := queuetest.Settings()
		for i := range settings.Services {
			settings.Services[i].Opens, settings.Services[i].Closes = queuetest.Opening, queuetest.Opening.Add(8*time.Hour)
		}
		l := queuetest.New(settings, "s0")
		steps, whole := curve.New(), curve.New()
		if err := steps.Apply(l.Entries[0]); err != nil {
			t.Fatal(err)
		}
		for range 150 {
			before := len(l.Entries)
			_, _ = l.Wander(r.IntN)
			for i := before; i < len(l.Entries); i++ {
				e := l.Entries[i]
				if err := steps.Apply(e); err != nil {
					t.Fatal(err)
				}
			}
			steps.Picture(l.At, curve.Usual{})
		}
		for _, e := range l.Entries {
			if err := whole.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
		now := l.At.Add(17 * minute)
		if a, b := steps.Picture(now, curve.Usual{}), whole.Picture(now, curve.Usual{}); !reflect.DeepEqual(a, b) {
			t.Fatalf("seed %d: %+v, at once %+v", seed, a, b)
		}
		all := whole.Points(curve.All, now)
		if got, want := all[len(all)-1].Waiting, receptionWaiting(l.State); got != want {
			t.Errorf("seed %d: %d wait in the curve, %d in the state", seed, got, want)
		}
	}
}

func receptionWaiting(s *queue.State) int {
	n := 0
	for _, line := range s.Lines() {
		if line.Stage == queue.StageReception {
			n += len(s.Line(line))
		}
	}
	return n
}

// closed is a day on which people came for cert at 9:00 and waited so long.
func closed(date queue.Date, waits ...time.Duration) history.Day {
	day, _ := time.ParseInLocation(time.DateOnly, string(date), queue.JST)
	came := day.Add(9 * time.Hour)
	d := history.Day{Office: "o", Date: date}
	for _, w := range waits {
		leg := history.Leg{Service: "cert", Stage: queue.StageReception, Joined: came, Called: came.Add(w), Finished: came.Add(w + minute), Outcome: history.Served}
		d.Visits = append(d.Visits, history.Visit{Service: "cert", Issued: came, Legs: []history.Leg{leg, {Service: "cert", Stage: queue.StageDelivery, Joined: came.Add(w)}}})
	}
	return d
}

func TestTheUsualDayIsTheMiddleOfDaysOfItsKind(t *testing.T) {
	b := curve.NewBook()
	b.Add(closed("2026-06-09", 15*minute, 30*minute))
	b.Add(closed("2026-06-10", 10*minute))
	b.Add(closed("2026-06-08", 60*minute, 60*minute)) // a Monday: another kind of day
	if u := b.Usuals().For("2026-06-11"); u.Kind != profile.Ordinary || u.Days != 2 || u.Of(curve.All) != nil {
		t.Fatalf("of two days: %+v, want nothing", u)
	}
	b.Add(closed("2026-06-04", 30*minute, 30*minute, 30*minute))
	u := b.Usuals().For("2026-06-11")
	if u.Days != 3 || u.From != "2026-06-04" || u.To != "2026-06-10" {
		t.Fatalf("%+v", u)
	}
	nine := u.Of("cert")[18]
	// At 9:00 to 9:25 there waited 2 2 2 1 1 1 of the first day, 1 1 0 0 0 0, and 3 all along.
	if want := (curve.Half{From: 9 * time.Hour, Waiting: 1.5, Waited: 30 * minute, Known: true}); nine != want {
		t.Errorf("nine o'clock: %+v, want %+v", nine, want)
	}
	if half := u.Of(curve.All)[19]; half.Waiting != 0 || half.Known {
		t.Errorf("half past nine: %+v, want nobody", half)
	}
	if got := u.Of("moving"); got == nil || len(got) != 0 {
		t.Errorf("a service that nobody came for: %+v, want none, but known", got)
	}
}

func TestOnlyTheNewestDaysCount(t *testing.T) {
	b := curve.NewBook()
	for n := range 40 {
		date := at(0, 0).AddDate(0, 0, -7*(n+1))
		b.Add(closed(queue.BusinessDay(date.Add(12*time.Hour)), time.Duration(n)*minute))
	}
	if u := b.Usuals().For("2026-06-11"); u.Days > curve.Most || u.To != "2026-06-04" {
		t.Errorf("%d days to %s", u.Days, u.To)
	}
}

func TestAUsualDayIsDrawnWithinTheHours(t *testing.T) {
	b := curve.NewBook()
	for _, date := range []queue.Date{"2026-06-02", "2026-06-03", "2026-06-04"} {
		b.Add(closed(date, minute))
	}
	p := open(t, at(8, 0)).follow().Picture(at(9, 0), b.Usuals().For("2026-06-11"))
	all, _ := p.Line(curve.All)
	if len(all.Usual) != 7 || all.Usual[0].From != 8*time.Hour+30*minute || all.Usual[6].From != 11*time.Hour+30*minute {
		t.Errorf("%+v, want the half hours from 8:30 to 11:30", all.Usual)
	}
}

func TestFewVisitsAreNotPublished(t *testing.T) {
	d := closed("2026-06-10", 5*minute+time.Second, 7*minute, 30*minute)
	two := closed("2026-06-10", minute, minute)
	for _, v := range two.Visits {
		v.Service = "moving"
		d.Visits = append(d.Visits, v)
	}
	uncalled := closed("2026-06-10", minute, minute, minute)
	for i, v := range uncalled.Visits {
		v.Service = "tax"
		if v.Legs = v.Legs[:1]; i > 0 {
			v.Legs[0].Called = time.Time{}
		}
		d.Visits = append(d.Visits, v)
	}
	nine := time.Date(2026, 6, 10, 9, 0, 0, 0, queue.JST)
	want := []curve.Tally{
		{Service: "cert", From: nine, Visits: 3, Called: 3, Middle: 7 * minute, Ninth: 30 * minute},
		{Service: "tax", From: nine, Visits: 3},
	}
	if got := curve.Tallies(d); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}
