package place

import (
	"machi/internal/estimate/blend"
	"machi/internal/estimate/walk"
)

// memory is what outlives the day. Times are seconds.
type memory struct {
	Version  int                 `json:"version"`
	Classes  []*class            `json:"classes"`
	Gap      sample              `json:"gap"`     // end of a visit to the next call while somebody waited for it
	React    sample              `json:"react"`   // the same of a counter that had nobody waiting
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

	table  walk.Table // of Service with its prior, valid if fresh
	fresh  bool
	prior  float64 // expected service time; 0: none
	hazard walk.Hazard
	absent walk.Shares
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
	Served map[string]float64 `json:"served"` // visits by class
	Chance map[string]float64 `json:"chance"` // visits by class of all counters while it worked
}

// dayHours are the closed times of the counters on one day.
type dayHours struct {
	Day   int                  `json:"day"`   // days since 1970
	Hours map[string][]float64 `json:"hours"` // from, to, from, to, in seconds of the day; a counter not named was away
}
