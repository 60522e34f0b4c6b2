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
	held    map[queue.TicketID]queue.Number // what each ticket's paper says
	numbers map[string]queue.TicketID       // what is on paper, by office, day and number
	promise map[string][]promise            // confirmed commands, by stream
	seen    map[string]map[eventlog.Hash]string
	states  map[eventlog.Hash]eventlog.Hash
	logs    map[string]*observer
	shifted map[queue.TicketID]bool      // by staff: they stand where somebody put them
	unsure  map[string][]promise         // confirmed only as unconfirmed, by stream
	reports map[string]queue.KioskReport // newest that was confirmed, by stream and machine
	presses struct{ made, ticket, refused, open int }
	waits   waits
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
		world: w, held: map[queue.TicketID]queue.Number{}, numbers: map[string]queue.TicketID{}, promise: map[string][]promise{},
		seen: map[string]map[eventlog.Hash]string{}, states: map[eventlog.Hash]eventlog.Hash{}, logs: map[string]*observer{}, shifted: map[queue.TicketID]bool{}, unsure: map[string][]promise{}, reports: map[string]queue.KioskReport{},
		waits: waits{said: map[eventlog.Head]string{}, by: map[eventlog.Head]string{}},
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
	p := promise{r.ID, got.outcome.Meta.Origin}
	if got.unconfirmed {
		a.unsure[stream] = append(a.unsure[stream], p)
		return
	}
	a.promise[stream] = append(a.promise[stream], p)
}

// printed notes a number that a person can read, and that nobody else may get.
func (a *auditor) printed(p paper) {
	key := fmt.Sprintf("%s %s %s", p.office, p.date, p.number)
	if other, taken := a.numbers[key]; taken && other != p.ticket {
		a.fail("number %s is on paper twice: %s and %s", key, other, p.ticket)
	}
	a.numbers[key] = p.ticket
	a.held[p.ticket] = p.number
	a.papers = append(a.papers, p)
}

// inHand reports whether somebody holds a paper with the number of a ticket, and
// so may come when it is called. A clerk who does not look closely serves whoever
// comes all the same.
func (a *auditor) inHand(t *queue.Ticket) bool { return a.held[t.ID] == t.Number }

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
	a.observe(stream, a.world.redis.nodes[a.world.redis.newest].streams[stream])
	d, err := day.Replay(records)
	if err != nil {
		a.fail("the final log %s does not replay: %v", stream, err)
		return
	}
	a.replica("replay", d)
	written := a.written(stream, records)
	for _, p := range a.promise[stream] {
		if written[p] != 1 {
			a.fail("command %s was confirmed by %s, and is in the log %s %d times", p.command, p.origin, stream, written[p])
		}
	}
	for _, p := range a.unsure[stream] {
		if written[p] == 1 {
			a.world.rare.reached(rareUnconfirmed)
		}
	}
	if n := len(a.seen[stream]); n > 0 {
		a.fail("%d records of %s were shown and are not in the final log", n, stream)
	}
	a.tickets(stream, d.State())
	a.waited(stream, d)
}

// written counts the records of each command, and takes off the list what screens
// have shown.
func (a *auditor) written(stream string, records []eventlog.Record) map[promise]int {
	count := map[promise]int{}
	for _, r := range records {
		delete(a.seen[stream], eventlog.BodyHash(r.Body))
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			continue // the replay says so
		}
		p := promise{queue.CommandID(body.Command), body.Origin}
		if count[p]++; count[p] > 1 {
			a.fail("command %s of %s is in the log %s more than once", p.command, p.origin, stream)
		}
	}
	return count
}

// tickets checks that everyone with a paper is in the day with the number on it.
func (a *auditor) tickets(stream string, s *queue.State) {
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
	}
	a.order(stream, s)
	for k, known := range s.Kiosks() {
		said, ok := a.reports[stream+" "+string(k)]
		if ok && (known.At.Before(said.At) || known.At.Equal(said.At) && !known.SameWords(said)) {
			a.fail("machine %s said %+v, and %s knows %+v", k, said, stream, known)
		}
	}
}

// reported notes what a server was told of a machine, and has in the log.
func (a *auditor) reported(k *kiosk, words queue.KioskReport, got reply) {
	key := day.Stream(k.branch.id, queue.BusinessDay(got.outcome.Meta.At)) + " " + string(k.id)
	if words.At = got.outcome.Meta.At; words.At.After(a.reports[key].At) && !got.unconfirmed {
		a.reports[key] = words
	}
}

// order checks that every ticket nobody has moved stands where its visitor pressed,
// as far as clocks can be trusted: then nobody overtakes by a late message.
func (a *auditor) order(stream string, s *queue.State) {
	for _, p := range a.papers {
		t, ok := s.Ticket(p.ticket)
		if !ok || !p.exact || day.Stream(p.office, p.date) != stream || a.shifted[p.ticket] || t.Has(queue.FlagClock) {
			continue
		}
		pressed := a.world.start.Add(p.at)
		if off := t.Arrival.Sub(pressed).Abs(); off > clockError {
			a.fail("ticket %s was pressed at %s, and stands %s off", p.ticket, clockText(p.at), off)
		}
	}
}

// clockError bounds what a machine's clock may be wrong: a restart without a
// contact costs 30 s, and a desk waits for its answer.
const clockError = 45 * time.Second
