package speech

import (
	"context"
	"sync"
)

// remembered asks a voice for each text once, one at a time, and forgets the oldest
// sound when it has too much.
type remembered struct {
	from Speaker
	turn chan struct{} // held by the one who asks the voice

	mu    sync.Mutex // guards what follows
	made  map[string][]byte
	order []string // oldest first
	size  int
}

func (r *remembered) Speak(ctx context.Context, language, text string) ([]byte, error) {
	text, err := check(text)
	if err != nil {
		return nil, err
	}
	key := language + "\x00" + text
	if sound, ok := r.known(key); ok {
		return sound, nil
	}
	patience, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	select {
	case r.turn <- struct{}{}:
	case <-patience.Done():
		return nil, patience.Err()
	}
	defer func() { <-r.turn }()
	if sound, ok := r.known(key); ok {
		return sound, nil
	}
	// Whoever hangs up has the sound made all the same: it is remembered, so that nobody
	// keeps the voice busy by asking for it and going away.
	making, stop := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer stop()
	sound, err := r.from.Speak(making, language, text)
	if err != nil {
		return nil, err
	}
	r.keep(key, sound)
	return sound, nil
}

func (r *remembered) known(key string) ([]byte, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sound, ok := r.made[key]
	return sound, ok
}

func (r *remembered) keep(key string, sound []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(sound) > maxMemory {
		return
	}
	r.made[key] = sound
	r.order = append(r.order, key)
	r.size += len(sound)
	for r.size > maxMemory {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.size -= len(r.made[oldest])
		delete(r.made, oldest)
	}
}
