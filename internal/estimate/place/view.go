package place

import (
	"cmp"
	"math"
	"slices"

	"machi/internal/estimate/walk"
)

// view is a moment of the office in the model's terms.
type view struct {
	clock   float64 // seconds of the day
	seats   []seatView
	waiters []waiter
	asks    []waiter
	coming  []coming
}

// coming is a stream of newcomers who will be called before some who wait.
type coming struct {
	group int
	class int
	key   float64 // of one who came now
	rate  float64 // per second
}

type seatView struct {
	name      string
	memory    *counter
	open      bool
	spells    []float64 // its closed times today; see diary
	busy      int       // class of the ticket in service; -1: none
	elapsed   float64   // of that service
	idle      float64   // seconds since it became free
	gone      bool      // it has probably been left; open is false then
	explicit  bool      // it says when it opens and closes
	contested float64
	fresh     bool
	age       int
	known     bool   // serves says whom it serves; else as learnt
	serves    []bool // by class
}

type waiter struct {
	class   int
	key     float64 // order of the calls
	age     float64
	release float64
	only    string
	chance  float64 // that it is there at all; 0: it is
	id      int
	seated  bool // has nothing to wait for: only when it is finished is asked
}

// lineOf says whose line one of the walk's is.
type lineOf struct {
	class   int
	only    string
	release bool
	ask     bool
	key     float64 // of one who asks
	coming  int     // one more than the group of newcomers
}

// build puts a view into the hall.
func (m *Model) build(v *view) {
	m.kinds()
	m.buildLines(v)
	m.spells = m.spells[:0]
	h := &m.hall
	h.Gap, h.Missing = m.gaps()
	h.Seats = resize(h.Seats, len(v.seats))
	n := 0
	for i := range v.seats {
		if m.buildSeat(&h.Seats[n], &v.seats[i], i, v.clock) {
			n++
		}
	}
	h.Seats = h.Seats[:n]
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return append(make([]T, 0, n+n/4), s[:min(len(s), n)]...)[:n]
	}
	return s[:n]
}

// kinds brings the tables of all classes up to date.
//
//go:norace
func (m *Model) kinds() {
	h := &m.hall
	h.Kinds = resize(h.Kinds, len(m.mem.Classes)+len(m.scratch))
	pooledHazard, pooledAbsent := m.mem.Leave.hazard(nil), m.mem.Leave.shares(nil)
	for i := range h.Kinds {
		c := m.classAt(i)
		c.hazard, c.absent = c.Leave.hazard(&pooledHazard), c.Leave.shares(&pooledAbsent) // they lean to the pool, which moves
		m.measure(c)
		c.factor, c.now = m.tempo.factor(c), c.table
		for q := range c.now {
			c.now[q] *= c.factor
		}
		h.Kinds[i] = walk.Kind{Service: &c.now, Leave: &c.hazard, Absent: &c.absent}
	}
}

// measure computes what follows from the service times.
func (m *Model) measure(c *class) {
	if c.measured {
		return
	}
	c.table = m.serviceTable(c)
	c.mean, c.deviation = c.logarithms()
	c.measured = c.Service.n() >= shrink // until then it leans to the others
}

// classAt returns a class of the memory or of the scene.
func (m *Model) classAt(i int) *class {
	if n := len(m.mem.Classes); i >= n {
		return m.scratch[i-n]
	}
	return m.mem.Classes[i]
}

// Where nothing is known yet.
const (
	defaultVisit = 480.0 // seconds
	defaultGap   = 20.0
	defaultCall  = 60.0
	shrink       = 20 // own service times from which on no others are asked
	shrinkMean   = 2  // own ones that what is expected counts as; a mean is known sooner than a shape
)

// serviceTable is the distribution of a class's service times: its own, and
// while they are few, leaning to what is expected of it.
//
//go:norace
func (m *Model) serviceTable(c *class) (t walk.Table) {
	n := c.Service.n()
	if n >= shrink {
		return c.Service.table()
	}
	expected := c.prior
	if expected <= 0 {
		expected = m.pooledVisit()
	}
	own := float64(n) / shrink
	mean := (shrinkMean*expected + float64(n)*c.Service.mean()) / (shrinkMean + float64(n))
	for i := range t {
		p := (float64(i) + 0.5) / walk.Futures
		t[i] = mean * unitVisit(p)
		if n > 0 {
			t[i] = (1-own)*t[i] + own*c.Service.quantile(p)
		}
	}
	return t
}

// pooledVisit is the mean of all classes' service times.
func (m *Model) pooledVisit() float64 {
	sum, n := defaultVisit*3, 3.0
	for _, c := range m.mem.Classes {
		k := float64(c.Service.n())
		sum, n = sum+c.Service.mean()*k, n+k
	}
	return sum / n
}

// unitVisit is the quantile of a log-normal distribution with mean 1 and a
// standard deviation of 0.7, as visits to counters are (both practice logs).
//
//go:norace
func unitVisit(p float64) float64 {
	const sigma = 0.63 // sqrt(log(1+0.7^2))
	return math.Exp(sigma*math.Sqrt2*math.Erfinv(2*p-1) - sigma*sigma/2)
}

// hazards brings those of calling up to date.
func (m *Model) hazards() {
	m.gap = m.mem.Gap.hazardFrom(nil, 1/defaultGap, true)
	all := leaving{}
	for i := range m.mem.React {
		for b := range all.Waited {
			all.Waited[b] += m.mem.React[i].Waited[b]
			all.Left[b] += m.mem.React[i].Left[b]
		}
	}
	pool := all.hazardFrom(nil, 1, true)
	for i := range m.react {
		m.react[i] = m.mem.React[i].hazardFrom(&pool, 0, false)
	}
}

// gaps are the changeover and the call of somebody who is missing.
func (m *Model) gaps() (gap, missing walk.Table) {
	m.hazards()
	for i := range gap {
		gap[i] = m.gap.After(0, (float64(i)+0.5)/walk.Futures)
	}
	if m.mem.Missing.n() >= 5 {
		return gap, m.mem.Missing.table()
	}
	for i := range missing {
		missing[i] = defaultCall
	}
	return gap, missing
}

// buildLines sorts the waiters and the askers into lines.
func (m *Model) buildLines(v *view) {
	h := &m.hall
	m.lines, h.Lines = m.lines[:0], h.Lines[:cap(h.Lines)]
	for i := range h.Lines {
		h.Lines[i] = walk.Line{Jobs: h.Lines[i].Jobs[:0]}
	}
	h.Lines = h.Lines[:0]
	h.Waits = resize(h.Waits, len(v.waiters))
	for i := range v.waiters {
		w := &v.waiters[i]
		l := m.lineFor(lineOf{class: w.class, only: w.only, release: w.release > 0})
		h.Lines[l].Jobs = append(h.Lines[l].Jobs, walk.Job{Key: w.key, Release: w.release, Age: w.age, Stayed: h.Kinds[w.class].Leave.At(w.age), Kind: int32(w.class), ID: int32(i), Chance: w.chance})
	}
	for i := range h.Lines {
		if m.lines[i].release {
			slices.SortStableFunc(h.Lines[i].Jobs, func(a, b walk.Job) int { return cmp.Compare(a.Release, b.Release) })
			continue
		}
		slices.SortStableFunc(h.Lines[i].Jobs, func(a, b walk.Job) int { return cmp.Compare(a.Key, b.Key) })
	}
	for _, c := range v.coming {
		l := &h.Lines[m.lineFor(lineOf{class: c.class, coming: c.group + 1})]
		l.Rate, l.Key, l.Kind = c.rate, c.key, int32(c.class)
	}
	for i := range v.asks {
		if a := &v.asks[i]; !a.seated {
			a.id = m.probeFor(a)
		}
	}
}

// lineFor returns the index of a line, a new one if there is room.
func (m *Model) lineFor(want lineOf) int {
	h := &m.hall
	for i, l := range m.lines {
		if l == want {
			return i
		}
	}
	if len(m.lines) == walk.Lines {
		return m.lineLike(want.class)
	}
	m.lines = append(m.lines, want)
	if cap(h.Lines) < len(m.lines) {
		h.Lines = append(h.Lines[:len(m.lines)-1], walk.Line{})
	}
	h.Lines = h.Lines[:len(m.lines)]
	return len(m.lines) - 1
}

// lineLike returns, when there is no room for another line, one of the class or
// of a class that the same counters serve.
func (m *Model) lineLike(class int) int {
	like := walk.Lines - 1
	for i, l := range m.lines {
		if l.class == class {
			return i
		}
		same := true
		for k := range m.view.seats {
			s := &m.view.seats[k]
			same = same && m.chance(s, l.class) > 0.5 == (m.chance(s, class) > 0.5)
		}
		if same {
			like = i
		}
	}
	return like
}

// probeFor puts the question of a newcomer to the line of its class; two who
// would come at different places in it need two lines.
func (m *Model) probeFor(a *waiter) int {
	i := m.lineFor(lineOf{class: a.class, only: a.only})
	if l := &m.hall.Lines[i]; l.Probe && l.ProbeKey != a.key {
		i = m.lineFor(lineOf{class: a.class, only: a.only, ask: true, key: a.key})
	}
	m.hall.Lines[i].Probe, m.hall.Lines[i].ProbeKey = true, a.key
	return i
}

// buildSeat puts a counter into the hall; false if it will not call anybody.
//
//go:norace
func (m *Model) buildSeat(out *walk.Seat, s *seatView, row int, clock float64) bool {
	if !m.buildMask(out, s, row) {
		return false
	}
	out.Pace = s.memory.pace()
	planned := m.plan(out, s, row*3+5, clock)
	if !s.open && !planned && s.busy < 0 && !s.gone {
		return false
	}
	for f := range walk.Futures {
		u := walk.Uniform(row*3+6, f)
		switch {
		case s.busy >= 0:
			c := m.classAt(s.busy)
			out.Free[f] = out.Pace*m.remaining(c, s.elapsed/out.Pace, u) + m.hall.Gap.At(row*3+7, f)
			if !s.open && !planned {
				out.Free[f] = walk.Never
			}
		case s.gone:
			// It comes back soon, as counters do that let somebody wait, or is away
			// as on past days.
			if out.Free[f] = m.idleFor(s, u); out.Free[f] < quietLong {
				out.Hours[f] = nil
			} else if planned {
				out.Free[f] = 0
			}
		case !s.open:
			out.Free[f] = 0
		default:
			out.Free[f] = m.idleFor(s, u)
		}
	}
	return true
}

// remaining draws what is left of a visit.
//
//go:norace
func (m *Model) remaining(c *class, elapsed, u float64) float64 {
	if c.Service.n() >= shrink {
		return c.factor * c.Service.beyond(elapsed/c.factor, u)
	}
	i := 0
	for i < walk.Futures && c.now[i] <= elapsed {
		i++
	}
	if i > walk.Futures-4 {
		return -math.Log(1-u) * max(60, 0.3*elapsed)
	}
	return c.now[i+int(u*float64(walk.Futures-i))] - elapsed
}

// idleFor draws when a free counter calls the next.
func (m *Model) idleFor(s *seatView, u float64) float64 {
	if s.fresh {
		return m.gap.After(s.contested, u)
	}
	return m.react[s.age].After(s.contested, u)
}

// passedOver is how soon a free counter calls, in seconds.
const passedOver = 30

// chance is how likely a counter of a view serves a class.
func (m *Model) chance(s *seatView, class int) float64 {
	if !s.known {
		return m.serves(s.name, s.memory, class)
	}
	if at(s.serves, class) {
		return 1
	}
	return 0
}

// buildMask says which lines a counter calls from; false if from none.
//
//go:norace
func (m *Model) buildMask(out *walk.Seat, s *seatView, row int) bool {
	sure, any := uint64(0), false
	out.Lines = [walk.Futures]uint64{}
	for i, l := range m.lines {
		if l.only != "" && l.only != s.name {
			continue
		}
		p := m.chance(s, l.class)
		if s.busy < 0 && s.open && !s.known && p < 1 && l.class < len(m.tally.longest) {
			// It has been free while somebody of the class waited: it may not serve it.
			p *= math.Exp(-min(s.idle, m.tally.longest[l.class], 600) / passedOver)
		}
		switch {
		case p >= 0.98:
			sure, any = sure|1<<i, true
		case p > 0.02:
			any = true
			for f := range walk.Futures {
				if walk.Uniform(row*31+l.class*3+11, f) < p {
					out.Lines[f] |= 1 << i
				}
			}
		}
	}
	for f := range walk.Futures {
		out.Lines[f] |= sure
	}
	return any
}
