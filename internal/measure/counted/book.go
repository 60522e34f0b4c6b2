package counted

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/measure"
	"machi/internal/queue"
)

// Count is what one machine has counted on one day so far.
type Count struct {
	Office queue.OfficeID `json:"office"`
	Date   queue.Date     `json:"date"`
	Kiosk  queue.KioskID  `json:"kiosk"`
	Offers []Offer        `json:"offers,omitempty"`
	Alone  int64          `json:"alone_seconds,omitempty"`
}

// Offer is one way not to wait, of one service.
type Offer struct {
	Service queue.ServiceID `json:"service"`
	Kind    string          `json:"kind"`
	Shown   int             `json:"shown"`
	Taken   int             `json:"taken"`
}

const stream = "counted@"

// Options say where counts are kept. Store and Now are required.
type Options struct {
	Store    eventlog.Store
	Now      func() time.Time
	KeepDays int // how many days back; zero means 800
}

// Book keeps the counts of all machines.
type Book struct {
	o Options

	loading sync.Mutex // held by [Book.Load]
	mu      sync.RWMutex
	months  map[string]*month
}

// month is one stream; an old one is read once, and has no ledger any more.
type month struct {
	book *ledger.Ledger[Count]
	days map[key]*machines
}

type key struct {
	office queue.OfficeID
	date   queue.Date
}

// machines is what is known of one office's day.
type machines struct {
	of      map[queue.KioskID]Count
	changes int
}

// New returns a book. Nothing is read before [Book.Load].
func New(o Options) *Book {
	if o.KeepDays == 0 {
		o.KeepDays = 800
	}
	return &Book{o: o, months: map[string]*month{}}
}

// open is how many of the newest months are followed: of others nothing new comes.
const open = 2

// Load reads what is new in the store. What was known stays where it cannot be asked.
func (b *Book) Load(ctx context.Context) error {
	b.loading.Lock()
	defer b.loading.Unlock()
	names, err := b.o.Store.Streams(ctx)
	if err != nil {
		return fmt.Errorf("counted: %w", err)
	}
	now := b.o.Now().In(queue.JST)
	newest := now.AddDate(0, 0, -now.Day()+1).AddDate(0, 1-open, 0).Format("2006-01")
	oldest := now.AddDate(0, 0, -b.o.KeepDays).Format("2006-01")
	for _, name := range names {
		at, ours := strings.CutPrefix(name, stream)
		switch {
		case !ours:
		case at < oldest:
			if remover, can := b.o.Store.(eventlog.Remover); can {
				if err := remover.Remove(ctx, name); err != nil {
					return fmt.Errorf("counted: %w", err)
				}
			}
		default:
			if err := b.follow(ctx, at, at >= newest); err != nil {
				return err
			}
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.months, func(at string, _ *month) bool { return at < oldest })
	return nil
}

// follow reads a month: one that is not open only once.
func (b *Book) follow(ctx context.Context, at string, keep bool) error {
	b.mu.RLock()
	m := b.months[at]
	b.mu.RUnlock()
	if m != nil && !keep {
		b.mu.Lock()
		m.book = nil
		b.mu.Unlock()
		return nil
	}
	if m == nil {
		m = &month{days: map[key]*machines{}}
	}
	if m.book != nil {
		return m.book.Refresh(ctx)
	}
	log, err := b.o.Store.Open(stream + at)
	if err != nil {
		return fmt.Errorf("counted: %w", err)
	}
	book, err := ledger.Open(ctx, ledger.Options[Count]{
		Log: log, Name: "counted", Now: b.o.Now,
		Apply: func(c Count, _ time.Time) { b.apply(m, c) },
		Reset: func() {}, // counts only grow
	})
	if err != nil {
		return fmt.Errorf("counted: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.months[at] = m; keep {
		m.book = book
	}
	return nil
}

func (b *Book) apply(m *month, c Count) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := key{c.Office, c.Date}
	if m.days[k] == nil {
		m.days[k] = &machines{of: map[queue.KioskID]Count{}}
	}
	day := m.days[k]
	day.of[c.Kiosk] = day.of[c.Kiosk].most(c)
	day.changes++
}

// most returns the larger of what two counts of one machine say.
func (c Count) most(o Count) Count {
	o.Alone, o.Offers = max(c.Alone, o.Alone), slices.Clone(o.Offers)
	for _, had := range c.Offers {
		i := slices.IndexFunc(o.Offers, func(x Offer) bool { return x.Service == had.Service && x.Kind == had.Kind })
		if i < 0 {
			o.Offers = append(o.Offers, had)
			continue
		}
		o.Offers[i].Shown, o.Offers[i].Taken = max(o.Offers[i].Shown, had.Shown), max(o.Offers[i].Taken, had.Taken)
	}
	return o
}

// within reports whether a count says nothing that another one does not.
func (c Count) within(o Count) bool {
	return c.Alone <= o.Alone && !slices.ContainsFunc(c.Offers, func(x Offer) bool {
		return !slices.ContainsFunc(o.Offers, func(y Offer) bool {
			return x.Service == y.Service && x.Kind == y.Kind && x.Shown <= y.Shown && x.Taken <= y.Taken
		})
	})
}

// Note keeps what machines have counted; what is known already costs nothing.
func (b *Book) Note(ctx context.Context, counts ...Count) error {
	byMonth := map[string][]Count{}
	for _, c := range counts {
		if _, _, err := c.Date.Bounds(); err != nil {
			return fmt.Errorf("counted: %w", err)
		}
		at := string(c.Date)[:len("2026-11")]
		byMonth[at] = append(byMonth[at], c)
	}
	for at, list := range byMonth {
		b.loading.Lock()
		err := b.follow(ctx, at, true)
		b.loading.Unlock()
		if err != nil {
			return err
		}
		b.mu.RLock()
		m := b.months[at]
		book := m.book
		b.mu.RUnlock()
		if err := book.Append(ctx, func() ([]Count, error) { return b.news(m, list) }); err != nil {
			return fmt.Errorf("counted: %w", err)
		}
	}
	return nil
}

// news returns the counts that are not known yet.
func (b *Book) news(m *month, list []Count) ([]Count, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var fresh []Count
	for _, c := range list {
		known, heard := Count{}, false
		if day := m.days[key{c.Office, c.Date}]; day != nil {
			known, heard = day.of[c.Kiosk]
		}
		if !heard || !c.within(known) {
			fresh = append(fresh, c)
		}
	}
	if len(fresh) == 0 {
		return nil, ledger.ErrDone
	}
	return fresh, nil
}

// Extra returns what is known of an office's day, and a text that changes with it.
func (b *Book) Extra(office queue.OfficeID, date queue.Date) (measure.Extra, string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	m := b.months[string(date)[:min(len("2026-11"), len(date))]]
	if m == nil || m.days[key{office, date}] == nil {
		return measure.Extra{}, ""
	}
	day := m.days[key{office, date}]
	x := measure.Extra{Known: true}
	by := map[queue.ServiceID]measure.Offer{}
	for _, c := range day.of {
		x.Offline += time.Duration(c.Alone) * time.Second
		for _, o := range c.Offers {
			sum := by[o.Service]
			by[o.Service] = measure.Offer{Service: o.Service, Shown: sum.Shown + o.Shown, Taken: sum.Taken + o.Taken}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		x.Offers = append(x.Offers, by[id])
	}
	return x, strconv.Itoa(day.changes)
}
