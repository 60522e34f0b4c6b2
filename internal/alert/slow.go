package alert

import (
	"math"
	"slices"
	"time"
)

// What is compared of the visits of a line: the newest ones with those before.
const (
	newest = 8
	before = 12 // at least
	// certain is how many standard errors the newest must lie above those before: every
	// visit is a new look, and chance must not call anybody.
	certain = 3.5
)

// slow finds visits that suddenly take longer than they did earlier in the day, such as
// while a system hangs. Those that go on count where they last longer than the newest.
func (f *finder) slow(l Line) {
	now, was := shift(l.Talks, l.Under)
	if now == 0 {
		return
	}
	least := f.rules.Slow
	at := Subject{Service: l.Service, Stage: l.Stage}
	if f.isOpen(Slow, at) {
		least = 1 + (least-1)/2
	}
	if now.Seconds() < least*was.Seconds() {
		return
	}
	if !f.isOpen(Slow, at) && !beyondChance(l.Talks, now, was) {
		return
	}
	f.add(Finding{Kind: Slow, Subject: at, Since: f.At, Waiting: l.Waiting, Seconds: seconds(now), Before: seconds(was), Step: Step{Do: AskWhy}})
}

// shift returns the middle of the newest visits and of those before; zero where there
// are too few.
func shift(talks, under []time.Duration) (now, was time.Duration) {
	if len(talks) < newest+before {
		return 0, 0
	}
	earlier, recent := talks[:len(talks)-newest], slices.Clone(talks[len(talks)-newest:])
	middle := median(recent)
	for _, u := range under {
		if u > middle {
			recent = append(recent, u)
		}
	}
	return median(recent), median(slices.Clone(earlier))
}

func beyondChance(talks []time.Duration, now, was time.Duration) bool {
	earlier := talks[:len(talks)-newest]
	mean, squares := 0.0, 0.0
	for _, t := range earlier {
		l := math.Log(max(1, t.Seconds()))
		mean, squares = mean+l, squares+l*l
	}
	n := float64(len(earlier))
	spread := math.Sqrt(max(0.09, squares/n-mean*mean/n/n))
	// The middle of a sample sways by a quarter more than its mean.
	sway := 1.25 * spread * math.Sqrt(1/float64(newest)+1/n)
	return math.Log(now.Seconds()/max(1, was.Seconds())) >= certain*sway
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}
