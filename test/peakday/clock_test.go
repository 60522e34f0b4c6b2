package peakday_test

import (
	"context"
	"sync"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

const (
	// step is how far the clock goes at once at least.
	step = time.Minute
	// speed is how many times as fast as life the clock runs within a step.
	speed = 450
	// hurry is how many seconds of the day make a second of a machine's timer: what
	// took a machine long has not taken hours of the day.
	hurry = 1000
)

// clock is the rehearsal clock of servers and machines. It belongs to the people: it
// stands at the end of a step until everybody who acts has come to rest, and goes on
// at once to the next moment that somebody waits for. So the day is as long as it is
// however slow the test machine is, and over when nobody acts any more.
type clock struct {
	mu      sync.Mutex
	base    time.Time // the beginning of the step
	began   time.Time // when that was in life
	acting  int
	resting map[*rest]bool
}

// rest is somebody who waits for a moment.
type rest struct {
	until time.Time
	over  chan struct{}
}

func newClock(begin time.Time) *clock {
	return &clock{base: begin, began: time.Now(), resting: map[*rest]bool{}}
}

// at is a moment of the day; hours above 23 are after midnight.
func at(hour, minute int) time.Time {
	return time.Date(2026, 4, 1, hour, minute, 0, 0, queue.JST)
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base.Add(min(time.Since(c.began)*speed, step-1))
}

// machine returns the clocks of a ticket machine that boots now. Its timer runs with
// life, and faster where the day hurries.
func (c *clock) machine(boot string) func() replica.Now {
	start, booted := c.now(), time.Now()
	return func() replica.Now {
		now := c.now()
		day := now.Sub(start)
		return replica.Now{Wall: now, Monotonic: day, Boot: boot, Timer: time.Since(booted) + day/hurry}
	}
}

// act lets somebody act who rests by pace and until alone.
func (c *clock) act(group *sync.WaitGroup, work func()) {
	c.mu.Lock()
	c.acting++
	c.mu.Unlock()
	group.Go(func() {
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.acting--
			c.goOn()
		}()
		work()
	})
}

// pace lets somebody take the time that he takes, unless the context ends.
func (c *clock) pace(ctx context.Context, d time.Duration) {
	r := &rest{until: c.now().Add(d), over: make(chan struct{})}
	c.mu.Lock()
	c.resting[r] = true
	c.acting--
	c.goOn()
	c.mu.Unlock()
	select {
	case <-r.over:
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		c.wake(r)
	}
}

func (c *clock) until(moment time.Time) {
	if d := moment.Sub(c.now()); d > 0 {
		c.pace(context.Background(), d)
	}
}

// goOn begins the next step if nobody acts. Callers hold the lock.
func (c *clock) goOn() {
	if c.acting > 0 || len(c.resting) == 0 {
		return
	}
	var next time.Time
	for r := range c.resting {
		if next.IsZero() || r.until.Before(next) {
			next = r.until
		}
	}
	c.base, c.began = c.base.Add(max(step, next.Sub(c.base))), time.Now()
	for r := range c.resting {
		if !r.until.After(c.base) {
			c.wake(r)
		}
	}
}

// wake ends a rest; again it does nothing. Callers hold the lock.
func (c *clock) wake(r *rest) {
	if c.resting[r] {
		delete(c.resting, r)
		c.acting++
		close(r.over)
	}
}
