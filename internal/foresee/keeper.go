package foresee

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"machi/internal/almanac"
	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/foretold"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
)

// Place is what a forecast needs to know of an office.
type Place struct {
	Kind       string // offices of a kind are alike
	Counters   int
	Thresholds expect.Thresholds
	Schedule   calendar.Schedule
	Special    []Special
}

// Special is something that takes place, as the catalogue says.
type Special struct {
	Key      string // shared by all that are alike
	From, To calendar.Day
	expect.Event
}

// Options say what forecasts are made of. Everything but the durations is required.
type Options struct {
	Days     history.Store
	Changed  func() <-chan struct{} // closed when a day was closed
	Offices  func() []queue.OfficeID
	Place    func(queue.OfficeID) (Place, bool)
	Settings func(queue.OfficeID, queue.Date) (queue.Settings, error)
	Almanac  *almanac.Book
	Told     *foretold.Book
	Now      func() time.Time
	Logger   *slog.Logger
	// Look is how often days are looked for that another server closed; zero means a
	// minute.
	Look time.Duration
	// Horizon is how many days ahead days are made; zero means [expect.Horizon].
	Horizon int
	// KeepDays is how many days back is learnt from; zero means 800.
	KeepDays int
}

// Keeper keeps the forecasts. It may be used by several goroutines.
type Keeper struct {
	o Options

	rounds sync.Mutex // held by a round

	mu      sync.RWMutex
	offices map[queue.OfficeID]*office
	changed chan struct{} // closed at the next change
}

// New returns a keeper that knows nothing before its first round.
func New(o Options) *Keeper {
	if o.Look == 0 {
		o.Look = time.Minute
	}
	if o.Horizon == 0 {
		o.Horizon = expect.Horizon
	}
	if o.KeepDays == 0 {
		o.KeepDays = 800
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Keeper{o: o, offices: map[queue.OfficeID]*office{}, changed: make(chan struct{})}
}

func (k *Keeper) today() queue.Date { return queue.BusinessDay(k.o.Now()) }

// Run keeps on until the context ends; it returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		closed, said := k.o.Changed(), k.o.Almanac.Changed()
		k.Round(ctx, true)
		timer := time.NewTimer(k.o.Look)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-closed:
		case <-said:
		}
		timer.Stop()
	}
	return nil
}

// Round does once what there is to do. A gentle one leaves the machine to others for as
// long as it works itself.
func (k *Keeper) Round(ctx context.Context, gentle bool) {
	k.rounds.Lock()
	defer k.rounds.Unlock()
	k.follow() // what staff have said shows at once
	r := round{Keeper: k, gentle: gentle, today: k.today()}
	for _, id := range k.o.Offices() {
		if ctx.Err() != nil {
			return
		}
		began := time.Now()
		if err := r.tend(ctx, id); ctx.Err() == nil {
			k.report(id, err)
		}
		k.follow() // meanwhile, too: a round of all offices takes minutes
		r.breathe(ctx, time.Since(began))
	}
}

// report says what is wrong once, as long as it is the same.
func (k *Keeper) report(id queue.OfficeID, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if o := k.office(id); o.fault != text {
		if o.fault = text; err != nil {
			k.o.Logger.Warn("a forecast is not up to date", "office", id, "error", err)
		}
	}
}

// Changed returns a channel that is closed when any office's forecast is made anew.
func (k *Keeper) Changed() <-chan struct{} {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.changed
}

func (k *Keeper) ring() {
	close(k.changed)
	k.changed = make(chan struct{})
}

// Forecast returns one day of an office, from today to [expect.Horizon] days ahead;
// false: the office or the day is not there. It answers from memory.
func (k *Keeper) Forecast(id queue.OfficeID, date queue.Date) (expect.Day, bool) {
	today := k.today()
	if date < today || date >= shifted(today, expect.Horizon) {
		return expect.Day{}, false
	}
	k.mu.RLock()
	o := k.offices[id]
	var day expect.Day
	made := false
	if o != nil {
		day, made = o.days[date]
	}
	k.mu.RUnlock()
	if made {
		return day, true
	}
	settings, err := k.o.Settings(id, date) // not made yet: the hours are known all the same
	if err != nil {
		return expect.Day{}, false
	}
	return expect.Make(expect.Source{Office: id, Date: date, Settings: settings, Remark: k.remark(id, date)}), true
}

// Usual returns what the closed days of an office have shown, as the days to come are
// made of it; nil: too little yet. It answers from memory.
func (k *Keeper) Usual(id queue.OfficeID) *outlook.Usual {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if o := k.offices[id]; o != nil {
		return o.shown
	}
	return nil
}

// Foretold returns how good the forecasts of the last month were that were told so many
// days ahead; false: none can be compared.
func (k *Keeper) Foretold(id queue.OfficeID, ahead int) (expect.Record, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	o := k.offices[id]
	if o == nil {
		return expect.Record{}, false
	}
	r, ok := o.records[ahead]
	return r, ok && r.Days > 0
}

func (k *Keeper) remark(id queue.OfficeID, date queue.Date) *expect.Override {
	r, said := k.o.Almanac.Remark(id, date)
	if !said {
		return nil
	}
	return overrideOf(r)
}

// shifted returns the date so many days later.
func shifted(d queue.Date, days int) queue.Date {
	day, err := calendar.ParseDay(string(d))
	if err != nil {
		return d
	}
	return queue.Date(day.Add(days).String())
}
