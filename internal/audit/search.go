package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Where an entry was found.
const (
	FromTrail  = "audit"
	FromOffice = "office"
)

// The bounds of a search.
const (
	// MaxSpan is the longest stretch of time that one search covers.
	MaxSpan = 62 * 24 * time.Hour
	// MaxFound bounds what one search returns.
	MaxFound = 50_000
	// maxRead bounds the records that one search looks at.
	maxRead = 400_000
)

// Query says what is looked for; empty fields ask for nothing.
type Query struct {
	From, To time.Time // From is in, To is not
	Who      string    // a part of it
	Action   string    // all of it, or its beginning before a dot or underscore: "login", "account"
	Text     string    // a part of any field
	Source   string    // [FromTrail] or [FromOffice]; empty: both
	// Everybody also finds acts of machines, visitors and the system itself in the
	// offices' logs.
	Everybody bool
	// Offices are those whose entries may be seen; nil: all, and entries of none.
	Offices []queue.OfficeID
	Before  string // goes on behind what was found: the Next of another answer
	Limit   int    // at most [MaxFound]
}

// Found is an entry with its place.
type Found struct {
	Entry
	Source string        `json:"source"`
	Stream string        `json:"stream"`
	Number int64         `json:"number"`
	Hash   eventlog.Hash `json:"hash"`
}

// Answer is what a search found, the newest first.
type Answer struct {
	Entries []Found   `json:"entries"`
	Heads   []DayHead `json:"heads"` // of the trail, one for each day with entries
	Next    string    `json:"next,omitempty"`
	// Truncated says that there was more to look at than one search may.
	Truncated bool `json:"truncated"`
}

// search is one search under way.
type search struct {
	q      Query
	found  []Found
	heads  map[string]DayHead
	read   int
	before place
}

// place orders entries: the newest first.
type place struct {
	at     time.Time
	stream string
	number int64
}

func placeOf(f Found) place { return place{f.At, f.Stream, f.Number} }

func (p place) String() string {
	return fmt.Sprintf("%s_%d_%s", p.at.UTC().Format(time.RFC3339Nano), p.number, p.stream)
}

// ErrPlace says that a text is no place to go on from.
var ErrPlace = errors.New("audit: not a place in the trail")

func parsePlace(text string) (place, error) {
	var p place
	if text == "" {
		return p, nil
	}
	at, rest, _ := strings.Cut(text, "_")
	number, stream, ok := strings.Cut(rest, "_")
	var err error
	if p.at, err = time.Parse(time.RFC3339Nano, at); err != nil || !ok {
		return p, ErrPlace
	}
	if _, err := fmt.Sscanf(number, "%d", &p.number); err != nil {
		return p, ErrPlace
	}
	p.stream = stream
	return p, nil
}

func (p place) compare(other place) int {
	return cmp.Or(other.at.Compare(p.at), cmp.Compare(other.stream, p.stream), cmp.Compare(other.number, p.number))
}

// Search looks through the trail and through days, the store of the offices' logs
// (nil: the trail alone). One search runs at a time; others wait for it. It returns
// [ErrPlace] for a Before that is none.
func (b *Book) Search(ctx context.Context, days eventlog.Store, q Query) (Answer, error) {
	before, err := parsePlace(q.Before)
	if err != nil {
		return Answer{}, err
	}
	select {
	case b.searching <- struct{}{}:
		defer func() { <-b.searching }()
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	s := &search{q: q, heads: map[string]DayHead{}, before: before}
	if q.Source != FromOffice {
		if err := s.trail(ctx, b.o.Store); err != nil {
			return Answer{}, err
		}
	}
	if q.Source != FromTrail && days != nil {
		if err := s.offices(ctx, days); err != nil {
			return Answer{}, err
		}
	}
	return s.answer(), nil
}

func (s *search) answer() Answer {
	slices.SortFunc(s.found, func(x, y Found) int { return placeOf(x).compare(placeOf(y)) })
	a := Answer{Entries: s.found, Truncated: s.read > maxRead}
	if limit := min(max(s.q.Limit, 1), MaxFound); len(s.found) > limit {
		a.Entries = s.found[:limit]
		a.Next = placeOf(a.Entries[limit-1]).String()
	}
	if a.Entries == nil {
		a.Entries = []Found{}
	}
	a.Heads = []DayHead{}
	for _, h := range s.heads {
		a.Heads = append(a.Heads, h)
	}
	slices.SortFunc(a.Heads, func(x, y DayHead) int { return cmp.Compare(y.Date, x.Date) })
	return a
}

// trail looks through the months of the query.
func (s *search) trail(ctx context.Context, store eventlog.Store) error {
	names, err := streams(ctx, store)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	for _, name := range slices.Backward(names) {
		if name < monthOf(s.q.From) || name > monthOf(s.q.To) {
			continue
		}
		if err := s.walk(ctx, store, name, s.month(name)); err != nil {
			return err
		}
	}
	return nil
}

// month returns what to do with the records of a month. An entry stands in the month
// it was written in, which may be a moment after it happened.
func (s *search) month(name string) func(eventlog.Record) error {
	return func(r eventlog.Record) error {
		list, at, err := events(r)
		if err != nil {
			return err
		}
		if s.q.Offices == nil && !at.Before(s.q.From) && at.Before(s.q.To) {
			h := dayHead(at, name, r.Head())
			s.heads[h.Date] = h
		}
		for _, e := range list {
			if e.Entry != nil {
				s.take(Found{*e.Entry, FromTrail, name, r.Number, r.Hash()})
			}
		}
		return nil
	}
}

// walk gives the records of a stream to see. Damage ends the walk there: what
// stands before it can still be read, and verify names it.
func (s *search) walk(ctx context.Context, store eventlog.Store, name string, see func(eventlog.Record) error) error {
	log, err := store.Open(name)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	for after := int64(0); s.read <= maxRead; {
		records, err := log.Read(ctx, after, page)
		for _, r := range records {
			if see(r) != nil {
				return nil
			}
			after = r.Number
		}
		s.read += len(records)
		if errors.Is(err, eventlog.ErrCorrupt) || err == nil && len(records) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("audit: read %s: %w", name, err)
		}
	}
	return nil
}

// take keeps an entry that is looked for.
func (s *search) take(f Found) {
	switch q := s.q; {
	case f.At.Before(q.From) || !f.At.Before(q.To):
	case q.Offices != nil && !slices.Contains(q.Offices, f.Office):
	case !has(f.Who, q.Who) || !isAction(f.Action, q.Action):
	case q.Text != "" && !f.contains(q.Text):
	case s.q.Before != "" && placeOf(f).compare(s.before) <= 0:
	case len(s.found) >= 2*MaxFound:
		s.read = maxRead + 1
	default:
		s.found = append(s.found, f)
	}
}

func has(text, part string) bool {
	return part == "" || strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

func isAction(action, wanted string) bool {
	rest, ok := strings.CutPrefix(action, wanted)
	return wanted == "" || ok && (rest == "" || rest[0] == '.' || rest[0] == '_')
}

func (f Found) contains(text string) bool {
	return slices.ContainsFunc([]string{f.Who, f.Role, f.Action, string(f.Office), f.Target, f.Result, f.Detail}, func(field string) bool { return has(field, text) })
}
