package blend

import "math"

// Sizes of the tilings.
const (
	tilings = 48   // of the space of all coordinates
	cells   = 1024 // that all of them share
	axes    = 26
	fold    = 8 // so many coordinates at most make one tiling
)

const (
	tileBound = 8.0 // of a weight, in units
	tileStep  = 0.02
	restStep  = tileStep / 8 // slower: what the virtual queue leaves over is mostly chance
	tileFade  = 0.2
	tileSeen  = 60000
	tileGrain = 4096 // parts of a unit that a weight is written in
)

// tiling is a quantile regression that is constant on each cell of many coarse
// grids, and their sum: tile coding (Albus 1975; Sutton and Barto 2018, 9.5.4).
// Each grid lies over a few coordinates drawn once and for all, so that the
// grids together see what coordinates mean jointly, as a forest of trees does,
// but can be learned from one outcome at a time.
type tiling [cells]cell

type cell struct {
	w [3]float64 // of each level, in units
	n float64    // outcomes seen
}

// grid is one of the tilings: bounds and widths along its coordinates.
type grid struct {
	n      int
	axis   [fold]int
	shift  [fold]float64
	inside [fold]float64 // 1 / width
}

var layout = newLayout()

// newLayout draws the grids with a fixed seed (splitmix64, Steele, Lea and
// Flood 2014).
func newLayout() (grids [tilings]grid) {
	seed := uint64(0x74696c65)
	next := func() uint64 {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	uniform := func() float64 { return float64(next()>>11) / (1 << 53) }
	for i := range grids {
		g := &grids[i]
		g.n = 1 + int(next()%fold)
		var order [axes]int
		for k := range order {
			order[k] = k
		}
		for k := range g.n {
			j := k + int(next()%uint64(axes-k))
			order[k], order[j] = order[j], order[k]
			width := 2.5 * (1 + uniform())
			g.axis[k], g.inside[k], g.shift[k] = order[k], 1/width, uniform()*width
		}
	}
	return grids
}

// lay finds the cells of a question.
func (b *Blend) lay(q *question, name string) {
	x := b.coordinates(q, name)
	for i := range layout {
		g := &layout[i]
		h := uint64(i+1) * 0x9e3779b97f4a7c15
		for k := range g.n {
			h = (h ^ uint64((x[g.axis[k]]+g.shift[k])*g.inside[k])) * 0xbf58476d1ce4e5b9
			h ^= h >> 29
		}
		q.cells[i] = uint16(h % cells)
	}
}

// coordinates places a question on axes on which a step of one is about a
// doubling. None is negative.
func (b *Blend) coordinates(q *question, name string) [axes]float64 {
	f := q.f
	visit := q.visit * q.unit
	t := func(x float64) float64 { return duration(x, visit) }
	return [axes]float64{
		count(f.Idle), count(f.Waiting), count(f.Ahead), count(f.Fresh1), count(f.Fresh3), count(f.Fresh10),
		count(f.Busy), count(f.Active), 6 * share(f.Busy, f.Active), count(f.Open), count(f.Calls15), count(b.Zeros),
		t(f.SinceCall), t(f.QL), t(f.LineHOL), t(f.HOL), t(f.LESAny), t(f.LES), t(f.IdleAge), t(f.SinceOpen),
		t(f.VQ10), t(f.VQ50), t(f.VQ90), t(q.same * q.unit), float64(slot(f)) / 4, apart(name),
	}
}

func count(n int) float64 { return octaves(2*float64(max(n, 0)) + 1) }

// octaves is about the binary logarithm of x >= 1: right at the powers of two
// and straight between them.
func octaves(x float64) float64 {
	bits := math.Float64bits(x)
	whole := int(bits>>52) - 1023
	return float64(whole) + math.Float64frombits(bits&(1<<52-1)|1023<<52) - 1
}

func share(n, of int) float64 {
	return max(0, min(float64(n)/float64(max(1, of)), 1))
}

// duration is in octaves from a sixteenth of a visit on, well apart from what is
// not known.
func duration(x, visit float64) float64 {
	if !usable(x) {
		return 0
	}
	return 3 + octaves(x*(16/visit)+1)
}

// apart puts classes far from each other (FNV-1a).
func apart(name string) float64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return float64(h%64) * 6
}

// at is the sum over the grids.
func (t *tiling) at(q *question) (out [3]float64) {
	for _, i := range q.cells {
		c := &t[i%cells]
		out[0] += c.w[0]
		out[1] += c.w[1]
		out[2] += c.w[2]
	}
	return out
}

// learn moves the cells of a question so that from + times * at(q) comes nearer
// to y.
func (t *tiling) learn(q *question, from [3]float64, times, y, step float64) {
	out := t.at(q)
	var move [3]float64
	for level := range out {
		now := from[level] + times*out[level]
		move[level] = slope(level, y, now)
		if y == 0 && now <= 0 {
			move[level] = 0 // what is said is not negative: it was right
			if now > -0.2 {
				move[level] = levels[level] - 1 // but stay clear of the edge
			}
		}
	}
	for _, i := range q.cells {
		c := &t[i%cells]
		c.n = min(c.n+1, tileSeen)
		s := step / math.Sqrt(1+tileFade*c.n)
		for level := range move {
			c.w[level] = max(-tileBound, min(c.w[level]+s*move[level], tileBound))
		}
	}
}
