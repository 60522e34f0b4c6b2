// Package profile learns how a place's days usually go: for each kind of day, service
// and half hour how many people come and how long a visit keeps the counter. Old days
// fade.
//
// It is pure: the same days in the same order give the same profile, to the bit.
package profile

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"machi/internal/calendar"
)

// Slots is the number of half hours of a day.
const Slots = 48

// Kind is a kind of day: days of one kind are alike.
type Kind string

// The kinds.
const (
	Ordinary Kind = "ordinary"
	After    Kind = "after"  // the first business day behind a weekend or holidays
	Moving   Kind = "moving" // a business day of the moving season, 20 March to 10 April
	Off      Kind = "off"    // a weekend or holiday on which the office is open all the same
)

// Kinds lists every kind.
var Kinds = []Kind{Ordinary, After, Moving, Off}

// KindOf says of what kind a day is.
func KindOf(d calendar.Day) Kind {
	switch season := d.Month == time.March && d.Day >= 20 || d.Month == time.April && d.Day <= 10; {
	case !calendar.BusinessDay(d):
		return Off
	case season:
		return Moving
	case !calendar.BusinessDay(d.Add(-1)):
		return After
	}
	return Ordinary
}

// SlotOf returns the half hour of the day that a moment's clock shows.
func SlotOf(t time.Time) int { return t.Hour()*2 + t.Minute()/30 }

// The memory: after halfLife days of its kind a day counts half. A cell alone is
// believed as much as its neighbourhood once it has seen trust visits, or days.
const (
	halfLife  = 20.0
	trust     = 8.0
	trustDays = 4.0
	version   = 1
)

// Visit is one talk at a counter.
type Visit struct {
	Service string
	Slot    int // of its beginning
	Talk    time.Duration
}

// Arrival is somebody who came.
type Arrival struct {
	Service string
	Slot    int
}

// Day is what a profile learns of one day. Open are the half hours in which the place
// took people: a half hour in which nobody came counts as much as any other.
type Day struct {
	Kind     Kind
	Open     [Slots]bool
	Arrivals []Arrival
	Visits   []Visit
}

// Profile is the memory. It is immutable; the zero Profile has seen nothing.
type Profile struct {
	days  map[Kind]float64 // weight of all days of the kind
	cells map[key]cell
}

type key struct {
	Kind    Kind
	Service string
	Slot    int
}

// cell is one half hour; all are sums over days, faded.
type cell struct {
	Days   float64 // weight of the days on which the half hour was open
	Came   float64
	Visits float64
	Talk   float64 // seconds, sum
}

func (c cell) faded(by float64) cell {
	return cell{Days: c.Days * by, Came: c.Came * by, Visits: c.Visits * by, Talk: c.Talk * by}
}

func (c cell) plus(o cell) cell {
	return cell{Days: c.Days + o.Days, Came: c.Came + o.Came, Visits: c.Visits + o.Visits, Talk: c.Talk + o.Talk}
}

// After returns the profile once a day is over.
func (p Profile) After(d Day) Profile {
	fade := math.Exp2(-1 / halfLife)
	next := Profile{days: maps.Clone(p.days), cells: make(map[key]cell, len(p.cells))}
	if next.days == nil {
		next.days = map[Kind]float64{}
	}
	next.days[d.Kind] = next.days[d.Kind]*fade + 1
	for k, c := range p.cells {
		if k.Kind == d.Kind {
			c = c.faded(fade)
		}
		if c.Days+c.Visits+c.Came > 1e-3 {
			next.cells[k] = c
		}
	}
	next.see(d)
	return next
}

// see adds a day's sums. Each sum is of whole numbers, or in the order of the visits.
func (p Profile) see(d Day) {
	services := map[string]bool{}
	for k := range p.cells {
		services[k.Service] = true
	}
	for _, a := range d.Arrivals {
		services[a.Service] = true
	}
	for _, v := range d.Visits {
		services[v.Service] = true
	}
	add := func(service string, slot int, c cell) {
		if slot < 0 || slot >= Slots {
			return
		}
		k := key{d.Kind, service, slot}
		p.cells[k] = p.cells[k].plus(c)
	}
	for service := range services { // each adds to cells of its own
		for slot, open := range d.Open {
			if open {
				add(service, slot, cell{Days: 1})
			}
		}
	}
	for _, a := range d.Arrivals {
		add(a.Service, a.Slot, cell{Came: 1})
	}
	for _, v := range d.Visits {
		add(v.Service, v.Slot, cell{Visits: 1, Talk: math.Max(0, v.Talk.Seconds())})
	}
}

// Days returns the weight of the days of a kind.
func (p Profile) Days(k Kind) float64 { return p.days[k] }

// Services lists the services that were ever seen, sorted.
func (p Profile) Services() []string {
	seen := map[string]bool{}
	for k := range p.cells {
		seen[k.Service] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// Talk returns the expected service time of a half hour, and the weight of the visits
// that stand behind it: few are filled up with the hours around, those with the
// whole day, and that with the other kinds of day; false: the service was never seen.
func (p Profile) Talk(k Kind, service string, slot int) (mean time.Duration, weight float64, ok bool) {
	estimate, ok := p.mean(k, service, slot, trust, func(c cell) (sum, n float64) { return c.Talk, c.Visits })
	own := p.cells[key{k, service, slot}].Visits
	return time.Duration(estimate * float64(time.Second)), own, ok
}

// Arrivals returns how many people are expected in a half hour, filled up in the same
// way, and the weight of the days behind it.
func (p Profile) Arrivals(k Kind, service string, slot int) (mean, weight float64, ok bool) {
	mean, ok = p.mean(k, service, slot, trustDays, func(c cell) (sum, n float64) { return c.Came, c.Days })
	return mean, p.cells[key{k, service, slot}].Days, ok
}

// mean shrinks from the wide to the narrow.
func (p Profile) mean(k Kind, service string, slot int, trust float64, of func(cell) (sum, n float64)) (float64, bool) {
	var rings [4]cell // all kinds and half hours, this kind, the hours around, the cell
	for _, kind := range Kinds {
		for s := range Slots {
			c := p.cells[key{kind, service, s}]
			rings[0] = rings[0].plus(c)
			if kind != k {
				continue
			}
			rings[1] = rings[1].plus(c)
			if s >= slot-1 && s <= slot+1 {
				rings[2] = rings[2].plus(c)
			}
			if s == slot {
				rings[3] = c
			}
		}
	}
	sum, n := of(rings[0])
	if n <= 0 {
		return 0, false
	}
	estimate := sum / n
	for _, ring := range rings[1:] {
		sum, n := of(ring)
		estimate = float64(sum+float64(trust*estimate)) / (n + trust)
	}
	return estimate, true
}

// wire is a profile's JSON: for each kind and service, the half hours in order.
type wire struct {
	Version int                           `json:"version"`
	Days    map[Kind]float64              `json:"days,omitempty"`
	Cells   map[Kind]map[string][]wireRow `json:"cells,omitempty"`
}

// wireRow is slot, days, arrivals, visits, seconds of talk.
type wireRow [5]float64

// MarshalJSON writes the profile compactly and exactly.
func (p Profile) MarshalJSON() ([]byte, error) {
	w := wire{Version: version, Days: p.days, Cells: map[Kind]map[string][]wireRow{}}
	for _, service := range p.Services() {
		for _, kind := range Kinds {
			for slot := range Slots {
				c, ok := p.cells[key{kind, service, slot}]
				if !ok {
					continue
				}
				if w.Cells[kind] == nil {
					w.Cells[kind] = map[string][]wireRow{}
				}
				w.Cells[kind][service] = append(w.Cells[kind][service], wireRow{float64(slot), c.Days, c.Came, c.Visits, c.Talk})
			}
		}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads a profile. One of another version, or with a figure that cannot
// be, is an error.
func (p *Profile) UnmarshalJSON(raw []byte) error {
	var w wire
	if err := json.Unmarshal(raw, &w); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	if w.Version != version {
		return fmt.Errorf("profile: version %d, want %d", w.Version, version)
	}
	next := Profile{days: map[Kind]float64{}, cells: map[key]cell{}}
	maps.Copy(next.days, w.Days)
	for kind, services := range w.Cells {
		for service, rows := range services {
			for _, r := range rows {
				if !sound(kind, r) {
					return fmt.Errorf("profile: %s, %s: %v", kind, service, r)
				}
				next.cells[key{kind, service, int(r[0])}] = cell{r[1], r[2], r[3], r[4]}
			}
		}
	}
	*p = next
	return nil
}

func sound(kind Kind, r wireRow) bool {
	for _, f := range r {
		if f < 0 { // JSON has no NaN and no infinity
			return false
		}
	}
	return slices.Contains(Kinds, kind) && r[0] < Slots && r[0] == math.Trunc(r[0])
}
