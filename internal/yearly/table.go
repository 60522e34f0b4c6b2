package yearly

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
)

// Table makes the table of an office's day of its settings alone, as [history.Build]
// would of the day's log: no queue decides, and there is no log. It returns [ErrShut] for a day on which the office takes nobody.
func Table(s queue.Settings, o Options) (history.Day, error) {
	p, err := newPlay(s, o.withDefaults())
	if err != nil {
		return history.Day{}, err
	}
	t := &table{
		play: p, lines: map[line][]int{}, numbers: map[queue.SeriesID]int{}, arrival: make([]time.Time, len(p.people)),
		visits: make([]history.Visit, len(p.people)), since: make([]time.Time, len(s.Counters)),
	}
	p.book = t
	if err := p.run(); err != nil {
		return history.Day{}, err
	}
	return history.Day{Office: s.Office, Date: s.Date, Source: history.FromLog, Made: history.Making, Visits: t.visits, Spells: t.spells}, nil
}

// table keeps a day as its table.
type table struct {
	*play
	lines   map[line][]int // visitors, in order
	turn    int            // calls of priority visitors in a row
	numbers map[queue.SeriesID]int
	arrival []time.Time // in the line, as the rule counts it
	visits  []history.Visit
	since   []time.Time // when a counter was opened; zero: it is not open
	spells  []history.Spell
}

func (t *table) open(c int) { t.since[c] = t.at }

func (t *table) shut(c int) {
	s := t.settings.Counters[c]
	t.spells = append(t.spells, history.Spell{
		Counter: s.ID, Services: slices.Sorted(slices.Values(s.Services)), Stages: slices.Sorted(slices.Values(s.Stages)), From: t.since[c], To: t.at,
	})
	t.since[c] = time.Time{}
}

func (t *table) pause(c int) { t.shut(c) }

func (t *table) issue(v int, q queue.Quote) bool {
	who, service := t.people[v], t.settings.Services[t.people[v].service]
	t.numbers[service.Series]++
	t.visits[v] = history.Visit{
		Number: queue.Number(fmt.Sprintf("%s%03d", service.Series, t.numbers[service.Series])), Service: service.ID, Channel: who.channel,
		Priority: who.priority, Issued: t.at, Appointment: who.slot, Told: &history.Told{Ahead: q.Ahead, Low: q.Low, P50: q.P50, High: q.High},
	}
	if who.offline {
		t.visits[v].Told, t.visits[v].Flags = nil, []queue.Flag{queue.FlagOffline}
	}
	at := t.at
	if who.slot.After(at) {
		at = who.slot
	}
	t.join(v, line{service: who.service}, at)
	return true
}

// join puts a visitor into a line, by arrival, and begins a leg.
func (t *table) join(v int, l line, arrival time.Time) {
	t.arrival[v] = arrival
	list := t.lines[l]
	at := len(list)
	for at > 0 && t.arrival[list[at-1]].After(arrival) {
		at--
	}
	t.lines[l] = slices.Insert(list, at, v)
	leg := history.Leg{Service: t.settings.Services[l.service].ID, Stage: queue.StageReception, Joined: t.at}
	if l.delivery {
		leg.Stage = queue.StageDelivery
	}
	t.visits[v].Legs = append(t.visits[v].Legs, leg)
}

// call chooses as the rule does: appointments that are due, who waits for too long,
// the counter's own services, two of priority for one other, the earliest.
func (t *table) call(c int) (v int, at line, ok bool) {
	best, rank := -1, 0
	var from line
	own := t.settings.Counters[c].Own
	for _, l := range t.serves[c] {
		for i, w := range t.lines[l] {
			r := t.rank(w, slices.Contains(own, t.settings.Services[l.service].ID))
			if best < 0 || r > rank || r == rank && t.arrival[w].Before(t.arrival[best]) {
				best, rank, from = w, r, l
			}
			if i == 0 && r == 0 && !t.people[w].priority && len(t.lines[l]) > 40 {
				break // a long line: its head stands for it
			}
		}
	}
	if best < 0 {
		return 0, line{}, false
	}
	t.turn++
	if !t.people[best].priority {
		t.turn = 0
	}
	list := t.lines[from]
	at0 := slices.Index(list, best)
	t.lines[from] = slices.Delete(list, at0, at0+1)
	visit := &t.visits[best]
	leg := t.leg(best)
	leg.Called, leg.Counter = t.at, t.settings.Counters[c].ID
	if visit.FirstCall.IsZero() {
		visit.FirstCall = t.at
	}
	return best, from, true
}

// rank says which question of the rule chooses a waiting visitor.
func (t *table) rank(v int, own bool) int {
	who, wait := t.people[v], t.at.Sub(t.arrival[v])
	rule := t.settings.Rule
	switch {
	case !who.slot.IsZero() && !who.sent && !t.at.Before(who.slot):
		return 4
	case rule.MaxWait > 0 && wait >= rule.MaxWait:
		return 3
	}
	r := 0
	if own {
		r = 2
	}
	if who.priority && (rule.Ratio == 0 || t.turn < rule.Ratio) {
		r++
	}
	return r
}

func (t *table) leg(v int) *history.Leg {
	legs := t.visits[v].Legs
	return &legs[len(legs)-1]
}

func (t *table) start(v, _ int) { t.leg(v).Started = t.at }

func (t *table) finish(v, _ int, processing bool) {
	t.over(v, history.Served)
	if processing {
		t.visits[v].Ended = time.Time{}
	}
}

// over ends a leg, and the visit unless it goes on.
func (t *table) over(v int, outcome history.Outcome) {
	leg := t.leg(v)
	leg.Finished, leg.Outcome = t.at, outcome
	t.visits[v].Outcome, t.visits[v].Ended = outcome, t.at
}

func (t *table) send(v, _, service int) {
	t.over(v, history.Served)
	t.visits[v].Moved++
	t.join(v, line{service: service}, t.arrival[v])
}

func (t *table) ready(v int) { t.join(v, line{t.lineOf(v), true}, t.at) }

func (t *table) miss(v, _ int) { t.over(v, history.NoShow) }

func (t *table) restore(v int) {
	t.visits[v].Restored++
	l := line{service: t.lineOf(v)}
	arrival := t.at
	if list := t.lines[l]; len(list) > 3 {
		arrival = t.arrival[list[3]]
	}
	t.join(v, l, arrival)
}

func (t *table) withdraw(v int) bool {
	l := line{service: t.people[v].service}
	at := slices.Index(t.lines[l], v)
	if at < 0 {
		return false
	}
	t.lines[l] = slices.Delete(t.lines[l], at, at+1)
	t.over(v, history.Left)
	return true
}

// end expires who is still there, and closes the counters.
func (t *table) end() error {
	t.visits = slices.DeleteFunc(t.visits, func(v history.Visit) bool { return len(v.Legs) == 0 })
	for v := range t.visits {
		if t.visits[v].Ended.IsZero() || t.leg(v).Finished.IsZero() {
			if t.leg(v).Finished.IsZero() {
				t.over(v, history.Expired)
			} else {
				t.visits[v].Ended = t.leg(v).Finished
			}
		}
	}
	for c, since := range t.since {
		if !since.IsZero() {
			t.shut(c)
		}
	}
	return nil
}
