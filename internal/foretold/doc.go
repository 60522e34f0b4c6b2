// Package foretold keeps forecasts as they were told: what an office's night said of
// the days one, seven and twenty-eight days ahead, so that a month later nobody has to
// be believed about how good they were.
//
// Its one invariant: what was told first stays. Of several servers that make the same
// night's forecasts one writes them down, and no later correction of the past changes
// them.
//
// A book is one small stream for each month, beside the logs of the offices. A [Book]
// may be used by several goroutines.
package foretold
