package replica

import (
	"time"

	"machi/internal/queue"
)

// Keeps returns the oldest business day that the machine keeps whole, and false
// while it does not know what day it is.
func (a *Agent) Keeps(now Now) (oldest queue.Date, ok bool) {
	_, reading := a.Today(now)
	from, _, err := reading.Day.Bounds()
	if err != nil || reading.Guessed {
		return "", false
	}
	return queue.BusinessDay(from.Add(-keepDays * 24 * time.Hour)), true
}

// Compact returns the marks that a machine still needs, in order. [New] makes of
// them the agent that it makes of all marks, but for days before oldest on which
// every press has ended and every body was acknowledged. What counts for life is
// kept: the serial, the overflow count, the last moment, the slot, the newest
// contact and whether the store was copied.
func Compact(marks []Mark, kiosk queue.KioskID, oldest queue.Date) []Mark {
	c := compactor{
		kiosk: kiosk, oldest: oldest, slot: -1, days: map[queue.Date]*markedDay{},
		open: map[queue.CommandID]queue.Date{}, newest: map[string]int{},
	}
	for i, m := range marks {
		c.look(i, m)
	}
	for _, date := range c.open {
		c.of(date).open = true
	}
	var kept []Mark
	for i, m := range marks {
		if m.date() == "" && c.stays(i, m) {
			kept = append(kept, m)
		}
	}
	for _, i := range c.counters(marks) {
		kept = append(kept, Mark{Kind: MarkPress, Press: marks[i].Press})
	}
	for _, m := range marks {
		if date := m.date(); date != "" && c.needs(date) {
			kept = append(kept, m)
		}
	}
	return kept
}

// date returns the business day that a mark belongs to, or "".
func (m Mark) date() queue.Date {
	if m.Press != nil {
		return m.Press.Date
	}
	return m.Date
}

type compactor struct {
	kiosk  queue.KioskID
	oldest queue.Date
	slot   int
	days   map[queue.Date]*markedDay
	open   map[queue.CommandID]queue.Date
	newest map[string]int // of the kinds of which only the newest counts
}

// markedDay is what the marks say of one day.
type markedDay struct {
	bodies, acknowledged int64
	open                 bool // a press has not ended
}

func (c *compactor) of(date queue.Date) *markedDay {
	d, ok := c.days[date]
	if !ok {
		d = &markedDay{}
		c.days[date] = d
	}
	return d
}

func (c *compactor) look(i int, m Mark) {
	switch m.Kind {
	case MarkBound:
		c.slot = m.Slot
		c.newest[m.Kind] = i
	case MarkContact, MarkCopied, MarkBarred:
		c.newest[m.Kind] = i
	case MarkAcknowledged:
		if m.Origin != nil {
			c.of(m.Date).acknowledged = m.Origin.Number
		}
	}
	if p := m.Press; p != nil {
		if c.open[p.Command] = p.Date; p.State.Final() {
			delete(c.open, p.Command)
		}
	}
	if m.Body != nil {
		c.of(m.Date).bodies++
	}
}

// stays reports whether a mark that belongs to no day is still needed.
func (c *compactor) stays(i int, m Mark) bool {
	newest, single := c.newest[m.Kind]
	return !single || newest == i
}

// needs reports whether the marks of a day must stay.
func (c *compactor) needs(date queue.Date) bool {
	if date >= c.oldest {
		return true
	}
	d, ok := c.days[date]
	return ok && (d.open || d.bodies != d.acknowledged)
}

// counters returns where the highest serial and the highest overflow number of
// the days that go are, in order; a press that bears both comes once.
func (c *compactor) counters(marks []Mark) []int {
	serial, overflow, high := -1, -1, 0
	for i, m := range marks {
		p := m.Press
		if p == nil || c.needs(p.Date) {
			continue
		}
		if p.State.Final() && (serial < 0 || p.Serial >= marks[serial].Press.Serial) {
			serial = i
		}
		if n := c.overflowOf(p.Number); p.State.Final() && n > high {
			high, overflow = n, i
		}
	}
	switch {
	case serial < 0:
		return nil
	case overflow < 0 || overflow == serial:
		return []int{serial}
	}
	return []int{overflow, serial}
}

func (c *compactor) overflowOf(n queue.Number) int {
	count := 0
	for slot := range max(1, c.slot+1) {
		count = max(count, queue.OverflowCount(n, queue.OverflowLabel(c.kiosk, slot)))
	}
	return count
}
