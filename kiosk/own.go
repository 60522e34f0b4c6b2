package kiosk

import (
	"slices"
	"sync"

	"machi/internal/queue"
	"machi/internal/replica"
)

// maxOwn bounds the presses that a machine remembers: more than two of its busiest
// days.
const maxOwn = 2000

// own is what the machine knows of the tickets that it gave: their words and what
// became of their paper. It is folded from the marks at every start, so that staff
// can print again what an earlier run printed.
type own struct {
	mu      sync.Mutex
	presses map[queue.TicketID]replica.Press
	serials []int64 // ascending, one for each press
	ids     map[int64]queue.TicketID
}

func newOwn(marks []replica.Mark) *own {
	o := &own{presses: map[queue.TicketID]replica.Press{}, ids: map[int64]queue.TicketID{}}
	for _, m := range marks {
		if m.Press != nil {
			o.put(*m.Press)
		}
	}
	return o
}

// put keeps the newest state of a press.
func (o *own) put(p replica.Press) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.Number == "" || p.Ticket == "" {
		return
	}
	if _, known := o.presses[p.Ticket]; !known {
		at, _ := slices.BinarySearch(o.serials, p.Serial) // a tidied store tells them out of order
		o.serials = slices.Insert(o.serials, at, p.Serial)
		o.ids[p.Serial] = p.Ticket
	}
	o.presses[p.Ticket] = p
	if len(o.serials) > maxOwn {
		delete(o.presses, o.ids[o.serials[0]])
		delete(o.ids, o.serials[0])
		o.serials = slices.Delete(o.serials, 0, 1)
	}
}

// get returns the press that gave a ticket.
func (o *own) get(id queue.TicketID) (replica.Press, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p, ok := o.presses[id]
	return p, ok
}

// bySecret returns the press whose ticket has a status secret of this hash.
func (o *own) bySecret(hash string) (replica.Press, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.presses {
		if p.Secret == hash && p.State != replica.Withdrawn {
			return p, true
		}
	}
	return replica.Press{}, false
}

// of returns a day's presses that gave a ticket, newest first.
func (o *own) of(date queue.Date) []replica.Press {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []replica.Press
	for _, serial := range slices.Backward(o.serials) {
		p := o.presses[o.ids[serial]]
		if p.Date == date && p.State != replica.Withdrawn && p.State != replica.Refused {
			list = append(list, p)
		}
	}
	return list
}

// printed counts a day's tickets on paper.
func (o *own) printed(date queue.Date) int {
	n := 0
	for _, p := range o.of(date) {
		if p.State == replica.Printed {
			n++
		}
	}
	return n
}

// printState is what staff read of a ticket's paper: printing, printed, failed or unknown.
func printState(p replica.Press) string {
	if p.State == replica.Numbered || p.State == replica.Starting {
		return string(replica.Printing)
	}
	return string(p.State)
}
