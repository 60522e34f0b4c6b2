package office

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Journal is a server's own memory of every record that it has seen.
type Journal interface {
	// Add makes records safe on disk; those that it holds already cost nothing.
	Add(stream string, records ...eventlog.Record) error
	// Records returns what was added, in that order; of one number there may be
	// several, from different histories. With an error it returns what it can.
	Records(stream string) ([]eventlog.Record, error)
	// Streams lists the streams of which it holds records, sorted.
	Streams() []string
}

// Options say what a [Ward] runs on. Store, Settings, Offices, Server, Now, Random
// and TicketID are required.
type Options struct {
	Store   eventlog.Store
	Journal Journal // nil: none, and a lost tail is put back from memory alone
	// Replicated says that the store has further data nodes, so that being in the
	// log is not yet being safe.
	Replicated bool
	// Settings returns what the catalogue says of an office's day, without bindings.
	Settings func(office queue.OfficeID, date queue.Date) (queue.Settings, error)
	Offices  func() []queue.OfficeID
	Server   string // persistent random id of this server
	Now      func() time.Time
	Random   func() [16]byte
	// TicketID returns the next of the server's own, life-long serials.
	TicketID func() (queue.TicketID, error)
	// Patience bounds each call of the store; zero means 2 s.
	Patience   time.Duration
	Logger     *slog.Logger          // nil: the default
	Registerer prometheus.Registerer // nil: no metrics
}

// idleAfter is how long an older day stays open that nobody asks for.
const idleAfter = 10 * time.Minute

// reviveDays is how far back a starting server compares the days of its journal
// with the store's: as long as kiosks keep their records.
const reviveDays = 8 * 24 * time.Hour

// oldest is how far back a day may lie that is opened on demand: a kiosk keeps its
// records for eight days, and a restored backup may be a month old.
const oldest = 62 * 24 * time.Hour

// Ward runs the days of all offices over one store.
type Ward struct {
	o       Options
	metrics *metrics
	started chan struct{} // closed by Run
	tasks   sync.WaitGroup

	mu    sync.Mutex
	ctx   context.Context // of Run; nil before
	rooms map[queue.OfficeID]*room
}

// room is one office: its newest day and the older ones that somebody asked for.
type room struct {
	id queue.OfficeID

	mu      sync.Mutex
	today   queue.Date // never goes back, whatever the clock does
	runs    map[queue.Date]*run
	changed chan struct{} // closed when a view changes; nil while nobody waits
}

// ring wakes all who wait for another view. It is called with the room locked.
func (r *room) ring() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// change returns what the next ring closes.
func (r *room) change() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// New checks the options. The Ward answers once Run has been called.
func New(o Options) (*Ward, error) {
	switch {
	case o.Store == nil, o.Settings == nil, o.Offices == nil, o.Now == nil, o.Random == nil, o.TicketID == nil:
		return nil, errors.New("office: Store, Settings, Offices, Now, Random and TicketID are required")
	case o.Server == "":
		return nil, errors.New("office: the server has no id")
	}
	if o.Patience <= 0 {
		o.Patience = 2 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, err
	}
	return &Ward{o: o, metrics: m, started: make(chan struct{}), rooms: map[queue.OfficeID]*room{}}, nil
}

// Run opens today's days and keeps all days running until the context ends; then
// it finishes what it is about to append, and returns nil. It is called once.
func (w *Ward) Run(ctx context.Context) error {
	w.mu.Lock()
	if w.ctx != nil {
		w.mu.Unlock()
		return errors.New("office: the ward runs already")
	}
	w.ctx = ctx
	w.mu.Unlock()
	close(w.started)
	w.tasks.Go(func() { w.revive(ctx) })
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for ctx.Err() == nil {
		w.tend()
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	w.tasks.Wait()
	return nil
}

// tend opens the days that have begun and closes those that nobody needs.
func (w *Ward) tend() {
	for _, id := range w.o.Offices() {
		r, err := w.room(id)
		if err != nil {
			continue // the catalogue changed between the two questions
		}
		if run := w.use(r, w.today(r)); run != nil {
			w.release(run)
		}
		w.closeIdle(r)
	}
}

// room returns an office that the catalogue knows.
func (w *Ward) room(id queue.OfficeID) (*room, error) {
	if !slices.Contains(w.o.Offices(), id) {
		return nil, ErrUnknownOffice
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.rooms[id]
	if !ok {
		r = &room{id: id, runs: map[queue.Date]*run{}}
		w.rooms[id] = r
	}
	return r, nil
}

// today returns the office's newest business day.
func (w *Ward) today(r *room) queue.Date {
	date := queue.BusinessDay(w.o.Now())
	r.mu.Lock()
	defer r.mu.Unlock()
	if date > r.today {
		r.today = date
		r.ring()
	}
	return r.today
}

// use returns the running day, and starts it if need be. It returns nil when the
// ward has ended. Whoever uses a day must release it.
func (w *Ward) use(r *room, date queue.Date) *run {
	w.mu.Lock()
	ctx := w.ctx
	w.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	d, ok := r.runs[date]
	if !ok {
		d = newRun(w, r, date)
		r.runs[date] = d
		d.start(ctx)
	}
	d.users++
	return d
}

func (w *Ward) release(d *run) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.users--
	d.used = w.o.Now()
}

// closeIdle ends older days that nobody has used for a while.
func (w *Ward) closeIdle(r *room) {
	now := w.o.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for date, d := range r.runs {
		if date < r.today && d.users == 0 && now.Sub(d.used) > idleAfter {
			d.stop()
			delete(r.runs, date)
		}
	}
}
