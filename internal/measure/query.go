package measure

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/history/profile"
	"machi/internal/queue"
)

// Dimension is one way in which an answer is split.
type Dimension string

// The dimensions. A month is 2026-11, a year one of the calendar, a fiscal year that
// which begins on 1 April.
const (
	ByOffice   Dimension = "office"
	ByService  Dimension = "service"
	ByStage    Dimension = "stage" // rows are lines: a service or all, and the stage
	ByHour     Dimension = "hour"
	ByHalfHour Dimension = "half_hour"
	ByWeekday  Dimension = "weekday"
	ByKind     Dimension = "kind"
	ByDate     Dimension = "date"
	ByMonth    Dimension = "month"
	ByYear     Dimension = "year"
	ByFiscal   Dimension = "fiscal_year"
)

// Dimensions lists every dimension.
var Dimensions = []Dimension{ByOffice, ByService, ByStage, ByHour, ByHalfHour, ByWeekday, ByKind, ByDate, ByMonth, ByYear, ByFiscal}

// Bounds of one question.
const (
	MaxDays = 1100   // from From to To
	MaxRows = 20_000 // in the answer
)

// Query asks for the figures of some closed days. From and To are both included.
type Query struct {
	Offices  []queue.OfficeID  // empty: all
	Services []queue.ServiceID // empty: all
	From, To queue.Date
	By       []Dimension // empty: one row
}

// Key is what a row is of. Fields that the question did not ask for are zero.
type Key struct {
	Office  queue.OfficeID
	Service queue.ServiceID
	Stage   queue.Stage
	// Half is the half hour, counted from midnight (0 to 47), in which the row's time
	// begins: with [ByHour] the first one of the hour.
	Half    int
	Weekday int // 1, Monday, to 7
	Kind    profile.Kind
	Date    queue.Date
	Month   string // such as 2026-11
	Year    int
	Fiscal  int // the calendar year in which it begins
}

// Row is the figures of one part.
type Row struct {
	Key
	Figures
}

// Answer is what a question found.
type Answer struct {
	Query Query
	// Rows are sorted by their key in the order of its fields; stages in that of a visit.
	// Days without a visit have a row, services and hours without one do not.
	Rows  []Row
	Total Figures // of all rows together
	// Lacks are the days that should be in the answer and are not, by office and date.
	Lacks []Lack
	// Reading says that closed days are still being read: ask again.
	Reading bool
}

// Lack is a day that is not in an answer.
type Lack struct {
	Office queue.OfficeID
	Date   queue.Date
	Why    Why
}

// Why says why a day is not in an answer.
type Why string

// The reasons.
const (
	Damaged Why = "damaged" // its table cannot be read
	Missing Why = "missing" // the office was to be open, and there is no table
)

// QueryError says what is wrong with a question. Field is a name of the API: from, to,
// by, office or service.
type QueryError struct{ Field, Why string }

func (e *QueryError) Error() string { return fmt.Sprintf("measure: %s: %s", e.Field, e.Why) }

// Check returns what is wrong with a question, a [*QueryError], or nil.
func (q Query) Check() error {
	from, _, err := q.From.Bounds()
	if err != nil {
		return &QueryError{"from", "not a date"}
	}
	to, _, err := q.To.Bounds()
	switch {
	case err != nil:
		return &QueryError{"to", "not a date"}
	case to.Before(from):
		return &QueryError{"to", "before from"}
	case to.Sub(from) >= MaxDays*24*time.Hour:
		return &QueryError{"to", fmt.Sprintf("more than %d days from from", MaxDays)}
	}
	for i, by := range q.By {
		if !slices.Contains(Dimensions, by) {
			return &QueryError{"by", fmt.Sprintf("no dimension %q", by)}
		}
		if slices.Contains(q.By[:i], by) {
			return &QueryError{"by", fmt.Sprintf("%s twice", by)}
		}
	}
	if q.has(ByHour) && q.has(ByHalfHour) {
		return &QueryError{"by", "hour and half_hour together"}
	}
	return nil
}

func (q Query) has(d Dimension) bool { return slices.Contains(q.By, d) }
