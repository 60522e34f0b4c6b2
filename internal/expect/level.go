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
