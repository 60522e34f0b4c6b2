package kiosk

import (
	"context"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

const (
	// tidyEvery is how often it is looked whether the store needs care, and healEvery
	// how often a file that could not be written is tried again.
	tidyEvery = 10 * time.Minute
	healEvery = time.Hour
)

// care remembers when the store was looked after. It is owned by the loop.
type care struct {
	next   time.Duration // on the timer
	healed time.Duration
	oldest queue.Date // the day from which on all was kept
}

// tidy keeps the store small and whole: once a business day it forgets what no
// restart needs, and once an hour it opens a file again that failed. It is run by
// the loop, between two presses.
func (k *Kiosk) tidy(ctx context.Context) {
	now := k.watch.now()
	if now.Timer < k.care.next || k.agent.Busy() || k.agent.Broken() {
		return
	}
	k.care.next = now.Timer + tidyEvery
	oldest, sure := k.agent.Keeps(now)
	heals := len(k.store.Health()) > 0 && now.Timer >= k.care.healed+healEvery
	if !heals && (!sure || oldest == k.care.oldest) {
		return
	}
	k.care.oldest, k.care.healed = oldest, now.Timer
	err := k.store.Tidy(ctx, func(marks []replica.Mark) []replica.Mark {
		if !sure {
			return marks
		}
		return replica.Compact(marks, k.o.Kiosk, oldest)
	})
	if err != nil {
		k.o.Logger.Error("the store could not be looked after", "error", err)
	}
}
