package signs

import (
	"cmp"
	"context"
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

// playsPrefix begins the name of the stream of a day's plays; the date follows.
const playsPrefix = "plays/"

// Play is one time that a screen showed an item in full.
type Play struct {
	// N is the screen's own number of the play, rising with each: the moment at which
	// it ended, in milliseconds.
	N       int64  `json:"n"`
	Item    string `json:"item"`
	Seconds int    `json:"seconds"`
}

// Date returns the day that a play counts for.
func (p Play) Date() queue.Date { return queue.BusinessDay(time.UnixMilli(p.N)) }

// Count is how often an item was shown in full on a day.
type Count struct {
	Date    queue.Date     `json:"date"`
	Item    string         `json:"item"`
	Office  queue.OfficeID `json:"office"` // of the screens
	Plays   int            `json:"plays"`
	Seconds int            `json:"seconds"`
	Screens int            `json:"screens"` // how many of them showed it
}

// tally is one record of a day's stream: what some screens showed since the last.
type tally struct {
	Screens []screenTally `json:"screens"`
}

type screenTally struct {
	Screen string         `json:"screen"`
	Office queue.OfficeID `json:"office"`
	Upto   int64          `json:"upto"` // the screen's newest play that is counted
	Items  map[string]sum `json:"items"`
}

type sum struct {
	Plays   int `json:"plays"`
	Seconds int `json:"seconds"`
}

// The bounds of proofs.
const (
	// PlayedWithin is how old a play may be when it is reported: a screen may be
	// without its link for a day.
	PlayedWithin = 26 * time.Hour
	ahead        = 2 * time.Minute
	maxPending   = 5000 // plays of one screen that wait to be written
	// MaxPlayDays bounds the days of one table.
	MaxPlayDays = 100
)

// Plays counts what registered screens showed. What it has taken is written at each
// [Plays.Flush]; a screen keeps its plays until it is told that they are written, and
// sends them again, so that none is lost and none counts twice, whichever server it
// tells.
type Plays struct {
	store eventlog.Store
	now   func() time.Time

	writing sync.Mutex // held by who writes

	mu      sync.Mutex
	pending map[string]*screenPlays
	kept    map[string]int64 // by screen: what is written for certain
}

type screenPlays struct {
	office queue.OfficeID
	plays  []Play // by N
}

// NewPlays returns the proofs of a store.
func NewPlays(store eventlog.Store, now func() time.Time) *Plays {
	return &Plays{store: store, now: now, pending: map[string]*screenPlays{}, kept: map[string]int64{}}
}

// Take notes plays of a registered screen and returns the newest that is written: the
// screen need not send it and those before it again. Plays of another time than the
// last day, and those it has, are passed over.
func (p *Plays) Take(s Screen, plays []Play) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	own := p.pending[s.ID]
	if own == nil {
		own = &screenPlays{}
		p.pending[s.ID] = own
	}
	own.office = s.Office
	last := p.kept[s.ID]
	if n := len(own.plays); n > 0 {
		last = max(last, own.plays[n-1].N)
	}
	plays = slices.Clone(plays)
	slices.SortFunc(plays, func(a, b Play) int { return cmp.Compare(a.N, b.N) })
	for _, play := range plays {
		age := now.Sub(time.UnixMilli(play.N))
		if play.N > last && age < PlayedWithin && age > -ahead && len(own.plays) < maxPending && play.Seconds >= MinSeconds && play.Seconds <= MaxSeconds {
			own.plays, last = append(own.plays, play), play.N
		}
	}
	return p.kept[s.ID]
}

// Flush writes what was taken since the last time. What fails stays and is tried
// again with the next.
func (p *Plays) Flush(ctx context.Context) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	var failed []error
	for date, screens := range p.byDate() {
		failed = append(failed, p.write(ctx, date, screens))
	}
	return errors.Join(failed...)
}

// byDate splits what waits by the day that it counts for.
func (p *Plays) byDate() map[queue.Date]map[string]screenPlays {
	p.mu.Lock()
	defer p.mu.Unlock()
	days := map[queue.Date]map[string]screenPlays{}
	for id, own := range p.pending {
		for _, play := range own.plays {
			date := play.Date()
			if days[date] == nil {
				days[date] = map[string]screenPlays{}
			}
			of := days[date][id]
			of.office, of.plays = own.office, append(of.plays, play)
			days[date][id] = of
		}
	}
	return days
}

// write adds a day's plays to its stream: of each screen those behind what any server
// has written of it.
func (p *Plays) write(ctx context.Context, date queue.Date, screens map[string]screenPlays) error {
	d, err := p.day(ctx, date)
	if err != nil {
		return err
	}
	err = d.ledger.Append(ctx, func() ([]tally, error) {
		var t tally
		for _, id := range slices.Sorted(maps.Keys(screens)) {
			if st := tallyOf(id, screens[id], d.upto[id]); len(st.Items) > 0 {
				t.Screens = append(t.Screens, st)
			}
		}
		if len(t.Screens) == 0 {
			return nil, ledger.ErrDone
		}
		return []tally{t}, nil
	})
	if err != nil {
		return fmt.Errorf("plays of %s: %w", date, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, written := range screens {
		upto := max(d.upto[id], written.plays[len(written.plays)-1].N)
		p.kept[id] = max(p.kept[id], upto)
		own := p.pending[id]
		own.plays = slices.DeleteFunc(own.plays, func(play Play) bool { return play.Date() == date && play.N <= upto })
		if len(own.plays) == 0 {
			delete(p.pending, id)
		}
	}
	return nil
}

func tallyOf(id string, own screenPlays, after int64) screenTally {
	st := screenTally{Screen: id, Office: own.office, Upto: after, Items: map[string]sum{}}
	for _, play := range own.plays {
		if play.N > after {
			s := st.Items[play.Item]
			st.Items[play.Item] = sum{s.Plays + 1, s.Seconds + play.Seconds}
			st.Upto = max(st.Upto, play.N)
		}
	}
	return st
}

// playDay is one day's stream, read.
type playDay struct {
	ledger *ledger.Ledger[tally]
	upto   map[string]int64
	counts map[countKey]*Count
	seen   map[countKey]map[string]bool
}

type countKey struct {
	item   string
	office queue.OfficeID
}

func (p *Plays) day(ctx context.Context, date queue.Date) (*playDay, error) {
	log, err := p.store.Open(playsPrefix + string(date))
	if err != nil {
		return nil, fmt.Errorf("plays: %w", err)
	}
	d := &playDay{}
	d.forget()
	d.ledger, err = ledger.Open(ctx, ledger.Options[tally]{
		Log: log, Name: playsPrefix + string(date), Now: p.now, Reset: d.forget,
		Apply: func(t tally, _ time.Time) { d.apply(date, t) },
	})
	if err != nil {
		return nil, fmt.Errorf("plays of %s: %w", date, err)
	}
	return d, nil
}

func (d *playDay) forget() {
	d.upto, d.counts, d.seen = map[string]int64{}, map[countKey]*Count{}, map[countKey]map[string]bool{}
}

func (d *playDay) apply(date queue.Date, t tally) {
	for _, st := range t.Screens {
		d.upto[st.Screen] = max(d.upto[st.Screen], st.Upto)
		for item, s := range st.Items {
			key := countKey{item, st.Office}
			if d.counts[key] == nil {
				d.counts[key], d.seen[key] = &Count{Date: date, Item: item, Office: st.Office}, map[string]bool{}
			}
			c := d.counts[key]
			d.seen[key][st.Screen] = true
			c.Plays, c.Seconds, c.Screens = c.Plays+s.Plays, c.Seconds+s.Seconds, len(d.seen[key])
		}
	}
}

// Counts returns how often items were shown from a day to another, both counted, at
// most [MaxPlayDays]. What this server has not yet written is written first.
func (p *Plays) Counts(ctx context.Context, from, to queue.Date) ([]Count, error) {
	if err := p.Flush(ctx); err != nil {
		return nil, err
	}
	first, err1 := time.Parse(time.DateOnly, string(from))
	last, err2 := time.Parse(time.DateOnly, string(to))
	if err1 != nil || err2 != nil || last.Before(first) || last.Sub(first) > MaxPlayDays*24*time.Hour {
		return nil, fault("from", "two dates, the earlier first, at most %d days", MaxPlayDays)
	}
	var list []Count
	for at := first; !at.After(last); at = at.AddDate(0, 0, 1) {
		d, err := p.day(ctx, queue.Date(at.Format(time.DateOnly)))
		if err != nil {
			return nil, err
		}
		for _, c := range d.counts {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(strings.Compare(string(a.Date), string(b.Date)), strings.Compare(a.Item, b.Item), cmp.Compare(a.Office, b.Office))
	})
	return list, nil
}
