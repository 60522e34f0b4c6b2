package place

// Model is the memory of one office and the state of its line.
type Model struct {
	options Options
}

// New makes a Model from what is known beforehand.
func New(o Options) *Model { return &Model{options: o} }

// Observe takes the next event. For an Issue it returns the estimate of the
// wait, made before the ticket joins the line; for others the zero Answer.
// Odd events are lived with: a finish of an unknown ticket, a call of one never
// issued, a time that goes back, a day without an end.
func (m *Model) Observe(Event) Answer { return Answer{} }

// Look answers for a line that somebody else keeps. It changes nothing that
// matters for later answers.
func (m *Model) Look(s Scene) Answers {
	return Answers{Waiting: make([]Both, len(s.Waiting)), Ask: make([]Both, len(s.Ask))}
}

// Lessons returns what outlives the day.
func (m *Model) Lessons() *Lessons {
	return &Lessons{lessonsBody{Version: lessonsVersion}}
}
