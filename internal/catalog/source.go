package catalog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"machi/internal/queue"
)

// Source holds the catalogue that is in force and reloads it when its file
// changes. A file with a problem is reported and changes nothing.
//
// All methods may be called from several goroutines.
type Source struct {
	path   string
	today  func() queue.Date
	logger *slog.Logger

	mu      sync.Mutex
	current *Catalog
	raw     []byte                    // of the file that is in force
	bad     []byte                    // of the newest file that was refused
	frozen  map[queue.OfficeID]frozen // whose numbers stay where they are today
	changed chan struct{}             // closed at the next change
}

// frozen are the series of an office as they stay for the rest of a day.
type frozen struct {
	date   queue.Date
	series []queue.SeriesSettings
	kiosks []queue.KioskID
}

// NewSource returns a source of a file's catalogue, or of the built-in one where
// the path is empty. today tells the business day whose numbers must not move.
func NewSource(path string, today func() queue.Date, logger *slog.Logger) (*Source, error) {
	s := &Source{path: path, today: today, logger: logger, frozen: map[queue.OfficeID]frozen{}, changed: make(chan struct{})}
	raw, c, err := s.read()
	if err != nil {
		return nil, err
	}
	s.current, s.raw = c, raw
	return s, nil
}

func (s *Source) read() ([]byte, *Catalog, error) {
	if s.path == "" {
		c, err := Default()
		return nil, c, err
	}
	f, err := os.Open(s.path)
	if err != nil {
		return nil, nil, fmt.Errorf("open catalogue: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, nil, fmt.Errorf("read catalogue: %w", err)
	}
	c, err := parse(raw, s.path)
	return raw, c, err
}

// Catalog returns the catalogue in force, and a channel that is closed when
// another one comes into force.
func (s *Source) Catalog() (*Catalog, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, s.changed
}

// Settings returns what an office's day is run with. For the day on which a new
// catalogue moved an office's numbers, they are still where they were: a machine
// that is offline may be giving them.
func (s *Source) Settings(id queue.OfficeID, date queue.Date) (queue.Settings, error) {
	s.mu.Lock()
	c, keep := s.current, s.frozen[id]
	s.mu.Unlock()
	settings, err := c.Settings(id, date)
	if err == nil && keep.date == date {
		settings = keep.apply(settings)
	}
	return settings, err
}

// apply puts the old numbers under the new settings.
func (f frozen) apply(s queue.Settings) queue.Settings {
	series := slices.Clone(f.series)
	for _, added := range s.Series {
		if !slices.ContainsFunc(series, func(x queue.SeriesSettings) bool { return x.ID == added.ID }) {
			// A new series begins with the server alone: its machines' ranges come tomorrow.
			added.Kiosks = nil
			series = append(series, added)
		}
	}
	s.Series = series
	s.Kiosks = nil
	for _, k := range f.kiosks {
		s.Kiosks = append(s.Kiosks, queue.KioskSettings{ID: k})
	}
	return s
}

// Reload reads the file again. It reports whether another catalogue came into
// force, and the problems of a file that was refused.
func (s *Source) Reload() (bool, error) {
	raw, c, err := s.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.bad = raw
		return false, err
	}
	s.bad = nil
	if c.Version == s.current.Version {
		return false, nil
	}
	s.freeze(c)
	s.current, s.raw = c, raw
	close(s.changed)
	s.changed = make(chan struct{})
	return true, nil
}

// freeze notes the offices whose numbers the new catalogue would move today.
func (s *Source) freeze(next *Catalog) {
	today := s.today()
	for _, o := range s.current.Offices {
		if keep := s.frozen[o.ID]; keep.date == today {
			continue // the numbers that the day began with
		}
		n, ok := next.Office(o.ID)
		if ok && (!reflect.DeepEqual(n.Series, o.Series) || !slices.Equal(n.Kiosks, o.Kiosks)) {
			s.frozen[o.ID] = frozen{today, o.Series, o.Kiosks}
		}
	}
}

// Run looks once a second whether the file has changed, until the context ends.
// A refused file is reported once, not every second.
func (s *Source) Run(ctx context.Context) error {
	if s.path == "" {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			s.look()
		}
	}
}

func (s *Source) look() {
	raw, err := os.ReadFile(s.path)
	s.mu.Lock()
	same := bytes.Equal(raw, s.raw) || s.bad != nil && bytes.Equal(raw, s.bad)
	s.mu.Unlock()
	if err != nil || same {
		return
	}
	changed, err := s.Reload()
	switch {
	case err != nil:
		s.logger.Error("the new catalogue was refused, the old one stays", "file", s.path, "error", err)
	case changed:
		c, _ := s.Catalog()
		s.logger.Info("a new catalogue is in force", "file", s.path, "version", c.Version)
	}
}
