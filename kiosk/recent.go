package kiosk

import (
	"slices"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

const (
	// maxRecent bounds the presses that the screen can ask about.
	maxRecent = 16
	// A ticket's secret is kept for the screen until the visitor has taken it, at
	// most for so long: with paper in hand, and without.
	paperFor  = time.Minute
	screenFor = 15 * time.Minute
)

// recent is what the screen can still ask about, oldest first.
type recent []entry

// entry is a press as the screen knows it.
type entry struct {
	ticket  Ticket
	choice  Choice
	refused bool // before it began: the session is still free
	taken   bool
	until   time.Duration // on the timer; 0 while the press is under way
}

// known says what is known of a session's press.
type known int

const (
	unknown  known = iota
	underWay       // nothing to be seen yet
	recalled
)

func (r recent) find(id queue.CommandID) *entry {
	if i := slices.IndexFunc(r, func(e entry) bool { return e.ticket.Command == id }); i >= 0 {
		return &r[i]
	}
	return nil
}

// note takes a press up. A visitor who stands before the machine now has sent the
// one before away, and the secret of that one's ticket with them.
func (k *Kiosk) note(id queue.CommandID, c Choice) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.recent = append(k.recent, entry{ticket: Ticket{Command: id}, choice: c})
	if len(k.recent) > maxRecent {
		k.recent = slices.Delete(k.recent, 0, 1)
	}
}

// recall looks for the press that a session made with the same choice.
func (k *Kiosk) recall(c Choice) (Ticket, known) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range slices.Backward(k.recent) {
		switch {
		case e.choice != c || e.refused:
		case e.ticket.State == "":
			return e.ticket, underWay
		default:
			return e.ticket, recalled
		}
	}
	return Ticket{}, unknown
}

// remember keeps what became of a press. A press has a serial once it has begun.
func (k *Kiosk) remember(t Ticket, p replica.Press) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.recent.find(t.Command)
	if e == nil {
		return // settled after a restart: no screen asks
	}
	e.ticket, e.refused = t, p.Serial == 0
	timer := k.watch.now().Timer
	switch {
	case p.State == replica.Printed:
		e.until = timer + paperFor
	case p.State.Final():
		e.until = timer + screenFor
	}
	if e.taken && p.State.Final() {
		e.strip()
	}
	if t.Code != "" {
		return
	}
	for i := range k.recent { // a new visitor has a ticket
		if old := &k.recent[i]; old.until > 0 && old.choice.Session != e.choice.Session {
			old.strip()
		}
	}
}

// forget drops the secrets whose time is over. The loop runs it at every tick.
func (k *Kiosk) forget() {
	timer := k.watch.now().Timer
	k.scans.forget(timer)
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.recent {
		if e := &k.recent[i]; e.until > 0 && timer >= e.until {
			e.strip()
		}
	}
}

// Taken says that the visitor has what they came for: nothing of the ticket's
// secret stays in the machine.
func (k *Kiosk) Taken(id queue.CommandID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.recent.find(id); e != nil {
		if e.taken = true; e.ticket.State.Final() {
			e.strip()
		}
	}
}

func (e *entry) strip() { e.ticket.StatusURL, e.choice.Session = "", "" }

// Ticket returns one of the newest presses.
func (k *Kiosk) Ticket(id queue.CommandID) (Ticket, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.recent.find(id); e != nil && e.ticket.State != "" {
		return e.ticket, true
	}
	return Ticket{}, false
}

// statusURL returns the address of a ticket's page while the screen may show it.
func (k *Kiosk) statusURL(id queue.TicketID) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.recent {
		if e.ticket.id == id {
			return e.ticket.StatusURL
		}
	}
	return ""
}
