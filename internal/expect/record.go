package expect

import (
	"machi/internal/board"
	"machi/internal/queue"
)

// Fewest is how many days must have been compared before a record is told.
const Fewest = 5

// Record is how good the forecasts of the last month were that were told so many days
// ahead.
type Record struct {
	Ahead    int // days
	From, To queue.Date
	Days     int // compared; fewer than [Fewest]: too few to say
	// Hits are the days whose level was as told, and Near those that were off by one.
	Hits, Near int
	// Error is by how much the half hours' arrivals were missed, as a share of all who
	// came, and Bias how many more were expected than came, as a share.
	Error, Bias float64
	// Within is the share of half hours in whose range the arrivals lay; it should be 0.8.
	Within float64
	List   []Compared // by date
}

// Enough reports whether the record may be told.
func (r Record) Enough() bool { return r.Days >= Fewest }

// Compared is one day of a record.
type Compared struct {
	Date          queue.Date
	Told, Was     board.Level
	Expected      Range // arrivals
	Came          int
	Waited, Meant Waits // until called: as it was, and as it was told
	ByStaff       bool  // staff had said so
}
