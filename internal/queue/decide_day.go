package queue

import (
	"slices"
	"time"
)

func decideOpenDay(s *State, c OpenDay) ([]Event, error) {
	if s.opened {
		return nil, refuse(DayIsOpen, "")
	}
	if err := c.Settings.Validate(); err != nil {
		return nil, &Refusal{Code: BadSettings, Field: "settings", Have: err.Error()}
	}
	return one(DayOpened(c))
}

func decideChangeSettings(s *State, c ChangeSettings) ([]Event, error) {
	if c.Settings.Office != s.settings.Office || c.Settings.Date != s.settings.Date {
		return nil, &Refusal{Code: BadSettings, Field: "settings", Have: "another office or day"}
	}
	if err := c.Settings.Validate(); err != nil {
		return nil, &Refusal{Code: BadSettings, Field: "settings", Have: err.Error()}
	}
	if err := s.settings.keepsRanges(&c.Settings); err != nil {
		return nil, &Refusal{Code: BadSettings, Field: "settings", Have: err.Error()}
	}
	c.Settings.Rule = c.Settings.Rule.In(s.settings.Rule.Reading)
	return one(SettingsChanged(c))
}

// decideCloseDay ends every visit that is still open, so that none vanishes.
func decideCloseDay(s *State) ([]Event, error) {
	var events []Event
	for _, t := range s.Tickets() {
		switch {
		case t.Status == NoShow:
			events = append(events, TicketClosed{t.ID, t.Number})
		case !t.Status.Final():
			events = append(events, TicketExpired{t.ID})
		}
	}
	return append(events, DayClosed{}), nil
}

// decideTick lets lapse what has lapsed. A tick at which nothing lapses is no
// event at all: it must not fill the log.
func decideTick(s *State, m Meta) ([]Event, error) {
	if _, to, err := s.settings.Date.Bounds(); err == nil && !m.At.Before(to) {
		return decideCloseDay(s)
	}
	var events []Event
	for _, t := range s.Tickets() {
		if until, lapses := s.noShowCloses(t); lapses && !m.At.Before(until) {
			events = append(events, TicketClosed{t.ID, t.Number})
		}
		if until, lapses := s.unclaimed(t); lapses && !m.At.Before(until) {
			events = append(events, TicketExpired{t.ID})
		}
	}
	return events, nil
}

func (s *State) noShowCloses(t *Ticket) (time.Time, bool) {
	after := s.settings.Rule.NoShowClose
	if t.Status != NoShow || after <= 0 {
		return time.Time{}, false
	}
	return t.MissedAt.Add(after), true
}

// NextTick returns the moment at which a [Tick] will next have something to do,
// or false when the day is not open.
func (s *State) NextTick() (time.Time, bool) {
	if !s.opened || s.closed {
		return time.Time{}, false
	}
	_, next, err := s.settings.Date.Bounds()
	if err != nil {
		return time.Time{}, false
	}
	for _, t := range s.tickets {
		if until, lapses := s.noShowCloses(t); lapses && until.Before(next) {
			next = until
		}
		if until, lapses := s.unclaimed(t); lapses && until.Before(next) {
			next = until
		}
	}
	return next, true
}

func decideBindRange(s *State, c BindRange) ([]Event, error) {
	if _, ok := s.settings.Kiosk(c.Kiosk); !ok {
		return nil, refuse(UnknownKiosk, "kiosk")
	}
	if c.Store == "" {
		return nil, refuse(MissingField, "store")
	}
	taken := s.bindings[c.Kiosk]
	if slices.ContainsFunc(taken, func(b Binding) bool { return b.Store == c.Store }) {
		return nil, &Refusal{Code: AlreadyDone, Field: "store", Have: c.Store}
	}
	slot := 0
	for slices.ContainsFunc(taken, func(b Binding) bool { return b.Slot == slot }) && !reuses() {
		slot++
	}
	if slot >= s.settings.slots(c.Kiosk) {
		return nil, &Refusal{Code: NoRangeLeft, Field: "store", Have: string(c.Kiosk)}
	}
	return one(RangeBound{c.Kiosk, slot, c.Store})
}

func decideSetService(s *State, c SetService) ([]Event, error) {
	if _, ok := s.settings.Service(c.Service); !ok {
		return nil, refuse(UnknownService, "service")
	}
	if err := checkState(c.State, c.Message); err != nil {
		return nil, err
	}
	return one(ServiceSet(c))
}

func decideSetOffice(c SetOffice) ([]Event, error) {
	if err := checkState(c.State, c.Message); err != nil {
		return nil, err
	}
	return one(OfficeSet(c))
}

func checkState(state, message string) error {
	if state != Accepting && state != Paused && state != Stopped {
		return refuse(UnknownState, "state")
	}
	return checkText("message", message, false)
}
