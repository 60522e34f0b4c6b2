package forecast

// fitting is a fit under way.
type fitting struct {
	g       *grid
	a       *almanac
	series  []*series // the services, and last the place
	vectors map[date][]float64
	closed  [7][]bool // slots in which a weekday never saw anybody
	pending map[date][]guess
}

// guess is what one series forecast for a day, to be compared when it comes.
type guess struct {
	series, days int
	all          [experts][]float64
	mixed        []float64
}

// rehearsals bounds how often, on the way through a history, a forecast is made as
// if nothing later were known.
const rehearsals = 500

func (f *fitting) vector(d date) []float64 {
	x := f.vectors[d]
	if x == nil {
		x = f.a.vector(d)
		f.vectors[d] = x
	}
	return x
}

// run goes through the history once.
func (f *fitting) run() {
	g := f.g
	var open []date
	for d := g.from; d <= g.to; d++ {
		if g.open(d) {
			open = append(open, d)
		}
	}
	for i, d := range open {
		f.learn(d)
		if i%2 == 0 && len(open)-i <= rehearsals || i%6 == 0 {
			for _, s := range f.series {
				s.solve()
			}
		}
		if len(open)-i <= rehearsals && i >= 5 {
			f.rehearse(d)
		}
	}
	for _, s := range f.series {
		if s.Seen > 0 {
			s.fade(float64(g.to - s.Last))
			s.solve()
		}
	}
}

// learn takes one day into every series.
func (f *fitting) learn(d date) {
	x := f.vector(d)
	day := make([][]float64, len(f.series))
	all := make([]float64, f.g.slots)
	for s := range f.g.services {
		day[s] = f.counts(d, s, x)
		for i, n := range day[s] {
			if known(n) {
				all[i] += n
			}
		}
	}
	day[len(day)-1] = all
	for _, q := range f.pending[d] {
		if counts := day[q.series]; counts != nil {
			s := f.series[q.series]
			s.Books[bucket(q.days)].settle(d, q.all, q.mixed, counts, s.Spread)
		}
	}
	delete(f.pending, d)
	for i, s := range f.series {
		if day[i] == nil {
			continue
		}
		of := total(all)
		if i == len(f.series)-1 {
			of = 0
		}
		s.learn(d, x, day[i], of, f.a.campaigns(d, s.Service))
	}
}

// counts returns what is known of a service on a day on which the place was open:
// nil if the service was not there, or is not written down.
func (f *fitting) counts(d date, s int, x []float64) []float64 {
	row := f.g.rows[d][s]
	if row == nil || !came(row) {
		if sr := f.series[s]; sr.Seen < 5 || sr.expect(x) > 4 {
			return nil
		}
		return make([]float64, f.g.slots)
	}
	out := append([]float64(nil), row...)
	for i, n := range out {
		if !known(n) && (!f.g.explicit || f.closed[d.weekday()][i]) {
			out[i] = 0
		}
	}
	return out
}

// rehearse forecasts some days of the future from a day of the past.
func (f *fitting) rehearse(d date) {
	last := len(f.series) - 1
	for _, h := range ahead {
		target := d + date(h)
		if target > f.g.to || !f.g.open(target) {
			continue
		}
		x := f.vector(target)
		of := 0.0
		for n := range f.series {
			i := (n + last) % len(f.series) // the place first
			s := f.series[i]
			if s.Seen < 5 {
				continue
			}
			q := guess{series: i, days: h, all: s.forecasts(target, x, of, f.a.campaigns(target, s.Service))}
			q.mixed = s.Books[bucket(h)].mix(q.all, f.g.slots)
			if i == last {
				of = total(q.mixed)
			}
			f.pending[target] = append(f.pending[target], q)
		}
	}
}

// never finds the slots in which nobody came on a weekday, in the whole history.
func (g *grid) never() (slots [7][]bool) {
	for w := range slots {
		slots[w] = make([]bool, g.slots)
		for i := range slots[w] {
			slots[w][i] = true
		}
	}
	for d, rows := range g.rows {
		for _, row := range rows {
			for i, n := range row {
				if n > 0 {
					slots[d.weekday()][i] = false
				}
			}
		}
	}
	return slots
}

// quartiles returns the three of the known counts of a service on open days.
func (g *grid) quartiles(s int) [3]float64 {
	var list []float64
	for d := g.from; d <= g.to; d++ {
		if g.rows[d] == nil || !g.open(d) {
			continue
		}
		for _, n := range g.rows[d][s] {
			if known(n) {
				list = append(list, n)
			}
		}
	}
	return quartilesOf(list)
}

// dayQuartiles returns the three of the totals of a service, or of the place if s is
// past the last one, on the days on which anybody came.
func (g *grid) dayQuartiles(s int) [3]float64 {
	var list []float64
	for d := g.from; d <= g.to; d++ {
		if !g.came(d, s) {
			continue
		}
		sum := 0.0
		for i, row := range g.rows[d] {
			if s == len(g.services) || i == s {
				sum += total(row)
			}
		}
		list = append(list, sum)
	}
	return quartilesOf(list)
}
