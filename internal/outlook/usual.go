package outlook

import (
	"math"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/estimate/walk"
	"machi/internal/history"
	"machi/internal/history/profile"
	"machi/internal/queue"
)

// What is kept of closed days.
const (
	mostDays   = 120 // the newest count
	mostTimes  = 800 // of one law, the newest
	fewTimes   = 20  // of a law, until which what is expected weighs
	fewestDays = 3   // of a kind; with fewer all days are asked
	mostOfKind = 20
	// believeAfter is how many days of a kind count as much as all others together,
	// for how many come in a half hour.
	believeAfter = 4.0
	forgotten    = 4 * time.Hour // a talk so long was none
)

// Usual is what the closed days of an office have shown: how long visits take, who
// leaves, which counters are open when, how many come. It is immutable.
type Usual struct {
	days     []*past // ascending by date
	talk     map[class][]float64
	gap      []float64
	missing  []float64
	absent   [walk.Buckets]count
	leave    [walk.Buckets]count
	priority map[queue.ServiceID]count
	further  map[queue.ServiceID]float64 // later receptions of a visit, for each visitor of the office
}

// class is a law's name.
type class struct {
	service queue.ServiceID
	stage   queue.Stage
}

// count is how often something happened, and how often (or how long) it could have.
type count struct{ yes, all float64 }

// past is what is kept of one day.
type past struct {
	date   queue.Date
	kind   profile.Kind
	came   map[queue.ServiceID]*[Slots]float64
	open   [Slots]bool
	spells []Spell
}

// Learn reads closed days, the newest [mostDays] of them. Of none it knows nothing,
// and what it makes stands on what the settings expect.
func Learn(days []history.Day) *Usual {
	days = slices.Clone(days)
	slices.SortFunc(days, func(a, b history.Day) int { return compare(a.Date, b.Date) })
	u := &Usual{talk: map[class][]float64{}, priority: map[queue.ServiceID]count{}, further: map[queue.ServiceID]float64{}}
	visitors := 0
	for _, d := range days[max(0, len(days)-mostDays):] {
		if date, err := calendar.ParseDay(string(d.Date)); err == nil {
			u.learn(d, profile.KindOf(date))
			visitors += len(d.Visits)
		}
	}
	for c, times := range u.talk {
		u.talk[c] = newest(times)
	}
	u.gap, u.missing = newest(u.gap), newest(u.missing)
	for id := range u.further {
		u.further[id] /= float64(max(1, visitors))
	}
	return u
}

func compare(a, b queue.Date) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// newest sorts the last of a list.
func newest(times []float64) []float64 {
	times = slices.Clone(times[max(0, len(times)-mostTimes):])
	slices.Sort(times)
	return times
}

// Days is how many days stand behind it.
func (u *Usual) Days() int { return len(u.days) }

// DaysOf is how many of them are of a kind.
func (u *Usual) DaysOf(k profile.Kind) int {
	n := 0
	for _, d := range u.days {
		if d.kind == k {
			n++
		}
	}
	return n
}

// clock is the time of day of a moment.
func clock(t time.Time) time.Duration {
	t = t.In(queue.JST)
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
}

func (u *Usual) learn(d history.Day, kind profile.Kind) {
	p := &past{date: d.Date, kind: kind, came: map[queue.ServiceID]*[Slots]float64{}}
	first, last := Slots, -1
	for _, v := range d.Visits {
		slot := SlotOf(clock(v.Issued))
		first, last = min(first, slot), max(last, slot)
		if p.came[v.Service] == nil {
			p.came[v.Service] = &[Slots]float64{}
		}
		p.came[v.Service][slot]++
		share := u.priority[v.Service]
		share.all++
		if v.Priority {
			share.yes++
		}
		u.priority[v.Service] = share
		u.visit(v)
	}
	for slot := first; slot <= last; slot++ {
		p.open[slot] = true
	}
	for _, s := range d.Spells {
		p.spells = append(p.spells, Spell{Counter: s.Counter, Services: s.Services, Stages: s.Stages, From: clock(s.From), To: clock(s.To)})
	}
	u.changes(d)
	u.days = append(u.days, p)
}

// visit learns from a visit.
func (u *Usual) visit(v history.Visit) {
	receptions := 0
	for i, l := range v.Legs {
		stage := l.Stage
		if stage == "" {
			stage = queue.StageReception
		}
		if stage == queue.StageReception {
			if receptions++; receptions > 1 {
				u.further[l.Service]++
			}
			u.wait(l)
		}
		if taken := l.Finished.Sub(l.Called); l.Outcome == history.Served && !l.Unmeasured && !l.Called.IsZero() && taken > 0 && taken < forgotten {
			c := class{l.Service, stage}
			u.talk[c] = append(u.talk[c], taken.Seconds())
		}
		if stage == queue.StageDelivery && i > 0 && v.Legs[i-1].Service == l.Service && v.Legs[i-1].Outcome == history.Served {
			if back := l.Joined.Sub(v.Legs[i-1].Finished); back > 0 && back < forgotten {
				c := class{l.Service, queue.StageProcessing}
				u.talk[c] = append(u.talk[c], back.Seconds())
			}
		}
	}
}

// wait learns who leaves and who does not come.
func (u *Usual) wait(l history.Leg) {
	if l.Joined.IsZero() {
		return
	}
	until := l.Called
	if until.IsZero() {
		until = l.Finished
	}
	waited := max(0, until.Sub(l.Joined).Seconds())
	for i := range walk.Buckets {
		end := waited
		if i+1 < walk.Buckets {
			end = min(waited, walk.Edges[i+1])
		}
		if end > walk.Edges[i] {
			u.leave[i].all += end - walk.Edges[i]
		}
	}
	b := walk.Bucket(waited)
	switch {
	case l.Called.IsZero():
		if l.Outcome == history.Left && !l.Unmeasured {
			u.leave[b].yes++
		}
	default:
		u.absent[b].all++
		if l.Outcome == history.NoShow {
			u.absent[b].yes++
			u.missing = append(u.missing, l.Finished.Sub(l.Called).Seconds())
		}
	}
}

// changes learns how long a counter needs from one visitor to the next who already
// waits.
func (u *Usual) changes(d history.Day) {
	type stop struct{ joined, called, finished time.Time }
	byCounter := map[queue.CounterID][]stop{}
	for _, v := range d.Visits {
		for _, l := range v.Legs {
			if !l.Called.IsZero() && l.Counter != "" {
				byCounter[l.Counter] = append(byCounter[l.Counter], stop{l.Joined, l.Called, l.Finished})
			}
		}
	}
	for _, s := range d.Spells { // in their order: the same for everybody
		stops := byCounter[s.Counter]
		delete(byCounter, s.Counter)
		slices.SortStableFunc(stops, func(a, b stop) int { return a.called.Compare(b.called) })
		for i := 1; i < len(stops); i++ {
			gap := stops[i].called.Sub(stops[i-1].finished)
			if stops[i].joined.Before(stops[i-1].finished) && gap >= 0 && gap < 5*time.Minute {
				u.gap = append(u.gap, gap.Seconds())
			}
		}
	}
}

// law is how long a stage takes: as seen, and while little was seen, leaning to what
// is expected.
func (u *Usual) law(c class, expected time.Duration) *walk.Table {
	seen := u.talk[c]
	if len(seen) >= fewTimes {
		return Sample(seen)
	}
	guess := LogNormal(expected.Seconds(), 0.7)
	if own := Sample(seen); own != nil {
		share := float64(len(seen)) / fewTimes
		for i := range guess {
			guess[i] = (1-share)*guess[i] + share*own[i]
		}
	}
	return guess
}

// absences are the shares of no-shows by waited time; each bucket leans to the one
// before.
func (u *Usual) absences() *walk.Shares {
	const weight = 60
	s, before := new(walk.Shares), 0.01
	for i := range s {
		s[i] = (u.absent[i].yes + weight*before) / (u.absent[i].all + weight)
		before = s[i]
	}
	return s
}

// leaving is the rate of giving up by waited time.
func (u *Usual) leaving() *walk.Hazard {
	const weight = 3
	h, before := new(walk.Hazard), 1e-7
	for i := range h.Rate {
		span := weight / max(before, 1e-7)
		h.Rate[i] = (u.leave[i].yes + weight*before/max(before, 1e-7)) / (u.leave[i].all + span)
		before = h.Rate[i]
	}
	h.Add()
	return h
}

// alike are the days to learn a kind's from: the newest of the kind, or of all where
// there are too few.
func (u *Usual) alike(k profile.Kind) []*past {
	var own []*past
	for _, d := range u.days {
		if d.kind == k {
			own = append(own, d)
		}
	}
	if len(own) < fewestDays {
		own = u.days
	}
	return own[max(0, len(own)-mostOfKind):]
}

// demand is how many of a service come in each half hour of a day of a kind, and how
// unsure its level is.
func (u *Usual) demand(id queue.ServiceID, k profile.Kind) (mean [Slots]float64, swing float64) {
	var all, own [Slots]count
	var totals []float64
	for _, d := range u.days {
		came := d.came[id]
		sum := 0.0
		for slot, open := range d.open {
			if !open {
				continue
			}
			n := 0.0
			if came != nil {
				n = came[slot]
			}
			sum += n
			all[slot].yes, all[slot].all = all[slot].yes+n, all[slot].all+1
			if d.kind == k {
				own[slot].yes, own[slot].all = own[slot].yes+n, own[slot].all+1
			}
		}
		if d.kind == k {
			totals = append(totals, sum)
		}
	}
	for slot := range mean {
		if all[slot].all > 0 {
			// A half hour that was open on few days is no usual one.
			wide := all[slot].yes / max(all[slot].all, believeAfter)
			mean[slot] = (own[slot].yes + believeAfter*wide) / (own[slot].all + believeAfter)
		}
	}
	return mean, swingOf(totals)
}

// swingOf is how much the level of days differs beyond chance. Of few days it says
// what is usual for offices.
func swingOf(totals []float64) float64 {
	const usual, weight = 0.15 * 0.15, 5.0
	n, mean := float64(len(totals)), 0.0
	for _, x := range totals {
		mean += x / n
	}
	sum := 0.0
	if mean > 0 {
		for _, x := range totals {
			sum += ((x-mean)*(x-mean)*n/max(1, n-1) - mean) / (mean * mean)
		}
	}
	return math.Sqrt(min(1, max(0, (sum+usual*weight)/(n+weight))))
}
