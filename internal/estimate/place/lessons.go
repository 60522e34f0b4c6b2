package place

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// lessonsVersion changes when Lessons of before can no longer be read.
const lessonsVersion = 1

// Lessons are what a Model keeps from day to day. They are immutable once made,
// and their JSON gives the same Lessons back to the bit.
type Lessons struct{ data []byte }

// MarshalJSON writes the Lessons compactly.
func (l *Lessons) MarshalJSON() ([]byte, error) {
	if len(l.data) == 0 {
		return nil, errors.New("lessons: there are none")
	}
	return l.data, nil
}

// UnmarshalJSON reads Lessons. Damaged ones, and those of another version, are
// an error.
func (l *Lessons) UnmarshalJSON(data []byte) error {
	var m memory
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("lessons: %w", err)
	}
	if m.Version != lessonsVersion {
		return fmt.Errorf("lessons: version %d, want %d", m.Version, lessonsVersion)
	}
	if err := m.check(); err != nil {
		return fmt.Errorf("lessons: %w", err)
	}
	l.data = slices.Clone(data)
	return nil
}

// memory returns a copy of its own; that of none is empty.
func (l *Lessons) memory() memory {
	m := memory{Version: lessonsVersion, Groups: map[string]*group{}, Counters: map[string]*counter{}}
	if l == nil || len(l.data) == 0 {
		return m
	}
	if err := json.Unmarshal(l.data, &m); err != nil {
		panic("lessons: " + err.Error()) // they have been read before
	}
	return m
}

// Lessons returns what outlives the day, as if it ended now. The Model goes on
// as if nobody had asked.
func (m *Model) Lessons() *Lessons {
	ended := *m
	ended.mem = (&Lessons{m.mem.bytes()}).memory()
	ended.endDay()
	return &Lessons{ended.mem.bytes()}
}

func (m *memory) bytes() []byte {
	data, err := json.Marshal(m)
	if err != nil {
		panic("lessons: " + err.Error()) // no value in them can fail
	}
	return data
}

// check refuses what no Model has written and could not live with.
func (m *memory) check() error {
	if len(m.Classes) > mostClasses || len(m.Counters) > mostSeats || len(m.Days) > daysKept || m.Groups == nil || m.Counters == nil {
		return errors.New("too many or missing parts")
	}
	names := map[string]bool{}
	for _, c := range m.Classes {
		if c == nil || names[c.Name] {
			return errors.New("a class is missing or twice there")
		}
		names[c.Name] = true
		if !c.Service.sound() || !c.Waits.sound() || !c.Leave.sound() || !within(c.Called, c.Kept, c.Taken) {
			return fmt.Errorf("class %q is damaged", c.Name)
		}
	}
	for name, g := range m.Groups {
		if g == nil || !within(max(g.Head, -g.Head)) {
			return fmt.Errorf("group %q is damaged", name)
		}
	}
	for name, c := range m.Counters {
		if c == nil || len(c.Served) > len(m.Classes) || len(c.Chance) > len(m.Classes) || !within(c.Spent, c.Usual) || len(c.Passed) > len(m.Classes) || !within(c.Passed...) || !within(c.Served...) || !within(c.Chance...) {
			return fmt.Errorf("counter %q is damaged", name)
		}
	}
	all := []*leaving{&m.Leave, &m.Gap}
	for i := range m.React {
		all = append(all, &m.React[i])
	}
	for _, l := range all {
		if !l.sound() {
			return errors.New("times of leaving or calling are damaged")
		}
	}
	return m.checkDays()
}

func (m *memory) checkDays() error {
	if !m.Missing.sound() {
		return errors.New("calls for the missing are damaged")
	}
	for _, d := range m.Days {
		for _, spells := range d.Hours {
			if len(spells)%2 != 0 || !within(spells...) || !slices.IsSorted(spells) {
				return fmt.Errorf("hours of day %d are damaged", d.Day)
			}
		}
	}
	return nil
}

// within tells whether figures are ones that a Model can have.
func within(x ...float64) bool {
	for _, v := range x {
		if !(v >= 0 && v < 1e10) {
			return false
		}
	}
	return true
}

func (s *sample) sound() bool { return len(s.recent) <= serviceKept && within(s.recent...) }

func (l *leaving) sound() bool {
	return within(l.Waited[:]...) && within(l.Left[:]...) && within(l.Called[:]...) && within(l.Absent[:]...)
}

// dropCounters forgets those that have not worked on any day that is kept.
func (m *memory) dropCounters() {
	maps.DeleteFunc(m.Counters, func(name string, _ *counter) bool {
		for _, d := range m.Days {
			if _, there := d.Hours[name]; there {
				return false
			}
		}
		return true
	})
}
