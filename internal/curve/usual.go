package curve

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/history/profile"
	"machi/internal/queue"
)

const (
	// Fewest is how many days of a kind make a usual one.
	Fewest = 3
	// Most is how many of them count, the newest.
	Most = 20
	// Enough is how many visits a figure must be made of before anybody is shown it.
	Enough = 3
)

// Half is a half hour of the usual day.
type Half struct {
	From time.Duration // since midnight
	// Waiting is the middle, over the days, of how many waited on average.
	Waiting float64
	// Waited is the middle of how long people waited for their first call who came
	// then; Known is false where fewer than [Enough] did.
	Waited time.Duration
	Known  bool
}

// Usual is how days of a kind go.
type Usual struct {
	Kind     profile.Kind
	Days     int // fewer than [Fewest]: too few to say
	From, To queue.Date
	halves   map[queue.ServiceID][]Half
}

// Of returns the half hours of a service, or of [All], midnight first; nil: too few
// days to say.
func (u Usual) Of(service queue.ServiceID) []Half {
	if u.Days < Fewest {
		return nil
	}
	if list, ok := u.halves[service]; ok {
		return list
	}
	return u.halves[All][:0:0]
}

// Book gathers the closed days of one office.
type Book struct {
	days map[profile.Kind][]past
}

// past is what is kept of a closed day.
type past struct {
	date    queue.Date
	waiting map[queue.ServiceID]*[profile.Slots]float64
	waited  map[queue.ServiceID]*[profile.Slots][]time.Duration
}

// NewBook returns a book without days.
func NewBook() *Book { return &Book{days: map[profile.Kind][]past{}} }

// Add takes in a day's table. Days may come in any order, each once.
func (b *Book) Add(d history.Day) {
	date, err := calendar.ParseDay(string(d.Date))
	if err != nil {
		return
	}
	kind := profile.KindOf(date)
	list := append(b.days[kind], pastOf(d))
	slices.SortFunc(list, func(a, b past) int { return cmp.Compare(b.date, a.date) })
	b.days[kind] = list[:min(Most, len(list))]
}

// Usuals are the usual days of an office, by kind.
type Usuals map[profile.Kind]Usual

// For returns how days of the kind of a date go.
func (u Usuals) For(date queue.Date) Usual {
	day, err := calendar.ParseDay(string(date))
	if err != nil {
		return Usual{}
	}
	if found, ok := u[profile.KindOf(day)]; ok {
		return found
	}
	return Usual{Kind: profile.KindOf(day)}
}

// Usuals returns what the days of the book show.
func (b *Book) Usuals() Usuals {
	all := Usuals{}
	for kind, days := range b.days {
		u := Usual{Kind: kind, Days: len(days), From: days[len(days)-1].date, To: days[0].date, halves: map[queue.ServiceID][]Half{}}
		services := map[queue.ServiceID]bool{All: true}
		for _, p := range days {
			for id := range p.waiting {
				services[id] = true
			}
		}
		for id := range services {
			u.halves[id] = halvesOf(days, id)
		}
		all[kind] = u
	}
	return all
}

func halvesOf(days []past, id queue.ServiceID) []Half {
	list := make([]Half, profile.Slots)
	for slot := range list {
		var waiting []float64
		var waited []time.Duration
		for _, p := range days {
			n := 0.0 // a day on which nobody came counts as well
			if row := p.waiting[id]; row != nil {
				n = row[slot]
			}
			waiting = append(waiting, n)
			if row := p.waited[id]; row != nil {
				waited = append(waited, row[slot]...)
			}
		}
		list[slot] = Half{From: time.Duration(slot) * Slot, Waiting: median(waiting)}
		if len(waited) >= Enough {
			list[slot].Waited, list[slot].Known = quantile(waited, 50)
		}
	}
	return list
}

func median(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// perSlot is how many steps a half hour has.
const perSlot = int(Slot / Step)

func pastOf(d history.Day) past {
	p := past{date: d.Date, waiting: map[queue.ServiceID]*[profile.Slots]float64{}, waited: map[queue.ServiceID]*[profile.Slots][]time.Duration{}}
	for id, steps := range Steps(d) {
		row, sum := &[profile.Slots]float64{}, [profile.Slots]int{}
		for i, n := range steps {
			sum[i/perSlot] += n
		}
		for slot, n := range sum {
			row[slot] = float64(n) / float64(perSlot)
		}
		p.waiting[id] = row
	}
	for _, v := range d.Visits {
		waited, ok := v.Waited()
		if !ok {
			continue
		}
		for _, id := range []queue.ServiceID{All, v.Service} {
			if p.waited[id] == nil {
				p.waited[id] = &[profile.Slots][]time.Duration{}
			}
			slot := profile.SlotOf(v.Issued.In(queue.JST))
			p.waited[id][slot] = append(p.waited[id][slot], waited)
		}
	}
	return p
}

// steps is how many waited at each step of a day, from midnight on.
type steps [int(24 * time.Hour / Step)]int

// Steps counts how many waited for their first counter at each step of a closed day,
// per service and for [All].
func Steps(d history.Day) map[queue.ServiceID]*steps {
	all := map[queue.ServiceID]*steps{All: {}}
	midnight, err := calendar.ParseDay(string(d.Date))
	if err != nil {
		return all
	}
	zero := time.Date(midnight.Year, midnight.Month, midnight.Day, 0, 0, 0, 0, queue.JST)
	for _, v := range d.Visits {
		for _, l := range v.Legs {
			if l.Stage != queue.StageReception || l.Joined.IsZero() {
				continue
			}
			if all[l.Service] == nil {
				all[l.Service] = &steps{}
			}
			until := l.Called
			if until.IsZero() {
				until = l.Finished
			}
			for at := ceil(l.Joined); at.Before(until); at = at.Add(Step) {
				if i := int(at.Sub(zero) / Step); i >= 0 && i < len(steps{}) {
					all[l.Service][i]++
					all[All][i]++
				}
			}
		}
	}
	return all
}
