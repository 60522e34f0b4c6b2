package measure

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"machi/internal/history/profile"
	"machi/internal/queue"
)

// Gather answers a question of months, each of an office once, in any order. The error
// is a [*QueryError].
func Gather(q Query, months iter.Seq[*Month]) (Answer, error) {
	if err := q.Check(); err != nil {
		return Answer{}, err
	}
	g := gathering{q: q, asks: q.asks(), parts: map[Key]*part{}, perStage: 1, perService: 1}
	if g.timed {
		g.perStage, g.perService = profile.Slots, profile.Slots
	}
	if g.stage {
		g.perService *= len(stages)
	}
	for m := range months {
		for _, s := range m.of(q, g.asks) {
			g.add(s)
			if g.groups > MaxRows {
				return Answer{}, &QueryError{"by", fmt.Sprintf("more than %d rows", MaxRows)}
			}
		}
	}
	return g.answer(), nil
}

// asks is what a question splits by.
type asks struct {
	service, stage, hour, half bool
	date                       bool
	timed                      bool // by hour or half hour
	daily                      bool // by something that the days of a month differ in
}

func (q Query) asks() asks {
	a := asks{service: q.has(ByService), stage: q.has(ByStage), hour: q.has(ByHour), half: q.has(ByHalfHour), date: q.has(ByDate)}
	a.timed = a.hour || a.half
	a.daily = a.date || q.has(ByWeekday) || q.has(ByKind)
	return a
}

// split reports whether the rows are of parts of a day.
func (a asks) split() bool { return a.service || a.stage || a.timed }

// gathering is an answer in the making.
type gathering struct {
	q Query
	asks
	parts  map[Key]*part // by what is the same in a whole sheet
	groups int
	rest   Figures // in the total alone
	// How many rows there is room for.
	perStage, perService int
}

// part is the days of an answer that share a key but for service, stage and half hour.
type part struct {
	key                   Key
	days, logged, counted int
	services              map[queue.ServiceID]int // to the index in rows; with ByService
	// rows are by service, stage and half hour; those without anything are nil.
	rows []*sums
}

// sums is one row in the making.
type sums struct {
	key              Key
	counts           [visitCounters]int
	piles            [dists]pile
	bias, busy, open int64 // milliseconds
	byHour           [hours]int

	offered, diverted int
	offline           time.Duration
}

// The distributions of figures, in the order of [Figures.dists].
const (
	dCalled = iota
	dVisit
	dService
	dProcessing
	dDelivery
	dTold
)

func (g *gathering) add(s *Sheet) {
	p := g.part(s)
	p.days, p.logged, p.counted = p.days+s.days, p.logged+s.logged, p.counted+s.counted
	c := cursor{g: g, p: p, s: s}
	if len(g.q.Services) == 0 && !g.service && !g.stage {
		c.opened()
	}
	if !g.stage {
		c.extra()
	}
	for i, id := range s.services {
		if len(g.q.Services) > 0 && !slices.Contains(g.q.Services, id) {
			continue
		}
		c.id, c.base = id, p.service(g.service, id)*g.perService
		if !g.stage {
			c.visits(s.visits.of(uint16(i)))
		}
		c.lines(s.lines.of(uint16(i)))
	}
}

// part returns the part of a sheet.
func (g *gathering) part(s *Sheet) *part {
	var k Key
	for _, by := range g.q.By {
		switch by {
		case ByOffice:
			k.Office = s.Office
		case ByWeekday:
			k.Weekday = s.day.Weekday
		case ByKind:
			k.Kind = s.day.Kind
		case ByDate:
			k.Date = s.day.Date
		case ByMonth:
			k.Month = s.day.Month
		case ByYear:
			k.Year = s.day.Year
		case ByFiscal:
			k.Fiscal = s.day.Fiscal
		case ByService, ByStage, ByHour, ByHalfHour:
		}
	}
	p := g.parts[k]
	if p == nil {
		p = &part{key: k, services: map[queue.ServiceID]int{}}
		g.parts[k] = p
		if !g.split() {
			p.rows = []*sums{{key: k}} // a day without visits is one all the same
			g.groups++
		}
	}
	return p
}

// service returns the index of a service in a part.
func (p *part) service(split bool, id queue.ServiceID) int {
	if !split {
		return 0
	}
	at, ok := p.services[id]
	if !ok {
		at = len(p.services)
		p.services[id] = at
	}
	return at
}

// cursor adds one sheet to its part: the cells of one service at a time.
type cursor struct {
	g    *gathering
	p    *part
	s    *Sheet
	id   queue.ServiceID
	base int // the first row of the service
}

// row returns the row of a stage and half hour.
func (c *cursor) row(stage, half uint8) *sums {
	i := c.base
	switch {
	case c.g.hour:
		half &^= 1
		i += int(half)
	case c.g.half:
		i += int(half)
	}
	if c.g.stage {
		i += int(stage) * c.g.perStage
	}
	if i < len(c.p.rows) && c.p.rows[i] != nil {
		return c.p.rows[i]
	}
	if i >= len(c.p.rows) {
		c.p.rows = append(c.p.rows, make([]*sums, i+1-len(c.p.rows))...)
	}
	key := c.p.key
	if c.g.service {
		key.Service = c.id
	}
	if c.g.stage {
		key.Stage = stages[stage]
	}
	if c.g.timed {
		key.Half = int(half)
	}
	c.p.rows[i] = &sums{key: key}
	c.g.groups++
	return c.p.rows[i]
}

func (c *cursor) visits(from, to int) {
	s := &c.s.visits
	for i := from; i < to; i++ {
		at := s.at[i]
		r := c.row(at.stage, at.half)
		counts := s.counted(i)
		for j, n := range counts {
			r.counts[j] += int(n)
		}
		s.addHours(&r.byHour, i)
		r.bias += int64(s.more[i])
		s.into(&r.piles[dCalled], i, ofWait)
		s.into(&r.piles[dVisit], i, ofStay)
		s.into(&r.piles[dTold], i, ofError)
	}
}

func (c *cursor) lines(from, to int) {
	s := &c.s.lines
	for i := from; i < to; i++ {
		at := s.at[i]
		r := c.row(at.stage, at.half)
		if c.g.stage {
			counts := s.counted(i)
			for j, n := range counts {
				r.counts[j] += int(n)
			}
			s.addHours(&r.byHour, i)
			s.into(&r.piles[dCalled], i, ofWait)
		}
		r.busy += int64(s.more[i])
		s.into(&r.piles[dService+int(at.stage)], i, ofTime)
	}
}

// opened adds how long counters were open.
func (c *cursor) opened() {
	for half, ms := range c.s.open {
		if ms > 0 {
			c.row(0, uint8(half)).open += int64(ms)
		}
	}
}

// extra adds what was counted beside the log: of no hour.
func (c *cursor) extra() {
	g, x := c.g, c.s.extra
	for _, o := range x.Offers {
		if len(g.q.Services) > 0 && !slices.Contains(g.q.Services, o.Service) {
			continue
		}
		if g.timed {
			g.rest.Offered += o.Shown
			g.rest.Diverted += o.Taken
			continue
		}
		c.id, c.base = o.Service, c.p.service(g.service, o.Service)*g.perService
		r := c.row(0, 0)
		r.offered += o.Shown
		r.diverted += o.Taken
	}
	switch {
	case len(g.q.Services) > 0:
	case g.timed || g.service:
		g.rest.Offline += x.Offline
	default:
		c.p.rows[0].offline += x.Offline
	}
}

func (g *gathering) answer() Answer {
	b := new(bench)
	a := Answer{Query: g.q, Total: g.rest, Rows: make([]Row, 0, g.groups)}
	for p := range maps.Values(g.parts) {
		for _, r := range p.rows {
			if r == nil {
				continue
			}
			row := Row{r.key, r.figures(b)}
			row.Days, row.Logged, row.Counted = p.days, p.logged, p.counted
			a.Rows = append(a.Rows, row)
		}
	}
	slices.SortFunc(a.Rows, func(x, y Row) int { return x.Key.compare(y.Key) })
	a.Total = a.Total.Plus(Sum(a.Rows))
	a.Total.Days, a.Total.Logged, a.Total.Counted = 0, 0, 0
	for p := range maps.Values(g.parts) {
		a.Total.Days += p.days
		a.Total.Logged += p.logged
		a.Total.Counted += p.counted
	}
	return a
}

func (k Key) compare(o Key) int {
	return cmp.Or(
		cmp.Compare(k.Office, o.Office), cmp.Compare(k.Service, o.Service), cmp.Compare(slices.Index(stages, k.Stage), slices.Index(stages, o.Stage)),
		cmp.Compare(k.Half, o.Half), cmp.Compare(k.Weekday, o.Weekday), cmp.Compare(slices.Index(profile.Kinds, k.Kind), slices.Index(profile.Kinds, o.Kind)),
		cmp.Compare(k.Date, o.Date), cmp.Compare(k.Month, o.Month), cmp.Compare(k.Year, o.Year), cmp.Compare(k.Fiscal, o.Fiscal),
	)
}

// figures returns the sums as what is told.
func (r *sums) figures(b *bench) Figures {
	n := &r.counts
	f := Figures{
		Arrivals: n[nArrivals], Called: n[nCalled], Served: n[nServed], NoShow: n[nNoShow], Left: n[nLeft], Unseen: n[nUnseen], Priority: n[nPriority],
		Channels: Channels{n[nKiosk], n[nReception], n[nWeb], n[nAppointment]},
		Within15: n[nWithin15], Within30: n[nWithin30], Postponed: n[nPostponed],
		Absent: n[nAbsent], Restored: n[nRestored], Recalls: n[nRecalls], Transfers: n[nTransfers], Alone: n[nAlone],
		Appointments: Appointments{n[nBooked], n[nKept], n[nMissed]},
		Told:         Told{n[nToldKept] + n[nToldEarly] + n[nToldLate], n[nToldKept], n[nToldEarly], n[nToldLate], time.Duration(r.bias) * time.Millisecond},
		Offered:      r.offered, Diverted: r.diverted, Offline: r.offline,
		Busy: time.Duration(r.busy) * time.Millisecond, Open: time.Duration(r.open) * time.Millisecond,
		ByHour: r.byHour,
	}
	for i, d := range f.dists() {
		*d = r.piles[i].dist(b)
	}
	return f
}
