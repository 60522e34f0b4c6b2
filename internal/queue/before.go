package queue

import "time"

// decideBefore decides in a day that an older program opened and may follow: with
// words alone that it reads. What a clerk served by number is noted for a person;
// the moment of a press is that of its arrival.
func decideBefore(s *State, m Meta, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Announce, HandOver, Merge, Skip:
		return nil, refuse(NotAllowed, "")
	case Serve:
		return decideServe(s, m, c)
	}
	return decide(s, m, plain(c))
}

// plain returns a command without what an older program does not know.
func plain(c Command) Command {
	switch c := c.(type) {
	case Start:
		return Start{Ticket: c.Ticket, Counter: c.Counter}
	case MarkNoShow:
		return MarkNoShow{Ticket: c.Ticket, Counter: c.Counter}
	case Hold:
		return Hold{Ticket: c.Ticket, Counter: c.Counter, Reason: c.Reason}
	case AddNote:
		return AddNote{Ticket: c.Ticket, Text: c.Text}
	case Finish:
		c.Served, c.Clicked = nil, time.Time{}
		return c
	case FinishAndCallNext:
		c.Served = nil
		return c
	}
	return c
}

// Schema returns the version of the log's form that a reader of events must know:
// 2 where there is something in them that the first release did not write.
func Schema(events []Event) int {
	for _, e := range events {
		if newer(e) {
			return 2
		}
	}
	return 1
}

func newer(e Event) bool {
	switch e := e.(type) {
	case TicketServed, TicketAnnounced, TicketMerged:
		return true
	case DayOpened:
		return e.Settings.Rule.newer()
	case SettingsChanged:
		return e.Settings.Rule.newer()
	case TicketIssued:
		return !e.KeepUntil.IsZero() || e.Marks != Marks{}
	case TicketArrived:
		return !e.Arrival.IsZero()
	case ServiceStarted:
		return !e.At.IsZero()
	case ServiceFinished:
		return !e.At.IsZero() || len(e.Served) > 0
	case TicketMissed:
		return !e.At.IsZero()
	case TicketHeld:
		return !e.At.IsZero() || e.Room != ""
	case TicketDeferred:
		return e.Counter != ""
	}
	return false
}

// In returns the rule as a day of a reading bears it: a day is read in one way from
// its opening on, and an old one has no words that are newer.
func (r Rule) In(reading int) Rule {
	if r.Reading = reading; reading < 1 {
		r.SkipFor, r.Choose, r.Home = 0, "", FromHome{}
	}
	return r
}

func (r *Rule) newer() bool {
	return r.Reading > 0 || r.SkipFor != 0 || r.Choose != "" || r.Home != FromHome{}
}
