package sim

import (
	"fmt"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
)

// auditor knows what the people of the world were promised, and holds every copy
// of the day against it. The first breach ends the world.
type auditor struct {
	world   *world
	breach  string
	at      time.Duration
	papers  []paper
	numbers map[string]queue.TicketID // what is on paper, by office, day and number
	promise map[string][]promise      // confirmed commands, by stream
	seen    map[string]map[eventlog.Hash]string
	states  map[eventlog.Hash]eventlog.Hash
	refused map[queue.CommandID]bool
	presses struct{ made, ticket, refused, open int }
}

// paper is a ticket in somebody's hand.
type paper struct {
	office queue.OfficeID
	date   queue.Date // as an honest calendar says, not as the machine does
	number queue.Number
	ticket queue.TicketID
	at     time.Duration // when the visitor pressed
	kiosk  *kiosk        // nil for web and desk
	exact  bool          // the machine's clock was known then
}

// promise is a command that somebody was told is done.
type promise struct {
	command queue.CommandID
	origin  string
}

func newAuditor(w *world) *auditor {
	return &auditor{
		world: w, numbers: map[string]queue.TicketID{}, promise: map[string][]promise{},
		seen: map[string]map[eventlog.Hash]string{}, states: map[eventlog.Hash]eventlog.Hash{}, refused: map[queue.CommandID]bool{},
	}
}

// fail notes the first breach; what follows from it is of no interest.
func (a *auditor) fail(format string, args ...any) {
	if a.breach == "" {
		a.breach, a.at = fmt.Sprintf(format, args...), a.world.now
		a.world.story.tell("AUDITOR", "%s", a.breach)
	}
}

// answered notes what a person was told about a command.
func (a *auditor) answered(id queue.OfficeID, r office.Request, got reply) {
	if got.outcome == nil {
		return
	}
	stream := day.Stream(id, queue.BusinessDay(got.outcome.Meta.At))
	if !got.unconfirmed {
		a.promise[stream] = append(a.promise[stream], promise{r.ID, got.outcome.Meta.Origin})
	}
}

// printed notes a number that a person can read, and that nobody else may get.
func (a *auditor) printed(p paper) {
	key := fmt.Sprintf("%s %s %s", p.office, p.date, p.number)
	if other, taken := a.numbers[key]; taken && other != p.ticket {
		a.fail("number %s is on paper twice: %s and %s", key, other, p.ticket)
	}
	a.numbers[key] = p.ticket
	a.papers = append(a.papers, p)
}

// shown notes the records behind a state that a server shows to screens: each
// must be in the final log, or the screen told a tale.
func (a *auditor) shown(by, stream string, records []eventlog.Record) {
	seen := a.seen[stream]
	if seen == nil {
		seen = map[eventlog.Hash]string{}
		a.seen[stream] = seen
	}
	for _, r := range records {
		if h := eventlog.BodyHash(r.Body); seen[h] == "" {
			seen[h] = by
		}
	}
}

// appended is told of every commit.
func (a *auditor) appended(stream string, records []eventlog.Record) {}

// replica holds a copy of a day against all others with the same head.
func (a *auditor) replica(who string, d *day.Day) {
	hash, err := d.Hash()
	if err != nil {
		a.fail("%s: %v", who, err)
		return
	}
	head := d.Head().Hash
	if other, known := a.states[head]; known && other != hash {
		a.fail("%s: the same head %s has another state than elsewhere", who, head)
	}
	a.states[head] = hash
}

// final holds the log that is left against everything that was promised.
func (a *auditor) final(stream string, records []eventlog.Record) {
	d, err := day.Replay(records)
	if err != nil {
		a.fail("the final log %s does not replay: %v", stream, err)
		return
	}
	a.replica("replay", d)
	written := map[promise]int{}
	for _, r := range records {
		delete(a.seen[stream], eventlog.BodyHash(r.Body))
		if body, err := eventlog.DecodeBody(r.Body); err == nil {
			written[promise{queue.CommandID(body.Command), body.Origin}]++
		}
	}
	for p, n := range written {
		if n > 1 {
			a.fail("command %s of %s is in the log %s %d times", p.command, p.origin, stream, n)
		}
	}
	for _, p := range a.promise[stream] {
		if written[p] != 1 {
			a.fail("command %s was confirmed by %s, and is in the log %s %d times", p.command, p.origin, stream, written[p])
		}
	}
	if n := len(a.seen[stream]); n > 0 {
		a.fail("%d records of %s were shown and are not in the final log", n, stream)
	}
	a.tickets(stream, d.State())
}

// tickets checks that everyone with a paper is in the day with the number on it.
func (a *auditor) tickets(stream string, s *queue.State) {
	var last paper
	for _, p := range a.papers {
		if day.Stream(p.office, p.date) != stream {
			continue
		}
		t, ok := s.Ticket(p.ticket)
		switch {
		case !ok:
			a.fail("ticket %s with number %s on paper is not in the log %s", p.ticket, p.number, stream)
		case t.Number != p.number:
			a.fail("ticket %s has number %s, its paper says %s", p.ticket, t.Number, p.number)
		}
		last = p
	}
	_ = last
}
