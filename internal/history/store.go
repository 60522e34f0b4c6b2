package history

import (
	"context"
	"errors"
	"iter"

	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/history/profile"
	"machi/internal/queue"
)

var (
	// ErrDamaged says that what is stored of a day cannot be read. Other days can.
	ErrDamaged = errors.New("history: a stored day is damaged")
	// ErrTaken says that a day of the office's own log cannot be imported.
	ErrTaken = errors.New("history: the office has its own records of that day")
	// ErrExpired says that a day is older than what is kept.
	ErrExpired = errors.New("history: the day is older than what is kept")
)

// Store keeps tables and lessons, whatever the number of servers. Its methods may
// be called from several goroutines.
type Store interface {
	// Put keeps the table of a day: one for each office and date, the newest. The
	// same content again writes nothing, and neither does a table of less of the same
	// log. It returns the table as it is kept, with its Revision. The errors are
	// [ErrBadTable], [ErrTaken], [ErrExpired] and those of the log.
	Put(ctx context.Context, d Day) (Day, error)
	// Day returns one table; false: there is none.
	Day(ctx context.Context, office queue.OfficeID, date queue.Date) (Day, bool, error)
	// Days goes through an office's tables of the dates from and to and between, in
	// order, without holding them all. A damaged one is an [ErrDamaged] that names its
	// date, and the next follows; after any other error nothing does.
	Days(ctx context.Context, office queue.OfficeID, from, to queue.Date) iter.Seq2[Day, error]
	// Dates returns the dates of an office's tables from and to and between, sorted.
	Dates(ctx context.Context, office queue.OfficeID, from, to queue.Date) ([]queue.Date, error)
	// Lessons returns the lessons of one day; false: none were made.
	Lessons(ctx context.Context, office queue.OfficeID, date queue.Date) (Lessons, bool, error)
}

// MaxLessons bounds the JSON of what lessons taught, in bytes: many times what a large
// office needs, and well below what a record and a machine take.
const MaxLessons = 512 << 10

// Lessons are what the closed days before a day have taught, as they stood when the
// day began.
type Lessons struct {
	Office  queue.OfficeID
	Date    queue.Date // the day that they are for
	From    queue.Date // the oldest table behind them
	Through queue.Date // the newest
	// Tables is how many there were from From to the day before Date.
	Tables  int
	Hash    eventlog.Hash  // of the JSON of Taught
	Taught  *place.Lessons // nil: nothing was learnt yet
	Profile *profile.Profile
}
