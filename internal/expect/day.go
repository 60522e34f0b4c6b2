package expect

import (
	"time"

	"machi/internal/board"
	"machi/internal/queue"
)

// Horizon is how many days ahead there is a forecast, today included.
const Horizon = 90

// Slot is the length of a half hour.
const Slot = 30 * time.Minute

// Basis says what a level was made of.
type Basis string

// The bases.
const (
	FromWaits    Basis = "waits"    // of the waits that the arrivals lead to
	FromArrivals Basis = "arrivals" // of the arrivals alone, beside the office's own other days
	FromNothing  Basis = ""         // there is no level
)

// Range is how many come: about the middle, and between which figures on four days of
// five.
type Range struct {
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
}

// Plus returns the range of two together, as if they rose and fell together.
func (r Range) Plus(o Range) Range { return Range{r.P10 + o.P10, r.P50 + o.P50, r.P90 + o.P90} }

// Times returns the range of so many times as much.
func (r Range) Times(n float64) Range { return Range{r.P10 * n, r.P50 * n, r.P90 * n} }

// Waits is how long those who come then wait until they are called: half of them, four
// of five, and nine of ten at most.
type Waits struct {
	Known         bool
	P50, P80, P90 time.Duration
}

// Half is a half hour of a day, or what is left of one at its ends.
type Half struct {
	From, To time.Time
	Arrivals Range
	Waits    Waits
	Level    board.Level
}

// Line is one service on a day.
type Line struct {
	Service  queue.ServiceID
	Arrivals Range // on the whole day
	Waits    Waits // of all who come on the day
	Level    board.Level
	Halves   []Half
}

// Day is what is expected of an office's day. On a day off Opens and Closes are equal
// and the level is closed; where nothing can be said it is unknown.
type Day struct {
	Office        queue.OfficeID
	Date          queue.Date
	Opens, Closes time.Time
	Level         board.Level
	Basis         Basis
	Reasons       []Reason // the weightiest first
	Arrivals      Range
	Waits         Waits
	Halves        []Half // of all services together
	Lines         []Line // of each
	// Override is what staff have said of the day; nil: nothing. Level, arrivals and
	// waits follow it; Model is the level that the model alone gives.
	Override *Override
	Model    board.Level
	// Events are what is to take place on the day, by its name.
	Events []Event
	// Days is how many closed days the forecast was made of, and Borrowed says that other
	// offices helped where the office's own were too few.
	Days     int
	Borrowed bool
	Made     time.Time // when the forecast was made
}

// Open reports whether numbers are given on the day.
func (d Day) Open() bool { return d.Opens.Before(d.Closes) }

// Known reports whether there is a level.
func (d Day) Known() bool { return Rank(d.Level) > 0 }

// Line returns what is expected of one service.
func (d Day) Line(service queue.ServiceID) (Line, bool) {
	for _, l := range d.Lines {
		if l.Service == service {
			return l, true
		}
	}
	return Line{}, false
}

// Override is what a member of staff has said of a day.
type Override struct {
	// Level is how busy the day is to be shown; empty: as the arrivals make it.
	Level board.Level
	// Percent is how many people come, of a hundred that the model expects; 0: as many.
	Percent int
	Reason  string // as it is shown to everybody
	By      string
	At      time.Time
}

// Event is something that takes place on days to come and brings people or keeps them
// away: a campaign, a mailing, a day on which something expires.
type Event struct {
	ID   string
	Name board.Text
	// Percent is how many people come, of a hundred on another day; 0: what past ones
	// have taught, and as many as usual where there were none.
	Percent  int
	Services []queue.ServiceID // empty: all
}

// Reason is why a day is as it is, as a key: monday, after_holiday, month_end,
// moving_season, marriage_day, many_expected and others.
type Reason string

// The reasons that are not of the model.
const (
	Closed    Reason = "closed"     // no numbers are given on the day
	Past      Reason = "past"       // the day is over
	NoHistory Reason = "no_history" // too few closed days to say
	TooFar    Reason = "too_far"    // behind the horizon
	ByStaff   Reason = "staff"      // staff have said so
	EventDay  Reason = "event"      // something takes place
	Borrowing Reason = "borrowed"   // other offices' days helped

)
