package foresee

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"machi/internal/almanac"
	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/forecast"
	"machi/internal/foretold"
	"machi/internal/history"
	"machi/internal/history/profile"
	"machi/internal/outlook"
	"machi/internal/queue"
)

const (
	// again is how many of the newest days are read again at night: late records may have
	// corrected them.
	again = 62
	// deep is the round of an office that looks for days long past: others' imports.
	deep = 10
	// Of which days the usual counters are learnt: the newest, and more of each rare kind.
	usualDays, usualKind = 30, 10
	// soon is how many days are made before anything else is.
	soon = 35
	// young is how many days an office must have closed before it needs no other's.
	young = 60
	// patience bounds how often a model is made while days keep coming in: it rests for so
	// many times what it took.
	patience = 6
	// settled is how long after midnight a night is told of without yesterday's table.
	settled = 30 * time.Minute
)

// office is what is known of one.
type office struct {
	// Of the rounds.
	past   map[queue.Date]past
	night  queue.Date // on which the newest days were read again
	looks  int        // rounds so far
	fault  string     // what kept the last round from being complete
	fitted []queue.Date
	on     queue.Date // the day for which the model was made
	specs  string     // what it was told of special days
	rested time.Time  // before which no other is made
	model  *forecast.Model
	usual  *outlook.Usual
	scale  float64 // of a model that is another office's
	// rehearsed says with how many days a record was made afterwards.
	rehearsed int

	// For those who ask; guarded by the keeper's mu.
	days    map[queue.Date]expect.Day
	records map[int]expect.Record
	shown   *outlook.Usual // behind the days; nil: nothing yet
}

// past is what is kept of a closed day.
type past struct {
	was    expect.Was // without its counts
	counts map[queue.ServiceID]*[outlook.Slots]uint16
}

// round is one look at all offices.
type round struct {
	*Keeper
	gentle bool
	today  queue.Date
}

func (r *round) breathe(ctx context.Context, while time.Duration) {
	if !r.gentle || while < time.Millisecond {
		return
	}
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (k *Keeper) office(id queue.OfficeID) *office {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.offices[id] == nil {
		k.offices[id] = &office{past: map[queue.Date]past{}, days: map[queue.Date]expect.Day{}, records: map[int]expect.Record{}}
	}
	return k.offices[id]
}

// tend is one office's part of a round: what is there already is not made again.
func (r *round) tend(ctx context.Context, id queue.OfficeID) error {
	o := r.office(id)
	place, known := r.o.Place(id)
	if !known {
		return nil
	}
	dates, damaged := r.read(ctx, id, o, place)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	specials := r.specials(id, place)
	specs := fmt.Sprint(specials)
	more := !slices.Equal(dates, o.fitted) && !time.Now().Before(o.rested)
	if more || o.on != r.today || specs != o.specs {
		began := time.Now()
		if err := r.fit(ctx, id, o, place, dates, specials); err != nil {
			return err
		}
		o.on, o.specs, o.fitted = r.today, specs, dates
		took := time.Since(began)
		o.rested = time.Now().Add(patience * took)
		r.o.Logger.Debug("a forecast was made", "office", id, "date", r.today, "days", len(dates), "took", took)
	}
	return errors.Join(damaged, r.tell(ctx, id, o, dates), r.compare(ctx, id, o))
}

// read brings the past of an office up to date and returns its dates. A damaged day is
// left out.
func (r *round) read(ctx context.Context, id queue.OfficeID, o *office, place Place) ([]queue.Date, error) {
	from, late := shifted(r.today, -again), r.today
	if o.night != r.today {
		late = from
	}
	if o.looks++; o.looks%deep == 1 || o.night != r.today {
		from = shifted(r.today, -r.o.KeepDays)
	}
	fresh, err := r.o.Days.Dates(ctx, id, from, shifted(r.today, -1))
	if err != nil {
		return slices.Sorted(maps.Keys(o.past)), err
	}
	dates := append(before(slices.Sorted(maps.Keys(o.past)), from), fresh...)
	var damaged error
	for _, date := range dates {
		if _, have := o.past[date]; have && date < late {
			continue
		}
		d, ok, err := r.o.Days.Day(ctx, id, date)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			damaged = err
		case ok:
			o.take(d, place.Thresholds)
		}
	}
	o.night = r.today
	maps.DeleteFunc(o.past, func(date queue.Date, _ past) bool { return !slices.Contains(dates, date) })
	return slices.Sorted(maps.Keys(o.past)), damaged
}

// take keeps what is needed of a closed day.
func (o *office) take(d history.Day, limits expect.Thresholds) {
	was, ok := expect.WasOf(d, limits)
	if !ok {
		return
	}
	p := past{was: was, counts: map[queue.ServiceID]*[outlook.Slots]uint16{}}
	for _, c := range was.Counts {
		service := queue.ServiceID(c.Service)
		if p.counts[service] == nil {
			p.counts[service] = &[outlook.Slots]uint16{}
		}
		p.counts[service][c.Minute/30] = uint16(min(c.N, 1<<16-1))
	}
	p.was.Counts = nil
	o.past[d.Date] = p
}

// counts returns the history of some days.
func (o *office) counts(dates []queue.Date) []forecast.Count {
	var list []forecast.Count
	for _, date := range dates {
		day, err := calendar.ParseDay(string(date))
		if err != nil {
			continue
		}
		for _, service := range slices.Sorted(maps.Keys(o.past[date].counts)) {
			for slot, n := range o.past[date].counts[service] {
				if n > 0 {
					list = append(list, forecast.Count{Day: day, Minute: slot * 30, Service: string(service), N: int(n)})
				}
			}
		}
	}
	return list
}

// specials are what takes place at an office: of the catalogue, then of its managers.
func (r *round) specials(id queue.OfficeID, place Place) []Special {
	list := slices.Clone(place.Special)
	for _, e := range r.o.Almanac.Events(id) {
		from, err := calendar.ParseDay(string(e.From))
		to, err2 := calendar.ParseDay(string(e.To))
		if err == nil && err2 == nil {
			list = append(list, Special{Key: e.Name, From: from, To: to, Event: eventOf(e)})
		}
	}
	return list
}

func eventOf(e almanac.Event) expect.Event {
	return expect.Event{ID: e.ID, Name: board.Text{"ja": e.Name}, Percent: e.Percent, Services: e.Services}
}

// special is what a model is told of days.
func (r *round) special(place Place, specials []Special) forecast.Special {
	s := forecast.Special{Country: forecast.Japan}
	first, err := calendar.ParseDay(string(shifted(r.today, -r.o.KeepDays)))
	if err != nil {
		return s
	}
	for _, c := range place.Schedule.Closures(first, first.Add(r.o.KeepDays+expect.Horizon)) {
		for d := c.From; d.String() <= c.To.String(); d = d.Add(1) {
			switch open := !c.Hours.Closed(); {
			case open && !calendar.BusinessDay(d):
				s.Open = append(s.Open, d)
			case !open && calendar.BusinessDay(d):
				s.Closed = append(s.Closed, d)
			}
		}
	}
	for _, e := range specials {
		c := forecast.Campaign{Key: e.Key, From: e.From, To: e.To, Expected: float64(e.Percent) / 100}
		for _, v := range e.Services {
			c.Services = append(c.Services, string(v))
		}
		s.Campaigns = append(s.Campaigns, c)
	}
	return s
}

// fit makes an office's model and days.
func (r *round) fit(ctx context.Context, id queue.OfficeID, o *office, place Place, dates []queue.Date, specials []Special) error {
	prior, scale := r.prior(id, place, len(dates))
	o.model, o.scale, o.usual = nil, 0, nil
	switch special := r.special(place, specials); {
	case len(dates) > 0:
		o.model = forecast.Fit(o.counts(dates), special, prior)
	case prior != nil:
		o.model, o.scale = prior, scale
	}
	var err error
	if o.usual, err = r.usual(ctx, id, dates); err != nil {
		return err
	}
	days := map[queue.Date]expect.Day{}
	for n := range r.o.Horizon {
		began := time.Now()
		date := shifted(r.today, n)
		if d, ok := r.make(id, o, place, specials, date); ok {
			days[date] = d
		}
		r.breathe(ctx, time.Since(began))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n == soon {
			r.show(o, maps.Clone(days))
		}
	}
	r.show(o, days)
	return nil
}

func (r *round) show(o *office, days map[queue.Date]expect.Day) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.days, o.shown = days, o.usual
	r.ring()
}

// prior is the model of the office of the same kind that has learnt most, for an office
// that has closed few days; and how many people come here for each one there, by the
// number of counters.
func (r *round) prior(id queue.OfficeID, place Place, have int) (*forecast.Model, float64) {
	if have >= young {
		return nil, 0
	}
	var best *office
	scale := 0.0
	for _, other := range r.o.Offices() {
		p, ok := r.o.Place(other)
		if other == id || !ok || p.Kind != place.Kind || p.Counters == 0 {
			continue
		}
		if o := r.office(other); o.model != nil && o.scale == 0 && len(o.fitted) >= young && (best == nil || len(o.fitted) > len(best.fitted)) {
			best, scale = o, float64(place.Counters)/float64(p.Counters)
		}
	}
	if best == nil {
		return nil, 0
	}
	return best.model, scale
}

// usual learns how an office is staffed, from the newest of its days and some of each
// rare kind; nil: too few days.
func (r *round) usual(ctx context.Context, id queue.OfficeID, dates []queue.Date) (*outlook.Usual, error) {
	var days []history.Day
	kinds := map[profile.Kind]int{}
	for i, date := range slices.Backward(dates) {
		day, err := calendar.ParseDay(string(date))
		if err != nil {
			continue
		}
		kind := profile.KindOf(day)
		if kinds[kind]++; len(dates)-i > usualDays && kinds[kind] > usualKind {
			continue
		}
		began := time.Now()
		d, ok, err := r.o.Days.Day(ctx, id, date)
		if err != nil && !errors.Is(err, history.ErrDamaged) {
			return nil, err
		}
		if ok && err == nil {
			days = append(days, d)
		}
		r.breathe(ctx, time.Since(began))
	}
	if len(days) < expect.FewestDays {
		return nil, nil
	}
	return outlook.Learn(days), nil
}

// make makes one day; false: the office has no settings for it.
func (r *round) make(id queue.OfficeID, o *office, place Place, specials []Special, date queue.Date) (expect.Day, bool) {
	settings, err := r.o.Settings(id, date)
	if err != nil {
		return expect.Day{}, false
	}
	s := expect.Source{
		Office: id, Date: date, Settings: settings, Model: o.model, Scale: o.scale, Thresholds: place.Thresholds, Usual: o.usual,
		Remark: r.remark(id, date), Events: on(specials, date), Days: len(o.past), Borrowed: o.model != nil && o.scale != 0, Made: r.o.Now().In(queue.JST),
	}
	return expect.Make(s), true
}

func on(specials []Special, date queue.Date) []expect.Event {
	var list []expect.Event
	for _, s := range specials {
		if s.From.String() <= string(date) && string(date) <= s.To.String() {
			list = append(list, s.Event)
		}
	}
	return list
}

func overrideOf(r almanac.Remark) *expect.Override {
	return &expect.Override{Level: board.Level(r.Level), Percent: r.Percent, Reason: r.Reason, By: r.By, At: r.At}
}

// follow makes the days anew of which staff have said something else since they were
// made.
func (k *Keeper) follow() {
	r := round{Keeper: k, today: k.today()}
	for _, id := range k.o.Offices() {
		o := k.office(id)
		place, known := k.o.Place(id)
		if !known || len(o.days) == 0 {
			continue
		}
		specials := r.specials(id, place)
		days := maps.Clone(o.days)
		different := false
		for date, d := range days {
			if reflect.DeepEqual(d.Override, k.remark(id, date)) || !d.Open() {
				continue
			}
			if d, ok := r.make(id, o, place, specials, date); ok {
				days[date], different = d, true
			}
		}
		if different {
			r.show(o, days)
		}
	}
}

// tell writes down what this night says, once all that it builds on is there.
func (r *round) tell(ctx context.Context, id queue.OfficeID, o *office, dates []queue.Date) error {
	if o.model == nil || o.on != r.today || r.o.Told.Has(ctx, id, r.today) {
		return nil
	}
	from, _, err := r.today.Bounds()
	if err != nil {
		return err
	}
	before := shifted(r.today, -1)
	if settings, err := r.o.Settings(id, before); err == nil && opens(settings) && !slices.Contains(dates, before) && r.o.Now().Sub(from) < settled {
		return nil
	}
	night := foretold.Night{Office: id, Made: r.today}
	for _, ahead := range foretold.Leads {
		if d, ok := o.days[shifted(r.today, ahead)]; ok && d.Open() && d.Known() {
			night.Days = append(night.Days, dayTold(d, ahead))
		}
	}
	if err := r.o.Told.Tell(ctx, night); err != nil {
		return fmt.Errorf("write down what was told: %w", err)
	}
	return nil
}

func opens(s queue.Settings) bool {
	return slices.ContainsFunc(s.Services, func(v queue.ServiceSettings) bool { return v.Opens.Before(v.Closes) })
}
