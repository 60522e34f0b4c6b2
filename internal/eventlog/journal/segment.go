package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"machi/internal/eventlog"
)

// segment is one file of a side journal, named by the day (UTC) on which it was
// begun and a number that ascends.
type segment struct {
	name string
	day  string // "20260401"
	file file   // open only while it is the current one
	end  int64
}

// dayForm makes days whose order as text is their order in time.
const dayForm = "20060102"

// rotate makes sure that there is a segment of today with room; writing is held.
func (s *Side) rotate() error {
	today := s.options.Now().UTC().Format(dayForm)
	if s.current != nil && s.current.day == today && s.current.end < s.options.SegmentBytes {
		return nil
	}
	if err := s.retire(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	g := &segment{day: today, name: s.newName(today)}
	f, err := openFile(filepath.Join(s.dir, g.name), s.options.Preallocate)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	g.file, s.current = f, g
	s.mu.Lock()
	s.all = append(s.all, g)
	s.mu.Unlock()
	return nil
}

// newName counts on from the newest segment, whatever day it bears: a clock may
// have been set back.
func (s *Side) newName(day string) string {
	number := 0
	for _, g := range s.all {
		if n, ok := parseName(g.name); ok {
			number = max(number, n)
		}
	}
	return fmt.Sprintf("%08d-%s.seg", number+1, day)
}

func parseName(name string) (number int, ok bool) {
	var day int
	if _, err := fmt.Sscanf(name, "%08d-%08d.seg", &number, &day); err != nil {
		return 0, false
	}
	return number, name == fmt.Sprintf("%08d-%08d.seg", number, day)
}

// retire closes the current segment.
func (s *Side) retire() error {
	if s.current == nil {
		return nil
	}
	f := s.current.file
	s.current.file, s.current = nil, nil
	return f.Close()
}

// load reads all segments when the journal is opened.
func (s *Side) load() error {
	entries, err := os.ReadDir(s.dir) // sorted by name, so by number
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, ok := parseName(e.Name()); !ok {
			continue
		}
		g := &segment{name: e.Name(), day: e.Name()[9:17]}
		s.all = append(s.all, g)
		damage, err := s.walk(g, func(stream string, r eventlog.Record) { s.mark(stream, fingerprintOf(r), g) })
		if err != nil {
			return err
		}
		s.damage = append(s.damage, damage...)
	}
	return nil
}

// walk calls see for every record of a segment, stepping over what is damaged.
func (s *Side) walk(g *segment, see func(stream string, r eventlog.Record)) (damage []error, err error) {
	b, err := os.ReadFile(filepath.Join(s.dir, g.name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // pruned meanwhile
	}
	if err != nil {
		return nil, err
	}
	for at := 0; at < len(b); {
		frames, end := scan(b[at:], int64(at))
		for _, f := range frames {
			stream, r, err := parseSide(f.content)
			if err != nil {
				damage = append(damage, fmt.Errorf("%s, byte %d: %w", g.name, f.offset, err))
				continue
			}
			see(stream, r)
		}
		at = int(end)
		if err := judge(b[at:], end); err != nil {
			damage = append(damage, fmt.Errorf("%s: %w", g.name, err))
		}
		skip := nextFrame(b[at:])
		if skip < 0 {
			break
		}
		at += skip
	}
	return damage, nil
}

// sideContent is the content of a frame: the length of the stream's name in one
// byte, the name, the stored record.
func sideContent(stream string, r eventlog.Record) []byte {
	content := append([]byte{byte(len(stream))}, stream...)
	return eventlog.AppendRecord(content, r)
}

func parseSide(content []byte) (string, eventlog.Record, error) {
	if len(content) == 0 || len(content) < 1+int(content[0]) {
		return "", eventlog.Record{}, fmt.Errorf("%w: no stream", eventlog.ErrCorrupt)
	}
	stored := content[1+int(content[0]):]
	r, n, err := eventlog.DecodeRecord(stored)
	if err == nil && n != len(stored) {
		err = fmt.Errorf("%w: bytes behind the record", eventlog.ErrCorrupt)
	}
	return string(content[1 : 1+int(content[0])]), r, err
}

// Prune deletes the segments that were begun on days before the day of t (UTC) and
// forgets their records. It returns how many it deleted.
func (s *Side) Prune(t time.Time) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, eventlog.ErrClosed
	}
	day, old := t.UTC().Format(dayForm), map[*segment]bool{}
	var kept []*segment
	var failed []error
	for _, g := range s.all {
		if g == s.current || g.day >= day {
			kept = append(kept, g)
		} else if err := os.Remove(filepath.Join(s.dir, g.name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			kept, failed = append(kept, g), append(failed, err)
		} else {
			old[g] = true
		}
	}
	s.all = kept
	s.forget(old)
	return len(old), errors.Join(append(failed, syncDir(s.dir))...)
}

// forget drops what is known of deleted segments; mu is held.
func (s *Side) forget(old map[*segment]bool) {
	for stream, prints := range s.seen {
		for f, g := range prints {
			if old[g] {
				delete(prints, f)
			}
		}
		if len(prints) == 0 {
			delete(s.seen, stream)
		}
	}
}
