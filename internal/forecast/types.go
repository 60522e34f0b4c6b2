package forecast

import (
	"machi/internal/calendar"
)

// Count is what one slot of one service saw. Counts of one service, day and slot
// are added up. A slot that is not there counts as nobody came, if the place was
// open and the history never writes a zero; as unknown, if it does.
type Count struct {
	Day     calendar.Day
	Minute  int // of the day at which the slot begins, 0 to 1439
	Service string
	N       int // people who came, 0 or more
}

// Country says whose calendar a place keeps.
type Country int

const (
	// Learnt takes the calendar of Japan if the history was closed, or clearly
	// different, on its holidays.
	Learnt Country = iota
	// Japan has Japan's holidays, fiscal year, moving season and lucky days.
	Japan
	// Elsewhere has only the holidays that are given.
	Elsewhere
)

// Special is what is known about days without looking at the counts. All lists
// may be in any order, and speak of the past and of the future.
type Special struct {
	Country   Country
	Holidays  []calendar.Day // beside those of the country
	Closed    []calendar.Day // the place is shut, whatever the week says
	Open      []calendar.Day // the place works, whatever the week or a holiday says
	Campaigns []Campaign
}

// Campaign is a run of days on which something changes how many people come: a
// lower price at the convenience stores, a mailing, a new procedure. What it
// changes is learnt from earlier campaigns of the same key.
type Campaign struct {
	Key      string
	From, To calendar.Day // both included
	Services []string     // that it touches; none means all
	Expected float64      // factor on arrivals where nothing is learnt yet; 0 means unknown, as 1
}

// Reason is a key for why a day is busier than usual. Factors that must not be
// shown, such as rokuyo, appear as ReasonMarriage only.
type Reason string

// The reasons, strongest first where a slot has several.
const (
	ReasonMonday       Reason = "monday"        // the first day of the week
	ReasonWeekday      Reason = "weekday"       // this day of the week is a busy one
	ReasonAfterHoliday Reason = "after_holiday" // the first open day after a holiday or a long closure
	ReasonBefore       Reason = "before_holiday"
	ReasonMonthStart   Reason = "month_start"
	ReasonMonthEnd     Reason = "month_end"
	ReasonFiscalYear   Reason = "fiscal_year"   // the first days of April
	ReasonMoving       Reason = "moving_season" // mid-March to early April
	ReasonSeason       Reason = "season"        // this time of the year is a busy one
	ReasonMarriage     Reason = "marriage_day"  // many notifications are expected
	ReasonExpiry       Reason = "expiry"        // many My Number cards or certificates run out
	ReasonCampaign     Reason = "campaign"
)

// Slot is the forecast for one service in one slot of a day.
type Slot struct {
	Minute        int // of the day at which the slot begins
	Service       string
	P10, P50, P90 float64 // people; 0 <= P10 <= P50 <= P90
	Mean          float64 // people, to be added up: P50 is a whole number where few come
	Level         int     // 1 quiet to 4 very busy: the likeliest quarter of the service's past slots
	Reasons       []Reason
}

// Whole is the forecast for all slots of a day together. Its range is not the sum
// of the ranges of the slots, which do not all miss to the same side.
type Whole struct {
	Service       string // "" for all services of the place
	P10, P50, P90 float64
	Level         int // the likeliest quarter of past days
	Reasons       []Reason
}
