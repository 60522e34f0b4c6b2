package server

import (
	"context"
	"time"

	"machi/internal/board"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/ui"
)

// congestionFor is how long other programs may read a congestion: three times as long
// as the oldest frame, so that what nobody renews is gone soon.
const congestionFor = 45 * time.Second

// sharer is a store that keeps values for other programs.
type sharer interface {
	Share(ctx context.Context, name, kind string, value []byte, expire time.Duration) error
}

// publisher returns how congestion gets to other programs; nil where the store is
// this server's own and no other program reads it.
func publisher(store eventlog.Store) func(context.Context, queue.OfficeID, []byte) error {
	shares, ok := store.(sharer)
	if !ok {
		return nil
	}
	return func(ctx context.Context, id queue.OfficeID, congestion []byte) error {
		return shares.Share(ctx, string(id), "congestion", congestion, congestionFor)
	}
}

// words says an estimate in every language of residents.
func words(e *board.Estimate) board.Text {
	said := board.Text{}
	for _, l := range ui.Languages {
		said[string(l.Lang)] = ui.PublicTexts.Range(l.Lang, e)
	}
	return said
}
