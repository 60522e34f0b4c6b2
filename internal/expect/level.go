package expect

import (
	"slices"

	"machi/internal/board"
)

// Levels are the levels of a forecast, the calmest first.
var Levels = []board.Level{board.LevelQuiet, board.LevelModerate, board.LevelBusy, board.LevelVeryBusy}

// Rank returns 1 to 4 for the [Levels], and 0 for a level that a forecast has not.
func Rank(l board.Level) int { return slices.Index(Levels, l) + 1 }

// Ranked returns the level of a rank; unknown for none.
func Ranked(rank int) board.Level {
	if rank < 1 || rank > len(Levels) {
		return board.LevelUnknown
	}
	return Levels[rank-1]
}

// meets is the share of the people who must find a time at least as busy as it is
// called: a rare service with a long wait does not make a day, and neither does one
// full hour.
const meets = 0.25

// Crowd counts how busy people find a time of day. The level of a time is the busiest
// that at least one in four of them meets. The zero Crowd is empty.
type Crowd struct{ people [5]float64 } // by rank

// Meet adds so many people who meet a level.
func (c *Crowd) Meet(l board.Level, people float64) { c.people[Rank(l)] += people }

// Level returns how busy the time is to be called; unknown where nobody met a level.
func (c *Crowd) Level() board.Level {
	all := 0.0
	for _, n := range c.people[1:] {
		all += n
	}
	above := 0.0
	for rank := len(Levels); rank > 0 && all > 0; rank-- {
		if above += c.people[rank]; above >= meets*all {
			return Ranked(rank)
		}
	}
	return board.LevelUnknown
}
