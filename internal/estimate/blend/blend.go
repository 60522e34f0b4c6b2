package blend

// Features is what is known about one ticket at the moment it is given (or,
// for a ticket that waits already, as if it were given now). Times are seconds
// from that moment. NaN means not known; anything odd (negative, infinite) is
// taken as not known as well, so callers need no guards.
type Features struct {
	VQ10, VQ50, VQ90 float64 // quantiles of the wait in the virtual queue
	QL               float64 // (Ahead+1) x recent mean service time / counters at work for the class
	HOL              float64 // time that the first of the class's line has waited so far; 0 when nobody waits
	LES              float64 // wait of the one called last in the class
	Mean             float64 // mean service time of the class as it is now
	LineHOL          float64 // as HOL, over all lines of the place
	LESAny           float64 // as LES, over all lines of the place
	SinceCall        float64 // seconds since the last call of any class
	IdleAge          float64 // seconds since a counter last became idle and stayed so; NaN: none did
	SinceOpen        float64 // seconds since the place opened today
	Ahead            int     // tickets of the class that will be called before this one
	Waiting          int     // tickets of the whole place that wait, this one not counted
	Open             int     // counters that are open and serve the class
	Idle             int     // those of them that would take a newcomer at once: without a visitor, and not passed over by somebody waiting
	Busy, Active     int     // counters of the place with a visitor now; with one now or within 15 minutes
	Fresh1           int     // counters of the place without a visitor, idle for up to 1 minute
	Fresh3, Fresh10  int     // the same for up to 3 and 10 minutes
	Calls15          int     // calls of the whole place within the last 15 minutes
	Slot             int     // half hour of the day, 0 to 47
}

// longest is the longest wait that is believed, in seconds.
const longest = 1e6

// levels are the points of a wait's distribution that are said.
var levels = [3]float64{0.1, 0.5, 0.9}

// Said is an answer: Q are the 10 %, 50 % and 90 % points of the wait in
// seconds. It also keeps what each member had said, which is judged when the
// wait is known; so the caller gives it back to Learn or Left as it is.
type Said struct {
	Q     [3]float64
	plain [3]float64 // before the range was corrected
	each  [3][members]float64
}

// Predict says when the ticket is called: the 10 %, 50 % and 90 % points of the
// wait. They are finite, in order and never negative, whatever the features
// hold. ok is false when nothing is known yet that people could be told: the
// figures are then a guess, to be learned from but not to be shown.
func (b *Blend) Predict(class string, f Features) (said Said, ok bool) {
	var q question
	ok = b.ask(&q, class, &f)
	b.opinions(&q, &said.each)
	said.plain = b.Votes[q.regime].mix(&said.each)
	said.Q = b.Spans.correct(&q, said.plain)
	for i := range said.Q {
		said.Q[i] = min(said.Q[i]*q.unit, longest)
		said.plain[i] *= q.unit
		for k := range said.each[i] {
			said.each[i][k] *= q.unit
		}
	}
	return said, ok
}

// Learn takes what came of an answer: the features and the answer of that time,
// and the wait in seconds until the call (the call of somebody who then did not
// come ends a wait just the same).
func (b *Blend) Learn(class string, f Features, said Said, wait float64) {
	if !usable(wait) {
		return
	}
	b.begin()
	var q question
	b.ask(&q, class, &f)
	b.Spans.learn(&q, &said, wait)
	b.Votes[q.regime].learn(&said, q.unit, wait)
	b.teach(&q, wait/q.unit)
	b.remember(class, &f, wait)
}

// Left takes what came of an answer to somebody who left before the call: the
// wait would have been at least waited seconds. It says something only if that
// is more than had been told.
func (b *Blend) Left(class string, f Features, said Said, waited float64) {
	if !usable(waited) || waited <= said.Q[2] {
		return
	}
	b.begin()
	var q question
	b.ask(&q, class, &f)
	b.Spans.learn(&q, &said, waited)
}

// P80 returns the 80 % point that goes with a median and a 90 % point: beyond the
// median a wait falls off about exponentially, so it is log(5/2)/log(10/2) of the
// way.
func P80(p50, p90 float64) float64 { return p50 + 0.5693*(p90-p50) }
