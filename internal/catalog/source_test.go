package catalog_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"machi/internal/catalog"
	"machi/internal/queue"
)

// file is an operator's catalogue under test.
type file struct {
	t    *testing.T
	path string
}

func newFile(t *testing.T, text string) *file {
	f := &file{t, filepath.Join(t.TempDir(), "ward.yaml")}
	f.write(text)
	return f
}

func (f *file) write(text string) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *file) source() *catalog.Source {
	f.t.Helper()
	s, err := catalog.NewSource(f.path, func() queue.Date { return "2026-04-01" }, slog.New(slog.DiscardHandler))
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func TestReload(t *testing.T) {
	f := newFile(t, "services: [{id: moving, minutes: 20}]\n")
	s := f.source()
	before, changed := s.Catalog()
	if again, err := s.Reload(); again || err != nil {
		t.Errorf("the same file again: changed %v, %v", again, err)
	}
	f.write("services: [{id: moving, minutes: 25}]\n")
	if again, err := s.Reload(); !again || err != nil {
		t.Fatalf("another file: changed %v, %v", again, err)
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was told of the change")
	}
	if after, _ := s.Catalog(); after.Version == before.Version {
		t.Error("the version is the same")
	}
}

func TestABadFileChangesNothing(t *testing.T) {
	f := newFile(t, "services: [{id: moving, minutes: 20}]\n")
	s := f.source()
	before, _ := s.Catalog()
	f.write("services: [{id: moving, minutes: -1}]\n")
	if changed, err := s.Reload(); changed || err == nil {
		t.Errorf("a bad file: changed %v, error %v", changed, err)
	}
	if after, _ := s.Catalog(); after != before {
		t.Error("the old catalogue is gone")
	}
}

func TestNumbersStayForToday(t *testing.T) {
	f := newFile(t, "")
	s := f.source()
	f.write("offices: [{id: br-kyodo, kiosks: [{id: K1}, {id: K2}], series: [{id: A, kiosks: {K1: [5001-5600], K2: [1001-1600]}}]}]\n")
	if changed, err := s.Reload(); !changed || err != nil {
		t.Fatalf("changed %v, %v", changed, err)
	}
	first := func(date queue.Date) queue.Range {
		t.Helper()
		settings, err := s.Settings("br-kyodo", date)
		if err != nil {
			t.Fatal(err)
		}
		if err := settings.Validate(); err != nil {
			t.Errorf("%s: %v", date, err)
		}
		series, _ := settings.SeriesOf("A")
		return series.Kiosks["K1"][0]
	}
	if got := first("2026-04-01"); got.First != 1001 {
		t.Errorf("today the machine's range moved to %+v", got)
	}
	if got := first("2026-04-02"); got.First != 5001 {
		t.Errorf("tomorrow the machine's range is %+v, want it moved", got)
	}
}

func TestRunSeesAChange(t *testing.T) {
	f := newFile(t, "")
	s := f.source()
	_, changed := s.Catalog()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	f.write("services: [{id: moving, minutes: 21}]\n")
	select {
	case <-changed:
	case <-time.After(time.Minute):
		t.Error("a changed file was not seen")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
