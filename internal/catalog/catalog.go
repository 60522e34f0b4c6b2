package catalog

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/alert"
	"machi/internal/calendar"
	"machi/internal/queue"
)

// Text is a text in several languages: ja, ja-x-easy, en, zh, ko.
type Text map[string]string

// Catalog is a checked catalogue. It is never changed after it was made.
type Catalog struct {
	Version  string // hash of its sources
	Ward     Text
	Of       Municipality
	Purposes []Purpose
	Services []Service
	Offices  []*Office
	Matters  []Matter     // the guide of the reception desk
	Towns    []Town       // from where people come
	Special  []SpecialDay // of every office
}

// Purpose is what a visitor says first; services belong to one.
type Purpose struct {
	ID   string `yaml:"id" json:"id"`
	Name Text   `yaml:"name" json:"name"`
}

// Service is a service of the ward, wherever it is offered.
type Service struct {
	ID       queue.ServiceID
	Name     Text
	Kana     string // readings to search by
	Purpose  string
	Covers   []string // official procedures it takes, such as move_in
	Stages   []queue.Stage
	Expected time.Duration    // of one visit at a counter
	Levels   [3]time.Duration // waits at which the level is moderate, busy, very busy
	Private  bool             // not to be named on walls
	Bring    []Text
	Instead  []Instead
	// Footer stands below a ticket of the service, such as a welcome to the
	// district after moving in; FooterURL is printed there as a code.
	Footer    Text
	FooterURL string
}

// Instead is a way not to wait: offered, never forced.
type Instead struct {
	Kind string `yaml:"kind" json:"kind"` // online, convenience_store, post, reservation, office
	// Office is where to go with kind office; empty: any other that offers the service.
	Office queue.OfficeID `yaml:"office" json:"office,omitempty"`
	URL    string         `yaml:"url" json:"url,omitempty"` // where to begin with kind online
	Text   Text           `yaml:"text" json:"text"`
}

// Office is one place with counters.
type Office struct {
	ID          queue.OfficeID
	Kind        string
	Name        Text
	Kana        string
	Area        string
	Address     string
	Position    []float64 // latitude and longitude, where known
	Access      Text      // how to come, such as the nearest station
	Phone       string
	WaitArea    Text     // where to wait for a call; may be nil
	Page        string   // address of the district's page, which takes the place of a footer's
	Unconfirmed []string // what the ward must still confirm
	Services    []Offered
	Series      []queue.SeriesSettings
	Counters    []queue.CounterSettings
	Kiosks      []queue.KioskID
	Rule        queue.Rule
	Home        Home // check-in by phone of tickets taken from home
	Announce    Announce
	Alerts      alert.Rules // when the office is in trouble
	Staffing    Staffing
	Ways        map[queue.CounterID]Way
	Special     []SpecialDay // of the ward, then its own
	Schedule    calendar.Schedule
	Early       time.Duration // tickets are given so long before the opening
}

// Unsure reports whether the ward must still confirm a part of the office.
func (o *Office) Unsure(part string) bool { return slices.Contains(o.Unconfirmed, part) }

// Offered is a service as an office offers it.
type Offered struct {
	Service
	Series queue.SeriesID
}

// Office returns an office.
func (c *Catalog) Office(id queue.OfficeID) (*Office, bool) {
	i := slices.IndexFunc(c.Offices, func(o *Office) bool { return o.ID == id })
	if i < 0 {
		return nil, false
	}
	return c.Offices[i], true
}

// IDs lists the offices in the catalogue's order.
func (c *Catalog) IDs() []queue.OfficeID {
	ids := make([]queue.OfficeID, len(c.Offices))
	for i, o := range c.Offices {
		ids[i] = o.ID
	}
	return ids
}

// Taking lists the offices that take an official procedure.
func (c *Catalog) Taking(procedure string) []*Office {
	var found []*Office
	for _, o := range c.Offices {
		if slices.ContainsFunc(o.Services, func(v Offered) bool { return slices.Contains(v.Covers, procedure) }) {
			found = append(found, o)
		}
	}
	return found
}

// Elsewhere is another office that offers services of an office.
type Elsewhere struct {
	Office   queue.OfficeID    `json:"office"`
	Name     Text              `json:"name"`
	Services []queue.ServiceID `json:"services"`
}

// Elsewhere lists the other offices that offer any service of an office, those of
// its own area first.
func (c *Catalog) Elsewhere(from *Office) []Elsewhere {
	var near, far []Elsewhere
	for _, o := range c.Offices {
		if o.ID == from.ID {
			continue
		}
		e := Elsewhere{Office: o.ID, Name: o.Name}
		for _, v := range from.Services {
			if slices.ContainsFunc(o.Services, func(w Offered) bool { return w.ID == v.ID }) {
				e.Services = append(e.Services, v.ID)
			}
		}
		switch {
		case len(e.Services) == 0:
		case o.Area == from.Area:
			near = append(near, e)
		default:
			far = append(far, e)
		}
	}
	return append(near, far...)
}

// Settings returns what an office's day is run with. It returns an error for an
// unknown office or a date that is none.
func (c *Catalog) Settings(id queue.OfficeID, date queue.Date) (queue.Settings, error) {
	o, ok := c.Office(id)
	if !ok {
		return queue.Settings{}, fmt.Errorf("office %q is not in the catalogue", id)
	}
	day, err := calendar.ParseDay(string(date))
	if err != nil {
		return queue.Settings{}, fmt.Errorf("business day %q: want YYYY-MM-DD", date)
	}
	s := queue.Settings{
		Office: id, Date: date, Version: c.Version,
		Series: o.Series, Counters: o.Counters, Rule: o.Rule,
	}
	opens, closes := o.hours(day)
	early := o.Early
	if opens.Equal(closes) {
		early = 0 // a closed day has no door to stand at
	}
	for _, v := range o.Services {
		s.Services = append(s.Services, queue.ServiceSettings{
			ID: v.ID, Series: v.Series, Stages: v.Stages, Expected: v.Expected, Opens: opens, Closes: closes, Early: early,
		})
	}
	for _, k := range o.Kiosks {
		s.Kiosks = append(s.Kiosks, queue.KioskSettings{ID: k})
	}
	return s, nil
}

// hours returns the moments between which an office issues tickets on a day. On
// a closed day they are equal: no moment lies between them.
func (o *Office) hours(day calendar.Day) (opens, closes time.Time) {
	h := o.Schedule.On(day)
	midnight := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, queue.JST)
	if h.Closed() {
		return midnight, midnight
	}
	return midnight.Add(h.Opens), midnight.Add(h.Closes)
}
