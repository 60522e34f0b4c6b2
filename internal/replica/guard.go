package replica

import "time"

const (
	// betweenTickets is the shortest time between two tickets.
	betweenTickets = 1500 * time.Millisecond
	// At alarmTickets within alarmWithin somebody plays with the machine, or it has
	// gone wild: people are told, tickets go on.
	alarmTickets = 10
	alarmWithin  = 30 * time.Second
)

// Guard keeps one visitor's fingers from drawing two tickets: one press for each
// screen session, and a pause between two tickets.
type Guard struct {
	session string
	recent  []time.Duration // of the newest tickets, on the timer; at most alarmTickets
}

// Allow reports whether a press of a screen session may begin. The reason is
// "session_used" or "too_soon".
func (g *Guard) Allow(session string, timer time.Duration) (reason string, ok bool) {
	if session == "" || session == g.session {
		return "session_used", false
	}
	if n := len(g.recent); n > 0 && timer-g.recent[n-1] < betweenTickets {
		return "too_soon", false
	}
	return "", true
}

// Begin notes a press that was allowed and reports whether the alarm is due.
func (g *Guard) Begin(session string, timer time.Duration) (alarm bool) {
	g.session = session
	if len(g.recent) == alarmTickets {
		g.recent = append(g.recent[:0:0], g.recent[1:]...)
	}
	g.recent = append(g.recent, timer)
	return len(g.recent) == alarmTickets && timer-g.recent[0] < alarmWithin
}
