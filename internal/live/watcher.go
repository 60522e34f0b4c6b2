package live

import (
	"context"
	"slices"
	"sync"

	"machi/internal/queue"
)

// Watcher receives the frames of some offices. It holds one frame per office at
// most: the newest.
type Watcher struct {
	hub     *Hub
	offices []queue.OfficeID
	wake    chan struct{} // holds one token while frames wait

	mu      sync.Mutex
	pending map[queue.OfficeID]*Frame
	ended   bool
}

// Subscribe returns a watcher that is given the newest frame of each office at
// once and every newer one. It returns [ErrTooManyWatchers], [ErrClosed] or
// [ErrUnknownOffice]. The caller must end it with [Watcher.Close].
func (h *Hub) Subscribe(offices []queue.OfficeID) (*Watcher, error) {
	offices = slices.Compact(slices.Sorted(slices.Values(offices)))
	frames := make([]*Frame, 0, len(offices))
	for _, id := range offices {
		s, err := h.Snapshot(id)
		if err != nil {
			return nil, err
		}
		frames = append(frames, s.Frame)
	}
	if err := h.admit(); err != nil {
		return nil, err
	}
	w := &Watcher{hub: h, offices: offices, wake: make(chan struct{}, 1), pending: map[queue.OfficeID]*Frame{}}
	for i, id := range offices {
		w.put(frames[i])
		h.desk(id).add(w)
	}
	return w, nil
}

func (h *Hub) admit() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return ErrClosed
	default:
	}
	if h.watchers >= h.options.MaxWatchers {
		h.metrics.refused.Inc()
		return ErrTooManyWatchers
	}
	h.watchers++
	h.metrics.watchers.Set(float64(h.watchers))
	return nil
}

// add joins a watcher, and gives it the frame that may have been made since it
// was given its first.
func (d *desk) add(w *Watcher) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watchers[w] = struct{}{}
	if d.snapshot != nil {
		w.put(d.snapshot.Frame)
	}
}

// put replaces what the watcher has not fetched yet.
func (w *Watcher) put(f *Frame) {
	w.mu.Lock()
	w.pending[f.Office] = f
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Wake returns the channel that holds a token while [Watcher.Frames] has something.
func (w *Watcher) Wake() <-chan struct{} { return w.wake }

// Done returns the channel that is closed when the server goes down.
func (w *Watcher) Done() <-chan struct{} { return w.hub.closed }

// Frames takes the frames that have come since the last call, in the order of
// the offices' ids; at most one per office.
func (w *Watcher) Frames() []*Frame {
	w.mu.Lock()
	defer w.mu.Unlock()
	frames := make([]*Frame, 0, len(w.pending))
	for _, id := range w.offices {
		if f := w.pending[id]; f != nil {
			frames = append(frames, f)
		}
	}
	clear(w.pending)
	return frames
}

// Next waits for frames and takes them. It returns [ErrClosed] when the server
// goes down, or the context's error.
func (w *Watcher) Next(ctx context.Context) ([]*Frame, error) {
	for {
		select {
		case <-w.wake:
			if frames := w.Frames(); len(frames) > 0 {
				return frames, nil
			}
		case <-w.hub.closed:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close ends the watcher; again does nothing.
func (w *Watcher) Close() {
	w.mu.Lock()
	ended := w.ended
	w.ended = true
	w.mu.Unlock()
	if ended {
		return
	}
	for _, id := range w.offices {
		w.hub.desk(id).remove(w)
	}
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	w.hub.watchers--
	w.hub.metrics.watchers.Set(float64(w.hub.watchers))
}

func (d *desk) remove(w *Watcher) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.watchers, w)
}
