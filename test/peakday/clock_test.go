package peakday_test

import (
	"context"
	"time"

	"machi/internal/queue"
)

// speed is how many times as fast as life the day runs.
const speed = 450

// clock is the rehearsal clock. Servers and machines that start at different
// moments are each started at what it says then.
type clock struct{ began time.Time }

func (c clock) now() time.Time {
	return at(8, 25).Add(time.Since(c.began) * speed)
}

// at is a moment of the day; hours above 23 are after midnight.
func at(hour, minute int) time.Time {
	return time.Date(2026, 4, 1, hour, minute, 0, 0, queue.JST)
}

// pace lets people take the time that they take, unless the context ends.
func pace(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d / speed)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
