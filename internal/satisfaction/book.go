package satisfaction

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Face is an answer.
type Face string

// The faces.
const (
	Good Face = "good"
	Fair Face = "fair"
	Poor Face = "poor"
)

// Faces lists every face, the best first.
var Faces = []Face{Good, Fair, Poor}

// Count is how many said what.
type Count struct {
	Good int `json:"good"`
	Fair int `json:"fair"`
	Poor int `json:"poor"`
}

// Total returns how many answered.
func (c Count) Total() int { return c.Good + c.Fair + c.Poor }

// Plus returns the answers of both.
func (c Count) Plus(o Count) Count { return Count{c.Good + o.Good, c.Fair + o.Fair, c.Poor + o.Poor} }

// Minus returns the answers without others that are among them.
func (c Count) Minus(o Count) Count { return Count{c.Good - o.Good, c.Fair - o.Fair, c.Poor - o.Poor} }

// Answer is one tap. Mark is made by [Mark].
type Answer struct {
	Office  queue.OfficeID  `json:"office"`
	Service queue.ServiceID `json:"service"`
	Face    Face            `json:"face"`
	Mark    string          `json:"mark"`
}

// Mark returns what makes the answer of a ticket count once. It cannot be made from
// anything that is kept, only from the status secret itself.
func Mark(date queue.Date, secret string) string {
	sum := sha256.Sum256([]byte("satisfaction\n" + string(date) + "\n" + secret))
	return hex.EncodeToString(sum[:16])
}

// ErrFace says that an answer is none of the [Faces].
var ErrFace = errors.New("satisfaction: not a face")

const (
	stream = "satisfaction@"
	// open is how many of the newest days are followed: on the others nobody answers.
	open = 2
)

// Options say where answers are kept. Store and Today are required.
type Options struct {
	Store eventlog.Store
	Today func() queue.Date
	// KeepDays is how many days back answers are kept; zero means 400.
	KeepDays int
}

// Book keeps the answers of all offices.
type Book struct {
	o Options

	rolling sync.Mutex // held by who opens or lets go of a day
	mu      sync.Mutex
	days    map[queue.Date]*day
}

// day is what is known of one day; an old one has no ledger and no marks.
type day struct {
	book   *ledger.Ledger[Answer]
	marks  map[string]bool
	counts map[key]Count
}

type key struct {
	office  queue.OfficeID
	service queue.ServiceID
}

// New returns a book. Nothing is read yet.
func New(o Options) *Book {
	if o.KeepDays == 0 {
		o.KeepDays = 400
	}
	return &Book{o: o, days: map[queue.Date]*day{}}
}

// Say counts an answer on a day, once for each mark: another one changes nothing. It
// returns [ErrFace], or what keeps the answer from being written down.
func (b *Book) Say(ctx context.Context, date queue.Date, a Answer) error {
	if !slices.Contains(Faces, a.Face) {
		return ErrFace
	}
	d, err := b.day(ctx, date)
	if err != nil {
		return err
	}
	book := b.bookOf(d)
	if book == nil {
		return fmt.Errorf("satisfaction: %s is over", date)
	}
	return book.Append(ctx, func() ([]Answer, error) {
		if b.has(d, a.Mark) {
			return nil, ledger.ErrDone
		}
		return []Answer{a}, nil
	})
}

// Said reports whether a mark's answer of today is known here.
func (b *Book) Said(ctx context.Context, date queue.Date, mark string) bool {
	d, err := b.day(ctx, date)
	return err == nil && b.has(d, mark)
}

// bookOf returns the ledger of a day on which people answer; nil: of no other.
func (b *Book) bookOf(d *day) *ledger.Ledger[Answer] {
	b.mu.Lock()
	defer b.mu.Unlock()
	return d.book
}

func (b *Book) has(d *day, mark string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return d.marks[mark]
}

// Counts returns what was said of an office from one day to another, by service.
func (b *Book) Counts(ctx context.Context, office queue.OfficeID, from, to queue.Date) (map[queue.ServiceID]Count, error) {
	out := map[queue.ServiceID]Count{}
	for date := max(from, b.oldest()); date <= min(to, b.o.Today()); date = shift(date, 1) {
		d, err := b.day(ctx, date)
		if err != nil {
			return nil, err
		}
		if book := b.bookOf(d); book != nil {
			if err := book.Look(ctx); err != nil {
				return nil, fmt.Errorf("satisfaction: %w", err)
			}
		}
		b.mu.Lock()
		for k, n := range d.counts {
			if k.office == office {
				out[k.service] = out[k.service].Plus(n)
			}
		}
		b.mu.Unlock()
	}
	return out, nil
}

func (b *Book) oldest() queue.Date { return shift(b.o.Today(), -b.o.KeepDays) }

// day returns a day, read from the store where it is not known.
func (b *Book) day(ctx context.Context, date queue.Date) (*day, error) {
	b.rolling.Lock()
	defer b.rolling.Unlock()
	b.mu.Lock()
	d, ok := b.days[date]
	b.mu.Unlock()
	if ok {
		return d, nil
	}
	log, err := b.o.Store.Open(stream + string(date))
	if err != nil {
		return nil, fmt.Errorf("satisfaction: %w", err)
	}
	d = &day{}
	d.forget()
	from, _, err := date.Bounds()
	if err != nil {
		return nil, fmt.Errorf("satisfaction: %w", err)
	}
	book, err := ledger.Open(ctx, ledger.Options[Answer]{
		Log: log, Name: "satisfaction", Now: func() time.Time { return from.Add(12 * time.Hour) },
		Apply: func(a Answer, _ time.Time) { b.apply(d, a) },
		Reset: func() { b.mu.Lock(); defer b.mu.Unlock(); d.forget() },
	})
	if err != nil {
		return nil, fmt.Errorf("satisfaction: %w", err)
	}
	newest := shift(b.o.Today(), 1-open)
	b.mu.Lock()
	if b.days[date] = d; date >= newest {
		d.book = book
	} else {
		d.marks = nil
	}
	b.mu.Unlock()
	if date < newest {
		return d, nil
	}
	return d, b.letGo(ctx, newest)
}

func (d *day) forget() { d.marks, d.counts = map[string]bool{}, map[key]Count{} }

func (b *Book) apply(d *day, a Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d.marks == nil || d.marks[a.Mark] {
		return
	}
	d.marks[a.Mark] = true
	k := key{a.Office, a.Service}
	n := d.counts[k]
	switch a.Face {
	case Good:
		n.Good++
	case Fair:
		n.Fair++
	case Poor:
		n.Poor++
	}
	d.counts[k] = n
}

// letGo keeps nothing but counts of days on which nobody answers any more, and nothing
// at all of those that are too old.
func (b *Book) letGo(ctx context.Context, newest queue.Date) error {
	b.mu.Lock()
	for date, d := range b.days {
		if date < newest {
			d.book, d.marks = nil, nil
		}
	}
	oldest := b.oldest()
	maps.DeleteFunc(b.days, func(date queue.Date, _ *day) bool { return date < oldest })
	b.mu.Unlock()
	remover, ok := b.o.Store.(eventlog.Remover)
	if !ok {
		return nil
	}
	names, err := b.o.Store.Streams(ctx)
	if err != nil {
		return fmt.Errorf("satisfaction: %w", err)
	}
	for _, name := range names {
		if date, is := strings.CutPrefix(name, stream); is && queue.Date(date) < oldest {
			if err := remover.Remove(ctx, name); err != nil {
				return fmt.Errorf("satisfaction: %w", err)
			}
		}
	}
	return nil
}

func shift(d queue.Date, days int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, days))
}
