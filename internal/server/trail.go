package server

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"machi/internal/api"
	"machi/internal/audit"
	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
)

// headsFile remembers, in the data folder, where the audit trail stood.
const headsFile = "audit-heads.json"

// trail is the audit trail beside the offices' logs.
type trail struct {
	book *audit.Book
	days eventlog.Store
}

// openTrail opens the audit trail beside the tokens: entries are stamped by the
// wall's clock, also in a rehearsal. Nothing is read yet.
func (s *Server) openTrail() error {
	store := s.store
	if s.options.Redis == "" {
		files, err := journal.OpenStore(filepath.Join(s.options.Data, "auth"), journal.Options{})
		if err != nil {
			return err
		}
		s.defers(files.Close)
		store = files
	}
	s.trail = trail{bookIn(store, s.options.Data, StoreOptions{Logger: s.options.Logger}), s.store}
	return nil
}

func bookIn(store eventlog.Store, data string, o StoreOptions) *audit.Book {
	return audit.NewBook(audit.Options{Store: store, Now: time.Now, Heads: filepath.Join(data, headsFile), Logger: o.Logger})
}

// Note writes an entry.
func (t trail) Note(ctx context.Context, e api.AuditEntry) error {
	return t.book.Note(ctx, audit.Entry{
		At: e.At, Who: e.Who, Role: string(e.Role), Action: e.Action, Office: e.Office, Target: e.Target, Result: e.Result, Detail: e.Detail,
	})
}

// Search looks through the trail and the offices' logs.
func (t trail) Search(ctx context.Context, q audit.Query) (audit.Answer, error) {
	return t.book.Search(ctx, t.days, q)
}

// note writes down what the server itself did.
func (s *Server) note(ctx context.Context, action, target string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.trail.book.Note(ctx, audit.Entry{Who: "server " + s.identity.file.Server, Role: "system", Action: action, Target: target}); err != nil {
		s.options.Logger.Error("an act was not noted", "action", action, "error", err)
	}
}

// keepTrail brings entries into the trail that could not be written when they were
// made, and follows it.
func (s *Server) keepTrail(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if err := s.trail.book.Flush(last); err != nil {
				s.options.Logger.Error("entries of the audit trail are lost", "error", err)
			}
			return
		case <-tick.C:
			if s.trail.book.Flush(ctx) == nil { // otherwise they wait on
				turn, cancel := context.WithTimeout(ctx, 2*time.Second)
				_ = s.trail.book.Look(turn)
				cancel()
			}
		}
	}
}

// OpenBook opens the audit trail of an installation beside its running servers. The
// returned function closes what was opened.
func OpenBook(ctx context.Context, o StoreOptions) (*audit.Book, func() error, error) {
	store, err := openSmall(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return bookIn(store, o.Data, o), store.Close, nil
}

// VerifyTrail checks the audit trail of an installation against the heads that its
// data folder remembers and the hashes that somebody has kept elsewhere.
func VerifyTrail(ctx context.Context, o StoreOptions, hashes []eventlog.Hash) (months []audit.Month, err error) {
	store, err := openSmall(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	heads, err := audit.ReadHeads(filepath.Join(o.Data, headsFile))
	if err != nil {
		return nil, err
	}
	return audit.Verify(ctx, store, audit.Anchors{Heads: heads, Hashes: hashes})
}

// openSmall opens the store of the small logs: Redis, or files that several processes
// may write to.
func openSmall(ctx context.Context, o StoreOptions) (eventlog.Store, error) {
	if o.Redis != "" {
		return OpenStore(ctx, o)
	}
	return journal.OpenStore(filepath.Join(o.Data, "auth"), journal.Options{})
}
