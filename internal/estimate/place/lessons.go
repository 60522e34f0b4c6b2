package place

import (
	"encoding/json"
	"fmt"
)

// lessonsVersion changes when Lessons of before can no longer be read.
const lessonsVersion = 1

// Lessons are what a Model keeps from day to day. They are immutable once made,
// and their JSON gives the same Lessons back to the bit.
type Lessons struct{ body lessonsBody }

type lessonsBody struct {
	Version int `json:"version"`
}

// MarshalJSON writes the Lessons compactly.
func (l *Lessons) MarshalJSON() ([]byte, error) { return json.Marshal(l.body) }

// UnmarshalJSON reads Lessons. Damaged ones, and those of another version, are
// an error.
func (l *Lessons) UnmarshalJSON(data []byte) error {
	var body lessonsBody
	if err := json.Unmarshal(data, &body); err != nil {
		return fmt.Errorf("lessons: %w", err)
	}
	if body.Version != lessonsVersion {
		return fmt.Errorf("lessons: version %d, want %d", body.Version, lessonsVersion)
	}
	l.body = body
	return nil
}
