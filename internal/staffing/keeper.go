package staffing

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
)

// Options are what answers are made of; all are required.
type Options struct {
	Offices  func() []queue.OfficeID
	Usual    func(queue.OfficeID) *outlook.Usual // nil: too little was learnt
	Forecast func(queue.OfficeID, queue.Date) (expect.Day, bool)
	Settings func(queue.OfficeID, queue.Date) (queue.Settings, error)
	Goal     func(queue.OfficeID) (Goal, bool)
	State    func(queue.OfficeID) (*queue.State, bool) // of today, if it can be relied on
	Days     history.Store
	Now      func() time.Time
	Logger   *slog.Logger
	Every    time.Duration // how often the rest of today is played
}

var (
	// ErrUnknown says that the office is not there.
	ErrUnknown = errors.New("staffing: unknown office")
	// ErrDate says that nothing can be said of a date: it is none, or too far off.
	ErrDate = errors.New("staffing: nothing is known of the date")
	// ErrLittle says that too few days were closed to play one.
	ErrLittle = errors.New("staffing: too few closed days")
)

// Keeper makes the answers. It may be used by several goroutines.
type Keeper struct {
	o     Options
	plays chan struct{} // held by who plays for long, so that it never slows counters down

	mu     sync.Mutex
	advice map[key]kept
	live   map[queue.OfficeID]hint
}

type key struct {
	office queue.OfficeID
	date   queue.Date
}

// kept is an advice and what it was made of.
type kept struct {
	advice Advice
	usual  *outlook.Usual
	made   time.Time // the forecast
	goal   Goal
}

// hint is how the rest of today was played.
type hint struct {
	at   time.Time
	live Live
	rest outlook.Result
}

// New returns a keeper.
func New(o Options) *Keeper {
	return &Keeper{o: o, plays: make(chan struct{}, 1), advice: map[key]kept{}, live: map[queue.OfficeID]hint{}}
}

const (
	adviceKept = 200 // advices that are remembered
	stale      = 5   // rounds after which the rest of a day is not told any more
	idle       = 4   // times as long as a play took, a round rests
)

// Run plays the rest of today again and again until the context ends.
func (k *Keeper) Run(ctx context.Context) {
	for {
		for _, id := range k.o.Offices() {
			began := time.Now()
			k.look(id)
			if !rest(ctx, idle*time.Since(began)) {
				return
			}
		}
		if !rest(ctx, k.o.Every) {
			return
		}
	}
}

func rest(ctx context.Context, while time.Duration) bool {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// look plays the rest of an office's day, if it has one.
func (k *Keeper) look(id queue.OfficeID) {
	h, ok := k.play(id)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !ok {
		delete(k.live, id)
		return
	}
	k.live[id] = h
}

func (k *Keeper) play(id queue.OfficeID) (h hint, ok bool) {
	state, there := k.o.State(id)
	usual, goal, known := k.o.Usual(id), Goal{}, false
	if there && state.Opened() && !state.Closed() && usual != nil {
		goal, known = k.o.Goal(id)
	}
	if !known {
		return h, false
	}
	now := k.o.Now().In(queue.JST)
	settings := state.Settings()
	in := k.input(usual, settings, goal, 0).Resume(state, now)
	if in.Now == nil {
		return h, false // before the opening, or after the end
	}
	r := outlook.Live(in, outlook.Staffing{Counters: settings.Counters, Most: goal.Most})
	return hint{at: time.Now(), live: liveOf(id, now, in, r, goal), rest: r.Base}, true
}

// Rest returns the rest of an office's day as it will be if nothing is done; false:
// nobody knows. It answers from memory.
func (k *Keeper) Rest(id queue.OfficeID) (outlook.Result, bool) {
	h, ok := k.newest(id)
	return h.rest, ok
}

// Live returns what to do about the rest of an office's day. It answers from memory.
func (k *Keeper) Live(id queue.OfficeID) Live {
	if h, ok := k.newest(id); ok {
		return h.live
	}
	return Live{Office: id, At: k.o.Now().In(queue.JST), Steps: []Spell{}, Halves: []LiveHalf{}}
}

func (k *Keeper) newest(id queue.OfficeID) (hint, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h, ok := k.live[id]
	return h, ok && time.Since(h.at) < stale*max(k.o.Every, 10*time.Second)
}

// input is a day as it is expected: by the forecast, where there is one.
func (k *Keeper) input(u *outlook.Usual, s *queue.Settings, g Goal, futures int) outlook.Input {
	o := outlook.Options{Target: g.Target, Share: g.Share, Futures: futures}
	d, ok := k.o.Forecast(s.Office, s.Date)
	if !ok || len(d.Lines) == 0 {
		return u.Input(s, o)
	}
	o.Expected = []outlook.Expected{}
	for _, l := range d.Lines {
		o.Expected = append(o.Expected, expected(l))
	}
	in := u.Input(s, o)
	in.Swing = swing(d.Arrivals)
	for i := range in.Services {
		if l, ok := d.Line(in.Services[i].ID); ok {
			own := swing(l.Arrivals)
			in.Services[i].Swing = math.Sqrt(max(0, own*own-in.Swing*in.Swing))
		}
	}
	return in
}

func expected(l expect.Line) (e outlook.Expected) {
	e.Service = l.Service
	for _, h := range l.Halves {
		at := h.From.In(queue.JST)
		slot := at.Hour()*2 + at.Minute()/30
		e.P10[slot], e.P50[slot], e.P90[slot] = h.Arrivals.P10, h.Arrivals.P50, h.Arrivals.P90
	}
	return e
}

// swing is how much of a total's spread is of the day itself, not of chance: a
// coefficient of variation.
func swing(r expect.Range) float64 {
	if r.P50 <= 0 {
		return 0
	}
	const wide = 2 * 1.2816 // standard deviations from the 10th to the 90th percentile
	cv := (r.P90 - r.P10) / wide / r.P50
	return math.Sqrt(max(0, cv*cv-1/r.P50))
}

// Advice returns how many counters a day needs, from today to the end of the forecast.
// Made once, it is remembered until there is more to know. The errors are [ErrUnknown],
// [ErrDate] and those of the context, which bounds the wait for others who ask.
func (k *Keeper) Advice(ctx context.Context, id queue.OfficeID, date queue.Date) (Advice, error) {
	goal, ok := k.o.Goal(id)
	if !ok {
		return Advice{}, ErrUnknown
	}
	today := queue.BusinessDay(k.o.Now())
	if _, err := calendar.ParseDay(string(date)); err != nil || date < today {
		return Advice{}, ErrDate
	}
	d, ok := k.o.Forecast(id, date)
	if !ok {
		return Advice{}, ErrDate
	}
	usual := k.o.Usual(id)
	if a, ok := k.remembered(key{id, date}, usual, d.Made, goal); ok {
		return a, nil
	}
	select {
	case k.plays <- struct{}{}:
		defer func() { <-k.plays }()
	case <-ctx.Done():
		return Advice{}, ctx.Err()
	}
	if a, ok := k.remembered(key{id, date}, usual, d.Made, goal); ok {
		return a, nil // somebody else asked for it meanwhile
	}
	a, err := k.advise(id, date, d, usual, goal)
	if err != nil {
		return Advice{}, err
	}
	k.remember(key{id, date}, kept{a, usual, d.Made, goal})
	return a, nil
}

func (k *Keeper) remembered(of key, u *outlook.Usual, made time.Time, g Goal) (Advice, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	had, ok := k.advice[of]
	return had.advice, ok && had.usual == u && had.made.Equal(made) && had.goal == g
}

func (k *Keeper) remember(of key, made kept) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.advice) >= adviceKept {
		clear(k.advice)
	}
	k.advice[of] = made
}

func (k *Keeper) advise(id queue.OfficeID, date queue.Date, d expect.Day, u *outlook.Usual, g Goal) (Advice, error) {
	settings, err := k.o.Settings(id, date)
	if err != nil {
		return Advice{}, ErrDate
	}
	a := Advice{
		Office: id, Date: date, Open: d.Open(), Days: d.Days, Target: whole(g.Target), Share: percent(g.Share), Sure: percent(outlook.DefaultSure), Most: g.Most,
		Halves: []Half{}, Groups: []Group{}, Spells: []Spell{}, Made: k.o.Now().In(queue.JST),
	}
	if !a.Open || u == nil {
		return a, nil
	}
	a.Known, a.Basis = true, FromForecast
	if len(d.Lines) == 0 {
		a.Basis, a.Days = FromUsual, u.Days()
	}
	in := k.input(u, &settings, g, 0)
	need := outlook.Advise(in, outlook.Staffing{Counters: settings.Counters, Most: g.Most})
	in.Futures = adviceFutures
	a.fill(in, need)
	return a, nil
}

// adviceFutures are played to tell what an advice comes to.
const adviceFutures = 96

// fill tells what plans come to.
func (a *Advice) fill(in outlook.Input, need outlook.Need) {
	usual := outlook.Play(in)
	a.Usual = planOf(&usual, usual.Kept, hoursIn(in.Spells, max(in.From, in.Opens), in.Close))
	open := in.Spells
	in.Spells = need.Spells
	with := outlook.Play(in)
	a.Enough, a.Needed, a.Spells = need.Enough, planOf(&with, need.Kept, need.Hours), spellsOf(need.Spells)
	a.Arrivals = rangeOf(with.All.Day.Arrivals)
	first, last := outlook.SlotOf(max(in.From, in.Opens)), outlook.SlotOf(in.Close-1)
	for slot := first; slot <= last; slot++ {
		from := time.Duration(slot) * outlook.SlotLength
		a.Halves = append(a.Halves, Half{
			From: clock(from), Needed: need.Open[slot], Usual: openAt(open, from+outlook.SlotLength/2), Arrivals: rangeOf(with.All.Slots[slot].Arrivals),
			P80: whole(with.All.Slots[slot].Wait.P80), UsualP80: whole(usual.All.Slots[slot].Wait.P80),
		})
	}
	for _, g := range need.Groups {
		a.Groups = append(a.Groups, Group{g.Services, g.Stages, g.Counters, slices.Clone(g.Open[first : last+1])})
	}
}

func planOf(r *outlook.Result, kept, hours float64) Plan {
	d := &r.All.Day
	return Plan{Hours: math.Round(hours*2) / 2, Kept: percent(kept), Within: percent(d.Within), P50: whole(d.Wait.P50), P80: whole(d.Wait.P80)}
}

// hoursIn are the hours of spells between two times of day: plans are compared over the
// reception, whatever is left to do after it.
func hoursIn(spells []outlook.Spell, from, until time.Duration) (sum float64) {
	for _, s := range spells {
		sum += max(0, min(s.To, until)-max(s.From, from)).Hours()
	}
	return sum
}

func openAt(spells []outlook.Spell, at time.Duration) (n int) {
	for _, s := range spells {
		if s.From <= at && at < s.To {
			n++
		}
	}
	return n
}

func liveOf(id queue.OfficeID, at time.Time, in outlook.Input, h outlook.Hint, g Goal) Live {
	l := Live{
		Office: id, Known: true, At: at, Over: h.Over, Service: h.Service, Target: whole(g.Target), Before: whole(h.Before), After: whole(h.After),
		Steps: spellsOf(h.Steps), Enough: h.Enough, Halves: []LiveHalf{},
	}
	with := &h.Base
	if h.Over {
		l.Peak = clock(time.Duration(h.Peak) * outlook.SlotLength)
		with = &h.With
	}
	if h.Spare != nil {
		s := spellOf(*h.Spare)
		l.Spare = &s
	}
	for slot := outlook.SlotOf(in.From); slot <= outlook.SlotOf(in.Close-1); slot++ {
		l.Halves = append(l.Halves, LiveHalf{
			From: clock(time.Duration(slot) * outlook.SlotLength), P80: whole(h.Base.All.Slots[slot].Wait.P80), With: whole(with.All.Slots[slot].Wait.P80), Queue: rangeOf(h.Base.All.Slots[slot].Queue),
		})
	}
	return l
}
