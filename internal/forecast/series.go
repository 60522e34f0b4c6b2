package forecast

import (
	"math"
)

// series learns one service, or the whole place, day by day. It forecasts in
// several ways at once, and keeps book of how far each was off, so many days ahead.
type series struct {
	Service   string
	Quick     *regression // remembers weeks; of special days it believes Slow
	Slow      *regression // remembers months
	Year      *regression // remembers years, and knows the seasons
	Narrow    *shape
	Broad     *shape
	Recent    [7][]past
	Near      ratio // what came to what was expected, lately
	Far       ratio
	YearNear  ratio
	Share     [8]ratio         // of the place's total, by weekday; the last for all
	Spread    float64          // variance of a day around what was expected, as a share, beside chance
	Campaigns map[string]ratio // what came to what was expected without them
	Seen      int              // days
	From      date
	Last      date
	Books     [buckets]book
}

// past is one day that was seen.
type past struct {
	Day    date
	Effect float64 // logarithm of what was special about the day
	Counts []float64
}

// ratio is a quotient of two sums that fade.
type ratio struct {
	Half, Top, Bottom float64
}

func (r *ratio) fade(days float64) {
	f := keep(days, r.Half)
	r.Top *= f
	r.Bottom *= f
}

func (r *ratio) learn(top, bottom float64) {
	r.Top += top
	r.Bottom += bottom
}

// lean returns the quotient, leaning to a value with the weight of so much bottom.
func (r *ratio) lean(to, weight float64) float64 {
	return (r.Top + to*weight) / (r.Bottom + weight)
}

// newSeries begins to learn; what another series says is where it starts from.
func newSeries(service string, slots int, prior *series) *series {
	s := &series{
		Service: service, Spread: .01, Narrow: newShape(100, 1000, slots), Broad: newShape(300, 8000, slots),
		Near: ratio{Half: 7}, Far: ratio{Half: 30}, YearNear: ratio{Half: 10},
	}
	sd := deviations(len(features))
	s.Quick = newRegression(45, make([]float64, weekly), sd[:weekly])
	s.Slow = newRegression(400, make([]float64, plain), sd[:plain])
	s.Year = newRegression(900, make([]float64, len(features)), sd)
	for i := range s.Share {
		s.Share[i].Half = 60
	}
	s.Campaigns = map[string]ratio{}
	if prior != nil && prior.Seen > 0 {
		s.borrow(prior)
	}
	return s
}

// borrow starts from what another series learnt: its factors as the likeliest ones,
// its level as a guess that may well be half or double, its shape as some days' worth.
func (s *series) borrow(from *series) {
	for _, r := range []*regression{s.Quick, s.Slow, s.Year} {
		other := from.Slow.Coef
		if r == s.Year && from.yearly() {
			other = from.Year.Coef
		}
		r.Prior = make([]float64, len(r.Sd))
		copy(r.Prior, other)
		r.Sd = append([]float64(nil), r.Sd...)
		r.Sd[0] = .7
		for i := 1; i < len(r.Sd); i++ {
			r.Sd[i] /= 2
		}
		r.Coef = append([]float64(nil), r.Prior...)
	}
	if len(from.Narrow.All) == len(s.Narrow.All) {
		days := 5 * math.Exp(from.Slow.Coef[0])
		for i, share := range []*shape{s.Narrow, s.Broad} {
			other := []*shape{from.Narrow, from.Broad}[i]
			for w := range share.Sum {
				share.Sum[w] = scaled(other.share(w), days/5)
			}
			share.All = scaled(other.All, days/math.Max(total(other.All), 1e-9))
		}
	}
	s.Spread = from.Spread
	for key, r := range from.Campaigns {
		s.Campaigns[key] = r
	}
}

// push returns by how much campaigns change a day: what was learnt, or else what is
// expected of them.
func (s *series) push(list []Campaign) float64 {
	f := 1.0
	for _, c := range list {
		expected := c.Expected
		if expected <= 0 {
			expected = 1
		}
		r := s.Campaigns[c.Key]
		f *= r.lean(expected, 3*math.Max(1, s.mean()))
	}
	return f
}

// expect returns what the slow regression expects of a day in all.
func (s *series) expect(x []float64) float64 {
	return s.Far.lean(1, s.mean()) * math.Exp(clamp(dot(x[:plain], s.Slow.Coef), -3, 15))
}

// mean is about one day's arrivals.
func (s *series) mean() float64 { return math.Exp(s.Slow.Coef[0]) }

// effect returns the logarithm of what is special about a day.
func (s *series) effect(x []float64) float64 {
	return dot(x[weekly:plain], s.Slow.Coef[weekly:])
}

// learn takes the counts of a day. of is what came to the whole place, 0 for the
// place itself.
func (s *series) learn(d date, x, counts []float64, of float64, campaigns []Campaign) {
	if s.Seen == 0 {
		s.From, s.Last = d, d
	}
	passed := float64(d - s.Last)
	s.fade(passed)
	weekday := d.weekday()
	part := s.Narrow.part(weekday, counts)
	if part < .3 {
		return // too little of the day is known
	}
	whole := total(counts) / part
	for _, c := range campaigns {
		r := s.Campaigns[c.Key]
		r.Half = 400
		r.learn(whole, s.expect(x))
		s.Campaigns[c.Key] = r
	}
	push := s.push(campaigns)
	sum := whole / push
	expected, y := s.expect(x), math.Log(math.Max(sum, .5))
	chance := 1 / (expected + 1)
	if s.Seen < 3 {
		chance = 1 / (sum + 1)
	} else {
		y = s.tame(y, math.Log(expected), x, chance)
	}
	w := 1 / (chance + s.Spread)
	tame := math.Exp(y)
	if sum == 0 {
		tame = 0
	}
	if s.Seen >= 5 {
		s.Near.learn(tame, math.Exp(dot(x[:plain], s.Slow.Coef)))
		s.Far.learn(tame, math.Exp(dot(x[:plain], s.Slow.Coef)))
		s.YearNear.learn(tame, math.Exp(dot(x, s.Year.Coef)))
	}
	s.Quick.learn(x[:weekly], y-s.effect(x), w)
	s.Slow.learn(x[:plain], y, w)
	s.Year.learn(x, y, w)
	s.Narrow.learn(weekday, counts)
	s.Broad.learn(weekday, counts)
	if of > 0 {
		s.Share[weekday].learn(whole, of)
		s.Share[7].learn(whole, of)
	}
	kept := append([]float64(nil), counts...)
	share := s.Narrow.share(weekday)
	for i, n := range kept {
		if !known(n) {
			kept[i] = share[i] * whole
		}
	}
	s.Recent[weekday] = append(s.Recent[weekday], past{d, s.effect(x) + math.Log(push), kept})
	if n := len(s.Recent[weekday]); n > 8 {
		s.Recent[weekday] = append([]past(nil), s.Recent[weekday][n-8:]...)
	}
	s.Seen++
}

func (s *series) fade(days float64) {
	if days <= 0 {
		return
	}
	s.Last += date(days)
	s.Quick.fade(days)
	s.Slow.fade(days)
	s.Year.fade(days)
	s.Narrow.fade(days)
	s.Broad.fade(days)
	s.Near.fade(days)
	s.Far.fade(days)
	s.YearNear.fade(days)
	for i := range s.Share {
		s.Share[i].fade(days)
	}
}

// tame pulls in a day that is far out, so that one broken day teaches little, and
// follows how far days usually are out. Days about which something special is
// known may be farther out.
func (s *series) tame(y, expected float64, x []float64, chance float64) float64 {
	special := 0.0
	for i, v := range x[weekly:plain] {
		special += v * v * features[weekly+i].sd * features[weekly+i].sd
	}
	off := y - expected
	sd := math.Sqrt(chance + s.Spread)
	limit := 3 * math.Sqrt(chance+s.Spread+special)
	if s.Seen < 15 {
		limit = 1
	}
	small := clamp(off, -2.5*sd, 2.5*sd)
	rate := math.Max(.03, 1/float64(s.Seen+3))
	s.Spread = clamp(s.Spread+rate*(small*small-chance-s.Spread), .0004, .25)
	return expected + clamp(off, -limit, limit)
}

// solve brings the regressions up to date.
func (s *series) solve() {
	s.Quick.solve()
	s.Slow.solve()
	if s.yearly() {
		s.Year.solve()
	}
}

// yearly reports whether the history has seen the seasons.
func (s *series) yearly() bool { return s.Last-s.From >= 385 }
