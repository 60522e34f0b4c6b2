package live

import (
	"context"
	"sync"
	"time"

	"machi/internal/queue"
)

// Run follows all offices until the context ends; then every watcher is told.
// Offices that a new catalogue brings are followed within one refresh.
func (h *Hub) Run(ctx context.Context) error {
	var followers sync.WaitGroup
	followed := map[queue.OfficeID]bool{}
	tick := time.NewTicker(h.options.Refresh)
	defer tick.Stop()
	if h.options.Publish != nil {
		followers.Go(func() { h.publishAll(ctx) })
	}
	if h.options.Emergencies != nil {
		followers.Go(func() { h.alarm(ctx) })
	}
	for {
		for _, id := range h.options.Offices() {
			if !followed[id] {
				followed[id] = true
				followers.Go(func() { h.follow(ctx, id) })
			}
		}
		select {
		case <-ctx.Done():
			h.close()
			followers.Wait()
			h.asides.Wait()
			return nil
		case <-tick.C:
		}
	}
}

// follow makes a frame whenever the office's log has grown, or the last one has
// become too old. An office that left the catalogue is asked for in vain, once
// per refresh.
func (h *Hub) follow(ctx context.Context, id queue.OfficeID) {
	for ctx.Err() == nil {
		s, err := h.Snapshot(id)
		if err != nil {
			h.options.Logger.Debug("no frame", "office", id, "error", err)
			sleep(ctx, h.options.Refresh)
			continue
		}
		waiting, cancel := context.WithTimeout(ctx, h.options.Refresh)
		_ = h.options.Views.Wait(waiting, id, s.View.Head) // the time-out is as good a reason to look
		cancel()
		// However fast commands come, watchers need no more than ten states a second.
		sleep(ctx, h.options.Pause)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (h *Hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
	default:
		close(h.closed)
	}
}
