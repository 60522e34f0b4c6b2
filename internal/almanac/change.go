package almanac

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"machi/internal/ledger"
	"machi/internal/queue"
)

// The bounds of what can be said.
const (
	MaxReason = 200 // characters
	MaxName   = 60  // characters
	MinShare  = 10  // percent
	MaxShare  = 500
	// MaxDays is how long an event may last, and MaxEvents how many an office may have.
	MaxDays   = 400
	MaxEvents = 200
	// Ahead is how far ahead anything can be said, in days.
	Ahead = 400
)

// Levels are what staff can say of a day, the calmest first.
var Levels = []string{"quiet", "moderate", "busy", "very_busy"}

// ErrUnknown says that nothing is there to be taken back.
var ErrUnknown = errors.New("almanac: nothing was said of that")

// Fault is a field that cannot be.
type Fault struct {
	Field string
	Text  string // what was wanted
}

// Error returns both.
func (f *Fault) Error() string { return "almanac: " + f.Field + ": " + f.Text }

// Change is who asks for what.
type Change struct {
	Office  queue.OfficeID
	Command string // the same one sent again changes nothing more
	By      string
}

// Say writes what staff say of a day of today or later, in place of what was said of
// it before. It returns a *[Fault] for what cannot be said, and the errors of the
// store.
func (b *Book) Say(ctx context.Context, c Change, r Remark) error {
	r.Reason = strings.TrimSpace(r.Reason)
	if err := b.checkRemark(r); err != nil {
		return err
	}
	return b.append(ctx, c, func(before *chapter) (Entry, error) {
		r.By, r.At = c.By, b.now().In(queue.JST)
		old, said := before.remarks[r.Date]
		if said && old.Level == r.Level && old.Percent == r.Percent && old.Reason == r.Reason {
			return Entry{}, ledger.ErrDone
		}
		return Entry{Said: &r}, nil
	})
}

// Unsay takes back what was said of a day; it returns [ErrUnknown] where nothing was.
func (b *Book) Unsay(ctx context.Context, c Change, date queue.Date) error {
	return b.append(ctx, c, func(before *chapter) (Entry, error) {
		if _, said := before.remarks[date]; !said {
			return Entry{}, ErrUnknown
		}
		return Entry{Unsaid: date}, nil
	})
}

// Add writes what takes place, under an id of the caller's; another event of that id
// gives way to it. It returns a *[Fault] for what cannot be, and the errors of the
// store.
func (b *Book) Add(ctx context.Context, c Change, e Event) error {
	e.Name = strings.TrimSpace(e.Name)
	if err := b.checkEvent(e); err != nil {
		return err
	}
	return b.append(ctx, c, func(before *chapter) (Entry, error) {
		if _, there := before.events[e.ID]; !there && len(before.events) >= MaxEvents {
			return Entry{}, &Fault{"name", fmt.Sprintf("the office has %d special days: remove old ones first", MaxEvents)}
		}
		e.By, e.At = c.By, b.now().In(queue.JST)
		return Entry{Added: &e}, nil
	})
}

// Remove takes an event out; it returns [ErrUnknown] where there is none of that id.
func (b *Book) Remove(ctx context.Context, c Change, id string) error {
	return b.append(ctx, c, func(before *chapter) (Entry, error) {
		e, there := before.events[id]
		if !there {
			return Entry{}, ErrUnknown
		}
		return Entry{Removed: &e}, nil
	})
}

// append decides a change on the newest state and writes it.
func (b *Book) append(ctx context.Context, c Change, decide func(before *chapter) (Entry, error)) error {
	return b.ledger.Append(ctx, func() ([]Entry, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		before := b.chapter(c.Office)
		if slices.ContainsFunc(before.history, func(e Entry) bool { return e.Command == c.Command }) {
			return nil, ledger.ErrDone
		}
		e, err := decide(before)
		if err != nil {
			return nil, err
		}
		e.Office, e.Command, e.By, e.At = c.Office, c.Command, c.By, b.now().In(queue.JST)
		return []Entry{e}, nil
	})
}

func (b *Book) checkRemark(r Remark) error {
	switch {
	case r.Level == "" && r.Percent == 0:
		return &Fault{"level", "want a level or a percentage"}
	case r.Level != "" && !slices.Contains(Levels, r.Level):
		return &Fault{"level", "want quiet, moderate, busy or very_busy"}
	}
	return cmp.Or(share(r.Percent), text("reason", r.Reason, MaxReason), b.within("date", r.Date))
}

func (b *Book) checkEvent(e Event) error {
	if err := cmp.Or(text("name", e.Name, MaxName), share(e.Percent), date("from", e.From), b.within("to", e.To)); err != nil {
		return err
	}
	switch {
	case e.To < e.From || e.To > shifted(e.From, MaxDays-1):
		return &Fault{"to", fmt.Sprintf("want the first day or one of the next %d", MaxDays-1)}
	case len(e.Services) > 50:
		return &Fault{"services", "want at most 50"}
	}
	return nil
}

func share(percent int) error {
	if percent != 0 && (percent < MinShare || percent > MaxShare) {
		return &Fault{"percent", fmt.Sprintf("want %d to %d, or 0", MinShare, MaxShare)}
	}
	return nil
}

func text(field, value string, most int) error {
	if n := utf8.RuneCountInString(value); n == 0 || n > most || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
		return &Fault{field, fmt.Sprintf("want one line of 1 to %d characters", most)}
	}
	return nil
}

func date(field string, d queue.Date) error {
	if _, _, err := d.Bounds(); err != nil {
		return &Fault{field, "want YYYY-MM-DD"}
	}
	return nil
}

// within checks a day that is neither over nor too far away.
func (b *Book) within(field string, d queue.Date) error {
	if err := date(field, d); err != nil {
		return err
	}
	if today := queue.BusinessDay(b.now()); d < today || d > shifted(today, Ahead) {
		return &Fault{field, fmt.Sprintf("want today or one of the next %d days", Ahead)}
	}
	return nil
}

func shifted(d queue.Date, days int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, days))
}

func byDate(a, b Event) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID)) }
