package signs

import (
	"context"
	"io/fs"
	"log/slog"
	"time"
)

// Kit is everything that a server needs to serve walls.
type Kit struct {
	Book  *Book
	Shelf *Shelf
	Plays *Plays
	Roll  *Roll
}

// Times of the kit's housekeeping.
const (
	flushEvery = 20 * time.Second
	tendEvery  = 10 * time.Minute
	// youngFor is how long uploaded bytes may wait for the item that they belong to.
	youngFor = time.Hour
)

// Run follows the book and writes what screens prove, until the context ends; then it
// writes what is left.
func (k *Kit) Run(ctx context.Context, logger *slog.Logger) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = k.Book.Run(ctx) // it only returns because the context ended
	}()
	flush, tend := time.NewTicker(flushEvery), time.NewTicker(tendEvery)
	defer flush.Stop()
	defer tend.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-flush.C:
			k.note(logger, "proofs of play wait to be written", k.Plays.Flush(ctx))
		case <-tend.C:
			k.note(logger, "media are not in order", k.tend(ctx))
		}
	}
	<-ended
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	k.note(logger, "proofs of play were not written", k.Plays.Flush(last))
}

// Served says what lies under a hash, and in which file, for whoever asks. Only what is
// here, or what a playlist refers to, is looked for: a stranger's guess asks no store.
func (k *Kit) Served(ctx context.Context, hash string) (Media, string, error) {
	if _, ours := k.Book.Media()[hash]; !ours && !k.Shelf.Here(hash) {
		return Media{}, "", ErrNoMedia
	}
	m, err := k.Shelf.Media(ctx, hash)
	if err != nil {
		return Media{}, "", err
	}
	path, err := k.Shelf.File(ctx, hash)
	return m, path, err
}

func (k *Kit) note(logger *slog.Logger, what string, err error) {
	if err != nil {
		logger.Warn(what, "error", err)
	}
}

func (k *Kit) tend(ctx context.Context) error {
	wanted := map[string]bool{}
	for hash := range k.Book.Media() {
		wanted[hash] = true
	}
	return k.Shelf.Tend(ctx, wanted, func(info fs.FileInfo) bool { return time.Since(info.ModTime()) < youngFor })
}
