package staffing

import (
	"time"

	"machi/internal/outlook"
	"machi/internal/queue"
)

// Basis says who is expected on a day.
type Basis string

// The bases.
const (
	FromForecast Basis = "forecast" // those of the forecast
	FromUsual    Basis = "usual"    // as many as usual on a day of its kind
	FromPast     Basis = "past"     // those who came
)

// Goal is what the counters of an office are to reach.
type Goal struct {
	Target time.Duration // until called
	Share  float64       // of the visitors who are to be called within it
	Most   int           // counters that may be open at once; 0: all
}

// Range is the middle of a figure and the range in which it lies on four days of five.
type Range struct {
	Low  float64 `json:"low"`
	Mid  float64 `json:"mid"`
	High float64 `json:"high"`
}

func rangeOf(r outlook.Range) Range { return Range{r.P10, r.P50, r.P90} }

// times is a range in seconds of one in minutes.
func times(r outlook.Range, by float64) Range { return Range{r.P10 * by, r.P50 * by, r.P90 * by} }

// Advice is how many counters a day needs. Times of day are "15:04" by the office's
// clock.
type Advice struct {
	Office queue.OfficeID `json:"office"`
	Date   queue.Date     `json:"date"`
	Open   bool           `json:"open"`  // false: nobody is received on the day
	Known  bool           `json:"known"` // false: too few closed days to say anything
	Basis  Basis          `json:"basis,omitempty"`
	Days   int            `json:"days"` // closed days behind it
	// Target is in seconds; Share is the percentage of the visitors who are to be called
	// within it, Sure on how many of a hundred such days they are with the plan, as far as
	// the counters can.
	Target int  `json:"target_seconds"`
	Share  int  `json:"share_percent"`
	Sure   int  `json:"sure_percent"`
	Most   int  `json:"most_counters"` // 0: all
	Enough bool `json:"enough"`        // whether the counters that there are suffice
	Needed Plan `json:"needed"`
	Usual  Plan `json:"usual"` // the counters as they usually are
	// Arrivals is how many come on the day.
	Arrivals Range     `json:"arrivals"`
	Halves   []Half    `json:"half_hours"`
	Groups   []Group   `json:"groups"`
	Spells   []Spell   `json:"spells"` // of the plan that is advised
	Made     time.Time `json:"made_at"`
}

// Plan is what a plan comes to.
type Plan struct {
	Hours  float64 `json:"counter_hours"`
	Kept   int     `json:"kept_percent"`   // of the days that keep the target
	Within int     `json:"within_percent"` // of the visitors, over all days
	P50    int     `json:"p50_seconds"`
	P80    int     `json:"p80_seconds"`
}

// Half is a half hour of a day.
type Half struct {
	From     string `json:"from"`
	Needed   int    `json:"needed"` // counters, at the most at once
	Usual    int    `json:"usual"`
	Arrivals Range  `json:"arrivals"`
	P80      int    `json:"p80_seconds"`       // with the needed counters: four of five wait no longer
	UsualP80 int    `json:"usual_p80_seconds"` // with the usual ones
}

// Group are counters that serve the same, and how many of them are needed in each of
// the half hours.
type Group struct {
	Services []queue.ServiceID `json:"services"`
	Stages   []queue.Stage     `json:"stages"`
	Counters []queue.CounterID `json:"counters"`
	Needed   []int             `json:"needed"`
}

// Spell is a time in which a counter is open.
type Spell struct {
	Counter  queue.CounterID   `json:"counter"`
	Services []queue.ServiceID `json:"services,omitempty"`
	From     string            `json:"from"`
	To       string            `json:"to"`
}

// Live is what to do about the rest of today.
type Live struct {
	Office queue.OfficeID `json:"office"`
	Known  bool           `json:"known"` // false: the day is not open, or too little is known
	At     time.Time      `json:"at"`    // how it stood then
	// Over is whether a wait beyond the target comes up: Peak says in which half hour,
	// Before what four of five who come then will not exceed as things stand, and After
	// the same with the steps. Without steps there is no counter to open.
	Over    bool            `json:"over"`
	Service queue.ServiceID `json:"service,omitempty"`
	Peak    string          `json:"peak,omitempty"`
	Target  int             `json:"target_seconds"`
	Before  int             `json:"before_seconds"`
	After   int             `json:"after_seconds"`
	Steps   []Spell         `json:"steps"`
	Enough  bool            `json:"enough"` // no wait beyond the target is left
	Spare   *Spell          `json:"spare"`  // a counter that is not needed; null: none
	Halves  []LiveHalf      `json:"half_hours"`
}

// LiveHalf is a half hour of the rest of today, over all services.
type LiveHalf struct {
	From  string `json:"from"`
	P80   int    `json:"p80_seconds"`
	With  int    `json:"with_p80_seconds"` // with the steps
	Queue Range  `json:"waiting"`          // at its end
}

// clock is a time of day as people write it.
func clock(at time.Duration) string {
	at = at.Round(time.Minute)
	return time.Time{}.Add(at).Format("15:04")
}

// parse reads a time of day; 24:00 is the end of it.
func parse(text string) (time.Duration, bool) {
	if text == "24:00" {
		return 24 * time.Hour, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
}

func spellOf(s outlook.Spell) Spell { return Spell{s.Counter, s.Services, clock(s.From), clock(s.To)} }

func spellsOf(list []outlook.Spell) []Spell {
	out := []Spell{}
	for _, s := range list {
		out = append(out, spellOf(s))
	}
	return out
}

func whole(d time.Duration) int { return int(d / time.Second) }

func percent(share float64) int { return int(share*100 + 0.5) }
