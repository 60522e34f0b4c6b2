package blend

import "math"

// The members that an answer is mixed from.
const (
	virtual   = iota // the virtual queue
	fitted           // the linear regression
	tiled            // the tiles alone
	corrected        // the virtual queue and tiles for what it leaves over
	sameLine         // mean wait at this length of the line; this and the following have a median only
	queued           // QL
	first            // HOL
	typical          // mean wait of the class
	members

	ranged = sameLine // so many members speak for the outer levels
)

// opinionMost bounds what a member says, in units.
const opinionMost = 1e4

// opinions are what every member says, in units.
func (b *Blend) opinions(q *question, each *[3][members]float64) {
	line := q.vq
	if b.Classes != nil {
		line = b.Linear[q.regime].at(&q.in)
	}
	whole, rest := b.Whole.at(q), b.Rest.at(q)
	for level := range each {
		each[level] = [members]float64{
			virtual: q.vq[level], fitted: line[level], tiled: whole[level],
			corrected: q.vq[level] + q.spread*rest[level],
			sameLine:  q.same, queued: q.in[3], first: q.in[4], typical: q.mean,
		}
		for i, x := range each[level] {
			each[level][i] = max(0, min(x, opinionMost))
		}
	}
}

// teach lets the members learn from an outcome, in units.
func (b *Blend) teach(q *question, y float64) {
	y = min(y, opinionMost)
	b.Linear[q.regime].learn(&q.in, y)
	b.Whole.learn(q, [3]float64{}, 1, y, tileStep)
	b.Rest.learn(q, q.vq, q.spread, y, restStep)
}

// votes weigh the members by how much better than the mix each would have been:
// polynomially weighted averages with multiple learning rates (ML-Poly,
// Gaillard, Stoltz and van Erven 2014) on the slopes of the pinball loss, with
// slow forgetting. They have no rate to tune, and a member is judged by what it
// said when the question was asked.
type votes struct {
	N      float64             `json:"n"` // outcomes seen, of voteMost
	Regret [3][members]float64 `json:"regret"`
	Square [3][members]float64 `json:"square"`
}

const (
	voteFade   = 0.9999
	voteMost   = 3000
	regretMost = 1e9
)

// trust is the weight that the virtual queue has in advance: against members
// that had luck with the first few. It ends at voteMost outcomes, but for a
// little that answers as long as nobody was better.
func (v *votes) trust() float64 {
	return max(1e-3, 11/(1+10*v.N/voteMost)-1)
}

// mix returns the weighted opinions, in order.
func (v *votes) mix(each *[3][members]float64) (out [3]float64) {
	trust := v.trust()
	for level := range out {
		sum, weights := trust*each[level][virtual], trust
		for i, x := range each[level] {
			if r := v.Regret[level][i]; r > 0 {
				w := r / (1 + v.Square[level][i])
				sum, weights = sum+w*x, weights+w
			}
		}
		out[level] = sum / weights
	}
	out[0] = min(out[0], out[1])
	out[2] = max(out[1], out[2])
	return out
}

// learn judges the members. Only the median has all of them.
func (v *votes) learn(said *Said, unit, wait float64) {
	v.N = min(v.N+1, voteMost)
	for level := range v.Regret {
		last := ranged
		if level == 1 {
			last = members
		}
		s := slope(level, wait, said.plain[level])
		if wait == 0 && said.plain[level] == 0 {
			s = levels[level] - 1 // more would have been wrong
		}
		for i := range last {
			r := s * (said.each[level][i] - said.plain[level]) / unit
			r = max(-regretMost, min(r, regretMost))
			v.Regret[level][i] = max(-regretMost, min(voteFade*v.Regret[level][i]+r, regretMost))
			v.Square[level][i] = min(voteFade*v.Square[level][i]+r*r, regretMost*regretMost)
		}
	}
}

func (v *votes) sound() bool {
	if v.N < 0 || v.N > voteMost {
		return false
	}
	for level := range v.Regret {
		for i := range v.Regret[level] {
			if !within(v.Regret[level][i], regretMost) || !within(v.Square[level][i], regretMost*regretMost) || v.Square[level][i] < 0 {
				return false
			}
		}
	}
	return true
}

// octave is the whole part of the binary logarithm of x over y, from low on.
func octave(x, y float64) float64 { return math.Floor(math.Log2((x + 1e-9) / y)) }
