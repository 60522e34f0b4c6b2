package desk

import (
	"crypto/subtle"
	"sync"
	"time"
)

// idle is how long a sign-in lasts after it was last used.
const idle = 2 * time.Minute

// Sessions is the sign-in to the staff mode. There is one at a time: a new one ends
// the one before.
type Sessions struct {
	now func() time.Time

	mu    sync.Mutex
	id    string
	until time.Time
}

// NewSessions returns one without a sign-in. The clock needs its monotonic reading.
func NewSessions(now func() time.Time) *Sessions { return &Sessions{now: now} }

// Begin starts a session under a random id and returns when it ends unused.
func (s *Sessions) Begin(id string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.until = id, s.now().Add(idle)
	return s.until
}

// Use reports whether a session still stands, and prolongs it.
func (s *Sessions) Use(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == "" || subtle.ConstantTimeCompare([]byte(id), []byte(s.id)) != 1 {
		return false
	}
	now := s.now()
	if !now.Before(s.until) {
		s.id = ""
		return false
	}
	s.until = now.Add(idle)
	return true
}

// End ends a session.
func (s *Sessions) End(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == id {
		s.id = ""
	}
}
