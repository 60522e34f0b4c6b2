package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// presence tells servers that share a store which machines and screens the others hear:
// one that reports to another server only is not missing.
type presence struct {
	store  sharedStore // nil: this server is the only one
	logger *slog.Logger

	mu sync.Mutex
	// away says of who is missing here whether others do not hear it either.
	away map[string]bool
}

// sharedStore is a store in which servers leave word for each other.
type sharedStore interface {
	sharer
	Shared(ctx context.Context, name, kind string) (value []byte, ok bool, err error)
}

const (
	presenceEvery  = 10 * time.Second
	presenceFor    = 45 * time.Second
	presenceWithin = 5 * time.Second
	presenceKind   = "heard"
)

func newPresence(store eventlog.Store, logger *slog.Logger) *presence {
	shared, _ := store.(sharedStore)
	return &presence{store: shared, logger: logger, away: map[string]bool{}}
}

// run leaves word of who is heard here, and asks for who is not, until the context ends.
func (p *presence) run(ctx context.Context, heard func() (here, missing []string)) {
	if p.store == nil {
		return
	}
	tick := time.NewTicker(presenceEvery)
	defer tick.Stop()
	failing := false
	for {
		err := p.round(ctx, heard)
		if (err != nil) != failing && ctx.Err() == nil {
			failing = err != nil
			p.logger.Info("word of who is heard", "passes", !failing, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *presence) round(ctx context.Context, heard func() (here, missing []string)) error {
	ctx, cancel := context.WithTimeout(ctx, presenceWithin)
	defer cancel()
	here, missing := heard()
	away := map[string]bool{}
	defer func() {
		p.mu.Lock()
		p.away = away
		p.mu.Unlock()
	}()
	for _, name := range here {
		if err := p.store.Share(ctx, name, presenceKind, []byte("1"), presenceFor); err != nil {
			return err
		}
	}
	for _, name := range missing {
		_, elsewhere, err := p.store.Shared(ctx, name, presenceKind)
		if err != nil {
			return err
		}
		away[name] = !elsewhere
	}
	return nil
}

// sure reports whether who is missing here is not heard by any other server either.
func (p *presence) sure(kind string, office queue.OfficeID, id string) bool {
	if p.store == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.away[presenceOf(kind, office, id)]
}
