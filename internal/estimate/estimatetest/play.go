package estimatetest

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"machi/internal/estimate/place"
)

// Play runs a world for so many service days.
func Play(w World, seed uint64, days int) []place.Event {
	g := &game{World: w, r: rand.New(rand.NewPCG(seed, 0x6d61636869)), services: map[string]*Service{}}
	for i := range w.Services {
		g.services[w.Services[i].Name] = &w.Services[i]
	}
	g.rates = rates(w)
	date := w.Start
	for done := 0; done < days; date = date.AddDate(0, 0, 1) {
		if wd := date.Weekday(); !w.Weekend && (wd == time.Saturday || wd == time.Sunday) {
			continue
		}
		g.day(date, done)
		done++
	}
	order(g.events)
	return g.told()
}

type happening struct {
	place.Event
	rank int
}

type game struct {
	World
	r        *rand.Rand
	services map[string]*Service
	rates    map[string]float64 // tickets per day at load one
	events   []happening

	date   time.Time
	number int
	now    float64
	seq    int
	agenda agenda
	desks  []*desk
	line   []*ticket
	factor float64 // on service times today
	shock  span
	turns  int // of the ratio
}

type ticket struct {
	id, visit string
	service   *Service
	priority  bool
	returned  bool
	at        float64
	ready     float64 // when it can be called
	called    float64
}

type desk struct {
	Counter
	open, ready, closing bool
	busy                 *ticket
	idle                 float64
}

type deed struct {
	at  float64
	seq int
	do  func()
}

type agenda []deed

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].seq < a[j].seq
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(deed)) }
func (a *agenda) Pop() any     { d := (*a)[len(*a)-1]; *a = (*a)[:len(*a)-1]; return d }

func (g *game) plan(at float64, do func()) {
	g.seq++
	heap.Push(&g.agenda, deed{max(at, g.now), g.seq, do})
}

func (g *game) day(date time.Time, index int) {
	g.date, g.now, g.agenda, g.line, g.number = date, 0, nil, nil, 0
	week := float64(index) / 5
	load := g.Load * math.Pow(1+g.Growth, week) * math.Exp(g.Sway*g.r.NormFloat64())
	if f := g.Weekday[date.Weekday()]; f > 0 {
		load *= f
	}
	g.factor = math.Pow(1+g.Drift, week) * math.Exp(0.05*g.r.NormFloat64())
	g.shock = span{}
	if g.r.Float64() < g.Shock {
		from := (g.Opens + 1 + 3*g.r.Float64()) * hour
		g.shock = span{from, from + 3*hour}
	}
	g.staff(index)
	for i := range g.Services {
		if s := &g.Services[i]; !s.Inner && index >= s.From {
			g.arrivals(s, load*g.rates[s.Name])
		}
	}
	for len(g.agenda) > 0 {
		d := heap.Pop(&g.agenda).(deed)
		g.now = d.at
		d.do()
		g.dispatch()
	}
	for _, d := range g.desks {
		if d.open {
			g.shut(d)
		}
	}
}

func (g *game) emit(kind place.Kind, t *ticket, counter string) {
	e := place.Event{At: g.date.Add(time.Duration(g.now) * time.Second), Kind: kind, Counter: counter}
	rank := int(map[place.Kind]int{place.Finish: 0, place.NoShow: 0, place.Cancel: 1, place.Call: 2, place.Open: 3, place.Close: 4, place.Issue: 5}[kind])
	if t != nil {
		e.Ticket, e.Class, e.Priority, e.Visit = t.id, t.service.Name, t.priority, t.visit
		if kind != place.Issue && math.Floor(t.at) == math.Floor(g.now) {
			rank = 6
		}
		if (kind == place.Finish || kind == place.NoShow) && math.Floor(t.called) == math.Floor(g.now) {
			rank = 7
		}
	}
	g.events = append(g.events, happening{e, rank})
}

func (g *game) arrivals(s *Service, mean float64) {
	n := int(mean + math.Sqrt(mean)*g.r.NormFloat64() + 0.5)
	for range max(0, n) {
		g.plan(g.moment(), func() { g.issue(s, "", g.r.Float64() < s.Priority) })
	}
}

// moment draws when somebody comes.
func (g *game) moment() float64 {
	from, to := (g.Opens-g.Doors)*hour, g.Closes*hour
	if g.Slots > 0 && g.r.Float64() < 0.6 {
		slot := g.Slots * minute
		at := g.Opens*hour + math.Floor(g.r.Float64()*(g.Closes-g.Opens)*hour/slot)*slot
		return min(max(from, at+(g.r.NormFloat64()*6-7)*minute), to)
	}
	sum := 0.0
	for _, p := range g.Peaks {
		sum += p.Weight
	}
	at := g.r.Float64() * max(1, sum)
	for _, p := range g.Peaks {
		if at -= p.Weight; at < 0 {
			for range 20 {
				if x := (p.At + p.Width*g.r.NormFloat64()) * hour; x >= from && x <= to {
					return x
				}
			}
		}
	}
	return from + g.r.Float64()*(to-from)
}

func (g *game) issue(s *Service, visit string, priority bool) {
	g.number++
	t := &ticket{id: g.id(), visit: visit, service: s, priority: priority, at: g.now, ready: g.now, returned: visit != ""}
	if visit == "" {
		t.visit = t.id
	}
	g.emit(place.Issue, t, "")
	g.line = append(g.line, t)
	if s.Patience.Mean > 0 {
		g.plan(g.now+s.Patience.draw(g.r), func() { g.giveUp(t) })
	}
	if g.React.Mean > 0 {
		t.ready = g.now + g.React.draw(g.r)
		g.plan(t.ready, func() {})
	}
}

// id is the number on the paper: some machines begin again every morning.
func (g *game) id() string {
	if g.Again {
		return fmt.Sprintf("A%03d", g.number)
	}
	return fmt.Sprintf("%s-%04d", g.date.Format("060102"), g.number)
}

func (g *game) giveUp(t *ticket) {
	for i, other := range g.line {
		if other == t {
			g.line = append(g.line[:i], g.line[i+1:]...)
			g.emit(place.Cancel, t, "")
			return
		}
	}
}
