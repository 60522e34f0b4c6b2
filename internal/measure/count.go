package measure

import (
	"maps"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/history/profile"
	"machi/internal/promise"
	"machi/internal/queue"
)

// acts is the first version of the rules of tables that tell what became of calls.
const acts = 2

// longest is the longest time that a counter is believed to have been kept.
const longest = 4 * time.Hour

// Of counts a closed day. Of a date that is none there is an empty sheet.
func Of(d history.Day, x Extra) *Sheet {
	date, err := calendar.ParseDay(string(d.Date))
	s := &Sheet{Office: d.Office, Date: d.Date, extra: x}
	if err != nil {
		return s
	}
	s.tables = tables{days: 1, day: dayOf(date)}
	if d.Made >= acts {
		s.logged = 1
	}
	if x.Known {
		s.counted = 1
	}
	c := counting{services: map[queue.ServiceID]uint16{}, visits: map[place]*tally{}, lines: map[place]*tally{}}
	c.number(d)
	for _, v := range d.Visits {
		c.visit(v)
		c.legs(v)
	}
	for _, spell := range d.Spells {
		s.opened(spell)
	}
	s.services = slices.Sorted(maps.Keys(c.services))
	s.visits, s.lines = slabOf(c.visits, visitForm), slabOf(c.lines, lineForm)
	return s
}

// dayOf says what a date is a day of.
func dayOf(d calendar.Day) Key {
	k := Key{Date: queue.Date(d.String()), Kind: profile.KindOf(d), Weekday: (int(d.Weekday())+6)%7 + 1, Month: d.String()[:len("2026-11")], Year: d.Year, Fiscal: d.Year}
	if d.Month < time.April {
		k.Fiscal--
	}
	return k
}

// counting is a sheet in the making.
type counting struct {
	services      map[queue.ServiceID]uint16
	visits, lines map[place]*tally
}

// number gives each service of the day its index.
func (c *counting) number(d history.Day) {
	for _, v := range d.Visits {
		c.services[v.Service] = 0
		for _, l := range v.Legs {
			c.services[l.Service] = 0
		}
	}
	for i, id := range slices.Sorted(maps.Keys(c.services)) {
		c.services[id] = uint16(i)
	}
}

func (c *counting) of(all map[place]*tally, service queue.ServiceID, stage queue.Stage, at time.Time) *tally {
	p := place{c.services[service], uint8(max(0, slices.Index(stages, stage))), uint8(profile.SlotOf(at.In(queue.JST)))}
	if all[p] == nil {
		all[p] = &tally{}
	}
	return all[p]
}

// guessed reports whether the visit's own moments are not known: its issue was
// guessed, or a clerk noted it afterwards, or it never had a ticket.
func guessed(v history.Visit) bool {
	if slices.Contains(v.Flags, queue.FlagClock) || v.Issued.IsZero() || len(v.Legs) == 0 {
		return true
	}
	first := v.Legs[0]
	return first.Unmeasured && !first.Called.IsZero() && first.Called.Equal(first.Finished)
}

func (c *counting) visit(v history.Visit) {
	t := c.of(c.visits, v.Service, "", v.Came())
	n := &t.counts
	n[nArrivals]++
	call, called := v.Called()
	count(n, nCalled, called)
	served := slices.ContainsFunc(v.Legs, func(l history.Leg) bool { return l.Outcome == history.Served })
	n[end(v, v.Outcome, served)]++
	count(n, nPriority, v.Priority)
	if at, ok := channels[v.Channel]; ok {
		n[at]++
	}
	for _, l := range v.Legs {
		count(n, nAbsent, l.Outcome == history.NoShow)
	}
	n[nRestored] += max(0, v.Restored)
	n[nRecalls] += max(0, v.Recalled)
	n[nTransfers] += max(0, v.Moved)
	count(n, nAlone, slices.Contains(v.Flags, queue.FlagOffline))
	if !v.Appointment.IsZero() {
		n[nBooked]++
		count(n, nKept, served)
		count(n, nMissed, !served)
	}
	t.told(promise.Of(v))
	if v.Later > 0 {
		n[nPostponed]++
		return
	}
	if guessed(v) {
		return
	}
	if called {
		t.waited(max(0, call.Sub(v.Came())))
	}
	if served && v.Outcome == history.Served && !v.Ended.IsZero() {
		t.took(ofStay, v.Ended.Sub(v.Came()))
	}
}

var channels = map[queue.Channel]int{
	queue.ChannelKiosk: nKiosk, queue.ChannelReception: nReception, queue.ChannelWeb: nWeb, queue.ChannelAppointment: nAppointment,
}

func count(n *[visitCounters]int, at int, is bool) {
	if is {
		n[at]++
	}
}

// end returns the counter of how a visit, or a time of it in a line, ended. Who never
// came with a number from home has gone by staying there.
func end(v history.Visit, o history.Outcome, served bool) int {
	switch {
	case served || o == history.Served:
		return nServed
	case o == history.NoShow:
		return nNoShow
	case o == history.Left || v.NeverCame():
		return nLeft
	}
	return nUnseen
}

func (t *tally) waited(d time.Duration) {
	t.took(ofWait, d)
	count(&t.counts, nWithin15, d <= 15*time.Minute)
	count(&t.counts, nWithin30, d <= 30*time.Minute)
}

func (t *tally) told(p promise.Told) {
	if !p.Compared() {
		return
	}
	t.counts[map[promise.Fate]int{promise.Kept: nToldKept, promise.Early: nToldEarly, promise.Late: nToldLate}[p.Fate]]++
	off := p.Waited - p.Middle
	t.more += off.Milliseconds()
	t.took(ofError, max(off, -off))
}

// legs counts the lines that a visit went through.
func (c *counting) legs(v history.Visit) {
	for i, l := range v.Legs {
		if l.Unmeasured && l.Joined.Equal(l.Finished) {
			continue // it never waited
		}
		if i > 0 {
			c.processing(v.Legs[i-1], l)
		}
		c.stood(v, i)
		c.talk(l)
	}
}

// stood counts one time in a line.
func (c *counting) stood(v history.Visit, i int) {
	l := v.Legs[i]
	from := l.Joined
	if from.IsZero() {
		from = first(l.Called, l.Finished, v.Issued)
	}
	t := c.of(c.lines, l.Service, l.Stage, from)
	t.counts[nArrivals]++
	count(&t.counts, nCalled, !l.Called.IsZero())
	t.counts[end(v, l.Outcome, false)]++
	if i == 0 && (guessed(v) || v.Later > 0) || l.Joined.IsZero() || l.Called.IsZero() {
		return
	}
	t.waited(l.Called.Sub(from))
}

// talk counts the time at a counter; of a delivery, that from being ready.
func (c *counting) talk(l history.Leg) {
	if l.Called.IsZero() {
		return
	}
	if kept := l.Finished.Sub(l.Called); kept > 0 && kept <= longest {
		c.of(c.lines, l.Service, l.Stage, l.Called).more += kept.Milliseconds()
	}
	begun := first(l.Started, l.Called)
	if l.Stage == queue.StageDelivery {
		begun = first(l.Joined, l.Called)
	}
	if l.Outcome == history.Served && !l.Unmeasured && !l.Finished.IsZero() {
		c.of(c.lines, l.Service, l.Stage, begun).took(ofTime, l.Finished.Sub(begun))
	}
}

// processing counts the back office between a talk and its delivery.
func (c *counting) processing(before, delivery history.Leg) {
	if delivery.Stage != queue.StageDelivery || before.Outcome != history.Served || before.Stage != queue.StageReception ||
		before.Service != delivery.Service || !before.Finished.Before(delivery.Joined) {
		return
	}
	t := c.of(c.lines, delivery.Service, queue.StageProcessing, before.Finished)
	t.counts[nArrivals]++
	t.counts[nServed]++
	t.took(ofTime, delivery.Joined.Sub(before.Finished))
}

func first(all ...time.Time) time.Time {
	for _, t := range all {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// opened counts how long a counter was open, by half hour, in milliseconds.
func (s *Sheet) opened(spell history.Spell) {
	const half = 30 * time.Minute
	from, to := spell.From.In(queue.JST), spell.To.In(queue.JST)
	if to.Sub(from) > 24*time.Hour {
		return // no counter is
	}
	for from.Before(to) {
		next := from.Truncate(half).Add(half)
		if next.After(to) {
			next = to
		}
		s.open[profile.SlotOf(from)] += uint32(next.Sub(from).Milliseconds())
		from = next
	}
}
