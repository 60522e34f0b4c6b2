package forecast

import "math"

// regression is a Bayesian linear regression whose memory fades: each observation
// loses half of its weight every Half days. Coefficients lean to Prior as strongly
// as Sd, the standard deviation of what they may be, is small.
type regression struct {
	Half  float64
	A     []float64 // p x p, weighted sum of x times x
	B     []float64 // p, weighted sum of x times (y - x times Prior)
	Prior []float64
	Sd    []float64
	Coef  []float64
}

func newRegression(half float64, prior, sd []float64) *regression {
	p := len(sd)
	r := &regression{Half: half, A: make([]float64, p*p), B: make([]float64, p), Prior: prior, Sd: sd, Coef: make([]float64, p)}
	copy(r.Coef, prior)
	return r
}

// fade lets some days pass.
func (r *regression) fade(days float64) {
	f := keep(days, r.Half)
	for i := range r.A {
		r.A[i] *= f
	}
	for i := range r.B {
		r.B[i] *= f
	}
}

// learn takes one observation with the weight of one over its variance.
func (r *regression) learn(x []float64, y, w float64) {
	y -= dot(x, r.Prior)
	for i, xi := range x {
		if xi == 0 {
			continue
		}
		row := r.A[i*len(x) : (i+1)*len(x)]
		for j, xj := range x {
			row[j] += w * xi * xj
		}
		r.B[i] += w * xi * y
	}
}

// solve brings Coef up to date.
func (r *regression) solve() {
	p := len(r.B)
	l := append([]float64(nil), r.A...)
	for i := range p {
		l[i*p+i] += 1 / (r.Sd[i] * r.Sd[i])
	}
	x := append([]float64(nil), r.B...)
	cholesky(l, x)
	for i := range x {
		r.Coef[i] = r.Prior[i] + x[i]
	}
}

// cholesky solves l x = b for a symmetric positive definite l, in place.
func cholesky(l, b []float64) {
	p := len(b)
	for i := range p {
		for j := range i + 1 {
			s := l[i*p+j] - dot(l[i*p:i*p+j], l[j*p:j*p+j])
			if i == j {
				l[i*p+i] = math.Sqrt(math.Max(s, 1e-12))
			} else {
				l[i*p+j] = s / l[j*p+j]
			}
		}
	}
	for i := range p {
		for k := range i {
			b[i] -= l[i*p+k] * b[k]
		}
		b[i] /= l[i*p+i]
	}
	for i := p - 1; i >= 0; i-- {
		for k := i + 1; k < p; k++ {
			b[i] -= l[k*p+i] * b[k]
		}
		b[i] /= l[i*p+i]
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, x := range a {
		s += x * b[i]
	}
	return s
}
