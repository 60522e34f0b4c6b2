package kiosk

import (
	"os"
	"strconv"
	"strings"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

// watch reads the machine's clocks.
type watch struct {
	start     time.Time // with its monotonic reading
	boot      string
	uptime    time.Duration // of the boot, at the start
	rehearsal time.Time     // zero: the real clock
	speed     float64
	read      func() replica.Now // nil: read the clocks
}

// newWatch starts the watch. The boot's id and age let a restarted agent go on
// with the same monotonic clock; a rehearsal's clock ends with the process.
func newWatch(o Options) *watch {
	w := &watch{start: time.Now(), boot: randomHex(8), rehearsal: o.Clock, speed: o.Speed, read: o.Now}
	if !o.Clock.IsZero() {
		return w
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	uptime, ok := readUptime()
	if err == nil && ok {
		w.boot, w.uptime = strings.TrimSpace(string(boot)), uptime
	}
	return w
}

func readUptime() (time.Duration, bool) {
	raw, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(raw), " ")
	seconds, err := strconv.ParseFloat(first, 64)
	return time.Duration(seconds * float64(time.Second)), err == nil
}

// now reads the clocks.
func (w *watch) now() replica.Now {
	if w.read != nil {
		return w.read()
	}
	real := time.Now()
	elapsed := real.Sub(w.start)
	if w.rehearsal.IsZero() {
		return replica.Now{Wall: real.Round(0), Monotonic: w.uptime + elapsed, Boot: w.boot, Timer: elapsed}
	}
	fast := time.Duration(float64(elapsed) * w.speed)
	return replica.Now{Wall: w.rehearsal.Add(fast).In(queue.JST), Monotonic: fast, Boot: w.boot, Timer: elapsed}
}
