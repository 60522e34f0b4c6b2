package server

import (
	"context"
	"path/filepath"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/history"
	"machi/internal/queue"
)

// lessons are what closed days taught, as far as the server remembers them, and
// before that as the store does.
type lessons struct {
	keeper  *history.Keeper
	archive *history.Archive
}

// Lessons returns what a day is estimated with; false: nothing is known.
func (l lessons) Lessons(ctx context.Context, office queue.OfficeID, date queue.Date) (history.Lessons, bool, error) {
	if known, ok := l.keeper.Known(office, date); ok {
		return known, true, nil
	}
	return l.archive.Lessons(ctx, office, date)
}

// openHistory opens the closed days beside the logs, with a copy of what it sees of
// them on this server's own disk. Nothing is read of the store yet.
func (s *Server) openHistory() error {
	mirror, err := journal.OpenSide(filepath.Join(s.options.Data, "history"), journal.SideOptions{Now: s.now})
	if err != nil {
		return err
	}
	s.defers(mirror.Close)
	for _, damage := range mirror.Damage() {
		s.options.Logger.Error("this server's copy of the closed days is damaged", "error", damage)
	}
	s.archive = history.NewArchive(history.ArchiveOptions{
		Store: s.store, Mirror: mirror, Now: s.now, KeepDays: s.options.KeepDays, Logger: s.options.Logger,
	})
	s.history, err = history.New(history.Options{
		Archive: s.archive, Logs: s.store, Offices: s.offices, Now: s.now, Every: s.options.pace(30 * time.Second), Fold: s.options.LearnDays,
		Logger: s.options.Logger, Registerer: s.registry,
	})
	return err
}

// Archive returns the closed days of all offices.
func (s *Server) Archive() *history.Archive { return s.archive }

// OpenArchive returns the closed days of a store, as a command reads them beside a
// running server.
func OpenArchive(store eventlog.Store, o StoreOptions) *history.Archive {
	return history.NewArchive(history.ArchiveOptions{Store: store, Now: time.Now, Logger: o.Logger})
}
