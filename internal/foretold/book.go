package foretold

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Leads are how many days ahead forecasts are kept of.
var Leads = []int{1, 7, 28}

// Night is what one night's forecasts of an office said.
type Night struct {
	Office queue.OfficeID `json:"office"`
	Made   queue.Date     `json:"made"` // the day before which they were made
	Days   []Day          `json:"days"`
}

// Day is what was said of one day. Times are minutes since midnight and whole minutes.
type Day struct {
	Date     queue.Date `json:"date"`
	Ahead    int        `json:"ahead"` // one of [Leads]
	Level    string     `json:"level"`
	Arrivals [3]float64 `json:"arrivals"`        // 10, 50 and 90 of a hundred, to a tenth
	Waits    []int      `json:"waits,omitempty"` // minutes: 50, 80 and 90 of a hundred; empty: not known
	Halves   []Half     `json:"halves"`
	ByStaff  bool       `json:"by_staff,omitempty"` // staff had said so
}

// Half is a half hour.
type Half struct {
	At       int        `json:"at"` // minutes
	Arrivals [3]float64 `json:"arrivals"`
}

const (
	stream = "foretold@" // and the month in which a night is
	// recent is how many months are held in memory: forecasts of 28 days ahead, compared
	// over a month, reach into the third.
	recent = 4
)

// Options say where forecasts are kept. Store and Today are required.
type Options struct {
	Store eventlog.Store
	Today func() queue.Date
	// KeepDays is how many days back forecasts are kept; zero means 400.
	KeepDays int
}

// Book keeps what all offices were told.
type Book struct {
	o Options

	rolling sync.Mutex // held by who opens or lets go of a month
	mu      sync.Mutex
	months  map[string]*month
}

// month is what is known of one month; an old one has no ledger.
type month struct {
	book   *ledger.Ledger[Night]
	nights map[night]Night
}

type night struct {
	office queue.OfficeID
	made   queue.Date
}

// New returns a book. Nothing is read yet.
func New(o Options) *Book {
	if o.KeepDays == 0 {
		o.KeepDays = 400
	}
	return &Book{o: o, months: map[string]*month{}}
}

// Tell writes down what a night said. Where it has been told already nothing changes.
func (b *Book) Tell(ctx context.Context, n Night) error {
	m, err := b.month(ctx, monthOf(n.Made))
	if err != nil {
		return err
	}
	b.mu.Lock()
	book := m.book
	b.mu.Unlock()
	if book == nil {
		return fmt.Errorf("foretold: %s is over", n.Made)
	}
	return book.Append(ctx, func() ([]Night, error) {
		if b.has(m, n) {
			return nil, ledger.ErrDone
		}
		return []Night{n}, nil
	})
}

// Has reports whether a night of an office is known to be written down.
func (b *Book) Has(ctx context.Context, office queue.OfficeID, made queue.Date) bool {
	m, err := b.month(ctx, monthOf(made))
	return err == nil && b.has(m, Night{Office: office, Made: made})
}

func (b *Book) has(m *month, n Night) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, told := m.nights[night{n.Office, n.Made}]
	return told
}

// Told returns what was said of an office's days from one date to another, so many
// days ahead, by date.
func (b *Book) Told(ctx context.Context, office queue.OfficeID, ahead int, from, to queue.Date) ([]Day, error) {
	var days []Day
	var m *month
	name := ""
	for date := from; date <= to; date = shifted(date, 1) {
		made := shifted(date, -ahead)
		if monthOf(made) != name { // each is looked at once
			name = monthOf(made)
			var err error
			if m, err = b.month(ctx, name); err != nil {
				return nil, err
			}
		}
		b.mu.Lock()
		told := m.nights[night{office, made}]
		b.mu.Unlock()
		if i := slices.IndexFunc(told.Days, func(d Day) bool { return d.Date == date && d.Ahead == ahead }); i >= 0 {
			days = append(days, told.Days[i])
		}
	}
	return days, nil
}

// month returns a month, read from the store where it is not known.
func (b *Book) month(ctx context.Context, name string) (*month, error) {
	b.rolling.Lock()
	defer b.rolling.Unlock()
	current := monthOf(b.o.Today())
	b.mu.Lock()
	m, known := b.months[name]
	b.mu.Unlock()
	if known {
		return m, b.look(ctx, m, name, current)
	}
	log, err := b.o.Store.Open(stream + name)
	if err != nil {
		return nil, fmt.Errorf("foretold: %w", err)
	}
	m = &month{nights: map[night]Night{}}
	book, err := ledger.Open(ctx, ledger.Options[Night]{
		Log: log, Name: "foretold", Now: time.Now,
		Apply: func(n Night, _ time.Time) { b.apply(m, n) },
		Reset: func() { b.mu.Lock(); defer b.mu.Unlock(); m.nights = map[night]Night{} },
	})
	if err != nil {
		return nil, fmt.Errorf("foretold: %w", err)
	}
	b.mu.Lock()
	b.months[name] = m
	if name >= current {
		m.book = book
	}
	b.mu.Unlock()
	return m, b.letGo(ctx, current)
}

// look reads what other servers wrote this month, and lets go of a month that is over.
func (b *Book) look(ctx context.Context, m *month, name, current string) error {
	b.mu.Lock()
	book := m.book
	b.mu.Unlock()
	if book == nil {
		return nil
	}
	if err := book.Refresh(ctx); err != nil {
		return fmt.Errorf("foretold: %w", err)
	}
	if name < current { // nothing is told of it any more
		b.mu.Lock()
		m.book = nil
		b.mu.Unlock()
	}
	return nil
}

func (b *Book) apply(m *month, n Night) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := night{n.Office, n.Made}
	if _, told := m.nights[k]; !told {
		m.nights[k] = n
	}
}

// letGo forgets months that nobody asks for any more, and deletes those that are too
// old.
func (b *Book) letGo(ctx context.Context, current string) error {
	first, err := time.Parse("2006-01", current)
	if err != nil {
		return nil // a date that is none asks for nothing
	}
	oldest := first.AddDate(0, -recent, 0).Format("2006-01")
	b.mu.Lock()
	for name := range b.months {
		if name < oldest {
			delete(b.months, name)
		}
	}
	b.mu.Unlock()
	remover, ok := b.o.Store.(eventlog.Remover)
	if !ok {
		return nil
	}
	names, err := b.o.Store.Streams(ctx)
	if err != nil {
		return fmt.Errorf("foretold: %w", err)
	}
	last := monthOf(shifted(b.o.Today(), -b.o.KeepDays))
	for _, name := range names {
		if of, is := strings.CutPrefix(name, stream); is && of < last {
			if err := remover.Remove(ctx, name); err != nil {
				return fmt.Errorf("foretold: %w", err)
			}
		}
	}
	return nil
}

func monthOf(d queue.Date) string { return string(d)[:min(7, len(d))] }

func shifted(d queue.Date, days int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, days))
}
