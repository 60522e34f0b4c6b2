package invariant

import (
	"fmt"

	"machi/internal/queue"
)

// Violation is one broken promise.
type Violation struct {
	ID     string // of the invariant, such as "N1"
	Record int64  // number of the entry in its log, from 1; 0 where several logs are compared
	Text   string // what is wrong, in a sentence
}

// String returns all three.
func (v Violation) String() string { return fmt.Sprintf("%s at record %d: %s", v.ID, v.Record, v.Text) }

// Checker follows one log, entry by entry. Its memory grows with the day.
type Checker struct {
	record   int64
	found    []Violation
	numbers  numberBooks
	commands map[queue.CommandID]bool
	origins  map[string]int64
	arrivals map[string]queue.TicketIssued // newest paper of each origin
	foretold map[queue.TicketID]bool       // a fact spoke of it
	changes  map[queue.CommandID]change
	turns    []turn
	passed   map[queue.TicketID]int
}

// New returns a checker for a log from its first entry on.
func New() *Checker {
	return &Checker{
		numbers: newNumberBooks(), commands: map[queue.CommandID]bool{}, origins: map[string]int64{},
		arrivals: map[string]queue.TicketIssued{},
		changes:  map[queue.CommandID]change{}, passed: map[queue.TicketID]int{}, foretold: map[queue.TicketID]bool{},
	}
}

// Step judges one entry. The states are those directly before and after it; the
// checker keeps their tickets, which never change, but not the states.
func (c *Checker) Step(before *queue.State, e queue.Entry, after *queue.State) []Violation {
	c.record++
	c.found = nil
	c.checkNumbers(before, e, after)
	c.checkCommand(e)
	c.checkMoves(before, e, after)
	c.checkPlaces(after)
	c.checkSessions(before, e)
	c.checkArrivals(before, e, after)
	c.checkEnds(before, after)
	c.checkUndo(before, e, after)
	c.checkOrder(before, e, after)
	c.checkRule(before, e)
	c.checkAway(before, e, after)
	c.checkHome(before, e)
	c.checkMachines(before, e)
	c.checkClerks(before, e, after)
	return c.found
}

func (c *Checker) report(id, format string, args ...any) {
	c.found = append(c.found, Violation{id, c.record, fmt.Sprintf(format, args...)})
}

// Check replays a whole log and judges every entry. It stops at an entry that
// does not fold, which is a violation of L3.
func Check(entries []queue.Entry) []Violation {
	c, state := New(), queue.New()
	var all []Violation
	for _, e := range entries {
		before := state.Clone()
		if err := state.Apply(e); err != nil {
			return append(all, Violation{"L3", c.record + 1, "the entry does not fold: " + err.Error()})
		}
		all = append(all, c.Step(before, e, state)...)
	}
	return all
}

// checkCommand is L6: what was decided once is not decided again, and of one
// origin no entry comes twice.
func (c *Checker) checkCommand(e queue.Entry) {
	if !e.Fact && c.commands[e.Command] {
		c.report("L6", "command %s was decided although it is in the log", e.Command)
	}
	c.commands[e.Command] = true
	if e.OriginNumber == 0 {
		return
	}
	if last := c.origins[e.Origin]; e.OriginNumber <= last {
		c.report("O2", "entry %d of %s comes after its entry %d", e.OriginNumber, e.Origin, last)
	}
	c.origins[e.Origin] = e.OriginNumber
}
