package peakday_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"machi/internal/queue"
	"machi/kiosk"
)

var more = flag.Int("more", 1, "let this many times as many people come, up to 7")

// total returns how many tickets the office gives on the day. Its busiest day has
// 800; as many as a test allows come to all the same places.
func total() int { return 120 * min(*more, 7) }

// lobby counts the people who are still to come, and remembers who got what.
type lobby struct {
	clock *clock
	doors *doors
	staff string // token
	web   string // token

	mu       sync.Mutex
	left     int
	keep     int               // of those, how many are left to the machines
	answered map[string]string // ticket id -> number, of every 201
	papers   []press
}

// press is a number that a machine gave.
type press struct {
	machine       queue.KioskID
	ticket        kiosk.Ticket
	before, after time.Time
	cut           bool // from its beginning to its end
}

// come lets one more person in, if there is one. At machines people come when they
// like; all others when it is their time.
func (l *lobby) come(toMachine bool) bool {
	now := l.clock.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	due := int(float64(total()) * now.Sub(at(8, 30)).Hours() / at(16, 0).Sub(at(8, 30)).Hours())
	if l.left == 0 || !toMachine && (l.left <= l.keep || total()-l.left >= due) {
		return false
	}
	l.left--
	return true
}

func (l *lobby) empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left == 0
}

// admitAll leaves nobody to the machines any more.
func (l *lobby) admitAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep = 0
}

// services are what people come for, the usual ones more often.
var services = strings.Fields(strings.Repeat("certificate ", 6) + strings.Repeat("moving ", 5) +
	"mynumber mynumber insurance insurance koseki koseki-certificate koseki-certificate seal other other residence bereavement")

// desk is somebody who takes a ticket at the reception desk or on a phone.
func (l *lobby) desk(r *rand.Rand, web bool) {
	token, channel := l.staff, "reception"
	if web {
		token, channel = l.web, "web"
	}
	body := map[string]any{"service": services[r.IntN(len(services))], "channel": channel, "language": "ja"}
	if !web && r.IntN(12) == 0 {
		body["priority"] = true
	}
	key, door := l.doors.key(channel), r.IntN(2)
	if r.IntN(20) == 0 { // somebody hangs up at once, and asks again elsewhere
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.IntN(10))*time.Millisecond)
		l.doors.once(ctx, door, http.MethodPost, officePath+"tickets", token, key, body)
		cancel()
		door++
	}
	status, got := l.doors.send(door, http.MethodPost, officePath+"tickets", token, key, body)
	switch {
	case status == http.StatusCreated:
		l.remember(got.Ticket.ID, got.Number)
	case web: // the office takes none by phone any more
		l.desk(r, false)
		return
	default:
		l.doors.t.Errorf("the reception desk was refused: %d %s", status, got.Code)
		return
	}
	if web && r.IntN(25) == 0 { // may come too late, which is an answer as well
		l.doors.send(door, http.MethodDelete, "/api/v1/tickets/"+got.Secret, "", "", nil)
	}
}

func (l *lobby) remember(ticket, number string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other, twice := l.answered[ticket]; twice {
		l.doors.t.Errorf("ticket %s was given as %s and as %s", ticket, other, number)
	}
	l.answered[ticket] = number
}

// walkIns are people who do not use the machines.
func (l *lobby) walkIns(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 800))
	for !l.empty() {
		if l.come(false) {
			l.desk(r, r.IntN(3) == 0)
			continue
		}
		l.clock.pace(context.Background(), time.Second)
	}
}

// atMachine is one person at a ticket machine. Whom the machine refuses for good
// goes to the desk. It reports whether the machine gave a number.
func (l *lobby) atMachine(r *rand.Rand, k *machine) bool {
	choice := kiosk.Choice{Service: queue.ServiceID(services[r.IntN(len(services))]), Language: "en", Priority: r.IntN(12) == 0}
	for {
		p := press{machine: k.id, before: l.clock.now(), cut: k.isCut()}
		t, err := k.Press(context.Background(), choice)
		p.ticket, p.after, p.cut = t, l.clock.now(), p.cut && k.isCut()
		switch {
		case err != nil:
			l.doors.t.Errorf("machine %s: %v", k.id, err)
			return false
		case t.Number != "":
			l.mu.Lock()
			l.papers = append(l.papers, p)
			l.mu.Unlock()
			return true
		case t.Code == "too_soon" || t.Code == "busy": // the one before is still there
			time.Sleep(20 * time.Millisecond)
		default:
			l.desk(r, false)
			return false
		}
	}
}

// queueAt are the people who use a machine, one after another, as fast as it lets
// them. A machine's timer is life's, and so the day does not wait for them.
func (l *lobby) queueAt(k *machine, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 801))
	for next := at(8, 35); !l.empty(); time.Sleep(5 * time.Millisecond) {
		if l.clock.now().After(next) && l.come(true) && l.atMachine(r, k) {
			next = next.Add(10 * time.Minute)
		}
	}
}

// pressedAlone counts the numbers that a machine gave while it was cut off.
func (l *lobby) pressedAlone(id queue.KioskID) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, p := range l.papers {
		if p.machine == id && p.cut {
			n++
		}
	}
	return n
}
