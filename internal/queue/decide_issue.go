package queue

import (
	"slices"
	"strconv"
)

func decideIssue(s *State, m Meta, c IssueTicket) ([]Event, error) {
	if err := checkIssue(s, c); err != nil {
		return nil, err
	}
	// Staff at the reception desk see the visitor, so they may give a ticket
	// outside the hours and to a service that is stopped for the machines.
	if code, ok := s.Accepts(c.Service, m.At); !ok && c.Channel != ChannelReception {
		return nil, &Refusal{Code: code, Field: "service", Have: s.message(c.Service, code)}
	}
	if limit := s.settings.Rule.MaxWaiting; limit > 0 && s.WaitingCount() >= limit {
		return nil, refuse(OfficeFull, "")
	}
	if err := checkHome(s, m, c); err != nil {
		return nil, err
	}
	number, err := nextNumber(s, c)
	if err != nil {
		return nil, err
	}
	arrival := m.At
	if !c.Arrival.IsZero() && c.Arrival.Before(arrival) {
		arrival = c.Arrival
	}
	return one(TicketIssued{
		Ticket: c.Ticket, Number: number, Pool: c.pool(), Kiosk: c.Kiosk, Slot: c.Slot,
		Service: c.Service, Further: c.Further, Channel: c.Channel, Language: c.Language,
		Priority: c.Priority, Appointment: c.Appointment, IssuedAt: m.At, Arrival: arrival,
		Secret: c.Secret, Quote: c.Quote, Flags: c.flags(),
		Away: c.Channel == ChannelWeb && s.settings.Rule.CheckIn, KeepUntil: keepUntil(s, m, c), Marks: c.Marks,
	})
}

// message returns what staff wrote for residents about a refusal.
func (s *State) message(id ServiceID, code Code) string {
	if code == OfficeNotOpen {
		return s.office.Message
	}
	return s.ServiceStatus(id).Message
}

func (c IssueTicket) pool() Pool {
	if c.Pool == "" {
		return PoolServer
	}
	return c.Pool
}

func (c IssueTicket) flags() []Flag {
	if c.Pool == PoolKiosk {
		return []Flag{FlagOffline}
	}
	return nil
}

func checkIssue(s *State, c IssueTicket) error {
	if c.Ticket == "" {
		return refuse(MissingField, "ticket")
	}
	if _, exists := s.tickets[c.Ticket]; exists {
		return refuse(TicketExists, "ticket")
	}
	if !slices.Contains(Channels, c.Channel) {
		return refuse(UnknownChannel, "channel")
	}
	if len(c.Further) > maxFurther {
		return refuse(OutOfRange, "further")
	}
	for _, id := range c.Further {
		if _, ok := s.settings.Service(id); !ok {
			return refuse(UnknownService, "further")
		}
	}
	if _, ok := s.settings.Service(c.Service); !ok {
		return refuse(UnknownService, "service")
	}
	return checkText("language", c.Language, false)
}

// nextNumber returns the number that the ticket's pool gives next.
func nextNumber(s *State, c IssueTicket) (Number, error) {
	service, _ := s.settings.Service(c.Service)
	series, _ := s.settings.SeriesOf(service.Series)
	switch c.pool() {
	case PoolServer:
		return s.nextServerNumber(series), nil
	case PoolDesk:
		if n, ok := s.nextIn(series.ID, series.Desk, ownerKey(series.ID, "desk")); ok {
			return formatNumber(series.ID, n), nil
		}
		return "", refuse(NumbersUsedUp, "pool")
	case PoolKiosk:
		return s.nextKioskNumber(series, c)
	}
	return "", refuse(UnknownPool, "pool")
}

// nextServerNumber goes through the main range, then the next band, then an
// overflow that never ends; never back to the beginning.
func (s *State) nextServerNumber(series SeriesSettings) Number {
	if wrong, on := s.countedNumber(series); on {
		return wrong
	}
	key := ownerKey(series.ID, "server")
	if n, ok := s.nextIn(series.ID, series.Main, key); ok {
		return formatNumber(series.ID, n)
	}
	if n, ok := s.nextIn(series.ID, series.Next, ownerKey(series.ID, "next")); ok {
		return formatNumber(series.ID, n)
	}
	return s.nextOverflow(string(series.ID), 1)
}

func (s *State) nextKioskNumber(series SeriesSettings, c IssueTicket) (Number, error) {
	if _, ok := s.settings.Kiosk(c.Kiosk); !ok {
		return "", refuse(UnknownKiosk, "kiosk")
	}
	if c.Slot < 0 || c.Slot >= s.settings.slots(c.Kiosk) {
		return "", refuse(RangeNotBound, "slot")
	}
	if ranges := series.Kiosks[c.Kiosk]; c.Slot < len(ranges) {
		if n, ok := s.nextIn(series.ID, ranges[c.Slot], kioskKey(series.ID, c.Kiosk, c.Slot)); ok {
			return formatNumber(series.ID, n), nil
		}
		if wraps() {
			return formatNumber(series.ID, ranges[c.Slot].First), nil
		}
	}
	return s.nextOverflow(OverflowLabel(c.Kiosk, c.Slot), c.Overflow), nil
}

// nextIn returns the number after the newest one of an owner, if it is still in
// the owner's range. A number that somebody bears, because the range was another
// owner's in settings that the day had before, is passed over.
func (s *State) nextIn(series SeriesID, r Range, key string) (int, bool) {
	n := max(r.First, s.used[key]+1)
	for r.Contains(n) && len(s.numbers[formatNumber(series, n)]) > 0 {
		n++
	}
	return n, r.Contains(n)
}

// nextOverflow returns the number of an overflow series that comes next.
func (s *State) nextOverflow(label string, atLeast int) Number {
	n := max(1, atLeast, s.used[overflowKey(label)]+1)
	for len(s.numbers[overflowNumber(label, n)]) > 0 {
		n++
	}
	return overflowNumber(label, n)
}

// OverflowLabel is what stands before the hyphen in a kiosk's overflow numbers.
// A second store of the same kiosk has a label of its own: it does not know how
// far the first one counted.
func OverflowLabel(k KioskID, slot int) string {
	if slot == 0 {
		return string(k)
	}
	return string(k) + string(rune('A'+slot))
}

// OverflowCount reads the count of an overflow number of a label, or 0.
func OverflowCount(n Number, label string) int {
	if l, count, overflow, ok := n.parse(); ok && overflow && l == label {
		return count
	}
	return 0
}

func ownerKey(series SeriesID, owner string) string { return string(series) + "/" + owner }

func kioskKey(series SeriesID, k KioskID, slot int) string {
	return ownerKey(series, string(k)+"/"+strconv.Itoa(slot))
}

func overflowKey(label string) string { return "overflow/" + label }

// spend notes the number of an issued ticket as used, so that its owner goes on
// behind it. Numbers that arrive late only ever raise the mark.
func (s *State) spend(e TicketIssued) {
	series, n, overflow, ok := e.Number.parse()
	if !ok {
		return
	}
	key := overflowKey(series)
	if !overflow {
		key = s.ownerOf(SeriesID(series), n, e)
	}
	s.used[key] = max(s.used[key], n)
}

func (s *State) ownerOf(series SeriesID, n int, e TicketIssued) string {
	settings, _ := s.settings.SeriesOf(series)
	switch {
	case e.Pool == PoolKiosk:
		return kioskKey(series, e.Kiosk, e.Slot)
	case e.Pool == PoolDesk:
		return ownerKey(series, "desk")
	case settings.Next.Contains(n):
		return ownerKey(series, "next")
	}
	return ownerKey(series, "server")
}
