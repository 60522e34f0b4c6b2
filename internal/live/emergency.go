package live

import (
	"context"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
)

// Emergencies know which messages stand above everything else. They answer from memory.
type Emergencies interface {
	// Emergency returns what an office must show at a moment, or nil.
	Emergency(office queue.OfficeID, at time.Time) *board.Emergency
	// Changed returns a channel that is closed when any message may have changed.
	Changed() <-chan struct{}
}

// emergency returns what an office must show now.
func (h *Hub) emergency(id queue.OfficeID) *board.Emergency {
	if h.options.Emergencies == nil {
		return nil
	}
	return h.options.Emergencies.Emergency(id, h.options.Now())
}

// sameEmergency reports whether a frame's message is still the one to show.
func sameEmergency(a, b *board.Emergency) bool {
	return a == nil && b == nil || a != nil && b != nil && a.ID == b.ID
}

// alarm makes a frame at once for every office whose emergency message has changed,
// until the context ends. Messages also end by the clock, which nobody rings: it looks
// twice a second.
func (h *Hub) alarm(ctx context.Context) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		changed := h.options.Emergencies.Changed()
		for _, id := range h.options.Offices() {
			if s := h.desk(id).current(); s != nil && !sameEmergency(s.Frame.Board.Emergency, h.emergency(id)) {
				_, _ = h.Snapshot(id) // an office that cannot be read shows its last frame
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-tick.C:
		}
	}
}
