package sim

import (
	"fmt"
	"strings"
)

// story is what happened, in words, newest last. A world that nobody asked for
// its story keeps none: a failure is told by running its seed again.
type story struct {
	world *world
	all   bool
	lines []string
}

// tell adds a line: who did what.
func (s *story) tell(who, format string, args ...any) {
	if !s.all {
		return
	}
	s.lines = append(s.lines, fmt.Sprintf("%s %-9s %s", clockText(s.world.now), who, fmt.Sprintf(format, args...)))
}

// String returns the whole story.
func (s *story) String() string { return strings.Join(s.lines, "\n") }
