package trouble_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"machi/kiosk/print"
)

// BenchmarkPress prints how long a visitor waits from the touch until the printer
// gets the first byte, while the server answers and while nobody does, beside what
// the machine's disk and line need for one fsync and one question.
func BenchmarkPress(b *testing.B) {
	w := newWorld(b)
	m := &machine{w: w, id: "K1", dir: b.TempDir(), clock: w.clock, printer: &slot{papers: &w.papers}} // on a real disk
	m.connect()
	m.on()
	m.settle()
	paper := &stopwatch{slot: slot{papers: &w.papers}, first: make(chan time.Time, 1)}
	m.printer = paper
	m.restart()
	m.settle()
	sync, question := rawSync(b, m.dir), rawQuestion(b, m.wire.url())
	var online, alone time.Duration
	n := 0
	for b.Loop() {
		n++
		online += paper.press(m)
		m.wire.set(refuses)
		paper.press(m) // finds out that the line is gone
		alone += paper.press(m)
		m.wire.set(whole)
		m.settle()
	}
	report := func(d time.Duration, unit string) { b.ReportMetric(d.Seconds()*1000, unit) }
	report(online/time.Duration(n), "ms/online")
	report(alone/time.Duration(n), "ms/alone")
	report(sync, "ms/fsync")
	report(question, "ms/round-trip")
}

// stopwatch is a printer that notes when the first byte comes.
type stopwatch struct {
	slot
	first chan time.Time
}

func (s *stopwatch) Print(ctx context.Context, name string, t print.Ticket) error {
	s.first <- time.Now()
	return s.slot.Print(ctx, name, t)
}

// press returns how long the visitor waited who was not too soon.
func (s *stopwatch) press(m *machine) time.Duration {
	m.clock.push(2 * time.Second)
	began := time.Now()
	m.fate(m.press())
	return (<-s.first).Sub(began)
}

// rawSync returns how long the disk needs to make a mark's bytes safe.
func rawSync(b *testing.B, dir string) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	const times = 50
	began := time.Now()
	for range times {
		if _, err := f.Write(make([]byte, 700)); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began) / times
}

// rawQuestion returns how long the server needs to answer that it is there.
func rawQuestion(b *testing.B, url string) time.Duration {
	b.Helper()
	const times = 50
	began := time.Now()
	for range times {
		answer, err := http.Get(url + "/healthz")
		if err != nil {
			b.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	return time.Since(began) / times
}
