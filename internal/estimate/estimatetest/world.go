package estimatetest

import "time"

// Service is one line of a world.
type Service struct {
	Name     string
	Share    float64 // of the arrivals, any unit
	Time     Law
	Priority float64 // share of people with priority
	Patience Law     // how long people wait; zero: for ever
	NoShow   float64 // share that is gone when called, at once
	NoShowBy float64 // more of them for each hour of waiting
	Then     []Next  // where people go after it
	Inner    bool    // nobody comes to it from outside
	From     int     // first day on which it exists
}

// Next is a way on from one service to another, as a new ticket of the same visit.
type Next struct {
	Service string
	Share   float64
	Walk    Law
}

// Counter is one window.
type Counter struct {
	Name    string
	Serves  []string
	Speed   float64 // factor on service times; 0: 1
	Lunch   int     // 0 none, 1 early, 2 late relay
	Reserve bool    // opens only under load
	From    int     // first day on which it exists
	Shift   span    // hours of the day; zero: the hours of the office
}

// World are the laws of one office. What is not set does not happen.
type World struct {
	Name     string
	Services []Service
	Counters []Counter

	Start     time.Time // first day
	Opens     float64   // hour of the day
	Closes    float64
	Doors     float64 // hours before opening at which tickets are given
	Weekend   bool    // works at weekends too
	Peaks     []Peak  // arrivals over the day; none: even
	Load      float64 // work that comes over work that can be done
	Sway      float64 // standard deviation of a day's load
	Weekday   [7]float64
	Growth    float64 // of the load, per week
	Drift     float64 // of the service times, per week
	Slots     float64 // minutes between appointments; 0: walk-ins only
	Gap       Law     // from a finish to the next call
	React     Law     // from a ticket to its call at an idle counter
	Rule      Rule
	Shock     float64 // share of days on which service times double for some hours
	Absent    float64 // chance that a counter stays closed for a day
	Pauses    float64 // short breaks per counter and hour
	Late      Law     // how late counters open
	LunchAt   float64 // hour
	LunchLong float64 // minutes

	// What the log does not tell.
	NoHours    bool // open and close
	NoCounters bool
	NoSkills   bool
	NoPriority bool
	NoVisits   bool
	Again      bool // numbers begin again every day
}

// Peak is a hump of arrivals around an hour of the day.
type Peak struct{ At, Width, Weight float64 }

// Rule is how counters choose.
type Rule struct {
	Priority float64            // minutes that priority is ahead
	Returned float64            // minutes that people of a later stage are ahead
	Ahead    map[string]float64 // minutes by service
	OwnFirst float64            // minutes that the first service of a counter is ahead
	Ratio    int                // so many priority for one ordinary; 0: by minutes
	Careless float64            // share of calls that take anybody
}
