package place

import (
	"encoding/json"
	"fmt"
)

// lessonsVersion changes when Lessons of before can no longer be read.
const lessonsVersion = 1

// Lessons are what a Model keeps from day to day. They are immutable once made,
// and their JSON gives the same Lessons back to the bit.
type Lessons struct{ data []byte }

// MarshalJSON writes the Lessons compactly.
func (l *Lessons) MarshalJSON() ([]byte, error) { return l.data, nil }

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
	l.data = append([]byte(nil), data...)
	return nil
}

// memory returns a copy of its own.
func (l *Lessons) memory() (m memory) {
	if err := json.Unmarshal(l.data, &m); err != nil {
		panic("lessons: " + err.Error()) // they have been read before
	}
	return m
}

// Lessons returns what outlives the day.
func (m *Model) Lessons() *Lessons {
	data, err := json.Marshal(&m.mem)
	if err != nil {
		panic("lessons: " + err.Error()) // no value in them can fail
	}
	return &Lessons{data}
}
