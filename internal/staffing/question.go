package staffing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
)

// Question is what would be done otherwise on a day. Times of day are "15:04".
type Question struct {
	Date      queue.Date      `json:"date"`
	Open      []Spell         `json:"open,omitempty"`             // counters that are open as well
	Shut      []Spell         `json:"shut,omitempty"`             // counters that are not open
	More      int             `json:"more,omitempty"`             // so many counters more, or fewer, between From and To
	From      string          `json:"from,omitempty"`             // empty: from the opening
	To        string          `json:"to,omitempty"`               // empty: to the end
	For       queue.ServiceID `json:"for,omitempty"`              // whom the counters more serve; empty: the service with the longest waits
	Opens     string          `json:"opens,omitempty"`            // when the reception begins
	Closes    string          `json:"closes,omitempty"`           // when it ends
	Ratio     *int            `json:"ratio,omitempty"`            // priority tickets for each other one; 0: always first
	MaxWait   *int            `json:"max_wait_seconds,omitempty"` // after which somebody goes first; 0: never
	Elsewhere []Elsewhere     `json:"elsewhere,omitempty"`        // who does it elsewhere
	Percent   int             `json:"percent,omitempty"`          // of those expected, who come; 0: 100
}

// Elsewhere is a share of the visitors of a service who do it elsewhere, such as at a
// convenience store.
type Elsewhere struct {
	Service queue.ServiceID `json:"service"`
	Percent int             `json:"percent"`
}

// Fault is a field of a question that cannot be.
type Fault struct{ Field, Text string }

// Error returns both.
func (f *Fault) Error() string { return "staffing: " + f.Field + ": " + f.Text }

// Answer is what a day would be.
type Answer struct {
	Office queue.OfficeID `json:"office"`
	Date   queue.Date     `json:"date"`
	Basis  Basis          `json:"basis"`
	Days   int            `json:"days"` // closed days behind it
	Target int            `json:"target_seconds"`
	Share  int            `json:"share_percent"`
	// Real is how a past day went; null: it is to come.
	Real   *Real   `json:"real"`
	Before Course  `json:"before"` // as it is expected, or played again
	After  Course  `json:"after"`
	Change Change  `json:"change"`
	Opened []Spell `json:"opened"` // the counters more that were chosen
	Future int     `json:"futures"`
}

// Real is how long people really waited on a past day, and how often so many waits lie
// in the range that playing it again gives: how far the answer can be trusted.
type Real struct {
	Called int  `json:"called"`
	P50    int  `json:"p50_seconds"`
	P80    int  `json:"p80_seconds"`
	Within int  `json:"within_percent"`
	Like   bool `json:"like"` // the middle wait lies in the range that was played, or within five minutes of it
}

// Course is a day that was played. Figures are ranges over its futures.
type Course struct {
	P50      Range     `json:"p50_seconds"`
	P80      Range     `json:"p80_seconds"`
	Longest  Range     `json:"longest_seconds"`
	Finish   Range     `json:"finish_seconds"` // the middle visit, from arrival to leaving
	Within   Range     `json:"within_percent"`
	Kept     int       `json:"kept_percent"` // of the futures that keep the target
	Arrivals Range     `json:"arrivals"`
	Queue    Range     `json:"waiting_most"`
	Last     string    `json:"last_leaves"` // the middle
	Hours    float64   `json:"counter_hours"`
	Halves   []Stretch `json:"half_hours"`
	Services []Share   `json:"services"`
}

// Stretch is a half hour, by when people come.
type Stretch struct {
	From     string `json:"from"`
	Arrivals Range  `json:"arrivals"`
	P50      int    `json:"p50_seconds"`
	P80      int    `json:"p80_seconds"`
	Open     int    `json:"open"` // counters
}

// Share is a service.
type Share struct {
	Service queue.ServiceID `json:"service"`
	P50     int             `json:"p50_seconds"`
	P80     int             `json:"p80_seconds"`
	Within  int             `json:"within_percent"`
	N       float64         `json:"called"` // a day
}

// Change is what is different, over futures that are the same but for it. Less than 0 is
// shorter.
type Change struct {
	P50    Range   `json:"p50_seconds"`
	P80    Range   `json:"p80_seconds"`
	Finish Range   `json:"finish_seconds"`
	Within Range   `json:"within_percent"`
	Last   Range   `json:"last_leaves_seconds"`
	Hours  float64 `json:"counter_hours"`
	Better int     `json:"better_percent"` // of the futures in which four of five wait for less
}

const (
	questionFutures = 96
	mostSpells      = 60 // of a question
	mostMore        = 20
)

// Ask plays a day as it is expected, or a past one again, and the same otherwise. The
// errors are [ErrUnknown], [ErrDate], [ErrLittle], *[Fault], those of the history and
// of the context.
func (k *Keeper) Ask(ctx context.Context, id queue.OfficeID, q Question) (Answer, error) {
	goal, ok := k.o.Goal(id)
	if !ok {
		return Answer{}, ErrUnknown
	}
	if _, err := calendar.ParseDay(string(q.Date)); err != nil {
		return Answer{}, ErrDate
	}
	settings, err := k.o.Settings(id, q.Date)
	if err != nil {
		return Answer{}, ErrDate
	}
	a := Answer{Office: id, Date: q.Date, Target: whole(goal.Target), Share: percent(goal.Share), Opened: []Spell{}}
	in, err := k.day(ctx, &a, &settings, goal)
	if err != nil {
		return Answer{}, err
	}
	change, err := q.change(&in, &settings)
	if err != nil {
		return Answer{}, err
	}
	select {
	case k.plays <- struct{}{}:
		defer func() { <-k.plays }()
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	before := outlook.Play(in)
	more, err := q.more(&in, &settings, &before)
	if err != nil {
		return Answer{}, err
	}
	change.Open, change.Shut = append(change.Open, more.Open...), append(change.Shut, more.Shut...)
	changed := in.With(change)
	after := outlook.Play(changed)
	a.Opened = spellsOf(more.Open)
	a.Before, a.After, a.Future = courseOf(&in, &before), courseOf(&changed, &after), before.Futures
	a.Change = changeOf(&before, &after)
	if a.Real != nil {
		near := 300.0
		a.Real.Like = float64(a.Real.P50) >= a.Before.P50.Low-near && float64(a.Real.P50) <= a.Before.P50.High+near
	}
	return a, nil
}

// day is the day that is asked about.
func (k *Keeper) day(ctx context.Context, a *Answer, s *queue.Settings, g Goal) (outlook.Input, error) {
	usual := k.o.Usual(s.Office)
	if usual == nil {
		return outlook.Input{}, ErrLittle
	}
	if s.Date < queue.BusinessDay(k.o.Now()) {
		d, ok, err := k.o.Days.Day(ctx, s.Office, s.Date)
		if err != nil {
			return outlook.Input{}, fmt.Errorf("staffing: %w", err)
		}
		if !ok || len(d.Visits) == 0 {
			return outlook.Input{}, ErrDate
		}
		a.Basis, a.Days, a.Real = FromPast, 1, realOf(d, g)
		return usual.Past(d, s, outlook.Options{Target: g.Target, Share: g.Share, Futures: questionFutures}), nil
	}
	d, ok := k.o.Forecast(s.Office, s.Date)
	if !ok || !d.Open() {
		return outlook.Input{}, ErrDate
	}
	a.Basis, a.Days = FromForecast, d.Days
	if len(d.Lines) == 0 {
		a.Basis, a.Days = FromUsual, usual.Days()
	}
	return k.input(usual, s, g, questionFutures), nil
}

// realOf is how a past day went, until the first call.
func realOf(d history.Day, g Goal) *Real {
	var waits []time.Duration
	within := 0
	for _, v := range d.Visits {
		if waited, ok := v.Stood(); ok {
			waits = append(waits, waited)
			if waited <= g.Target {
				within++
			}
		}
	}
	r := &Real{Called: len(waits), Within: 100}
	if len(waits) > 0 {
		slices.Sort(waits)
		at := func(share int) int { return whole(waits[(len(waits)*share+99)/100-1]) }
		r.P50, r.P80, r.Within = at(50), at(80), percent(float64(within)/float64(len(waits)))
	}
	return r
}

// change reads a question, but for its counters more.
func (q *Question) change(in *outlook.Input, s *queue.Settings) (c outlook.Change, err error) {
	if len(q.Open)+len(q.Shut) > mostSpells {
		return c, &Fault{"open", fmt.Sprintf("more than %d", mostSpells)}
	}
	for _, x := range q.Open {
		spell, err := x.read(in, s, "open")
		if err != nil {
			return c, err
		}
		c.Open = append(c.Open, spell)
	}
	for _, x := range q.Shut {
		spell, err := x.read(in, s, "shut")
		if err != nil {
			return c, err
		}
		c.Shut = append(c.Shut, outlook.Absence{Counter: spell.Counter, From: spell.From, To: spell.To})
	}
	if c.Opens, err = q.hour(q.Opens, "opens"); err != nil {
		return c, err
	}
	if c.Closes, err = q.hour(q.Closes, "closes"); err != nil {
		return c, err
	}
	from, to := in.From, in.Close
	if c.Opens > 0 {
		from = c.Opens
	}
	if c.Closes > 0 {
		to = c.Closes
	}
	if to-from < time.Hour {
		return c, &Fault{"closes", "want an hour or more of reception"}
	}
	if c.Volume = float64(q.Percent) / 100; q.Percent != 0 && (q.Percent < 10 || q.Percent > 300) {
		return c, &Fault{"percent", "want 10 to 300"}
	}
	c.Rule, err = q.rule(in.Rule)
	if err != nil {
		return c, err
	}
	c.Stay, err = q.elsewhere(s)
	return c, err
}

func (q *Question) hour(text, field string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	at, ok := parse(text)
	if !ok {
		return 0, &Fault{field, "want hh:mm"}
	}
	return at, nil
}

func (q *Question) rule(now queue.Rule) (*queue.Rule, error) {
	if q.Ratio == nil && q.MaxWait == nil {
		return nil, nil //nolint:nilnil // no other rule is no fault
	}
	if q.Ratio != nil {
		if now.Ratio = *q.Ratio; now.Ratio < 0 || now.Ratio > 10 {
			return nil, &Fault{"ratio", "want 0 to 10"}
		}
	}
	if q.MaxWait != nil {
		if now.MaxWait = time.Duration(*q.MaxWait) * time.Second; now.MaxWait < 0 || now.MaxWait > 4*time.Hour || now.MaxWait > 0 && now.MaxWait < 10*time.Minute {
			return nil, &Fault{"max_wait_seconds", "want 600 to 14400, or 0"}
		}
	}
	return &now, nil
}

func (q *Question) elsewhere(s *queue.Settings) (map[queue.ServiceID]float64, error) {
	stay := map[queue.ServiceID]float64{}
	for _, e := range q.Elsewhere {
		if _, ok := s.Service(e.Service); !ok {
			return nil, &Fault{"elsewhere.service", "unknown service"}
		}
		if e.Percent < 0 || e.Percent > 100 {
			return nil, &Fault{"elsewhere.percent", "want 0 to 100"}
		}
		stay[e.Service] = float64(e.Percent) / 100
	}
	return stay, nil
}

// read reads a spell of a counter of the office.
func (x Spell) read(in *outlook.Input, s *queue.Settings, field string) (outlook.Spell, error) {
	c, ok := s.Counter(x.Counter)
	if !ok {
		return outlook.Spell{}, &Fault{field + ".counter", "unknown counter"}
	}
	from, to, err := span(in, x.From, x.To, field+".")
	return outlook.Spell{Counter: c.ID, Services: c.Services, Own: c.Own, Stages: c.Stages, From: from, To: to}, err
}

// span reads a time between two; empty ends are those of the day.
func span(in *outlook.Input, first, last, field string) (from, to time.Duration, err error) {
	from, to = in.From, in.Close
	ok := true
	if first != "" {
		if from, ok = parse(first); !ok {
			return 0, 0, &Fault{field + "from", "want hh:mm"}
		}
	}
	if last != "" {
		if to, ok = parse(last); !ok {
			return 0, 0, &Fault{field + "to", "want hh:mm"}
		}
	}
	if from >= to {
		return 0, 0, &Fault{field + "to", "want a later time"}
	}
	return from, to, nil
}

// more chooses the counters that are opened, or closed, where the question only says
// how many: closed ones of the office that serve the service, beginning with those that
// serve least else; or open ones, of those that serve the same as another first.
func (q *Question) more(in *outlook.Input, s *queue.Settings, before *outlook.Result) (c outlook.Change, err error) {
	if q.More == 0 {
		return c, nil
	}
	if q.More < -mostMore || q.More > mostMore {
		return c, &Fault{"more", fmt.Sprintf("want %d to %d", -mostMore, mostMore)}
	}
	from, to, err := span(in, q.From, q.To, "")
	if err != nil {
		return c, err
	}
	service := q.For
	if service == "" {
		service = longest(before)
	}
	if _, ok := s.Service(service); !ok {
		return c, &Fault{"for", "unknown service"}
	}
	middle := from + (to-from)/2
	list := slices.DeleteFunc(slices.Clone(s.Counters), func(x queue.CounterSettings) bool {
		open := slices.ContainsFunc(in.Spells, func(p outlook.Spell) bool { return p.Counter == x.ID && p.From <= middle && middle < p.To })
		return open == (q.More > 0) || !slices.Contains(x.Services, service) || !slices.Contains(x.Stages, queue.StageReception)
	})
	slices.SortStableFunc(list, func(a, b queue.CounterSettings) int { return len(a.Services) - len(b.Services) })
	for n := range max(q.More, -q.More) {
		switch {
		case q.More < 0 && n < len(list):
			c.Shut = append(c.Shut, outlook.Absence{Counter: list[n].ID, From: from, To: to})
		case q.More > 0 && n < len(list):
			x := list[n]
			c.Open = append(c.Open, outlook.Spell{Counter: x.ID, Services: x.Services, Own: x.Own, Stages: x.Stages, From: from, To: to})
		case q.More > 0: // a desk that is not there yet
			c.Open = append(c.Open, outlook.Spell{Counter: queue.CounterID(fmt.Sprint("+", n+1)), Services: []queue.ServiceID{service}, From: from, To: to})
		}
	}
	return c, nil
}

// longest is the service whose visitors wait longest.
func longest(r *outlook.Result) (id queue.ServiceID) {
	most := time.Duration(-1)
	for _, s := range r.Services {
		if s.Day.Wait.P80 > most {
			id, most = s.ID, s.Day.Wait.P80
		}
	}
	return id
}

func courseOf(in *outlook.Input, r *outlook.Result) Course {
	s := r.Spread()
	c := Course{
		P50: times(s.Median, 60), P80: times(s.P80, 60), Longest: times(s.Worst, 60), Finish: times(s.Finish, 60), Within: times(s.Within, 100), Kept: percent(r.Kept),
		Arrivals: rangeOf(r.All.Day.Arrivals), Queue: rangeOf(r.All.Day.Queue), Last: clock(time.Duration(s.Over.P50 * float64(time.Minute))),
		Halves: []Stretch{}, Services: []Share{},
	}
	for i := range r.Runs {
		c.Hours += r.Runs[i].Open / float64(len(r.Runs))
	}
	for slot := outlook.SlotOf(in.From); slot <= outlook.SlotOf(in.Close-1); slot++ {
		f, from := &r.All.Slots[slot], time.Duration(slot)*outlook.SlotLength
		c.Halves = append(c.Halves, Stretch{From: clock(from), Arrivals: rangeOf(f.Arrivals), P50: whole(f.Wait.P50), P80: whole(f.Wait.P80), Open: openAt(in.Spells, from+outlook.SlotLength/2)})
	}
	for _, v := range r.Services {
		if v.Day.N > 0 {
			c.Services = append(c.Services, Share{v.ID, whole(v.Day.Wait.P50), whole(v.Day.Wait.P80), percent(v.Day.Within), float64(v.Day.N) / float64(r.Futures)})
		}
	}
	return c
}

func changeOf(before, after *outlook.Result) Change {
	d := outlook.Compare(before, after)
	return Change{
		P50: times(d.Median, 60), P80: times(d.P80, 60), Finish: times(d.Finish, 60), Within: times(d.Within, 100), Last: times(d.Over, 60),
		Hours: d.Hours, Better: percent(d.Better),
	}
}
