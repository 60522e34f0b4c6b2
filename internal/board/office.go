package board

import (
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

// Text is a text in several languages: ja, ja-x-easy, en, zh, ko.
type Text map[string]string

// In returns the text in a language, or in Japanese.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok && s != "" {
		return s
	}
	return t["ja"]
}

// Info is what the catalogue knows of an office and the state does not.
type Info struct {
	ID       queue.OfficeID
	Name     Text
	Kind     string
	Area     string
	Address  string
	Place    *Place // nil: not known
	Access   Text   // how to come, such as the nearest station
	Phone    string
	WaitArea Text // where to wait for a call; may be empty
	Services map[queue.ServiceID]ServiceInfo
	Kiosks   []queue.KioskID
	Announce *Announce // nil: walls do as they usually do
	Counters map[queue.CounterID]CounterInfo
}

// Place is where an office stands, in degrees.
type Place struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
	// Unconfirmed places are near enough to compare offices, not to find a door by.
	Unconfirmed bool `json:"unconfirmed,omitempty"`
}

// ServiceInfo is what the catalogue knows of a service.
type ServiceInfo struct {
	Name    Text
	Purpose string
	// Moderate, Busy and VeryBusy are the waits until called at which the level
	// word changes.
	Moderate, Busy, VeryBusy time.Duration
	// Private services (bereavement, protective measures) are not named on walls.
	Private bool
}

// Level is how congested a service is, as a word.
type Level string

// The levels, from the emptiest; the last three say why there is none.
const (
	LevelQuiet     Level = "quiet"
	LevelModerate  Level = "moderate"
	LevelBusy      Level = "busy"
	LevelVeryBusy  Level = "very_busy"
	LevelClosed    Level = "closed"
	LevelSuspended Level = "suspended"
	LevelUnknown   Level = "unknown"
)

// Estimate is a range on the wire, in whole seconds. Low to high is what people
// are shown: the 80 % range, rounded outward (see package told), and held steady.
type Estimate struct {
	P50  int       `json:"p50_seconds"`
	P80  int       `json:"p80_seconds"`
	Low  int       `json:"low_seconds"`
	High int       `json:"high_seconds"`
	AsOf time.Time `json:"as_of"`
}

// Office is the public view of one office.
type Office struct {
	ID       queue.OfficeID `json:"id"`
	Name     Text           `json:"name"`
	Kind     string         `json:"kind"`
	Area     string         `json:"area,omitempty"`
	Address  string         `json:"address,omitempty"`
	Place    *Place         `json:"place,omitempty"`
	Access   Text           `json:"access,omitempty"`
	Phone    string         `json:"phone,omitempty"`
	State    string         `json:"state"` // open, closed, paused
	Message  string         `json:"message,omitempty"`
	Date     queue.Date     `json:"date"`
	AsOf     time.Time      `json:"as_of"`
	Seq      uint64         `json:"seq"`
	Epoch    string         `json:"epoch"`
	Doubt    bool           `json:"unconfirmed,omitempty"` // the server is repairing its copy
	Waiting  int            `json:"waiting"`
	Services []Service      `json:"services"`
	Counters []Counter      `json:"counters"`
	Calls    []Call         `json:"calls"` // newest first
	Announce *Announce      `json:"announce,omitempty"`
	// FromHome says that residents can take tickets before they come.
	FromHome bool `json:"from_home,omitempty"`
	// Emergency is what everybody at the office must know at once; null: nothing.
	Emergency *Emergency `json:"emergency,omitempty"`
}

// Emergency is a message that stands above everything else.
type Emergency struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // earthquake, fire, evacuation, outage, closing, typhoon, other
	// Text is the prepared sentence, in all five languages.
	Text Text `json:"text"`
	// Detail is what staff add, in the languages they wrote it in; Japanese is one of them.
	Detail Text      `json:"detail,omitempty"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"` // zero: until somebody ends it
}

// Service is the public view of one service.
type Service struct {
	ID            queue.ServiceID `json:"id"`
	Name          Text            `json:"name"`
	Purpose       string          `json:"purpose,omitempty"`
	Series        queue.SeriesID  `json:"series"`
	Accepting     bool            `json:"accepting"`
	Why           string          `json:"why,omitempty"` // the refusal code while not accepting
	Message       string          `json:"message,omitempty"`
	Opens         time.Time       `json:"opens,omitzero"`
	Closes        time.Time       `json:"closes,omitzero"`
	Waiting       int             `json:"waiting"`
	Processing    int             `json:"processing,omitempty"`
	Level         Level           `json:"level"`
	UntilCalled   *Estimate       `json:"until_called"` // null: unknown
	UntilFinished *Estimate       `json:"until_finished"`
	// Ready lists the numbers that wait for delivery, for the wall.
	Ready []queue.Number `json:"ready,omitempty"`
	// Announced are those of Ready that are called to a delivery counter, several at
	// once: they may come in any order.
	Announced []Announced `json:"announced,omitempty"`
	// Private services are not named on walls: who waits for them is nobody's business.
	Private bool `json:"private,omitempty"`
	// Stages are those that its visits go through; only staff are told.
	Stages []queue.Stage `json:"stages,omitempty"`
}

// Announced is a number that can be fetched at a counter.
type Announced struct {
	Number  queue.Number    `json:"number"`
	Counter queue.CounterID `json:"counter"`
	At      time.Time       `json:"at"`
}

// Counter is the public view of one counter.
type Counter struct {
	ID       queue.CounterID    `json:"id"`
	State    queue.CounterState `json:"state"`
	Services []queue.ServiceID  `json:"services"`
	// Number is that of the ticket at the counter; empty at a free one.
	Number queue.Number `json:"number"`
	// Direction and Place tell the way to it from in front of the wall.
	Direction string `json:"direction,omitempty"` // left, right, straight, back, up, down
	Place     Text   `json:"place,omitempty"`     // such as a floor
}

// Project returns the public view of an office. Seq, epoch and doubt are the
// caller's: they belong to the stream of views, not to one.
func Project(info Info, s *queue.State, est estimate.Office) Office {
	o := Office{
		ID: info.ID, Name: info.Name, Kind: info.Kind, Area: info.Area, Address: info.Address,
		Place: info.Place, Access: info.Access, Phone: info.Phone,
		State: officeState(s, est.At), Message: s.Office().Message, Date: s.Settings().Date, AsOf: est.At,
		FromHome: s.Settings().Rule.Home.Open(), Waiting: s.WaitingCount(), Services: []Service{}, Counters: []Counter{}, Calls: projectCalls(s), Announce: info.Announce,
	}
	back := backOffice(s)
	for _, settings := range s.Settings().Services {
		service := projectService(info.Services[settings.ID], settings, s, est)
		service.Ready, service.Announced = back.ready[settings.ID], back.announced[settings.ID]
		service.Processing = back.processing[settings.ID]
		o.Services = append(o.Services, service)
	}
	for _, c := range s.Counters() {
		o.Counters = append(o.Counters, projectCounter(s, c, info.Counters[c.ID]))
	}
	return o
}

// officeState is open while any service takes tickets or anybody still waits.
func officeState(s *queue.State, at time.Time) string {
	switch {
	case !s.Opened() || s.Closed() || s.Office().State == queue.Stopped:
		return "closed"
	case s.Office().State == queue.Paused:
		return "paused"
	case s.WaitingCount() > 0:
		return "open"
	}
	for _, v := range s.Settings().Services {
		if _, ok := s.Accepts(v.ID, at); ok {
			return "open"
		}
	}
	return "closed"
}

func projectService(info ServiceInfo, v queue.ServiceSettings, s *queue.State, est estimate.Office) Service {
	code, accepting := s.Accepts(v.ID, est.At)
	wait := est.Services[v.ID]
	service := Service{
		ID: v.ID, Name: info.Name, Purpose: info.Purpose, Series: v.Series, Accepting: accepting, Why: string(code),
		Message: s.ServiceStatus(v.ID).Message, Opens: v.Opens, Closes: v.Closes,
		Waiting:     len(s.Line(queue.Line{Service: v.ID, Stage: queue.StageReception})),
		UntilCalled: Wire(wait.Called, est.At), UntilFinished: Wire(wait.Finished, est.At),
		Private: info.Private,
	}
	service.Level = level(info, code, wait.Called)
	return service
}

// level says in a word how long the wait is, or why there is no word for it.
func level(info ServiceInfo, why queue.Code, called estimate.Range) Level {
	switch {
	case why == queue.ServiceNotOpen || why == queue.OfficeNotOpen:
		return LevelSuspended
	case why != "":
		return LevelClosed
	case !called.Known:
		return LevelUnknown
	}
	return info.Level(called.P50)
}

// Level returns the word for a wait until called.
func (info ServiceInfo) Level(wait time.Duration) Level {
	switch {
	case wait < or(info.Moderate, 15*time.Minute):
		return LevelQuiet
	case wait < or(info.Busy, 30*time.Minute):
		return LevelModerate
	case wait < or(info.VeryBusy, 60*time.Minute):
		return LevelBusy
	}
	return LevelVeryBusy
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// Wire returns a range as it is sent, or nil where nothing is known.
func Wire(r estimate.Range, at time.Time) *Estimate {
	if !r.Known {
		return nil
	}
	low, high := r.Shown()
	whole := func(d time.Duration) int { return int(d / time.Second) }
	return &Estimate{whole(r.P50), whole(r.P80), whole(low), whole(high), at}
}

// handedOver is what the delivery lines of an office hold, per service.
type handedOver struct {
	ready      map[queue.ServiceID][]queue.Number
	announced  map[queue.ServiceID][]Announced
	processing map[queue.ServiceID]int
}

// backOffice counts the tickets in the back office per service and lists those
// that are ready for delivery, in the order in which they became so.
func backOffice(s *queue.State) handedOver {
	back := handedOver{map[queue.ServiceID][]queue.Number{}, map[queue.ServiceID][]Announced{}, map[queue.ServiceID]int{}}
	for _, t := range s.Tickets() {
		if t.Status == queue.Processing {
			back.processing[t.Line.Service]++
		}
	}
	for _, line := range s.Lines() {
		if line.Stage != queue.StageDelivery {
			continue
		}
		for _, t := range s.Line(line) {
			back.ready[line.Service] = append(back.ready[line.Service], t.Number)
			if counter, ok := announcedTo(s, t); ok {
				back.announced[line.Service] = append(back.announced[line.Service], Announced{t.Number, counter, t.AnnouncedAt})
			}
		}
	}
	return back
}

// announcedTo returns the counter where a waiting ticket can be fetched. One that
// has closed since calls nobody.
func announcedTo(s *queue.State, t *queue.Ticket) (queue.CounterID, bool) {
	if t.Announced == "" || t.Status != queue.Waiting {
		return "", false
	}
	c, ok := s.Counter(t.Announced)
	return t.Announced, ok && c.State != queue.CounterClosed
}

func projectCounter(s *queue.State, c *queue.Counter, way CounterInfo) Counter {
	counter := Counter{ID: c.ID, State: c.State, Services: c.Services, Direction: way.Direction, Place: way.Place}
	if counter.Services == nil {
		counter.Services = []queue.ServiceID{}
	}
	if t, ok := s.Ticket(c.Ticket); ok {
		counter.Number = t.Number
	}
	return counter
}
