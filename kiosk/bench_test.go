package kiosk_test

import (
	"testing"
	"time"
)

// BenchmarkPressToPaper prints how long a visitor waits from the touch until the
// printer gets the first byte: while the server answers, at the first press after
// it stopped answering (it accepts and says nothing, the worst case), and at the
// presses after that. The goals are one second for the first, 0.3 for the others.
func BenchmarkPressToPaper(b *testing.B) {
	var online, first, next time.Duration
	for b.Loop() {
		w := newWard(b)
		o := options(b, b.TempDir(), w.url())
		paper := make(chan time.Time, 8)
		o.At = func(point string) {
			if point == "paper:before" {
				paper <- time.Now()
			}
		}
		m := start(b, o)
		m.ready()
		press := func() time.Duration {
			began := time.Now()
			for m.press("moving").Code != "" { // too soon after the one before
				began = time.Now()
			}
			return max(0, (<-paper).Sub(began))
		}
		online += timed(m, press)
		w.hung.Store(true)
		first += timed(m, press)
		next += timed(m, press)
		w.hung.Store(false)
		m.stop()
	}
	report := func(d time.Duration, unit string) {
		b.ReportMetric(d.Seconds()*1000/float64(b.N), unit)
	}
	report(online, "ms/online")
	report(first, "ms/first-alone")
	report(next, "ms/next-alone")
}

// timed waits until the guard against double touches lets the next press through,
// so that the wait of the visitor alone is measured.
func timed(m *machine, press func() time.Duration) time.Duration {
	time.Sleep(1600 * time.Millisecond)
	return press()
}
