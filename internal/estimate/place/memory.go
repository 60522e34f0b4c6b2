package place

import (
	"machi/internal/estimate/blend"
	"machi/internal/estimate/walk"
)

// memory is what outlives the day. Times are seconds.
type memory struct {
	Version  int                 `json:"version"`
	Classes  []*class            `json:"classes"`
	Gap      leaving             `json:"gap"`     // from the end of a visit to the next call, while somebody waited
	React    [ages]leaving       `json:"react"`   // from a newcomer to the call of a counter that was free, by how long
	Missing  sample              `json:"missing"` // how long somebody who is not there is called for
	Leave    leaving             `json:"leave"`
	Groups   map[string]*group   `json:"groups"`
	Counters map[string]*counter `json:"counters"`
	Days     []dayHours          `json:"days"` // the newest last
	Blend    blend.Blend         `json:"blend"`
}

// class is what is known of the tickets of one line.
type class struct {
	Name    string  `json:"name"`
	Service sample  `json:"service"`
	Waits   sample  `json:"waits"` // until the call
	Leave   leaving `json:"leave"`
	Called  float64 `json:"called"`
	// Of those who came while others waited, nobody of the class, and a counter of
	// the class was free all the same: how many, and whom one took at once; both
	// fading. Such a counter is kept for the class, or has been left.
	Kept  float64 `json:"kept"`
	Taken float64 `json:"taken"`

	// What follows from the service times, valid if measured.
	measured        bool
	table           walk.Table // of Service with its prior
	mean, deviation float64    // of the logarithm of Service
	factor          float64    // by how much visits take longer now; always valid after kinds
	now             walk.Table // the table at that
	prior           float64    // expected service time; 0: none
	hazard          walk.Hazard
	absent          walk.Shares
}

// group is a class told apart by what moves people forward in the order.
type group struct {
	Head float64 `json:"head"` // head start in the order of calls

	index int
	class int
	rate  rate
}

// counter is what is known of one counter.
type counter struct {
	Served []float64 `json:"served"` // visits by class, in the order of memory.Classes
	Chance []float64 `json:"chance"` // the same of all counters while it worked
	Passed []float64 `json:"passed"` // times that it called another although one of the class came first
	// Spent are the seconds of its visits, and Usual what they would have been at
	// the mean of their classes, both fading.
	Spent float64 `json:"spent"`
	Usual float64 `json:"usual"`
}

// dayHours are the closed times of the counters on one day.
type dayHours struct {
	Day   int                  `json:"day"`   // days since 1970
	Hours map[string][]float64 `json:"hours"` // from, to, from, to, in seconds of the day; a counter not named was away
}
