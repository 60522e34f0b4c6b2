package journal

import (
	"cmp"
	"errors"
	"slices"

	"machi/internal/eventlog"
)

// Records returns every record of the stream that the journal holds, each once, in
// the order in which they were added; of one number there may be several, from
// different histories. With damage it returns all records that can be read,
// together with an [eventlog.ErrCorrupt].
func (s *Side) Records(stream string) ([]eventlog.Record, error) {
	s.writing.Lock() // no half-written frame shall look like damage
	defer s.writing.Unlock()
	segments, err := s.segmentsOf(stream)
	if err != nil {
		return nil, err
	}
	var out []eventlog.Record
	var bad []error
	once := map[fingerprint]bool{}
	for _, g := range segments {
		damage, err := s.walk(g, func(name string, r eventlog.Record) {
			if f := fingerprintOf(r); name == stream && !once[f] {
				once[f] = true
				out = append(out, r)
			}
		})
		bad = append(append(bad, damage...), err)
	}
	return out, errors.Join(bad...)
}

// segmentsOf returns the segments that hold records of the stream, oldest first.
func (s *Side) segmentsOf(stream string) ([]*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, eventlog.ErrClosed
	}
	in := map[*segment]bool{}
	for _, g := range s.seen[stream] {
		in[g] = true
	}
	var out []*segment
	for _, g := range s.all {
		if in[g] {
			out = append(out, g)
		}
	}
	return out, nil
}

// Tail returns the longest chain of records in the journal that continues the
// stream after head: what a store that stands at head has lost. Of two chains of
// one length it takes the one that was added first.
func (s *Side) Tail(stream string, head eventlog.Head) ([]eventlog.Record, error) {
	records, err := s.Records(stream)
	return longest(records, head), err
}

// longest measures from the highest numbers down, so that each record's
// continuation is known before the record is looked at.
func longest(records []eventlog.Record, head eventlog.Head) []eventlog.Record {
	type link struct {
		record eventlog.Record
		length int
		next   *link
	}
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b eventlog.Record) int { return cmp.Compare(b.Number, a.Number) })
	best := map[eventlog.Head]*link{} // by the head it continues; the incarnation of the first record is its own
	for _, r := range sorted {
		l := &link{record: r, length: 1, next: best[r.Head()]}
		if l.next != nil {
			l.length += l.next.length
		}
		before := eventlog.Head{Number: r.Number - 1, Hash: r.Prev, Incarnation: r.Incarnation}
		if r.Number == 1 {
			before.Incarnation = eventlog.Incarnation{}
		}
		if known := best[before]; known == nil || l.length > known.length {
			best[before] = l
		}
	}
	var out []eventlog.Record
	for l := best[head]; l != nil; l = l.next {
		out = append(out, l.record)
	}
	return out
}
