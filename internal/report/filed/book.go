package filed

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
	"machi/internal/report"
)

// Prefix begins the names of the book's logs; the fiscal year follows.
const Prefix = "reports/"

// Bounds of a book.
const (
	Years   = 12 // fiscal years that are held in memory
	atOnce  = 500
	maxKept = 20 // revisions of one report that are listed
)

// ID names a report.
type ID struct {
	Office queue.OfficeID `json:"office"` // or [report.Ward]
	Kind   report.Kind    `json:"kind"`
	Key    string         `json:"period"`
}

// Print tells the figures of a report from others.
type Print struct {
	Made int    `json:"made"` // the version of the rules by which it was taken
	Hash string `json:"hash"`
}

// Entry is one revision of a report.
type Entry struct {
	ID
	Revision int       `json:"revision"`
	At       time.Time `json:"at"`
	Print    Print     `json:"print"`
	Days     int       `json:"days"`
	Lacks    int       `json:"lacks,omitempty"`
	// Heads are the figures that one looks at first, to tell what a revision changed.
	Heads map[string]float64 `json:"heads,omitempty"`
}

// Book holds the entries of the fiscal years that were asked for.
type Book struct {
	store eventlog.Store
	now   func() time.Time

	mu    sync.Mutex // also held while a year is opened
	years map[int]*volume
}

// volume is one fiscal year.
type volume struct {
	ledger  *ledger.Ledger[Entry]
	mu      sync.Mutex
	entries map[ID][]Entry // the newest last
}

// New returns a book, which reads nothing yet.
func New(store eventlog.Store, now func() time.Time) *Book {
	return &Book{store: store, now: now, years: map[int]*volume{}}
}

// fiscal returns the year of a report.
func (id ID) fiscal() (int, error) {
	p, err := report.ParsePeriod(id.Kind, id.Key)
	if err != nil {
		return 0, err
	}
	return fiscalOf(p.From), nil
}

func fiscalOf(d queue.Date) int {
	var year int
	_, _ = fmt.Sscanf(string(report.PeriodOf(report.Year, d).From), "%d", &year) // a date begins with it
	return year
}

// newest opens a year, and reads what is new of it.
func (b *Book) newest(ctx context.Context, year int) (*volume, error) {
	v, err := b.volume(ctx, year)
	if err != nil {
		return nil, err
	}
	return v, v.ledger.Look(ctx)
}

// volume opens a year; what other servers have written since may be missing.
func (b *Book) volume(ctx context.Context, year int) (*volume, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if v := b.years[year]; v != nil {
		return v, nil
	}
	log, err := b.store.Open(fmt.Sprintf("%s%d", Prefix, year))
	if err != nil {
		return nil, fmt.Errorf("reports of %d: %w", year, err)
	}
	v := &volume{entries: map[ID][]Entry{}}
	v.ledger, err = ledger.Open(ctx, ledger.Options[Entry]{Log: log, Name: "reports", Now: b.now, Apply: v.apply, Reset: v.forget})
	if err != nil {
		return nil, fmt.Errorf("reports of %d: %w", year, err)
	}
	if len(b.years) >= Years {
		delete(b.years, slices.Min(slices.Collect(maps.Keys(b.years))))
	}
	b.years[year] = v
	return v, nil
}

func (v *volume) apply(e Entry, _ time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := append(v.entries[e.ID], e)
	v.entries[e.ID] = list[max(0, len(list)-maxKept):]
}

func (v *volume) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.entries = map[ID][]Entry{}
}

func (v *volume) newest(id ID) (Entry, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := v.entries[id]
	if len(list) == 0 {
		return Entry{}, false
	}
	return list[len(list)-1], true
}

// Issue enters reports that were made, each as the next revision if its figures are not
// those of the newest one; Revision and At of what is given are not looked at. It returns
// what was entered. Whichever server is first, each revision is entered once.
func (b *Book) Issue(ctx context.Context, made []Entry) ([]Entry, error) {
	byYear := map[int][]Entry{}
	for _, e := range made {
		year, err := e.fiscal()
		if err != nil {
			return nil, err
		}
		byYear[year] = append(byYear[year], e)
	}
	var entered []Entry
	for _, year := range slices.Sorted(maps.Keys(byYear)) {
		v, err := b.volume(ctx, year)
		if err != nil {
			return entered, err
		}
		for some := range slices.Chunk(byYear[year], atOnce) {
			var fresh []Entry
			err := v.ledger.Append(ctx, func() ([]Entry, error) {
				if fresh = v.fresh(some, b.now()); len(fresh) == 0 {
					return nil, ledger.ErrDone
				}
				return fresh, nil
			})
			if err != nil {
				return entered, err
			}
			entered = append(entered, fresh...)
		}
	}
	return entered, nil
}

// fresh returns those that are not in the book yet, as they are to be entered. Two
// releases that count differently do not correct one another for ever: the newer wins.
func (v *volume) fresh(made []Entry, now time.Time) []Entry {
	var list []Entry
	for _, e := range made {
		old, ok := v.newest(e.ID)
		if ok && (old.Print.Hash == e.Print.Hash || old.Print.Made > e.Print.Made) {
			continue
		}
		e.Revision, e.At = old.Revision+1, now.In(queue.JST)
		list = append(list, e)
	}
	return list
}

// Revisions returns the revisions of a report, the newest first.
func (b *Book) Revisions(ctx context.Context, id ID) ([]Entry, error) {
	year, err := id.fiscal()
	if err != nil {
		return nil, err
	}
	v, err := b.newest(ctx, year)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	list := slices.Clone(v.entries[id])
	slices.Reverse(list)
	return list, nil
}

// List returns the newest revision of every report of a fiscal year: the newest periods
// first, of one period the ward before the offices.
func (b *Book) List(ctx context.Context, year int) ([]Entry, error) {
	v, err := b.newest(ctx, year)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	list := make([]Entry, 0, len(v.entries))
	for _, all := range v.entries {
		list = append(list, all[len(all)-1])
	}
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(strings.Compare(b.Key, a.Key), cmp.Compare(rank(a), rank(b)), strings.Compare(string(a.Office), string(b.Office)))
	})
	return list, nil
}

func rank(e Entry) int {
	if e.Office == report.Ward {
		return 0
	}
	return 1
}
