package queue

import (
	"slices"
	"time"
)

// Settings are what a day is run with. They travel in the day's first event, so
// that a log replays alone whatever became of the catalogue.
type Settings struct {
	Office   OfficeID          `json:"office"`
	Date     Date              `json:"date"`
	Version  string            `json:"version"` // of the catalogue
	Services []ServiceSettings `json:"services"`
	Series   []SeriesSettings  `json:"series"`
	Counters []CounterSettings `json:"counters"`
	Kiosks   []KioskSettings   `json:"kiosks,omitempty"`
	Rule     Rule              `json:"rule"`
}

// Stage is a part of a visit; a ticket waits in one line, (service, stage), at a time.
type Stage string

// The stages of a visit, in their order.
const (
	StageReception  Stage = "reception"  // 受付
	StageProcessing Stage = "processing" // 処理: the back office works, no counter calls
	StageDelivery   Stage = "delivery"   // 交付・会計
)

// ServiceSettings describe one service at one office.
type ServiceSettings struct {
	ID     ServiceID `json:"id"`
	Series SeriesID  `json:"series"`
	Stages []Stage   `json:"stages"`
	// Opens and Closes bound the reception hours of the day; zero means all day.
	Opens  time.Time `json:"opens,omitzero"`
	Closes time.Time `json:"closes,omitzero"`
	// Early is how long before Opens tickets are given: people stand at the door
	// before the counters open, and a number is better than a crowd.
	Early time.Duration `json:"early,omitempty"`
	// Expected is the service time of one visit that the ward counts with until
	// the day has taught better.
	Expected time.Duration `json:"expected"`
}

// HasStage reports whether visits of the service go through a stage.
func (s ServiceSettings) HasStage(stage Stage) bool { return slices.Contains(s.Stages, stage) }

// Range is a closed interval of numbers; the zero Range is empty.
type Range struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Contains reports whether n lies in the range.
func (r Range) Contains(n int) bool { return r.First > 0 && r.First <= n && n <= r.Last }

func (r Range) empty() bool { return r.First == 0 && r.Last == 0 }

func (r Range) overlaps(o Range) bool {
	return !r.empty() && !o.empty() && r.First <= o.Last && o.First <= r.Last
}

// SeriesSettings describe the numbers of one series and who owns which of them.
type SeriesSettings struct {
	ID SeriesID `json:"id"`
	// Main numbers are given by the server, strictly ascending; Next follows when
	// they are used up. Numbers never begin again while the day is open.
	Main Range `json:"main"`
	Next Range `json:"next,omitzero"`
	// Desk numbers are a pre-printed block for the reception desk.
	Desk Range `json:"desk,omitzero"`
	// Kiosks holds the offline ranges: per kiosk, one range per slot (see [Binding]).
	Kiosks map[KioskID][]Range `json:"kiosks,omitempty"`
}

// CounterSettings describe one counter.
type CounterSettings struct {
	ID CounterID `json:"id"`
	// Services the counter may serve; Own are those it serves before all others.
	Services []ServiceID `json:"services"`
	Own      []ServiceID `json:"own,omitempty"`
	Stages   []Stage     `json:"stages"`
	Remote   bool        `json:"remote,omitempty"` // served over video
}

// KioskSettings describe one ticket machine and the stores that own its ranges.
type KioskSettings struct {
	ID       KioskID   `json:"id"`
	Bindings []Binding `json:"bindings,omitempty"`
}

// Binding ties a slot of a kiosk's offline ranges to one store. A machine with a
// new disk gets the next slot: what the old disk may have printed stays closed.
type Binding struct {
	Slot  int    `json:"slot"`
	Store string `json:"store"`
}

// Rule is the calling rule of an office: data that its manager sets.
type Rule struct {
	// Ratio is how many priority tickets are called for each ordinary one while
	// both wait. 0 means that priority tickets always go first.
	Ratio int `json:"ratio"`
	// MaxWait is the wait after which a ticket goes before all classes. 0: none.
	MaxWait time.Duration `json:"max_wait"`
	// MaxOvertaken is how many later arrivals of its line may be called before a
	// ticket, by rule; then it goes first. It is the starvation bound. 0: none.
	MaxOvertaken int `json:"max_overtaken"`
	// An appointment that checks in between Early before and Late after its slot
	// stands in the line at its slot, and is called from then on before others. One
	// that comes earlier waits by its arrival until then; one that comes later, always.
	AppointmentEarly time.Duration `json:"appointment_early"`
	AppointmentLate  time.Duration `json:"appointment_late"`
	// NoShowCalls is how many calls a ticket gets before it may be marked as no-show.
	NoShowCalls int `json:"no_show_calls"`
	// RecallGap is the shortest time between two calls of one ticket.
	RecallGap time.Duration `json:"recall_gap"`
	// NoShowClose is when a no-show that did not come back is closed. 0: at the end of the day.
	NoShowClose time.Duration `json:"no_show_close"`
	// RestoreBack is how many tickets a restored no-show waits behind.
	RestoreBack int `json:"restore_back"`
	// UndoWithin is how long a staff action can be undone.
	UndoWithin time.Duration `json:"undo_within"`
	// MaxWaiting bounds the tickets that may wait in the office at once, against a
	// machine gone wild; facts from paper are beyond it.
	MaxWaiting int `json:"max_waiting"`
	// CheckIn makes a ticket that was taken from home wait for its holder: it
	// keeps its place in the line, and is called once the holder has checked in.
	CheckIn bool `json:"check_in,omitempty"`
	// SkipFor is how long a ticket that a clerk skipped is left alone. 0: no skipping.
	SkipFor time.Duration `json:"skip_for,omitempty"`
	// Choose says who may call a chosen number, or the next of one service: a
	// Choose word. Empty means staff.
	Choose string `json:"choose,omitempty"`
	// Home says how tickets are taken from home.
	Home FromHome `json:"from_home,omitzero"`
	// Reading says how these words are read; see [Reading]. Whoever makes a rule
	// keeps the one it began with.
	Reading int `json:"reading,omitempty"`
}

// Reading is how this program reads a new rule. A day is read to its end as it was
// opened: 0 is a day before readings were told apart, which an older program may
// be following, so that nothing is written into it that one cannot read.
//
// 1: an appointment that came too early waits as a walk-in; a call of one service
// overtakes all who could have been called, and the starvation bound goes before
// the service that was asked for; an undo that comes as a fact gives back the turn.
const Reading = 1

// Who may choose whom to call; see [Rule].
const (
	ChooseStaff   = "staff"
	ChooseManager = "manager"
	ChooseNobody  = "nobody"
)

// DefaultRule is what an office begins with.
func DefaultRule() Rule {
	return Rule{
		Ratio: 2, MaxWait: 60 * time.Minute, MaxOvertaken: 30,
		AppointmentEarly: 15 * time.Minute, AppointmentLate: 10 * time.Minute,
		NoShowCalls: 1, RecallGap: 5 * time.Second, RestoreBack: 3,
		UndoWithin: time.Minute, MaxWaiting: 5000, SkipFor: 5 * time.Minute, Reading: Reading,
	}
}

// Service returns the settings of a service.
func (s *Settings) Service(id ServiceID) (ServiceSettings, bool) {
	return find(s.Services, func(x ServiceSettings) bool { return x.ID == id })
}

// SeriesOf returns the settings of a series.
func (s *Settings) SeriesOf(id SeriesID) (SeriesSettings, bool) {
	return find(s.Series, func(x SeriesSettings) bool { return x.ID == id })
}

// Counter returns the settings of a counter.
func (s *Settings) Counter(id CounterID) (CounterSettings, bool) {
	return find(s.Counters, func(x CounterSettings) bool { return x.ID == id })
}

// Kiosk returns the settings of a kiosk.
func (s *Settings) Kiosk(id KioskID) (KioskSettings, bool) {
	return find(s.Kiosks, func(x KioskSettings) bool { return x.ID == id })
}

func find[T any](list []T, match func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, match); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}
