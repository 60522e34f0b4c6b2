package duty

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/alert"
	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/notify"
	"machi/internal/notify/outbox"
	"machi/internal/queue"
)

// Options say what a keeper looks at. Store, Server, Run, Now, Offices, Scene and Rules
// are required.
type Options struct {
	Store       eventlog.Store
	Server, Run string // this server for life, and this run of it
	Now         func() time.Time
	Offices     func() []queue.OfficeID
	// Scene returns an office as it is now; false: nothing can be said of it.
	Scene func(queue.OfficeID) (alert.Scene, bool)
	Rules func(queue.OfficeID) alert.Rules
	// Mail carries letters; nil: nobody does.
	Mail notify.Sender
	// Write words a letter about an alert.
	Write func(alert.Alert) notify.Message

	Every  time.Duration    // between two looks; zero means five seconds
	Lease  time.Duration    // see [outbox.Options]
	Within time.Duration    // of one try to send; zero means 20 seconds
	Wall   func() time.Time // nil: [time.Now]
	// KeepDays is how many days back alerts are kept; zero means [KeepDays].
	KeepDays   int
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// KeepDays is how many days back alerts are kept where nobody says.
const KeepDays = 92

// prefix begins the names of the streams; the business day follows.
const prefix = "alerts-"

// letter is a message to one address of an office's escalation, by its place there.
type letter struct {
	Alert string `json:"alert"`
	Level int    `json:"level"`
	Place int    `json:"place"`
}

type (
	box   = outbox.Box[letter]
	entry = outbox.Event[letter]
)

// Keeper keeps the alerts. It is safe for concurrent use.
type Keeper struct {
	o       Options
	base    context.Context // of what runs beside the loop; ended by Run
	stop    context.CancelFunc
	running sync.WaitGroup
	sending sync.WaitGroup
	letters *prometheus.CounterVec

	opening sync.Mutex // held while a day is opened; taken before mu
	mu      sync.Mutex
	day     *day
	looks   map[queue.OfficeID]alert.Look
	shut    map[queue.OfficeID]bool
	past    map[queue.Date][]alert.Alert
	trouble string
}

// day is one business day's stream.
type day struct {
	date queue.Date
	box  *box
	end  context.CancelFunc
	// gones are of this server's own looks; only the loop reads them.
	gones alert.Gones

	mu   sync.Mutex
	book alert.Book
}

// New returns a keeper. It looks while [Keeper.Run] runs.
func New(o Options) *Keeper {
	o.Every = cmp.Or(o.Every, 5*time.Second)
	o.Within = cmp.Or(o.Within, 20*time.Second)
	o.KeepDays = cmp.Or(o.KeepDays, KeepDays)
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	k := &Keeper{
		o: o, looks: map[queue.OfficeID]alert.Look{}, shut: map[queue.OfficeID]bool{}, past: map[queue.Date][]alert.Alert{},
		letters: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "machi_alert_letters_total", Help: "Tries to mail somebody about an alert, by result: sent, again, failed, dropped.",
		}, []string{"result"}),
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(k.letters, gauge{k})
	}
	k.base, k.stop = context.WithCancel(context.Background())
	return k
}

// Run looks until the context ends; letters under way are waited for.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(k.o.Every)
	defer tick.Stop()
	for {
		k.log(k.round(ctx))
		select {
		case <-ctx.Done():
			k.stop()
			k.sending.Wait()
			k.running.Wait()
			return nil
		case <-tick.C:
		}
	}
}

// log says a trouble once, not at every round.
func (k *Keeper) log(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text := ""
	if err != nil && k.base.Err() == nil {
		text = err.Error()
	}
	if text != "" && k.trouble == "" {
		k.o.Logger.Warn("alerts wait for the store", "error", text)
	}
	k.trouble = text
}

// round looks at every office, writes down what changed and sends what is due.
func (k *Keeper) round(ctx context.Context) error {
	d, err := k.today(ctx)
	if err != nil {
		return err
	}
	err = d.box.Refresh(ctx)
	k.look(d)
	if err != nil {
		return err
	}
	if err := k.write(ctx, d); err != nil {
		return err
	}
	return k.send(ctx, d)
}

// look looks at every office of which something can be said.
func (k *Keeper) look(d *day) {
	looks, shut := map[queue.OfficeID]alert.Look{}, map[queue.OfficeID]bool{}
	for _, id := range k.o.Offices() {
		scene, ok := k.o.Scene(id)
		if !ok {
			continue
		}
		looks[id] = alert.Find(scene, k.o.Rules(id), func(key string) bool {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.book.Going(id, key)
		})
		shut[id] = !scene.Open && !scene.Soon
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looks, k.shut = looks, shut
}

// write decides what the newest looks change, and writes it down.
func (k *Keeper) write(ctx context.Context, d *day) error {
	events, gones := k.next(d)
	if len(events) == 0 {
		d.gones = gones
		return nil
	}
	err := d.box.Write(ctx, func() ([]entry, error) {
		if events, gones = k.next(d); len(events) == 0 {
			return nil, ledger.ErrDone
		}
		return k.entries(d, events)
	})
	if err == nil {
		d.gones = gones
	}
	return err
}

// next returns what all looks change. Only the loop calls it.
func (k *Keeper) next(d *day) ([]alert.Event, alert.Gones) {
	k.mu.Lock()
	looks, shut := k.looks, k.shut
	k.mu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	gones := maps.Clone(d.gones)
	var events []alert.Event
	for _, id := range slices.Sorted(maps.Keys(looks)) {
		events = append(events, d.book.Next(looks[id], k.o.Rules(id), gones, shut[id], newID)...)
	}
	return events, gones
}

func newID() string { return strings.ToLower(rand.Text()[:12]) }

// entries returns the records of events: each as a note, with the letters of those that
// tell somebody.
func (k *Keeper) entries(d *day, events []alert.Event) ([]entry, error) {
	var list []entry
	for _, e := range events {
		raw, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		list = append(list, outbox.Note[letter](raw))
		if e.Level > 0 && k.o.Mail != nil {
			list = append(list, k.lettersOf(d, e)...)
		}
	}
	return list, nil
}

func (k *Keeper) lettersOf(d *day, e alert.Event) (list []entry) {
	a, ok := d.get(e.ID)
	if !ok {
		return nil
	}
	steps := k.o.Rules(a.Office).Steps
	for level := a.Level; level < min(e.Level, len(steps)); level++ {
		for place := range steps[level].Mail {
			id := e.ID + "-" + e.At.UTC().Format("150405") + "-" + string(rune('a'+level)) + "-" + string(rune('a'+place))
			list = append(list, outbox.Add(id, letter{e.ID, level, place}))
		}
	}
	return list
}

func (d *day) get(id string) (alert.Alert, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.book.Get(id)
}

// note folds what was written down.
func (d *day) note(raw json.RawMessage) {
	var e alert.Event
	if json.Unmarshal(raw, &e) != nil {
		return // of a newer program
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.book.Apply(e)
}

func (d *day) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.book = alert.Book{}
}

// today returns the business day that runs, opened.
func (k *Keeper) today(ctx context.Context) (*day, error) {
	date := queue.BusinessDay(k.o.Now())
	k.opening.Lock()
	defer k.opening.Unlock()
	k.mu.Lock()
	known := k.day
	k.mu.Unlock()
	if known != nil && known.date == date {
		return known, nil
	}
	d, err := k.open(ctx, date)
	if err != nil {
		return nil, err
	}
	following, stop := context.WithCancel(k.base)
	d.end = stop
	k.running.Go(func() { _ = d.box.Run(following) })
	if known != nil {
		known.end()
	}
	k.mu.Lock()
	k.day, k.past = d, map[queue.Date][]alert.Alert{}
	k.mu.Unlock()
	return d, k.sweep(ctx)
}

func (k *Keeper) open(ctx context.Context, date queue.Date) (*day, error) {
	log, err := k.o.Store.Open(prefix + string(date))
	if err != nil {
		return nil, err
	}
	d := &day{date: date, gones: alert.Gones{}}
	d.box, err = outbox.Open[letter](ctx, outbox.Options{
		Log: log, Name: "alerts", Server: k.o.Server, Run: k.o.Run, Wall: k.o.Wall, Lease: k.o.Lease, Note: d.note, Reset: d.forget,
	})
	return d, err
}

// sweep removes the streams of days that are kept no more.
func (k *Keeper) sweep(ctx context.Context) error {
	r, ok := k.o.Store.(eventlog.Remover)
	if !ok {
		return nil
	}
	names, err := k.o.Store.Streams(ctx)
	if err != nil {
		return err
	}
	oldest := queue.BusinessDay(k.o.Now().AddDate(0, 0, -k.o.KeepDays))
	for _, name := range names {
		if date, ours := strings.CutPrefix(name, prefix); ours && queue.Date(date) < oldest {
			err = errors.Join(err, r.Remove(ctx, name))
		}
	}
	return err
}
