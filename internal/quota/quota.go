package quota

import "time"

// Slot is the span in which a rule's PerSlot counts. Slots begin at the full ten
// minutes of the clock, so that people can be told when the next one opens.
const Slot = 10 * time.Minute

// Hour is how far back shares and networks are counted.
const Hour = time.Hour

// Rule bounds the tickets from home of one office. Zero means no bound.
type Rule struct {
	PerSlot    int `json:"per_ten_minutes"`
	PerDay     int `json:"per_day,omitempty"`
	Share      int `json:"share_percent,omitempty"` // of all tickets of the last hour
	PerNetwork int `json:"per_network,omitempty"`   // in an hour
}

// Taken is a ticket that was taken from home on the same day. Device and Network
// are marks; empty ones are nobody's.
type Taken struct {
	At              time.Time
	Device, Network string
	Live            bool // its visit is not over
}

// Day is what has been given out, in no order.
type Day struct {
	Home   []Taken
	Others []time.Time // tickets of people who were there, of the last hour at least
}

// Wish is somebody who asks for a ticket at home.
type Wish struct {
	At              time.Time
	Device, Network string
	// Slow is a wish without the small work that programs are asked for: half of a
	// slot is kept for those that have done it.
	Slow bool
}

// Bound is what stands against a wish; the zero value is nothing.
type Bound string

// The bounds, in the order in which they are asked.
const (
	Device  Bound = "device"
	Network Bound = "network"
	PerDay  Bound = "day"
	PerSlot Bound = "slot"
	Share   Bound = "share"
)

// Answer says whether a wish is granted.
type Answer struct {
	Bound Bound // empty: it is granted
	// Opens is when to ask again; zero where nobody can say, or not today. A share
	// may open before, when others come.
	Opens time.Time
}

// Granted reports whether nothing stands against the wish.
func (a Answer) Granted() bool { return a.Bound == "" }

// Ask answers a wish. Every bound holds exactly, however the wishes come: who
// appends to a log in order asks in order.
func (r Rule) Ask(d Day, w Wish) Answer {
	for _, t := range d.Home {
		if t.Live && t.Device != "" && t.Device == w.Device {
			return Answer{Bound: Device}
		}
	}
	if opens, bound := r.network(d, w); bound {
		return Answer{Network, opens}
	}
	if r.PerDay > 0 && len(d.Home) >= r.PerDay {
		return Answer{Bound: PerDay}
	}
	switch {
	case !r.slotOpen(d, w):
		return Answer{PerSlot, r.opens(d, w)}
	case !r.shareOpen(d, w.At):
		return Answer{Share, r.opens(d, w)}
	}
	return Answer{}
}

// Left returns how many more tickets the slot of a moment has, for a wish that has
// done its work; the other bounds may leave fewer.
func (r Rule) Left(d Day, at time.Time) int {
	left := r.PerSlot - inSlot(d, at)
	if r.PerDay > 0 {
		left = min(left, r.PerDay-len(d.Home))
	}
	return max(0, left)
}

func (r Rule) network(d Day, w Wish) (time.Time, bool) {
	if r.PerNetwork <= 0 || w.Network == "" {
		return time.Time{}, false
	}
	var first time.Time
	n := 0
	for _, t := range d.Home {
		if t.Network != w.Network || w.At.Sub(t.At) >= Hour {
			continue
		}
		if n++; first.IsZero() || t.At.Before(first) {
			first = t.At
		}
	}
	return first.Add(Hour), n >= r.PerNetwork
}

func (r Rule) slotOpen(d Day, w Wish) bool {
	most := r.PerSlot
	if w.Slow {
		most = (most + 1) / 2
	}
	return r.PerSlot <= 0 || inSlot(d, w.At) < most
}

// shareOpen lets one slot's worth through in any hour: somebody must be the first.
func (r Rule) shareOpen(d Day, at time.Time) bool {
	if r.Share <= 0 {
		return true
	}
	home, others := 0, 0
	for _, t := range d.Home {
		home += within(t.At, at)
	}
	for _, t := range d.Others {
		others += within(t, at)
	}
	return home < max(1, r.PerSlot) || (home+1)*100 <= r.Share*(home+others+1)
}

// within is 1 for a moment of the hour before another, else 0. What a clock ahead
// of this one wrote counts as well.
func within(t, at time.Time) int {
	if at.Sub(t) < Hour {
		return 1
	}
	return 0
}

// opens returns the first slot after a wish in which it would be granted if nobody
// else came.
func (r Rule) opens(d Day, w Wish) time.Time {
	for range int(Hour/Slot) + 1 {
		w.At = begin(w.At).Add(Slot)
		if r.slotOpen(d, w) && r.shareOpen(d, w.At) {
			return w.At
		}
	}
	return time.Time{}
}

func inSlot(d Day, at time.Time) int {
	n := 0
	for _, t := range d.Home {
		if begin(t.At).Equal(begin(at)) {
			n++
		}
	}
	return n
}

// begin returns when the slot of a moment began. Time zones with offices are whole
// multiples of ten minutes from UTC.
func begin(at time.Time) time.Time { return at.Truncate(Slot) }
