package store

import (
	"context"

	"machi/internal/eventlog"
)

// At lets a test see the points of a rotation, and stop there.
func (o Options) At(see func(point string)) Options {
	o.at = see
	return o
}

// Eager lets a store rotate to gain this many marks.
func (o Options) Eager(gain int) Options {
	o.gain = gain
	return o
}

// Fail lets a file refuse all that is written to it from now on.
func (s *Store) Fail(name string, err error) {
	for _, h := range s.files {
		if h.name == name {
			h.log = failing{h.log, err}
		}
	}
}

type failing struct {
	eventlog.Log
	err error
}

func (f failing) Append(context.Context, eventlog.Head, []eventlog.Record) error { return f.err }
