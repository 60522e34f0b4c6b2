package outlook_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
)

// world is an office whose truth is known. It is simulated by other means than the
// package under test: laws without tables, levels of a day that are gamma and not
// log-normal, arrivals by a smooth curve, and a hall in which one looks at everybody.
type world struct {
	settings queue.Settings
	truths   []truth
	swing    float64 // of a day's level
	gap      float64 // seconds, exponential
	absent   float64 // share of no-shows
}

// truth is a service's.
type truth struct {
	perDay     float64
	peak       float64 // hour of the day
	talk, cv   float64
	swing      float64
	delivery   float64 // seconds; 0: none
	processing float64
}

const (
	opens  = 8*hour + 30*minute
	closes = 17 * hour
)

// monday is an ordinary Tuesday, in fact: days of one kind follow each other.
var tuesday = time.Date(2026, 6, 2, 0, 0, 0, 0, queue.JST)

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 7))
	w := &world{swing: 0.06 + 0.1*r.Float64(), gap: 10 + 30*r.Float64(), absent: 0.05 * r.Float64()}
	w.settings = queue.Settings{Office: queue.OfficeID(fmt.Sprint("w", seed)), Date: "2026-06-02", Rule: queue.DefaultRule()}
	load := 0.0
	for i := range 2 + r.IntN(4) {
		t := truth{perDay: 25 + 90*r.Float64(), peak: 9 + 5*r.Float64(), talk: 180 + 1200*r.Float64()*r.Float64(), cv: 0.4 + 0.5*r.Float64(), swing: 0.12 * r.Float64()}
		stages := []queue.Stage{queue.StageReception}
		if r.IntN(3) == 0 {
			t.delivery, t.processing, stages = 60+120*r.Float64(), 300+900*r.Float64(), append(stages, queue.StageProcessing, queue.StageDelivery)
		}
		load += t.perDay * (t.talk + w.gap + t.delivery) / (closes - opens).Seconds()
		w.truths = append(w.truths, t)
		w.settings.Services = append(w.settings.Services, queue.ServiceSettings{
			ID: queue.ServiceID(fmt.Sprint("s", i)), Stages: stages, Expected: 10 * minute, Opens: tuesday.Add(opens), Closes: tuesday.Add(closes),
		})
	}
	n := len(w.truths)
	for c := range int(math.Ceil(2*load)) + n {
		s := queue.CounterSettings{ID: queue.CounterID(fmt.Sprint(c + 1)), Stages: []queue.Stage{queue.StageReception, queue.StageDelivery}}
		s.Services = []queue.ServiceID{w.settings.Services[c%n].ID}
		if other := w.settings.Services[r.IntN(n)].ID; other != s.Services[0] {
			s.Services = append(s.Services, other)
		}
		s.Own = s.Services[:r.IntN(2)]
		w.settings.Counters = append(w.settings.Counters, s)
	}
	return w
}

// person is a visitor of a true day.
type person struct {
	service                  int
	came, joined, called     float64
	talk, back, handing, gap float64
	delivery, missing        bool
	done                     float64
	visit                    history.Visit
}

// come draws who comes on a day.
func (w *world) come(r *rand.Rand) (all []*person) {
	day := gamma(r, w.swing)
	for i, t := range w.truths {
		mean := t.perDay * day * gamma(r, t.swing)
		for _, p := range w.weights(i) {
			at := p.at.Seconds()
			for end := at + 600; ; {
				if at += r.ExpFloat64() * 600 / (mean * p.n / t.perDay); at >= end {
					break
				}
				all = append(all, w.person(r, i, at))
			}
		}
	}
	slices.SortFunc(all, func(a, b *person) int { return int(math.Copysign(1, a.came-b.came)) })
	return all
}

// part is ten minutes of a usual day.
type part struct {
	at time.Duration
	n  float64 // who come
}

// weights are how many of a service come when.
func (w *world) weights(i int) (list []part) {
	t := w.truths[i]
	sum := 0.0
	for k := range 51 {
		h := opens.Hours() + (float64(k)+0.5)/6
		p := part{opens + time.Duration(k)*10*minute, 0.4 + math.Exp(-(h-t.peak)*(h-t.peak)/4)}
		list, sum = append(list, p), sum+p.n
	}
	for k := range list {
		list[k].n *= t.perDay / sum
	}
	return list
}

func (w *world) person(r *rand.Rand, i int, at float64) *person {
	t := w.truths[i]
	return &person{
		service: i, came: at, joined: at, talk: logNormal(r, t.talk, t.cv), back: logNormal(r, t.processing, 0.5),
		handing: logNormal(r, t.delivery, 0.5), gap: w.gap * r.ExpFloat64(), missing: r.Float64() < w.absent, called: -1,
	}
}

func logNormal(r *rand.Rand, mean, cv float64) float64 {
	s := math.Sqrt(math.Log(1 + cv*cv))
	return mean * math.Exp(s*r.NormFloat64()-s*s/2)
}

// gamma draws a level of mean 1 (Marsaglia and Tsang 2000).
func gamma(r *rand.Rand, cv float64) float64 {
	if cv < 1e-3 {
		return 1
	}
	shape := 1 / (cv * cv)
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v / shape
		}
	}
}

// desk is a counter of a true day.
type desk struct {
	spells []outlook.Spell
	free   float64
}

// play lets a day go by under a plan.
func (w *world) play(r *rand.Rand, plan []outlook.Spell) []*person {
	all := w.come(r)
	desks := map[queue.CounterID]*desk{}
	var order []*desk
	for _, s := range plan {
		d := desks[s.Counter]
		if d == nil {
			d = &desk{}
			desks[s.Counter] = d
			order = append(order, d)
		}
		d.spells = append(d.spells, s)
	}
	var waiting []*person
	next, now := 0, opens.Seconds()
	var later []*person // in the back office
	for {
		for next < len(all) && all[next].came <= now {
			waiting = append(waiting, all[next])
			next++
		}
		later = slices.DeleteFunc(later, func(p *person) bool {
			if p.joined <= now {
				waiting = append(waiting, p)
			}
			return p.joined <= now
		})
		for _, d := range order {
			if p := w.choose(d, waiting, now); p != nil {
				waiting = slices.DeleteFunc(waiting, func(q *person) bool { return q == p })
				w.serve(d, p, now)
				if !p.missing && !p.delivery && w.truths[p.service].delivery > 0 {
					p.delivery, p.joined = true, now+p.talk+p.back
					later = append(later, p)
				}
			}
		}
		if now = w.after(now, all[next:], later, order, len(waiting)); math.IsInf(now, 1) {
			return all
		}
	}
}

// serve calls somebody.
func (w *world) serve(d *desk, p *person, now float64) {
	switch {
	case p.delivery:
		d.free, p.done = now+p.handing+p.gap, now+p.handing
	case p.missing:
		p.called, d.free, p.done = now, now+60+p.gap, now+60
	default:
		p.called, d.free, p.done = now, now+p.talk+p.gap, now+p.talk
	}
	leg := history.Leg{Service: w.settings.Services[p.service].ID, Stage: queue.StageReception, Joined: at(p.joined), Called: at(now), Finished: at(p.done), Counter: d.spells[0].Counter, Outcome: history.Served}
	if p.delivery {
		leg.Stage = queue.StageDelivery
	}
	if p.missing {
		leg.Outcome = history.NoShow
	}
	p.visit.Service, p.visit.Issued, p.visit.Outcome = leg.Service, at(p.came), leg.Outcome
	p.visit.Legs = append(p.visit.Legs, leg)
}

func at(seconds float64) time.Time { return tuesday.Add(time.Duration(seconds * float64(time.Second))) }

// choose is the calling rule on everybody who waits.
func (w *world) choose(d *desk, waiting []*person, now float64) *person {
	if d.free > now {
		return nil
	}
	i := slices.IndexFunc(d.spells, func(s outlook.Spell) bool { return s.From.Seconds() <= now && (now < s.To.Seconds() || s.To >= closes) })
	if i < 0 {
		return nil
	}
	s := d.spells[i]
	var first, own *person
	for _, p := range waiting {
		id := w.settings.Services[p.service].ID
		if !slices.Contains(s.Services, id) {
			continue
		}
		if first == nil || p.joined < first.joined {
			first = p
		}
		if slices.Contains(s.Own, id) && (own == nil || p.joined < own.joined) {
			own = p
		}
	}
	if first != nil && own != nil && now-first.joined < w.settings.Rule.MaxWait.Seconds() {
		return own
	}
	return first
}

// after is the next moment at which something can change.
func (w *world) after(now float64, coming, later []*person, desks []*desk, waiting int) float64 {
	next := math.Inf(1)
	if len(coming) > 0 {
		next = coming[0].came
	}
	for _, p := range later {
		next = min(next, p.joined)
	}
	if waiting == 0 {
		return next
	}
	for _, d := range desks {
		if d.free > now {
			next = min(next, d.free)
		}
		for _, s := range d.spells {
			if s.From.Seconds() > now {
				next = min(next, s.From.Seconds())
			}
		}
	}
	return next
}

// table is a true day as history keeps it.
func (w *world) table(n int, all []*person, plan []outlook.Spell) history.Day {
	d := history.Day{Office: w.settings.Office, Date: queue.Date(tuesday.AddDate(0, 0, n).Format(time.DateOnly)), Source: history.FromImport}
	for _, p := range all {
		if len(p.visit.Legs) > 0 {
			d.Visits = append(d.Visits, p.visit)
		}
	}
	for _, s := range plan {
		d.Spells = append(d.Spells, history.Spell{Counter: s.Counter, Services: s.Services, Stages: s.Stages, From: at(s.From.Seconds()), To: at(s.To.Seconds())})
	}
	return d
}

// everybody is the plan of all counters all day.
func (w *world) everybody() (plan []outlook.Spell) {
	for _, c := range w.settings.Counters {
		plan = append(plan, outlook.Spell{Counter: c.ID, Services: c.Services, Own: c.Own, Stages: c.Stages, From: opens, To: closes})
	}
	return plan
}

// within is the share of those called that are called within a wait.
func within(all []*person, target time.Duration) float64 {
	met, called := 0.0, 0.0
	for _, p := range all {
		if p.called >= 0 {
			called++
			if p.called-p.came <= target.Seconds() {
				met++
			}
		}
	}
	return met / max(1, called)
}
