package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"machi/internal/audit"
	"machi/internal/eventlog"
	"machi/internal/server"
)

// note writes an act of the command line into the audit trail. The act stands where
// it cannot be noted, but nobody can say that it was not told.
func (f storeFlags) note(ctx context.Context, e audit.Entry) {
	if err := f.tryNote(ctx, e); err != nil {
		fmt.Fprintf(os.Stderr, "machi: WARNING: %s is not in the audit trail: %v\n", e.Action, err)
	}
}

func (f storeFlags) tryNote(ctx context.Context, e audit.Entry) (err error) {
	o, err := f.options()
	if err != nil {
		return err
	}
	book, done, err := server.OpenBook(ctx, o)
	if err != nil {
		return err
	}
	defer closing(&err, done)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	e.Who, e.Role = operator(), "operator"
	return book.Note(ctx, e)
}

// operator names who sits at the command line, as far as the system knows.
func operator() string {
	if u, err := user.Current(); err == nil {
		return "operator:" + u.Username
	}
	return "operator"
}

// verifyTrail checks the audit trail and returns how many streams it has and how
// many have faults.
func (c *verifyCmd) verifyTrail(ctx context.Context) (count, bad int, err error) {
	o, err := c.options()
	if err != nil {
		return 0, 0, err
	}
	var hashes []eventlog.Hash
	for _, text := range c.AuditHead {
		var h eventlog.Hash
		if err := h.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
			return 0, 0, fmt.Errorf("audit head %q: %w", text, err)
		}
		hashes = append(hashes, h)
	}
	months, err := server.VerifyTrail(ctx, o, hashes)
	for _, m := range months {
		verdict := "ok"
		if len(m.Faults) > 0 {
			bad++
			verdict = fmt.Sprintf("FAULT %d", len(m.Faults))
		}
		fmt.Println(m.Stream, "records", m.Head.Number, "entries", m.Entries, "head", m.Head.Hash, verdict)
		for _, f := range m.Faults {
			fmt.Println("  ", f)
		}
	}
	return len(months), bad, err
}
