package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/day"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

const (
	recent  = 8  // days whose logs are looked at each time: as long as kiosks keep records
	deepest = 62 // days back in which late records are taken
	// settle is what a day that is over is given to be closed by the queue itself.
	settle = 2 * time.Minute
)

// Options say what a keeper closes. Archive, Logs, Offices and Now are required.
type Options struct {
	Archive *Archive
	Logs    eventlog.Store // of the office-days: the one that the archive is kept in
	Offices func() []queue.OfficeID
	Now     func() time.Time
	// Every is the pause between two rounds; zero means 30 s. Each DeepEvery-th round,
	// zero means the 120th, also looks at older days; the first one does.
	Every     time.Duration
	DeepEvery int
	// Fold is from how many days lessons are learnt anew, the newest; zero means 120.
	Fold       int
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
}

// Keeper closes days when they are over and makes the lessons of the next. Each
// server runs one; together they write each table and each lessons once.
type Keeper struct {
	o       Options
	metrics *metrics
	rounds  sync.Mutex // held by a round

	// Of the rounds.
	checked map[string]eventlog.Head // of which head of a log the table is as it should be
	told    map[string]string        // faults that were reported

	mu      sync.Mutex
	lessons map[queue.OfficeID][]Lessons // of today, and of the day before it
	changed chan struct{}
}

// New returns a keeper, which does nothing before [Keeper.Run].
func New(o Options) (*Keeper, error) {
	if o.Archive == nil || o.Logs == nil || o.Offices == nil || o.Now == nil {
		return nil, errors.New("history: Archive, Logs, Offices and Now are required")
	}
	if o.Every == 0 {
		o.Every = 30 * time.Second
	}
	if o.DeepEvery == 0 {
		o.DeepEvery = 120
	}
	if o.Fold == 0 {
		o.Fold = maxFold
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, err
	}
	return &Keeper{
		o: o, metrics: m, checked: map[string]eventlog.Head{}, told: map[string]string{},
		lessons: map[queue.OfficeID][]Lessons{}, changed: make(chan struct{}),
	}, nil
}

// Run keeps on until the context ends; it returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	for round := 0; ctx.Err() == nil; round++ {
		if err := k.Round(ctx, round%k.o.DeepEvery == 0); err != nil && ctx.Err() == nil {
			k.o.Logger.Warn("history is not up to date", "error", err)
		}
		pause := time.NewTimer(k.o.Every)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
	return nil
}

// Round does once what there is to do: it closes the days that are over, and makes
// today's lessons. A deep one also looks at days long past, copies what others wrote,
// and deletes what is too old. It returns the errors of all offices that failed.
func (k *Keeper) Round(ctx context.Context, deep bool) error {
	k.rounds.Lock()
	defer k.rounds.Unlock()
	today := queue.BusinessDay(k.o.Now().Add(-settle))
	streams, err := k.o.Logs.Streams(ctx)
	if err != nil {
		return fmt.Errorf("list the days: %w", err)
	}
	k.o.Archive.survey(streams)
	logs := map[string]bool{}
	for _, name := range streams {
		logs[name] = true
	}
	var failed []error
	for _, office := range k.o.Offices() {
		if err := k.tend(ctx, office, today, deep, logs); err != nil {
			failed = append(failed, fmt.Errorf("office %s: %w", office, err))
		}
	}
	if deep {
		failed = append(failed, k.o.Archive.Follow(ctx, k.o.Offices()))
		gone, err := k.o.Archive.Expire(ctx)
		if gone > 0 {
			k.o.Logger.Info("closed days were deleted: they are older than what is kept", "months", gone)
		}
		failed = append(failed, err)
	}
	err = errors.Join(failed...)
	k.metrics.round(k.o.Now(), err)
	return err
}

// tend is one office's part of a round.
func (k *Keeper) tend(ctx context.Context, office queue.OfficeID, today queue.Date, deep bool, logs map[string]bool) error {
	back := recent
	if deep {
		back = deepest
	}
	for n := back; n > 0; n-- {
		date := shifted(today, -n)
		if !logs[day.Stream(office, date)] {
			continue
		}
		if err := k.close(ctx, office, date); err != nil {
			return err // later days build on it: not before it is clear what it was
		}
	}
	return k.learn(ctx, office, today)
}

// close makes the table of a day that is over, if its log is longer than what the
// table was made of. A damaged log is reported, and closes nothing.
func (k *Keeper) close(ctx context.Context, office queue.OfficeID, date queue.Date) error {
	stream := day.Stream(office, date)
	log, err := k.o.Logs.Open(stream)
	if err != nil {
		return err
	}
	head, err := log.Head(ctx)
	switch {
	case errors.Is(err, eventlog.ErrCorrupt):
		k.fault(stream, err)
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", stream, err)
	case head.Number == 0 || k.checked[stream] == head:
		return nil
	}
	if made, ok, err := k.o.Archive.made(ctx, office, date); err != nil {
		return err
	} else if ok && made == head {
		k.checked[stream] = head
		return nil
	}
	records, err := readAll(ctx, log)
	if err != nil && !errors.Is(err, eventlog.ErrCorrupt) {
		return fmt.Errorf("read %s: %w", stream, err)
	}
	table, bad := Day{}, err
	if bad == nil {
		table, bad = Build(office, date, records)
	}
	if bad != nil {
		k.fault(stream, bad)
		return nil
	}
	return k.put(ctx, stream, table)
}

func (k *Keeper) put(ctx context.Context, stream string, table Day) error {
	kept, err := k.o.Archive.Put(ctx, table)
	switch {
	case errors.Is(err, ErrBadTable), errors.Is(err, eventlog.ErrTooLarge):
		k.fault(stream, err)
		return nil
	case err != nil:
		return err
	}
	k.checked[stream] = table.Head
	k.repaired(stream)
	attrs := []any{"office", table.Office, "date", table.Date, "visits", len(kept.Visits), "revision", kept.Revision}
	switch {
	case kept.Head != table.Head && len(kept.Visits) > len(table.Visits):
		k.o.Logger.Warn("the log of a closed day is shorter than its table: the table stays", attrs...)
	case kept.Late[0] != "":
		k.o.Logger.Info("a day was closed on late records; lessons made before stay as they are", append(attrs, "from", kept.Late[0], "to", kept.Late[1])...)
	default:
		k.o.Logger.Info("a day was closed", attrs...)
	}
	k.metrics.closed.Inc()
	k.ring()
	return nil
}

// learn makes today's lessons, or takes those that another server made.
func (k *Keeper) learn(ctx context.Context, office queue.OfficeID, today queue.Date) error {
	what := Prefix + string(office) + " lessons"
	l, ok, err := k.o.Archive.Lessons(ctx, office, today)
	if errors.Is(err, ErrDamaged) {
		k.fault(what, err)
		ok, err = false, nil
	}
	if err == nil && !ok {
		l, ok, err = k.make(ctx, office, today)
	}
	switch {
	case errors.Is(err, errTeach), errors.Is(err, ErrDamaged), errors.Is(err, eventlog.ErrTooLarge):
		k.fault(what, err)
		return nil
	case err != nil || !ok:
		return err
	}
	k.repaired(what)
	k.adopt(l)
	return nil
}

func (k *Keeper) make(ctx context.Context, office queue.OfficeID, today queue.Date) (Lessons, bool, error) {
	l, ok, err := makeLessons(ctx, k.o.Archive, office, today, k.o.Fold)
	if err != nil || !ok {
		return l, false, err
	}
	if l, err = k.o.Archive.fix(ctx, l); err != nil {
		return l, false, err
	}
	k.o.Logger.Info("lessons were made", "office", office, "date", today, "through", l.Through, "hash", l.Hash.String())
	return l, true, nil
}

func (k *Keeper) adopt(l Lessons) {
	k.mu.Lock()
	list := k.lessons[l.Office]
	for i, have := range list {
		if have.Date == l.Date {
			list[i] = l
			k.mu.Unlock()
			if have.Hash != l.Hash {
				k.ring()
			}
			return
		}
	}
	k.lessons[l.Office] = append(list[max(0, len(list)-1):], l)
	k.mu.Unlock()
	k.ring()
}

func (k *Keeper) ring() {
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.changed)
	k.changed = make(chan struct{})
}

// Lessons returns what an office's day is estimated with; nil: nothing is known yet,
// or not yet. It never asks the store; see [Keeper.Changed].
func (k *Keeper) Lessons(office queue.OfficeID, date queue.Date) *place.Lessons {
	l, _ := k.Known(office, date)
	return l.Taught
}

// Known is [Keeper.Lessons] with what else is known of them; false: none.
func (k *Keeper) Known(office queue.OfficeID, date queue.Date) (Lessons, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range k.lessons[office] {
		if l.Date == date {
			return l, true
		}
	}
	return Lessons{}, false
}

// Changed returns a channel that is closed when lessons of any office were made, or a
// day was closed or corrected.
func (k *Keeper) Changed() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.changed
}

// fault reports damage once, and counts it until it is repaired.
func (k *Keeper) fault(what string, err error) {
	if k.told[what] == err.Error() {
		return
	}
	k.told[what] = err.Error()
	k.metrics.faults.Set(float64(len(k.told)))
	k.o.Logger.Error("a day cannot be closed", "stream", what, "error", err)
}

func (k *Keeper) repaired(what string) {
	delete(k.told, what)
	k.metrics.faults.Set(float64(len(k.told)))
}

func readAll(ctx context.Context, log eventlog.Log) ([]eventlog.Record, error) {
	const size = 500
	var all []eventlog.Record
	for {
		records, err := log.Read(ctx, int64(len(all)), size)
		all = append(all, records...)
		if err != nil || len(records) < size {
			return all, err
		}
	}
}
