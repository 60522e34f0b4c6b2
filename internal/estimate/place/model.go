package place

import (
	"cmp"
	"math"
	"slices"
	"time"

	"machi/internal/estimate/blend"
	"machi/internal/estimate/walk"
)

// Model is the memory of one office and the state of its line.
type Model struct {
	mem     memory
	skills  map[string][]bool // by class; a counter not named: as learnt
	prior   map[string]time.Duration
	scratch []*class // classes that only a Scene has named
	classes map[string]int

	day     int
	now     float64 // seconds of the day, by the office's clock
	line    []*ticket
	inLine  []int // tickets in it, by class
	tickets map[string]*ticket
	visits  map[string]string // visit to its newest ticket
	groups  []*group          // those seen today, in that order
	seats   []*seat
	named   map[string]*seat
	began   float64 // when the first counter opened today; NaN before
	pulse   pulse
	tempo   tempo

	// Buffers of a walk.
	hall       walk.Hall
	gap        walk.Hazard
	react      [ages]walk.Hazard
	view       view
	days       [][]walk.Spell
	candidates []candidate
	clocks     []float64
	spells     []walk.Spell
	order      []float64
	ranks      [walk.Futures]uint8 // the futures in that order
	tally      tally
	raised     []Both // by class: the most that somebody has been told
	asks       []int
	passed     []bool
	base       int // day of the scene
	path       [walk.Futures]float64
	floor      []blend.Features // by class
	lines      []lineOf
}

// ticket is one of today.
type ticket struct {
	name     string
	class    int
	group    *group
	joined   float64
	called   float64
	waiting  bool
	seat     *seat
	answered bool
	kept     bool // see Model.kept
	features blend.Features
	said     blend.Said
}

// seat is a counter of today.
type seat struct {
	name      string
	memory    *counter
	diary     diary
	explicit  bool // it has had an open or close event
	ticket    *ticket
	called    float64 // when it last called
	idle      float64 // when it became free
	last      float64 // when it last did anything
	contested float64 // seconds it has been free while somebody waited for it
	age       int     // how long it had been free when that began; see ageOf
	fresh     bool    // somebody waited when it became free
}

// How many names are told apart.
const (
	mostClasses = 256
	mostSeats   = 256
)

// New makes a Model from what is known beforehand.
func New(o Options) *Model {
	m := &Model{day: math.MinInt, classes: map[string]int{}, skills: map[string][]bool{}}
	m.mem = o.Lessons.memory()
	for i, c := range m.mem.Classes {
		m.classes[c.Name] = i
	}
	m.prior = o.Prior
	m.expect()
	if o.Skills != nil {
		for _, name := range slices.Sorted(mapKeys(o.Skills)) {
			m.setSkills(name, o.Skills[name])
		}
	}
	m.forget()
	return m
}

// expect tells the classes what is expected of them.
func (m *Model) expect() {
	for _, name := range slices.Sorted(mapKeys(m.prior)) {
		m.mem.Classes[m.classOf(name)].prior = m.prior[name].Seconds()
	}
}

func (m *Model) setSkills(counter string, classes []string) {
	var set []bool
	for _, name := range classes {
		i := m.classOf(name)
		set = grow(set, i+1)
		set[i] = true
	}
	m.skills[counter] = set
}

// forget empties the day.
func (m *Model) forget() {
	m.inLine = m.inLine[:0]
	m.line, m.tickets, m.visits = m.line[:0], map[string]*ticket{}, map[string]string{}
	m.seats, m.named = nil, map[string]*seat{}
	m.began = math.NaN()
	m.pulse.reset()
	m.tempo = tempo{}
	m.groups = m.groups[:0]
	for _, g := range m.mem.Groups {
		g.rate, g.index = rate{}, -1
	}
	for _, name := range slices.Sorted(mapKeys(m.mem.Counters)) {
		m.seatOf(name)
	}
	for _, name := range slices.Sorted(mapKeys(m.skills)) {
		m.seatOf(name)
	}
}

// atWork are the counters without open and close events that did something after
// a time of the day.
func (m *Model) atWork(since float64) (out []*seat) {
	for _, s := range m.seats {
		if s.diary.open && !s.explicit && s.last >= since {
			out = append(out, s)
		}
	}
	return out
}

// carry lets counters work on over midnight.
func (m *Model) carry(still []*seat, night float64) {
	for _, old := range still {
		s := m.seatOf(old.name)
		s.diary.opened(0, 0)
		s.idle, s.last, s.fresh = old.idle-night, old.last-night, old.fresh
	}
}

// classOf returns the index of a class, new ones included.
func (m *Model) classOf(name string) int {
	i, ok := m.classes[name]
	if !ok {
		if i = len(m.mem.Classes); i == mostClasses {
			return i - 1 // whoever names more means nothing by it
		}
		m.classes[name] = i
		m.mem.Classes = append(m.mem.Classes, &class{Name: name})
	}
	return i
}

// groupOf returns the group of a ticket.
func (m *Model) groupOf(class int, priority, later bool) *group {
	name := m.mem.Classes[class].Name
	if priority {
		name += "|priority"
	}
	if later {
		name += "|later"
	}
	g := m.mem.Groups[name]
	if g == nil {
		g = &group{index: -1}
		if priority {
			g.Head = priorityHead
		}
		m.mem.Groups[name] = g
	}
	if g.index < 0 {
		g.index, g.class = len(m.groups), class
		m.groups = append(m.groups, g)
	}
	return g
}

// priorityHead is the head start that a priority ticket is taken to have before
// anything has been seen, in seconds.
const priorityHead = 600

// seatOf returns the counter of a name, new ones included.
func (m *Model) seatOf(name string) *seat {
	s := m.named[name]
	if s == nil && len(m.seats) >= mostSeats {
		return m.seats[len(m.seats)-1]
	}
	if s == nil {
		c := m.mem.Counters[name]
		if c == nil {
			c = &counter{}
			m.mem.Counters[name] = c
		}
		s = &seat{name: name, memory: c, idle: m.now, last: m.now}
		m.named[name] = s
		i, _ := slices.BinarySearchFunc(m.seats, name, func(s *seat, n string) int { return cmp.Compare(s.name, n) })
		m.seats = slices.Insert(m.seats, i, s)
	}
	return s
}
