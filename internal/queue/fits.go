package queue

// Fits reports whether an event of a ticket could be applied next. Events of the
// day and of counters are not looked at.
func (s *State) Fits(e Event) bool {
	id := e.ticket()
	return id == "" || s.misfit(s.tickets[id], e) == ""
}
