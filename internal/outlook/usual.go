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
	gap      [2][walk.Buckets]float64 // by time since the visitor before: calls, and seconds in which one could have been
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
	u.missing = newest(u.missing)
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
		if v.NeverCame() {
			continue
		}
		slot := SlotOf(clock(v.Came()))
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

// stop is a leg with what its counter needs to be known.
type stop struct {
	service                  queue.ServiceID
	joined, called, finished time.Time
	counter                  queue.CounterID
}

// changes learns how long a counter needs from one visitor to the next who already
// waits. Where others are faster, it is only known that it took longer.
func (u *Usual) changes(d history.Day) {
	var stops []stop
	for _, v := range d.Visits {
		for _, l := range v.Legs {
			if !l.Called.IsZero() && l.Counter != "" {
				stops = append(stops, stop{l.Service, l.Joined, l.Called, l.Finished, l.Counter})
			}
		}
	}
	slices.SortStableFunc(stops, func(a, b stop) int { return a.called.Compare(b.called) })
	for i, s := range stops {
		waited, own := time.Time{}, false // until when somebody waited for the counter
		for _, next := range stops[i+1:] {
			if next.called.Before(s.finished) {
				continue
			}
			if next.called.Sub(s.finished) > longestGap {
				break
			}
			if next.counter == s.counter {
				own = next.joined.Before(s.finished)
				if own {
					waited = next.called
				}
				break
			}
			if next.service == s.service && next.joined.Before(s.finished) {
				waited = next.called
			}
		}
		if !waited.IsZero() {
			u.change(waited.Sub(s.finished).Seconds(), own)
		}
	}
}

// longestGap is a time after which a counter was away, not changing over.
const longestGap = 5 * time.Minute

func (u *Usual) change(took float64, called bool) {
	for i := range walk.Buckets {
		end := took
		if i+1 < walk.Buckets {
			end = min(took, walk.Edges[i+1])
		}
		if end > walk.Edges[i] {
			u.gap[1][i] += end - walk.Edges[i]
		}
	}
	if called {
		u.gap[0][walk.Bucket(took)]++
	}
}

// changeover is the law of it.
func (u *Usual) changeover() *walk.Table {
	const weight, usual = 3, 20.0
	h, before := walk.Hazard{}, 1/usual
	for i := range h.Rate {
		if walk.Edges[i] > 120 {
			before *= walk.Edges[i-1] / walk.Edges[i]
		}
		h.Rate[i] = (u.gap[0][i] + weight) / (u.gap[1][i] + weight/before)
		before = h.Rate[i]
	}
	h.Add()
	t := new(walk.Table)
	for i := range t {
		t[i] = min(longestGap.Seconds(), h.After(0, (float64(i)+0.5)/walk.Futures))
	}
	return t
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

// pace is how unsure the mean of a law is.
func (u *Usual) pace(c class) float64 {
	seen := u.talk[c]
	n, mean, square := float64(len(seen)), 0.0, 0.0
	for _, x := range seen {
		mean += x / n
	}
	for _, x := range seen {
		square += (x - mean) * (x - mean)
	}
	const guess, weight = 0.5, 4.0 // of an expectation: it counts as so many visits
	if n < 2 || mean <= 0 {
		return guess / math.Sqrt(weight+n)
	}
	return math.Sqrt((square/(n-1)/(mean*mean)*n+guess*guess*weight)/(n+weight)) / math.Sqrt(n+weight)
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

// demand is how many of a service come in each half hour of a day of a kind, how unsure
// that is, and how unsure the level of such a day.
func (u *Usual) demand(id queue.ServiceID, k profile.Kind) (mean, rough [Slots]float64, swing float64) {
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
			rough[slot] = 1 / math.Sqrt(1+own[slot].yes+believeAfter*wide)
		}
	}
	return mean, rough, swingOf(totals)
}

// swingOf is how much the level of another day may differ beyond chance. Of few days
// it says what is usual for offices.
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
	return math.Sqrt(min(1, max(0, (sum+usual*weight)/(n+weight))*(1+2/(n+weight))))
}
