package replay

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
)

// The grain of a film, and the longest one.
const (
	Step  = time.Minute
	Steps = int(24 * time.Hour / Step)
)

// Film is one closed day of an office.
type Film struct {
	Office   queue.OfficeID `json:"office"`
	Date     queue.Date     `json:"date"`
	Source   history.Source `json:"source"`
	Revision int            `json:"revision"` // how often late records corrected it
	From     time.Time      `json:"from"`     // the first frame
	To       time.Time      `json:"to"`       // the last one
	Step     int            `json:"step_seconds"`
	Visits   int            `json:"visits"`
	Lines    []Line         `json:"lines"`
	Counters []Counter      `json:"counters"`
	Calls    []Call         `json:"calls"`  // in time order
	Quotes   []Quote        `json:"quotes"` // in time order
	// Issued are the numbers given until each frame, Left the visits that were over.
	Issued []int `json:"issued"`
	Left   []int `json:"left"`
}

// Line is how many waited for a service at each frame, and for how long the one who
// had waited longest. The stage processing counts who waits for the back office.
type Line struct {
	Service queue.ServiceID `json:"service"`
	Stage   queue.Stage     `json:"stage"`
	Waiting []int           `json:"waiting"`
	Longest []int           `json:"longest_seconds"`
}

// Counter is when a counter was open.
type Counter struct {
	ID   queue.CounterID `json:"id"`
	Open []Span          `json:"open"`
}

// Span is a stretch of time.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Call is a number at a counter: when it was called, when somebody came (null: nobody
// did), and when the counter was free again.
type Call struct {
	Number  queue.Number    `json:"number"`
	Counter queue.CounterID `json:"counter"`
	Service queue.ServiceID `json:"service"`
	Stage   queue.Stage     `json:"stage"`
	At      time.Time       `json:"at"`
	Started *time.Time      `json:"started_at"`
	Until   time.Time       `json:"until"`
	Outcome history.Outcome `json:"outcome"`
}

// Quote is what somebody was told with a number, and how long the wait was (null: never
// called).
type Quote struct {
	Number  queue.Number    `json:"number"`
	Service queue.ServiceID `json:"service"`
	At      time.Time       `json:"at"`
	Low     int             `json:"low_seconds"`
	High    int             `json:"high_seconds"`
	Waited  *int            `json:"waited_seconds"`
}

// Of makes the film of a day; false: nothing happened on it.
func Of(d history.Day) (Film, bool) {
	f := Film{
		Office: d.Office, Date: d.Date, Source: d.Source, Revision: d.Revision, Step: int(Step / time.Second), Visits: len(d.Visits),
		Lines: []Line{}, Counters: []Counter{}, Calls: []Call{}, Quotes: []Quote{},
	}
	if !f.bound(d) {
		return Film{}, false
	}
	f.Issued, f.Left = make([]int, f.frames()), make([]int, f.frames())
	for _, v := range d.Visits {
		f.count(f.Issued, v.Issued)
		f.count(f.Left, v.Ended)
		f.quote(v)
		for i, l := range v.Legs {
			f.call(v, l)
			f.wait(l)
			if i > 0 {
				f.process(v.Legs[i-1], l)
			}
		}
	}
	sum(f.Issued)
	sum(f.Left)
	f.open(d.Spells)
	f.order()
	return f, true
}

// bound finds the first and the last frame.
func (f *Film) bound(d history.Day) bool {
	see := func(moments ...time.Time) {
		for _, at := range moments {
			if at.IsZero() {
				continue
			}
			if f.From.IsZero() || at.Before(f.From) {
				f.From = at
			}
			if at.After(f.To) {
				f.To = at
			}
		}
	}
	for _, v := range d.Visits {
		see(v.Issued, v.Ended)
		for _, l := range v.Legs {
			see(l.Finished)
		}
	}
	for _, s := range d.Spells {
		see(s.From, s.To)
	}
	if f.From.IsZero() {
		return false
	}
	f.From = f.From.In(queue.JST).Truncate(5 * time.Minute)
	f.To = f.To.In(queue.JST).Add(Step - 1).Truncate(Step)
	if last := f.From.Add(time.Duration(Steps-1) * Step); f.To.After(last) {
		f.To = last
	}
	return true
}

func (f *Film) frames() int { return int(f.To.Sub(f.From)/Step) + 1 }

// first is the first frame that shows what happened at a moment.
func (f *Film) first(at time.Time) int {
	return min(max(0, int((at.Sub(f.From)+Step-1)/Step)), f.frames())
}

func (f *Film) count(frames []int, at time.Time) {
	if i := f.first(at); !at.IsZero() && i < len(frames) {
		frames[i]++
	}
}

func sum(frames []int) {
	for i := 1; i < len(frames); i++ {
		frames[i] += frames[i-1]
	}
}

func (f *Film) quote(v history.Visit) {
	if v.Told == nil || v.Told.High <= 0 {
		return
	}
	q := Quote{Number: v.Number, Service: v.Service, At: v.Issued, Low: seconds(v.Told.Low), High: seconds(v.Told.High)}
	if waited, ok := v.Waited(); ok {
		n := seconds(waited)
		q.Waited = &n
	}
	f.Quotes = append(f.Quotes, q)
}

func seconds(d time.Duration) int { return int(d / time.Second) }

func (f *Film) call(v history.Visit, l history.Leg) {
	if l.Called.IsZero() || l.Counter == "" {
		return
	}
	c := Call{Number: v.Number, Counter: l.Counter, Service: l.Service, Stage: l.Stage, At: l.Called, Until: l.Finished, Outcome: l.Outcome}
	if c.Until.Before(c.At) {
		c.Until = c.At
	}
	if !l.Started.IsZero() {
		c.Started = &l.Started
	}
	f.Calls = append(f.Calls, c)
}

// wait counts somebody in a line until called, or until leaving it.
func (f *Film) wait(l history.Leg) {
	if !l.Joined.IsZero() {
		f.stand(l.Service, l.Stage, l.Joined, cmp.Or(l.Called, l.Finished))
	}
}

// process counts who waits for the back office: from the end at the reception until
// all is ready for delivery.
func (f *Film) process(before, l history.Leg) {
	if l.Stage == queue.StageDelivery && before.Outcome == history.Served && l.Joined.After(before.Finished) {
		f.stand(before.Service, queue.StageProcessing, before.Finished, l.Joined)
	}
}

func (f *Film) stand(service queue.ServiceID, stage queue.Stage, from, until time.Time) {
	i := slices.IndexFunc(f.Lines, func(l Line) bool { return l.Service == service && l.Stage == stage })
	if i < 0 {
		i = len(f.Lines)
		f.Lines = append(f.Lines, Line{Service: service, Stage: stage, Waiting: make([]int, f.frames()), Longest: make([]int, f.frames())})
	}
	line := f.Lines[i]
	for n := f.first(from); n < f.first(until); n++ {
		line.Waiting[n]++
		line.Longest[n] = max(line.Longest[n], seconds(f.From.Add(time.Duration(n)*Step).Sub(from)))
	}
}

func (f *Film) open(spells []history.Spell) {
	at := map[queue.CounterID]int{}
	for _, s := range spells {
		i, known := at[s.Counter]
		if !known {
			i = len(f.Counters)
			at[s.Counter] = i
			f.Counters = append(f.Counters, Counter{ID: s.Counter})
		}
		f.Counters[i].Open = append(f.Counters[i].Open, Span{s.From, s.To})
	}
}

// stages is the order of the lines of a service.
var stages = []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}

func (f *Film) order() {
	slices.SortStableFunc(f.Calls, func(a, b Call) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(f.Quotes, func(a, b Quote) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(f.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(slices.Index(stages, a.Stage), slices.Index(stages, b.Stage)), cmp.Compare(a.Service, b.Service))
	})
	slices.SortStableFunc(f.Counters, func(a, b Counter) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
}
