package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/board"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
)

// Views is where the newest states come from: the ward's offices.
type Views interface {
	// View returns the newest known state of an office's day, without asking the store.
	View(id queue.OfficeID) (office.View, error)
	// Wait blocks until the head differs from after, or the context ends.
	Wait(ctx context.Context, id queue.OfficeID, after eventlog.Head) error
}

// Options say what a hub shows. Views, Offices, Info, Now and Start are required.
type Options struct {
	Views   Views
	Offices func() []queue.OfficeID
	// Info returns what the catalogue knows of an office.
	Info func(queue.OfficeID) (board.Info, bool)
	Now  func() time.Time
	// Devices returns what is known of the keys of an office's machines; nil for nothing.
	Devices func(queue.OfficeID) map[queue.KioskID]board.Device
	// Lessons returns what the days before have taught about an office's day; nil, or a
	// nil result: nothing. Other lessons than before make its estimator begin again.
	Lessons func(queue.OfficeID, queue.Date) *place.Lessons
	// Emergencies are the messages that stand above everything else; nil: there are none.
	Emergencies Emergencies
	// Wall is the clock that the silence of machines is measured by; nil: the machine's.
	Wall func() time.Time
	// Start names this run of the server; it is part of every epoch.
	Start     string
	Rehearsal bool
	// Prepare turns a message into what the transport shares between watchers; nil for none.
	Prepare func(message []byte) any
	// Publish hands a [Congestion], as JSON, to other programs; nil: there are none. It
	// may fail: a newer one follows.
	Publish func(ctx context.Context, id queue.OfficeID, congestion []byte) error
	// Words says an estimate in the languages of residents; nil: no words are published.
	Words func(*board.Estimate) board.Text
	// MaxWatchers bounds the watchers; zero means 50,000. The next one is refused.
	MaxWatchers int
	// Refresh is the greatest age of a frame; zero means 15 seconds.
	Refresh time.Duration
	// Pause is the least time between two frames made for watchers; zero means 100 ms.
	Pause      time.Duration
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// The errors of a hub.
var (
	// ErrUnknownOffice says that the catalogue has no such office.
	ErrUnknownOffice = errors.New("live: unknown office")
	// ErrTooManyWatchers says that the limit is reached; polling still works.
	ErrTooManyWatchers = errors.New("live: too many watchers")
	// ErrClosed says that the server goes down.
	ErrClosed = errors.New("live: closed")
)

// Hub keeps the newest frame of every office.
type Hub struct {
	options Options
	metrics *metrics
	fleet   *fleet

	mu       sync.Mutex
	desks    map[queue.OfficeID]*desk
	watchers int
	closed   chan struct{}

	asides sync.WaitGroup
	turn   chan struct{} // held by who makes an estimator aside
}

// desk is one office of the hub.
type desk struct {
	making    sync.Mutex   // held while a snapshot is made, so that many askers share it
	estimator estimator    // guarded by making
	renewed   atomic.Int64 // how often an estimator that was made aside took its place

	mu       sync.Mutex
	snapshot *Snapshot
	seq      uint64
	watchers map[*Watcher]struct{}
}

// New returns a hub. It shows states at once and follows them while [Hub.Run] runs.
func New(o Options) *Hub {
	if o.MaxWatchers == 0 {
		o.MaxWatchers = 50_000
	}
	if o.Refresh == 0 {
		o.Refresh = 15 * time.Second
	}
	if o.Pause == 0 {
		o.Pause = 100 * time.Millisecond
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	h := &Hub{
		options: o, metrics: newMetrics(o.Registerer), fleet: newFleet(o.Wall),
		desks: map[queue.OfficeID]*desk{}, closed: make(chan struct{}), turn: make(chan struct{}, 1),
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(h.fleet, queues{h})
	}
	return h
}

// Done returns the channel that is closed when the server goes down.
func (h *Hub) Done() <-chan struct{} { return h.closed }

// Rehearsal reports whether the hub shows a rehearsal.
func (h *Hub) Rehearsal() bool { return h.options.Rehearsal }

// Snapshot returns the newest snapshot of an office. It returns
// [ErrUnknownOffice], or whatever keeps the office's state from being read.
func (h *Hub) Snapshot(id queue.OfficeID) (*Snapshot, error) {
	info, ok := h.options.Info(id)
	if !ok {
		return nil, ErrUnknownOffice
	}
	return h.refresh(h.desk(id), id, info)
}

// Recent returns a snapshot that may be as old as the pause between two frames. It
// is for what must not cost a projection each time, such as the wait that a visitor
// is told with a ticket; who wants to see what was just done asks for [Hub.Snapshot].
func (h *Hub) Recent(id queue.OfficeID) (*Snapshot, error) {
	if s := h.desk(id).current(); s != nil && s.View.State.Opened() && time.Since(s.computed) < h.options.Pause {
		return s, nil
	}
	return h.Snapshot(id)
}

func (h *Hub) desk(id queue.OfficeID) *desk {
	h.mu.Lock()
	defer h.mu.Unlock()
	d, ok := h.desks[id]
	if !ok {
		d = &desk{watchers: map[*Watcher]struct{}{}}
		h.desks[id] = d
	}
	return d
}

// refresh returns the desk's snapshot, made anew where the head has moved or the
// estimate is too old.
func (h *Hub) refresh(d *desk, id queue.OfficeID, info board.Info) (*Snapshot, error) {
	view, err := h.options.Views.View(id)
	if err != nil {
		return nil, err
	}
	if s := d.current(); h.fresh(d, s, view) {
		return s, nil
	}
	d.making.Lock()
	defer d.making.Unlock()
	// Whoever held the lock may have made what we need, or something newer.
	if view, err = h.options.Views.View(id); err != nil {
		return nil, err
	}
	if s := d.current(); h.fresh(d, s, view) {
		return s, nil
	}
	s, err := h.snapshot(d, info, view)
	if err != nil {
		return nil, err
	}
	d.publish(s)
	h.metrics.frames.Inc()
	return s, nil
}

func (h *Hub) fresh(d *desk, s *Snapshot, view office.View) bool {
	return s != nil && s.renewed == d.renewed.Load() && s.View.Head == view.Head && s.View.Doubt == view.Doubt && s.View.Date == view.Date &&
		time.Since(s.computed) < h.options.Refresh && sameEmergency(s.Frame.Board.Emergency, h.emergency(view.Office))
}

func (h *Hub) snapshot(d *desk, info board.Info, view office.View) (*Snapshot, error) {
	s := &Snapshot{View: view, Info: info, hub: h, computed: time.Now(), renewed: d.renewed.Load()}
	s.Estimate = h.estimate(d, view)
	f := &Frame{
		Office: info.ID, Seq: d.seq + 1, Epoch: h.epoch(view.Head), At: s.Estimate.At,
		Board: board.Project(info, view.State, s.Estimate),
	}
	f.Board.Seq, f.Board.Epoch, f.Board.Doubt, f.Board.Emergency = f.Seq, f.Epoch, view.Doubt, h.emergency(info.ID)
	if err := f.encode(h.options.Rehearsal); err != nil {
		return nil, err
	}
	if h.options.Prepare != nil {
		f.Prepared = h.options.Prepare(f.Message)
	}
	s.Frame = f
	return s, nil
}

// epoch begins with the log's incarnation: a log that was lost and begun again is
// told from the one before, whatever their numbers say.
func (h *Hub) epoch(head eventlog.Head) string {
	return head.Incarnation.String()[:12] + "-" + h.options.Start
}

func (d *desk) current() *Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.snapshot
}

// publish makes a snapshot the newest and hands its frame to all watchers. Only
// the holder of d.making calls it.
func (d *desk) publish(s *Snapshot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.snapshot, d.seq = s, s.Frame.Seq
	for w := range d.watchers {
		w.put(s.Frame)
	}
}

// TicketBySecret returns the snapshot and the ticket that a status secret's hash
// belongs to, or false. A visitor who was sent on to another office has a ticket
// in both; the one that is not over counts.
func (h *Hub) TicketBySecret(hash string) (*Snapshot, *queue.Ticket, bool) {
	var ended *Snapshot
	for _, id := range h.options.Offices() {
		s, err := h.Snapshot(id)
		if err != nil {
			continue
		}
		t := s.bySecret(hash)
		switch {
		case t != nil && !t.Status.Final():
			return s, t, true
		case t != nil:
			ended = s
		}
	}
	if ended == nil {
		return nil, nil, false
	}
	return ended, ended.bySecret(hash), true
}
