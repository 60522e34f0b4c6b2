package expect

import (
	"cmp"
	"math"
	"time"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/forecast"
	"machi/internal/outlook"
	"machi/internal/queue"
)

// Thresholds are the waits of each service at which the level is moderate, busy and
// very busy.
type Thresholds map[queue.ServiceID][3]time.Duration

// usualThresholds are those of a service that has none.
var usualThresholds = [3]time.Duration{15 * time.Minute, 30 * time.Minute, 60 * time.Minute}

// level is the word for a wait, as the running day has it.
func (t Thresholds) level(service queue.ServiceID, wait time.Duration) board.Level {
	levels, ok := t[service]
	if !ok {
		levels = usualThresholds
	}
	for i, at := range levels {
		if wait < at {
			return Levels[i]
		}
	}
	return board.LevelVeryBusy
}

// Source is what a day is made of.
type Source struct {
	Office     queue.OfficeID
	Date       queue.Date
	Settings   queue.Settings  // of the date
	Model      *forecast.Model // nil: nothing is known
	Scale      float64         // people here for each one of the model's; 0: 1
	Thresholds Thresholds
	// Usual is how the office is staffed on such days and how long visits take; nil: not
	// known, and there are no waits.
	Usual    *outlook.Usual
	Remark   *Override
	Events   []Event
	Days     int // closed days behind the model
	Borrowed bool
	Made     time.Time
}

// Futures is how many futures are played for one day to come.
const Futures = 24

// Make returns what is expected of a day.
func Make(s Source) Day {
	d := Day{
		Office: s.Office, Date: s.Date, Level: board.LevelClosed, Reasons: []Reason{Closed}, Halves: []Half{}, Lines: []Line{},
		Override: s.Remark, Events: s.Events, Days: s.Days, Borrowed: s.Borrowed, Made: s.Made,
	}
	first := d.hours(s.Settings)
	if !d.Open() {
		d.Model, d.Override, d.Events = d.Level, nil, nil
		return d
	}
	d.Level, d.Reasons = board.LevelUnknown, []Reason{NoHistory}
	if m := newMaking(s, first, d.Closes); m != nil {
		m.fill(&d)
	}
	d.Model = d.Level
	d.follow()
	return d
}

// hours sets when the office opens and closes, and returns when the first number is
// given.
func (d *Day) hours(s queue.Settings) (first time.Time) {
	for _, v := range s.Services {
		if !v.Opens.Before(v.Closes) {
			continue
		}
		if d.Opens.IsZero() || v.Opens.Before(d.Opens) {
			d.Opens = v.Opens
		}
		if at := v.Opens.Add(-v.Early); first.IsZero() || at.Before(first) {
			first = at
		}
		if v.Closes.After(d.Closes) {
			d.Closes = v.Closes
		}
	}
	return first
}

// making is a day in the making.
type making struct {
	Source
	midnight time.Time
	from, to int // half hours of the day
	closes   time.Time
	whole    map[string]forecast.Whole
	arrivals map[queue.ServiceID]*[outlook.Slots]Range
	result   *outlook.Result
}

// newMaking returns nil where the model says nothing of the day.
func newMaking(s Source, first, closes time.Time) *making {
	day, err := calendar.ParseDay(string(s.Date))
	if s.Model == nil || err != nil {
		return nil
	}
	if s.Scale == 0 {
		s.Scale = 1
	}
	midnight := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, queue.JST)
	m := &making{
		Source: s, midnight: midnight, closes: closes, from: slotOf(first.Sub(midnight)), to: slotOf(closes.Sub(midnight) - 1),
		whole: map[string]forecast.Whole{}, arrivals: map[queue.ServiceID]*[outlook.Slots]Range{},
	}
	for _, w := range s.Model.Whole(day) {
		m.whole[w.Service] = w
	}
	if len(m.whole) == 0 {
		return nil
	}
	m.come(s.Model.Day(day))
	m.play()
	return m
}

func slotOf(at time.Duration) int { return min(max(0, int(at/Slot)), outlook.Slots-1) }

// share is how many come of each one that the model expects.
func (m *making) share() float64 {
	if m.Remark != nil && m.Remark.Percent > 0 {
		return m.Scale * float64(m.Remark.Percent) / 100
	}
	return m.Scale
}

// come lays out who comes when. Who would come outside the hours comes at their ends;
// a service that the office does not offer brings nobody.
func (m *making) come(slots []forecast.Slot) {
	offered := map[queue.ServiceID]bool{}
	for _, v := range m.Settings.Services {
		offered[v.ID] = v.Opens.Before(v.Closes)
	}
	for _, s := range slots {
		id := queue.ServiceID(s.Service)
		if !offered[id] {
			continue
		}
		if m.arrivals[id] == nil {
			m.arrivals[id] = &[outlook.Slots]Range{}
		}
		slot := min(max(m.from, slotOf(time.Duration(s.Minute)*time.Minute)), m.to)
		m.arrivals[id][slot] = m.arrivals[id][slot].Plus(Range{min(s.P10, s.Mean), s.Mean, max(s.P90, s.Mean)}.Times(m.share())) // middles of few people do not add up
	}
}

// swing is how much of a day's spread is of the day itself, not of chance: a
// coefficient of variation.
func swing(w forecast.Whole) float64 {
	if w.P50 <= 0 {
		return 0
	}
	const wide = 2 * 1.2816 // standard deviations from 10 to 90 of a hundred
	cv := (w.P90 - w.P10) / wide / w.P50
	return math.Sqrt(max(0, cv*cv-1/w.P50))
}

// play sends the arrivals through the office as it is usually staffed. Where nobody
// ever saw a counter open there are no waits.
func (m *making) play() {
	if m.Usual == nil {
		return
	}
	expected := []outlook.Expected{}
	for _, v := range m.Settings.Services {
		e := outlook.Expected{Service: v.ID}
		if row := m.arrivals[v.ID]; row != nil {
			for slot, r := range row {
				e.P10[slot], e.P50[slot], e.P90[slot] = r.P50, r.P50, r.P50 // how unsure it is, the whole day says
			}
		}
		expected = append(expected, e)
	}
	in := m.Usual.Input(&m.Settings, outlook.Options{Expected: expected, Futures: Futures})
	if len(in.Spells) == 0 {
		return
	}
	in.Swing = swing(m.whole[""])
	if r := outlook.Play(in); !r.Cut {
		m.result = &r
	}
}

// fill puts what was made into a day.
func (m *making) fill(d *Day) {
	all := m.whole[""]
	d.Arrivals = Range{all.P10, all.P50, all.P90}.Times(m.share())
	d.Reasons = reasons(all.Reasons, m)
	for slot := m.from; slot <= m.to; slot++ {
		d.Halves = append(d.Halves, m.half(slot))
	}
	for _, v := range m.Settings.Services {
		if m.arrivals[v.ID] != nil {
			d.Lines = append(d.Lines, m.line(v.ID))
		}
	}
	d.Basis, d.Level = FromArrivals, Ranked(all.Level)
	if m.result != nil {
		d.Basis, d.Waits = FromWaits, waitsOf(m.result.All.Day)
	}
	m.levels(d)
}

// reasons turns the model's into those of the day. What cannot be shown has no name
// there either.
func reasons(of []forecast.Reason, m *making) []Reason {
	list := []Reason{}
	if m.Remark != nil {
		list = append(list, ByStaff)
	}
	for _, r := range of {
		if r != forecast.ReasonCampaign {
			list = append(list, Reason(r))
		}
	}
	if len(m.Events) > 0 {
		list = append(list, EventDay)
	}
	if m.Borrowed {
		list = append(list, Borrowing)
	}
	return list
}

func (m *making) half(slot int) Half {
	h := Half{From: m.midnight.Add(time.Duration(slot) * Slot)}
	h.To = h.From.Add(Slot)
	if m.closes.Before(h.To) {
		h.To = m.closes
	}
	for _, v := range m.Settings.Services { // in their order: sums are the same everywhere
		if row := m.arrivals[v.ID]; row != nil {
			h.Arrivals = h.Arrivals.Plus(row[slot])
		}
	}
	h.Arrivals = h.Arrivals.narrowed(len(m.arrivals))
	if m.result != nil {
		h.Waits = waitsOf(m.result.All.Slots[slot])
	}
	return h
}

// narrowed is the range of a sum of so many that do not rise and fall together: half of
// what is unsure is common to all.
func (r Range) narrowed(n int) Range {
	if n < 2 {
		return r
	}
	by := math.Sqrt(0.5 + 0.5/float64(n))
	return Range{max(0, r.P50-(r.P50-r.P10)*by), r.P50, r.P50 + (r.P90-r.P50)*by}
}

func (m *making) line(id queue.ServiceID) Line {
	w := m.whole[string(id)]
	l := Line{Service: id, Arrivals: Range{w.P10, w.P50, w.P90}.Times(m.share()), Level: Ranked(w.Level)}
	var course outlook.Course
	if m.result != nil {
		r, _ := m.result.Service(id)
		course = r.Course
		l.Waits = waitsOf(course.Day)
	}
	for slot := m.from; slot <= m.to; slot++ {
		h := m.half(slot)
		h.Arrivals, h.Waits, h.Level = m.arrivals[id][slot], waitsOf(course.Slots[slot]), board.LevelUnknown
		if h.Waits.Known {
			h.Level = m.Thresholds.level(id, h.Waits.P50)
		}
		l.Halves = append(l.Halves, h)
	}
	return l
}

// waitsOf returns the waits of figures; not known where nobody waited in any future.
func waitsOf(f outlook.Figures) Waits {
	if f.N == 0 {
		return Waits{}
	}
	return Waits{Known: true, P50: f.Wait.P50, P80: f.Wait.P80, P90: f.Wait.P90}
}

// levels sets how busy a day and its half hours are.
func (m *making) levels(d *Day) {
	if m.result == nil {
		m.byArrivals(d)
		return
	}
	var day Crowd
	for i := range d.Halves {
		var half Crowd
		for _, l := range d.Lines {
			h := l.Halves[i]
			half.Meet(h.Level, h.Arrivals.P50)
			day.Meet(h.Level, h.Arrivals.P50)
		}
		d.Halves[i].Level = cmp.Or(half.Level(), board.LevelUnknown)
	}
	d.Level = day.Level()
	for i := range d.Lines {
		var line Crowd
		for _, h := range d.Lines[i].Halves {
			line.Meet(h.Level, h.Arrivals.P50)
		}
		d.Lines[i].Level = line.Level()
	}
}

// byArrivals sets the levels of half hours by the model's own, where no waits are
// known: the level that most of those have who come.
func (m *making) byArrivals(d *Day) {
	day, err := calendar.ParseDay(string(m.Date))
	if err != nil {
		return
	}
	var crowds [outlook.Slots]Crowd
	for _, s := range m.Model.Day(day) {
		at := slotOf(time.Duration(s.Minute) * time.Minute)
		crowds[at].Meet(Ranked(s.Level), s.P50)
		for i := range d.Lines {
			for j := range d.Lines[i].Halves {
				if h := &d.Lines[i].Halves[j]; string(d.Lines[i].Service) == s.Service && slotOf(h.From.Sub(m.midnight)) == at {
					h.Level = Ranked(s.Level)
				}
			}
		}
	}
	for i := range d.Halves {
		d.Halves[i].Level = crowds[slotOf(d.Halves[i].From.Sub(m.midnight))].Level()
	}
}

// follow brings a day in step with what staff said of its level. Half hours go up or
// down with it, and the waits of the model are not told any more.
func (d *Day) follow() {
	if d.Override == nil || d.Override.Level == "" || d.Override.Level == d.Level {
		return
	}
	by := Rank(d.Override.Level) - Rank(d.Level)
	moved := func(l board.Level) board.Level {
		if Rank(l) == 0 || Rank(d.Level) == 0 {
			return l
		}
		return Ranked(min(max(1, Rank(l)+by), len(Levels)))
	}
	for i := range d.Halves {
		d.Halves[i].Level, d.Halves[i].Waits = moved(d.Halves[i].Level), Waits{}
	}
	for i := range d.Lines {
		d.Lines[i].Level, d.Lines[i].Waits = moved(d.Lines[i].Level), Waits{}
		for j := range d.Lines[i].Halves {
			d.Lines[i].Halves[j].Level, d.Lines[i].Halves[j].Waits = moved(d.Lines[i].Halves[j].Level), Waits{}
		}
	}
	if d.Level == board.LevelUnknown {
		d.Reasons = []Reason{ByStaff}
	}
	d.Level, d.Waits = d.Override.Level, Waits{}
}
