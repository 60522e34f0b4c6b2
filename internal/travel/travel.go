// Package travel says about how long the way to an office takes, and which office is
// done with first.
//
// It knows no streets and no timetable: a straight line, a detour and a pace. So what
// it says is a range, and never more than an aid to compare offices. Its twin runs in
// browsers (ui/assets/travel.js), where a visitor's position stays;
// testdata/travel.json holds both to it.
package travel

import (
	"math"
	"slices"
)

// Point is a place in degrees.
type Point struct{ Lat, Lng float64 }

// Mode is how somebody comes.
type Mode string

// The modes.
const (
	Walk    Mode = "walk"
	Bicycle Mode = "bicycle"
	Transit Mode = "transit" // bus or train, with the way to and from the stop
)

// Modes lists them in the order in which they are offered.
var Modes = []Mode{Walk, Bicycle, Transit}

// Range is a length of time in whole seconds.
type Range struct{ Low, High int }

// How ways are measured: streets are longer than the straight line, and a town or a
// place that nobody has confirmed may be so far off.
const (
	detour     = 1.3
	walkPace   = 80.0  // metres a minute
	cyclePace  = 200.0 // metres a minute
	offBy      = 400.0 // metres
	earth      = 6371000.0
	nearEnough = 800.0 // metres for which nobody waits for a bus
)

// Metres returns the straight line between two places, which are in one city.
func Metres(a, b Point) float64 {
	const degree = math.Pi / 180
	x := (b.Lng - a.Lng) * degree * math.Cos((a.Lat+b.Lat)/2*degree)
	y := (b.Lat - a.Lat) * degree
	return earth * math.Hypot(x, y)
}

// About returns how long a straight line of some metres takes. Rough says that one of
// its ends is only about where it is said to be.
func About(metres float64, mode Mode, rough bool) Range {
	off := 0.0
	if rough {
		off = offBy
	}
	near, far := max(0, metres-off)*detour, (metres+off)*detour
	switch {
	case mode == Bicycle:
		return seconds(near/cyclePace*0.85, far/cyclePace*1.2+3)
	case mode == Transit && metres > nearEnough:
		return seconds(8+near/1000*2, 16+far/1000*5)
	}
	return seconds(near/walkPace*0.85, far/walkPace*1.15+1)
}

// seconds makes a range of minutes.
func seconds(low, high float64) Range {
	return Range{int(math.Floor(low * 60)), int(math.Ceil(high * 60))}
}

// Choice is an office that can be gone to.
type Choice struct {
	Way      Range // there
	Finished Range // from taking a ticket until it is done with
	Usual    int   // seconds until finished that half of the people need at most
	Known    bool  // Finished and Usual mean something
	Open     bool  // tickets are taken now
	Left     int   // seconds until no more are taken
}

// Total returns the time from door to done.
func (c Choice) Total() Range { return Range{c.Way.Low + c.Finished.Low, c.Way.High + c.Finished.High} }

// InTime reports whether a ticket can still be had by who sets out now.
func (c Choice) InTime() bool { return c.Open && c.Way.High <= c.Left }

// about is the middle of a choice, in seconds.
func (c Choice) about() int { return (c.Way.Low+c.Way.High)/2 + c.Usual }

// standing orders what cannot be compared by time: the lower the better.
func (c Choice) standing() int {
	switch {
	case c.InTime() && c.Known:
		return 0
	case c.InTime():
		return 1
	case c.Open:
		return 2
	}
	return 3
}

// Rank returns the choices' places in the order in which they are done with, the first
// first. What cannot be had in time comes last; equals keep their order.
func Rank(choices []Choice) []int {
	order := make([]int, len(choices))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := choices[i], choices[j]
		switch d := a.standing() - b.standing(); {
		case d != 0:
			return d
		case a.standing() == 0:
			return a.about() - b.about()
		}
		return (a.Way.Low + a.Way.High) - (b.Way.Low + b.Way.High)
	})
	return order
}

// alike is a difference that nobody should choose by, in seconds.
const alike = 5 * 60

// Alike reports whether two choices take about the same time.
func Alike(a, b Choice) bool {
	d := a.about() - b.about()
	return a.Known && b.Known && d < alike && d > -alike
}
