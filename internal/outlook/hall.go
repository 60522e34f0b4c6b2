package outlook

import (
	"cmp"
	"math"
	"slices"

	"machi/internal/estimate/walk"
	"machi/internal/queue"
)

// never is the moment of what does not happen.
var never = math.Inf(1)

// hall is an Input made ready, and the buffers of a future. Times are seconds since
// midnight.
type hall struct {
	in       *Input
	from     float64
	close    float64
	services []service
	seats    []seat
	gap      *walk.Table
	day      []float64 // by future: how busy the day is
	share    float64
	cut      bool

	names  []queue.CounterID // of the seats
	crowds [][]visit         // by future, who comes; nil: drawn when it is played
	use    [][Slots]float64  // by seat: seconds with somebody; nil: not wanted

	visits []visit
	lines  [4 * MostServices]line // by service, stage and class; see lineOf
	run    int                    // priority tickets called in a row
	busy   float64                // seconds of counters with somebody
	over   float64                // when the last visit ended
}

// service is one service made ready.
type service struct {
	*Service
	key                        uint64
	level, pace                []float64 // by future
	talk, processing, delivery *walk.Table
	missing                    float64
	target                     float64
}

// seat is a counter.
type seat struct {
	spells []spell
	free   float64 // when it looks whom to call next
	idle   float64 // since when it finds nobody; NaN: it is busy
	at     int     // the first spell that is not over
	busy   int     // index into Now.Busy, or -1
}

// spell is a stretch of opening.
type spell struct {
	from, to float64
	lines    uint64
	own      uint64
}

// visit is one visitor in a future.
type visit struct {
	key      uint64
	came     float64 // at the office, or into the line that is under way at the beginning
	joined   float64 // the line that it is in
	leaves   float64 // it gives up, unless called
	called   float64 // first call; NaN: not yet
	done     float64 // NaN: not yet
	talk     float64 // 0: drawn
	service  int16
	priority bool
	began    bool // it was under way at the beginning, past its first call
	left     bool
	absent   bool
}

// line is one line in a future, in the order of arrival.
type line struct {
	wait []int32
	head int
}

// lineOf numbers the lines.
func lineOf(service int, delivery, priority bool) int {
	n := service * 4
	if delivery {
		n += 2
	}
	if priority {
		n++
	}
	return n
}

func newHall(in *Input, futures int) *hall {
	h := &hall{in: in, from: in.From.Seconds(), close: in.Close.Seconds(), gap: in.Gap, share: in.Share}
	if h.gap == nil {
		h.gap = DefaultGap
	}
	if h.share <= 0 {
		h.share = DefaultShare
	}
	h.day = levels(in.Seed, futures, 1, in.Swing)
	for i := range in.Services[:min(MostServices, len(in.Services))] {
		h.services = append(h.services, newService(in, &in.Services[i], futures))
	}
	h.plan(in.Spells)
	return h
}

func newService(in *Input, s *Service, futures int) service {
	v := service{Service: s, key: named(string(s.ID)), talk: s.Talk, processing: s.Processing, delivery: s.Delivery, missing: s.Missing.Seconds(), target: s.Target.Seconds()}
	v.level, v.pace = levels(in.Seed, futures, v.key, s.Swing), levels(in.Seed, futures, v.key+1, s.Pace)
	if v.talk == nil {
		v.talk = defaultTalk
	}
	if v.processing == nil {
		v.processing = defaultBack
	}
	if v.missing <= 0 {
		v.missing = defaultMissing
	}
	return v
}

// named is a number for a name: FNV-1a.
func named(name string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

func (h *hall) serviceOf(id queue.ServiceID) int {
	return slices.IndexFunc(h.services, func(s service) bool { return s.ID == id })
}

// plan makes the seats of spells.
func (h *hall) plan(spells []Spell) {
	index := map[queue.CounterID]int{}
	h.seats, h.names = h.seats[:0], h.names[:0]
	for _, s := range spells[:min(MostSpells, len(spells))] {
		p := spell{from: max(h.from, s.From.Seconds()), to: s.To.Seconds(), lines: h.mask(s.Services, s.Stages), own: h.mask(s.Own, s.Stages)}
		if s.To >= h.in.Close {
			p.to = never // it stays until nobody waits
		}
		if p.lines == 0 || p.to <= p.from {
			continue
		}
		i, ok := index[s.Counter]
		if !ok {
			if i = len(h.seats); i == MostCounters {
				continue
			}
			index[s.Counter] = i
			h.seats, h.names = append(h.seats, seat{busy: -1}), append(h.names, s.Counter)
		}
		h.seats[i].spells = append(h.seats[i].spells, p)
	}
	for i := range h.seats {
		slices.SortStableFunc(h.seats[i].spells, func(a, b spell) int { return cmp.Compare(a.from, b.from) })
	}
	if h.in.Now == nil {
		return
	}
	for n, b := range h.in.Now.Busy {
		if i, ok := index[b.Counter]; ok {
			h.seats[i].busy = n
		}
	}
}

func (h *hall) mask(services []queue.ServiceID, stages []queue.Stage) (m uint64) {
	for _, id := range services {
		i := h.serviceOf(id)
		if i < 0 {
			continue
		}
		if len(stages) == 0 || slices.Contains(stages, queue.StageReception) {
			m |= 3 << lineOf(i, false, false)
		}
		if slices.Contains(stages, queue.StageDelivery) {
			m |= 3 << lineOf(i, true, false)
		}
	}
	return m
}

// begin puts one future to its first moment.
//
//go:norace
func (h *hall) begin(f int) {
	h.run, h.busy, h.over = 0, 0, h.from
	for i := range h.lines {
		h.lines[i].wait, h.lines[i].head = h.lines[i].wait[:0], 0
	}
	if h.crowds != nil {
		h.visits = append(h.visits[:0], h.crowds[f]...)
	} else {
		h.come(f)
	}
	for i := range h.visits {
		if v := &h.visits[i]; !v.began {
			h.lines[lineOf(int(v.service), false, v.priority)].push(int32(i))
		}
	}
	for i := range h.seats {
		s := &h.seats[i]
		s.free, s.idle, s.at = h.from, math.NaN(), 0
	}
	if h.in.Now != nil {
		h.underWay(f)
	}
}

// come draws who comes, in order.
//
//go:norace
func (h *hall) come(f int) {
	h.visits = h.visits[:0]
	h.arrive(f)
	if h.in.Now != nil {
		h.resume(f)
	}
	slices.SortStableFunc(h.visits, func(a, b visit) int { return cmp.Compare(a.joined, b.joined) })
}

// gather draws who comes in all futures, for a hall that is played again and again.
func (h *hall) gather(futures int) {
	h.crowds = make([][]visit, futures)
	for f := range h.crowds {
		h.come(f)
		h.crowds[f] = slices.Clone(h.visits)
	}
}

// uses notes that a counter is with somebody.
//
//go:norace
func (h *hall) uses(k int, from, until float64) {
	h.busy += until - from
	if h.use == nil {
		return
	}
	for slot := slotOf(from); slot < Slots && from < until; slot++ {
		end := min(until, float64(slot+1)*SlotLength.Seconds())
		h.use[k][slot] += end - from
		from = end
	}
}

func (l *line) push(visit int32) { l.wait = append(l.wait, visit) }

// arrive draws who comes.
//
//go:norace
func (h *hall) arrive(f int) {
	for i := range h.services {
		s := &h.services[i]
		for n, v := range s.Known {
			h.comes(f, i, s.key+uint64(1<<20+n), v.At.Seconds(), v.Priority, v.Talk.Seconds())
		}
		for slot, mean := range s.Mean {
			if mean > 0 {
				h.arriveIn(f, i, slot, mean*h.day[f]*s.level[f])
			}
		}
	}
}

// arriveIn draws who comes for a service in a half hour.
//
//go:norace
func (h *hall) arriveIn(f, i, slot int, mean float64) {
	s := &h.services[i]
	begin, end := float64(slot)*SlotLength.Seconds(), float64(slot+1)*SlotLength.Seconds()
	if end = min(end, h.close); end <= begin || end <= h.from {
		return
	}
	if h.from > begin {
		mean *= (end - h.from) / (end - begin)
		begin = h.from
	}
	key := s.key + uint64(slot)<<12
	mean *= about(s.Rough[slot], uniform(h.in.Seed, f, key, drawRough))
	for n := range poisson(mean, uniform(h.in.Seed, f, key, drawCount)) {
		k := key + uint64(n)
		at := begin + (end-begin)*uniform(h.in.Seed, f, k, drawTime)
		h.comes(f, i, k, at, s.Priority > 0 && uniform(h.in.Seed, f, k, drawPriority) < s.Priority, 0)
	}
}

// comes adds somebody who comes, unless something keeps them at home.
//
//go:norace
func (h *hall) comes(f, i int, key uint64, at float64, priority bool, talk float64) {
	s := &h.services[i]
	if at < h.from || at >= h.close || s.Less > 0 && uniform(h.in.Seed, f, key, drawLess) < s.Less {
		return
	}
	if len(h.visits) >= MostVisitors {
		h.cut = true
		return
	}
	v := visit{key: key, came: at, joined: at, called: math.NaN(), done: math.NaN(), talk: talk, service: int16(i), priority: priority, leaves: never}
	if s.Leave != nil {
		v.leaves = at + s.Leave.After(0, uniform(h.in.Seed, f, key, drawLeave))
	}
	h.visits = append(h.visits, v)
}

// resume adds those who wait for their first call.
//
//go:norace
func (h *hall) resume(f int) {
	for n, w := range h.in.Now.Waiting {
		i := h.serviceOf(w.Service)
		if i < 0 || w.Stage == queue.StageDelivery {
			continue
		}
		since := min(w.Since.Seconds(), h.from)
		v := visit{key: h.services[i].key + uint64(2<<20+n), came: since, joined: since, called: math.NaN(), done: math.NaN(), service: int16(i), priority: w.Priority, leaves: never}
		if leave := h.services[i].Leave; leave != nil {
			v.leaves = h.from + leave.After(h.from-since, uniform(h.in.Seed, f, v.key, drawLeave))
		}
		h.visits = append(h.visits, v)
	}
}

// underWay puts those who are past their first call where they are.
//
//go:norace
func (h *hall) underWay(f int) {
	now := h.in.Now
	h.run = now.Run
	add := func(i int, key int, at float64) int32 {
		h.visits = append(h.visits, visit{key: h.services[i].key + uint64(key), came: at, joined: at, called: at, done: math.NaN(), service: int16(i), began: true, leaves: never})
		return int32(len(h.visits) - 1)
	}
	for n, w := range now.Waiting {
		if i := h.serviceOf(w.Service); i >= 0 && w.Stage == queue.StageDelivery && h.services[i].delivery != nil {
			h.ready(lineOf(i, true, w.Priority), add(i, 3<<20+n, w.Since.Seconds()), min(w.Since.Seconds(), h.from))
		}
	}
	for n, p := range now.Processing {
		i := h.serviceOf(p.Service)
		if i < 0 || h.services[i].delivery == nil {
			continue
		}
		v := add(i, 4<<20+n, p.Since.Seconds())
		left := rest(h.services[i].processing, h.from-p.Since.Seconds(), uniform(h.in.Seed, f, h.visits[v].key, drawBack))
		h.ready(lineOf(i, true, false), v, h.from+left)
	}
	for k := range h.seats {
		n := h.seats[k].busy
		if n < 0 {
			continue
		}
		b := now.Busy[n]
		i := h.serviceOf(b.Service)
		if i < 0 {
			continue
		}
		v := add(i, 5<<20+n, b.Since.Seconds())
		h.occupied(f, k, v, b.Stage == queue.StageDelivery, h.from-b.Since.Seconds())
	}
}

// occupied lets a counter go on with somebody it has had for so long.
//
//go:norace
func (h *hall) occupied(f, k int, n int32, delivery bool, spent float64) {
	v := &h.visits[n]
	s := &h.services[v.service]
	law := s.talk
	if delivery && s.delivery != nil {
		law = s.delivery
	}
	left := rest(law, spent, uniform(h.in.Seed, f, v.key, drawTalk))
	h.uses(k, h.from, h.from+left)
	h.seats[k].free = h.from + left + draw(h.gap, uniform(h.in.Seed, f, v.key, drawGap))
	h.goesOn(f, n, delivery, h.from+left)
}

// goesOn takes a visit from the end of a talk: home, or into the back office.
//
//go:norace
func (h *hall) goesOn(f int, n int32, delivery bool, at float64) {
	v := &h.visits[n]
	s := &h.services[v.service]
	if delivery || s.delivery == nil {
		v.done = at
		h.over = max(h.over, at)
		return
	}
	ready := at + draw(s.processing, uniform(h.in.Seed, f, v.key, drawBack))
	v.joined = ready
	h.ready(lineOf(int(v.service), true, v.priority), n, ready)
}

// ready puts a visit into a delivery line, and lets idle counters know.
//
//go:norace
func (h *hall) ready(i int, n int32, at float64) {
	l := &h.lines[i]
	h.visits[n].joined = at
	l.push(n)
	for k := len(l.wait) - 1; k > l.head && h.visits[l.wait[k-1]].joined > at; k-- {
		l.wait[k-1], l.wait[k] = l.wait[k], l.wait[k-1]
	}
	for k := range h.seats {
		s := &h.seats[k]
		if s.idle <= at && s.free > at && s.at < len(s.spells) && s.spells[s.at].lines&(1<<i) != 0 {
			s.free = at
		}
	}
}
