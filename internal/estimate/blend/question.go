package blend

import "math"

// The regimes of a question: a free counter and nobody waiting, nobody waiting,
// somebody waiting.
const (
	free = iota
	empty
	crowd
	regimes
)

const inputs = 12

// most bounds what learners see, in units.
const most = 200

// Where little is known.
const (
	unseen    = 0.25   // of QL, where no counter has been seen that serves the class
	peaks     = 3      // the longest wait of the class or QL, so many times, is believed
	peaksMin  = 30     // outcomes of the class
	peaksMore = 1800.0 // seconds on top
)

// question is what is asked about, in the terms of the learners.
type question struct {
	class  *class // nil: never seen
	f      *Features
	regime int
	unit   float64         // seconds that count as 1: the usual wait of the place
	visit  float64         // mean service time, in units
	spread float64         // how uncertain the virtual queue is, in units
	in     [inputs]float64 // in units
	vq     [3]float64      // of the virtual queue, in units
	same   float64         // mean wait at this length of the line, in units
	mean   float64         // mean wait of the class, in units
	cells  [tilings]uint16
}

// usable tells whether a time is known and believed.
func usable(x float64) bool { return x >= 0 && x < longest }

func or(x, y float64) float64 {
	if usable(x) {
		return x
	}
	return y
}

// ask prepares a question; false if there is nothing to answer it with but a
// guess.
func (b *Blend) ask(q *question, name string, f *Features) bool {
	q.f, q.class, q.unit, q.regime = f, b.Classes[name], max(1, b.Scale.mean), empty
	if b.Scale.n == 0 {
		q.unit = max(1, or(f.Mean, scaleGuess))
	}
	switch {
	case f.Waiting > 0:
		q.regime = crowd
	case f.Idle > 0:
		q.regime = free
	}
	mean, same, usual := b.Scale.mean, math.NaN(), math.NaN()
	if c := q.class; c != nil {
		if c.Waits.n > 0 {
			mean = c.Waits.mean
		}
		if k := length(f); k < len(c.Same) && c.Same[k].n > 0 {
			same = c.Same[k].mean
		}
		if s := c.Slots[slot(f)]; s.n > 3 {
			usual = s.mean
		}
	}
	b.fill(q, mean, same, usual)
	b.lay(q, name)
	return b.Scale.n > 0 || usable(f.VQ50) || f.Open > 0 && usable(f.QL)
}

// believed is the longest wait that the class makes believable.
func (q *question) believed() float64 {
	if q.class == nil || q.class.Waits.n < peaksMin {
		return longest
	}
	peak := q.class.Peak
	if q.f.Open > 0 {
		peak = max(peak, or(q.f.QL, 0))
	}
	return peaks*peak + peaksMore
}

// fill sets the inputs. What is not known is filled with the nearest thing that
// is.
func (b *Blend) fill(q *question, mean, same, usual float64) {
	f := q.f
	line := f.QL
	if f.Open == 0 {
		line = max(unseen*line, or(f.HOL, 0))
	}
	p50 := or(f.VQ50, or(same, or(line, mean)))
	p50 = min(p50, q.believed())
	same = or(same, p50)
	p10, p90 := min(or(f.VQ10, p50), p50), min(max(or(f.VQ90, 2*p50), p50), q.believed())
	q.in = [inputs]float64{
		p10, p50, p90, or(f.QL, p50), or(f.HOL, 0), or(f.LES, mean), same,
		or(usual, mean), or(f.LineHOL, 0), or(f.LESAny, mean), or(f.Mean, 0), q.unit,
	}
	q.vq = [3]float64{p10 / q.unit, p50 / q.unit, p90 / q.unit}
	for i := range q.in {
		q.in[i] = min(q.in[i]/q.unit, most)
	}
	q.same, q.mean = min(same/q.unit, most), min(mean/q.unit, most)
	q.visit = max(1, or(f.Mean, q.unit)) / q.unit
	q.spread = q.vq[2] - q.vq[0] + 0.25*q.vq[1] + 0.1*min(q.visit, 1)
}
