package estimate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
	"machi/internal/told"
)

func TestShownIsWhatPeopleAreTold(t *testing.T) {
	r := estimate.Range{Known: true, Low: 12 * time.Minute, High: 31 * time.Minute}
	if low, high := r.Shown(); low != 10*time.Minute || high != 35*time.Minute || r.Open() {
		t.Errorf("shown %v to %v, open %v", low, high, r.Open())
	}
	r.Told = told.Span{Low: 10, High: 30}
	if low, high := r.Shown(); low != 10*time.Minute || high != 30*time.Minute {
		t.Errorf("held %v to %v", low, high)
	}
	if low, high := (estimate.Range{}).Shown(); low != 0 || high != 0 {
		t.Errorf("of nothing known %v to %v", low, high)
	}
	if r = (estimate.Range{Known: true, Low: 70 * time.Minute, High: 150 * time.Minute}); !r.Open() {
		t.Error("two hours and a half are promised")
	}
}

func TestSteadyHoldsEachWaitByItself(t *testing.T) {
	at := func(minute float64) estimate.Office {
		r := estimate.Range{Known: true, Low: 10 * time.Minute, High: time.Duration(minute * float64(time.Minute))}
		return estimate.Office{
			Services: map[queue.ServiceID]estimate.Wait{"moving": {Called: r, Finished: r}},
			Tickets:  map[queue.TicketID]estimate.Wait{"t1": {Called: r}, "t2": {Called: r}},
		}
	}
	var m estimate.Steady
	highs := func(o estimate.Office) [3]int {
		return [3]int{o.Services["moving"].Finished.Span().High, o.Tickets["t1"].Called.Span().High, o.Tickets["t1"].Finished.Span().High}
	}
	for i, step := range []struct {
		exact float64
		want  int
	}{{34, 35}, {36, 35}, {39.5, 35}, {36, 35}, {41, 45}, {44, 45}, {39, 40}, {41, 40}} {
		given := at(step.exact)
		if got := highs(m.Show(given, queue.New())); got != [3]int{step.want, step.want, 0} {
			t.Errorf("step %d, %v minutes: got %v, want %d", i, step.exact, got, step.want)
		}
		if given.Tickets["t1"].Called.Told.Known() {
			t.Fatal("the estimate itself was changed")
		}
	}
	gone := at(40)
	delete(gone.Tickets, "t1")
	m.Show(gone, queue.New())
	if got := highs(m.Show(at(41), queue.New())); got != [3]int{40, 45, 0} {
		t.Errorf("a ticket that was gone is held to what it was shown: %v", got)
	}
}

// Nobody is shown less than somebody before them in their line, whatever is held of
// whom, and nobody more than rounding alone would say.
func TestSteadyKeepsTheOrderOfALine(t *testing.T) {
	f := newFloor(t)
	ids := []queue.TicketID{}
	for i := range 6 {
		ids = append(ids, f.issue(fmt.Sprint(i), "moving", false))
	}
	random := rand.New(rand.NewPCG(5, 1))
	var m estimate.Steady
	drift := 0.0
	for range 400 {
		drift = max(0, drift+random.Float64()*8-4)
		o := estimate.Office{Services: map[queue.ServiceID]estimate.Wait{}, Tickets: map[queue.TicketID]estimate.Wait{}}
		exact := drift
		waits := make([]estimate.Wait, 0, len(ids)+1)
		for range len(ids) + 1 {
			exact += random.Float64() * 4
			r := estimate.Range{Known: true, Low: minutes(exact / 2), High: minutes(exact)}
			waits = append(waits, estimate.Wait{Called: r, Finished: r})
		}
		known := ids[random.IntN(3):] // some are shown for the first time later
		for i, id := range ids[len(ids)-len(known):] {
			o.Tickets[id] = waits[i+len(ids)-len(known)]
		}
		o.Services["moving"] = waits[len(ids)]
		shown, before := m.Show(o, f.state), told.Span{}
		for _, id := range append(slices.Clone(known), "") {
			w := shown.Tickets[id]
			if id == "" {
				w = shown.Services["moving"]
			}
			now := told.Of(w.Called.Low, w.Called.High)
			if s := w.Called.Span(); s.Low < before.Low || s.High < before.High || s.Low > now.Low || s.High > now.High || s.Low >= s.High {
				t.Fatalf("%q is shown %+v behind %+v, rounding says %+v", id, s, before, now)
			}
			before = w.Called.Span()
		}
	}
}

// Nobody is shown to be finished before they are called, whatever is held of which.
func TestSteadyShowsNobodyFinishedBeforeCalled(t *testing.T) {
	f := newFloor(t)
	id := f.issue("1", "moving", false)
	random := rand.New(rand.NewPCG(5, 2))
	var m estimate.Steady
	called, talk := 20.0, 3.0
	for range 2000 {
		called, talk = max(0, called+random.Float64()*6-3), min(20, max(0, talk+random.Float64()*6-3))
		w := estimate.Wait{
			Called:   estimate.Range{Known: true, Low: minutes(called / 2), High: minutes(called)},
			Finished: estimate.Range{Known: true, Low: minutes(called/2 + talk/2), High: minutes(called + talk)},
		}
		shown := m.Show(estimate.Office{
			Services: map[queue.ServiceID]estimate.Wait{"moving": w}, Tickets: map[queue.TicketID]estimate.Wait{id: w},
		}, f.state)
		for _, w := range []estimate.Wait{shown.Tickets[id], shown.Services["moving"]} {
			if c, done := w.Called.Span(), w.Finished.Span(); done.Low < c.Low || done.High < c.High {
				t.Fatalf("called %+v, finished %+v", c, done)
			}
		}
	}
}

// What is printed on the paper and what the phone shows a moment later is one figure.
func TestSteadyBeginsWithWhatTheVisitorWasTold(t *testing.T) {
	f := newFloor(t)
	id := queue.TicketID("s-1")
	f.do(queue.IssueTicket{
		Ticket: id, Service: "moving", Channel: queue.ChannelKiosk, Quote: &queue.Quote{Low: minutes(10), P50: minutes(20), High: minutes(35)},
	})
	r := estimate.Range{Known: true, Low: minutes(12), High: minutes(37)}
	var m estimate.Steady
	got := m.Show(estimate.Office{Tickets: map[queue.TicketID]estimate.Wait{id: {Called: r, Finished: r}}}, f.state)
	if want := (told.Span{Low: 10, High: 35}); got.Tickets[id].Called.Span() != want {
		t.Errorf("shown %+v, the paper says %+v", got.Tickets[id].Called.Span(), want)
	}
}

func minutes(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
