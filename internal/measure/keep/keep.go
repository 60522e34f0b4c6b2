package keep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"machi/internal/history"
	"machi/internal/measure"
	"machi/internal/queue"
)

// Tables are the closed days.
type Tables interface {
	// Versions says of each date which table is in force.
	Versions(ctx context.Context, office queue.OfficeID, from, to queue.Date) (map[queue.Date]string, error)
	// Day returns one table; false: there is none. It is [history.ErrDamaged] where the
	// day cannot be read and others can.
	Day(ctx context.Context, office queue.OfficeID, date queue.Date) (history.Day, bool, error)
}

// Options say what is counted. All but the last block are required.
type Options struct {
	Tables  Tables
	Offices func() []queue.OfficeID
	Today   func() queue.Date
	// KeepDays is how many days back there may be tables.
	KeepDays int

	// Extra is what was counted of a day beside its log, and a text that differs where
	// that does; nil: nobody counts.
	Extra func(office queue.OfficeID, date queue.Date) (measure.Extra, string)
	// Opens reports whether an office was to be open on a date; nil: nobody knows.
	Opens func(office queue.OfficeID, date queue.Date) bool
	// Folder is where sheets are kept; empty: nowhere.
	Folder string
	Logger *slog.Logger
}

// Keeper holds the figures. Its methods may be called from several goroutines.
type Keeper struct {
	o      Options
	rounds sync.Mutex // held by a round

	mu      sync.RWMutex
	offices map[queue.OfficeID]map[string]*month // by month, such as 2026-11
	lacks   map[queue.OfficeID]map[queue.Date]measure.Why
	through bool // every table was looked at once
	answers answers
}

// month is what is known of one office's month. It is not changed once it is shown.
type month struct {
	*measure.Month
	sheets   map[queue.Date]*measure.Sheet
	versions map[queue.Date]string // of the tables and extras that were counted, also of damaged ones
}

// New returns a keeper that knows nothing before its first round.
func New(o Options) (*Keeper, error) {
	if o.Tables == nil || o.Offices == nil || o.Today == nil || o.KeepDays <= 0 {
		return nil, errors.New("keep: Tables, Offices, Today and KeepDays are required")
	}
	if o.Extra == nil {
		o.Extra = func(queue.OfficeID, queue.Date) (measure.Extra, string) { return measure.Extra{}, "" }
	}
	if o.Opens == nil {
		o.Opens = func(queue.OfficeID, queue.Date) bool { return false }
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Keeper{o: o, offices: map[queue.OfficeID]map[string]*month{}, lacks: map[queue.OfficeID]map[queue.Date]measure.Why{}}, nil
}

// recent is how many months are looked at in a round that is not deep.
const recent = 3

// Round brings the figures up to date, the newest months first: all of them in a deep
// round, otherwise those of the last weeks. It returns the errors of all offices that
// failed; what was known of them stays.
func (k *Keeper) Round(ctx context.Context, deep bool) error {
	k.rounds.Lock()
	defer k.rounds.Unlock()
	offices := k.o.Offices()
	today := k.o.Today()
	months := monthsBack(today, k.o.KeepDays)
	oldest := shifted(today, -k.o.KeepDays)
	if !deep {
		months = months[:min(recent, len(months))]
	}
	var failed []error
	for _, name := range months {
		for _, office := range offices {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := k.follow(ctx, office, name, oldest, shifted(today, -1)); err != nil {
				failed = append(failed, fmt.Errorf("figures of %s in %s: %w", office, name, err))
			}
		}
	}
	k.forget(offices, oldest)
	if deep && len(failed) == 0 {
		k.miss(offices, oldest, shifted(today, -1))
	}
	return errors.Join(failed...)
}

// follow counts what is new of one office's month.
func (k *Keeper) follow(ctx context.Context, office queue.OfficeID, name string, from, to queue.Date) error {
	from, to = max(from, queue.Date(name+"-01")), min(to, queue.Date(name+"-31"))
	tables, err := k.o.Tables.Versions(ctx, office, clamp(from), clamp(to))
	if err != nil {
		return err
	}
	k.mu.RLock()
	known := k.offices[office][name]
	k.mu.RUnlock()
	if known == nil {
		known = k.load(office, name)
	}
	next := &month{sheets: map[queue.Date]*measure.Sheet{}, versions: map[queue.Date]string{}}
	damaged := map[queue.Date]bool{}
	changed := false
	for _, date := range slices.Sorted(maps.Keys(tables)) {
		x, version := k.o.Extra(office, date)
		version = tables[date] + " " + version
		next.versions[date] = version
		if sheet := known.sheets[date]; known.versions[date] == version && sheet != nil {
			next.sheets[date] = sheet
			continue
		}
		began := time.Now()
		d, ok, err := k.o.Tables.Day(ctx, office, date)
		switch {
		case errors.Is(err, history.ErrDamaged):
			damaged[date] = true
			changed = changed || known.sheets[date] != nil
			if known.versions[date] != version {
				k.o.Logger.Error("a closed day cannot be counted", "office", office, "date", date, "error", err)
			}
			continue
		case err != nil:
			return err
		case !ok:
			delete(next.versions, date)
			continue
		}
		next.sheets[date] = measure.Of(d, x)
		changed = true
		k.rest(ctx, time.Since(began))
	}
	changed = changed || len(next.sheets) != len(known.sheets)
	next.Month = known.Month
	if changed || next.Month == nil {
		next.Month = measure.MonthOf(slices.Collect(maps.Values(next.sheets))...)
	}
	k.show(office, name, next, damaged, changed)
	if changed {
		k.save(office, name, next)
	}
	return nil
}

// rest leaves the processor to others for as long as a day has taken: a first start
// with a year of tables has time.
func (k *Keeper) rest(ctx context.Context, while time.Duration) {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// show puts what was counted in the place of what was known.
func (k *Keeper) show(office queue.OfficeID, name string, m *month, damaged map[queue.Date]bool, changed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.offices[office] == nil {
		k.offices[office] = map[string]*month{}
	}
	if k.lacks[office] == nil {
		k.lacks[office] = map[queue.Date]measure.Why{}
	}
	if len(m.versions) == 0 && k.offices[office][name] == nil {
		return
	}
	if changed || k.offices[office][name] == nil {
		k.answers.forget()
	}
	k.offices[office][name] = m
	for date, why := range k.lacks[office] {
		if monthOf(date) == name && (why == measure.Damaged && !damaged[date] || m.sheets[date] != nil) {
			delete(k.lacks[office], date)
			k.answers.forget()
		}
	}
	for date := range damaged {
		k.lacks[office][date] = measure.Damaged
	}
}

// forget drops what is older than what is kept, and offices that are gone.
func (k *Keeper) forget(offices []queue.OfficeID, oldest queue.Date) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for office, months := range k.offices {
		if !slices.Contains(offices, office) {
			delete(k.offices, office)
			delete(k.lacks, office)
			k.answers.forget()
			continue
		}
		maps.DeleteFunc(months, func(name string, _ *month) bool { return name < monthOf(oldest) })
		maps.DeleteFunc(k.lacks[office], func(date queue.Date, _ measure.Why) bool { return date < oldest })
	}
}

// miss notes the days on which an office was to be open and of which there is no
// table: since its first one.
func (k *Keeper) miss(offices []queue.OfficeID, oldest, yesterday queue.Date) {
	found := map[queue.OfficeID][]queue.Date{}
	for _, office := range offices {
		k.mu.RLock()
		months := maps.Clone(k.offices[office])
		k.mu.RUnlock()
		for date := max(oldest, firstOf(months)); date <= yesterday; date = shifted(date, 1) {
			if m := months[monthOf(date)]; (m == nil || m.versions[date] == "") && k.o.Opens(office, date) {
				found[office] = append(found[office], date)
			}
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for office, lacks := range k.lacks {
		maps.DeleteFunc(lacks, func(_ queue.Date, why measure.Why) bool { return why == measure.Missing })
		for _, date := range found[office] {
			lacks[date] = measure.Missing
		}
	}
	k.through = true
	k.answers.forget()
}

// firstOf returns the first date of which there is a table, or one far away.
func firstOf(months map[string]*month) queue.Date {
	first := queue.Date("9999-12-31")
	for _, m := range months {
		for date := range m.versions {
			first = min(first, date)
		}
	}
	return first
}

// Measures answers a question from memory; see [measure.Gather] for the figures. An
// office that is not there is a [*measure.QueryError].
func (k *Keeper) Measures(_ context.Context, q measure.Query) (measure.Answer, error) {
	if err := q.Check(); err != nil {
		return measure.Answer{}, err
	}
	offices := q.Offices
	if len(offices) == 0 {
		offices = k.o.Offices()
	}
	for _, office := range q.Offices {
		if !slices.Contains(k.o.Offices(), office) {
			return measure.Answer{}, &measure.QueryError{Field: "office", Why: fmt.Sprintf("no office %q", office)}
		}
	}
	if a, ok := k.answers.find(q, offices); ok {
		return a, nil
	}
	age := k.answers.current()
	months, a := k.about(q, offices)
	found, err := measure.Gather(q, slices.Values(months))
	if err != nil {
		return measure.Answer{}, err
	}
	found.Lacks, found.Reading = a.Lacks, a.Reading
	k.answers.keep(q, offices, found, age)
	return found, nil
}

// about returns the months that a question is about, and what is lacking of them.
func (k *Keeper) about(q measure.Query, offices []queue.OfficeID) (months []*measure.Month, a measure.Answer) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, office := range offices {
		for name, m := range k.offices[office] {
			if monthOf(q.From) <= name && name <= monthOf(q.To) {
				months = append(months, m.Month)
			}
		}
		for _, date := range slices.Sorted(maps.Keys(k.lacks[office])) {
			if q.From <= date && date <= q.To {
				a.Lacks = append(a.Lacks, measure.Lack{Office: office, Date: date, Why: k.lacks[office][date]})
			}
		}
	}
	a.Reading = !k.through
	return months, a
}
