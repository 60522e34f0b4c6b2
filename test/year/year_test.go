// Package year runs business days of the real ward through everything that closed days
// go through: decided by the queue, counted, archived, deleted from the store, asked
// for, exported and restored. A usual run takes a few days of two offices; -more 365 a
// year of twelve, about 1.4 million visits, in less than 2 GB.
package year

import (
	"context"
	"errors"
	"flag"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/archive"
	"machi/internal/catalog"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/history"
	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/yearly"
)

var more = flag.Int("more", usual, "run this many days; if more than usual, of twelve offices")

const (
	usual             = 2 // days, of two small offices
	first  queue.Date = "2025-04-01"
	memory            = 2 << 30 // bytes that the whole may take
	week              = 7       // days between two runs of the archive
)

// world is a store and the archive beside it.
type world struct {
	t       *testing.T
	store   *boltlog.Store
	tables  *history.Archive
	archive *archive.Archive
	offices *catalog.Catalog
	ids     []queue.OfficeID
	end     time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	store, err := boltlog.Open(filepath.Join(dir, "machi.db"), boltlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	a, err := archive.Create(filepath.Join(dir, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	offices, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	from, _, err := first.Bounds()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: store, archive: a, offices: offices, ids: []queue.OfficeID{"br-kyodo", "mc-ikejiri"}, end: from.AddDate(0, 0, *more)}
	if *more > usual {
		w.ids = offices.IDs()[:12]
	}
	w.tables = history.NewArchive(history.ArchiveOptions{Store: store, Now: func() time.Time { return w.end }})
	return w
}

func (w *world) date(n int) queue.Date {
	from, _, _ := first.Bounds()
	return queue.BusinessDay(from.AddDate(0, 0, n))
}

// live runs one business day of all offices, as many at a time as there are cores.
func (w *world) live(date queue.Date) error {
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	failed := make([]error, len(w.ids))
	var group sync.WaitGroup
	for i, id := range w.ids {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			failed[i] = w.open(id, date)
		})
	}
	group.Wait()
	return errors.Join(failed...)
}

// open runs an office's day and closes it.
func (w *world) open(id queue.OfficeID, date queue.Date) error {
	s, err := w.offices.Settings(id, date)
	if err != nil {
		return err
	}
	o := yearly.Options{Seed: 1, Brisk: 0.6}
	if *more > usual {
		o.Brisk = 2.4 // as many as come to the real ward
	}
	records, err := yearly.Records(s, o, nil)
	if errors.Is(err, yearly.ErrShut) {
		return nil
	}
	if err != nil {
		return err
	}
	log, err := w.store.Open(day.Stream(id, date))
	if err != nil {
		return err
	}
	var head eventlog.Head
	for page := range slices.Chunk(records, 1000) {
		if err := log.Append(w.t.Context(), head, page); err != nil {
			return err
		}
		head = page[len(page)-1].Head()
	}
	table, err := history.Build(id, date, records)
	if err == nil {
		_, err = w.tables.Put(w.t.Context(), table)
	}
	return err
}

// shelve archives the days before a date and deletes them from the store.
func (w *world) shelve(before queue.Date) {
	w.t.Helper()
	from, _, err := before.Bounds()
	if err != nil {
		w.t.Fatal(err)
	}
	done, err := w.archive.Add(w.t.Context(), w.store, queue.BusinessDay(from.AddDate(0, 0, -1)), w.end)
	if err != nil || len(done.Faults) > 0 {
		w.t.Fatalf("archived: %+v, %v", done, err)
	}
	counted := func(ctx context.Context, office queue.OfficeID, date queue.Date, head eventlog.Head) error {
		d, ok, err := w.tables.Day(ctx, office, date)
		if err == nil && (!ok || d.Head != head) {
			err = errors.New("not counted")
		}
		return err
	}
	gone, err := w.archive.Purge(w.t.Context(), w.store, before, counted)
	if err != nil || len(gone.Faults) > 0 {
		w.t.Fatalf("deleted: %+v, %v", gone, err)
	}
}

// TestAYearIsArchivedAskedForAndExported also counts a sample of the days anew, from
// raw records of the archive.
func TestAYearIsArchivedAskedForAndExported(t *testing.T) {
	w := newWorld(t)
	began := time.Now()
	for n := range *more {
		if err := w.live(w.date(n)); err != nil {
			t.Fatal(err)
		}
		if n%week == week-1 || n == *more-1 {
			w.shelve(w.date(n + 1))
			t.Logf("%s: %v, at most %d MiB in memory", w.date(n), time.Since(began).Round(time.Second), peakMemory(t)>>20)
		}
	}
	t.Logf("%d days lived and archived in %v", *more, time.Since(began).Round(time.Second))
	w.check()
	months := w.months()
	w.ask(months)
	w.sample(months)
	w.export()
	w.restore()
	peak := peakMemory(t)
	t.Logf("at most %d MiB in memory", peak>>20)
	if peak > memory {
		t.Errorf("%d MiB in memory, want at most %d", peak>>20, memory>>20)
	}
}

// check reads the whole archive again.
func (w *world) check() {
	w.t.Helper()
	began := time.Now()
	m, _ := w.archive.Manifest()
	size, days, records := int64(0), 0, int64(0)
	for _, f := range m.Files {
		if faults := w.archive.Check(f, nil); faults != nil {
			w.t.Errorf("%s: %v", f.Name, faults)
		}
		size += f.Bytes
		days += len(f.Days)
		for _, d := range f.Days {
			records += d.Records
		}
	}
	if left, err := archive.Days(w.t.Context(), w.store); err != nil || len(left) > 0 {
		w.t.Errorf("the store still has logs: %v, %v", left, err)
	}
	w.t.Logf("%d files, %d office-days, %d records, %d MiB, checked in %v", len(m.Files), days, records, size>>20, time.Since(began).Round(time.Second))
}

// months counts all tables, as a server does.
func (w *world) months() []*measure.Month {
	w.t.Helper()
	var all []*measure.Month
	for _, id := range w.ids {
		sheets := map[string][]*measure.Sheet{}
		for d, err := range w.tables.Days(w.t.Context(), id, first, queue.BusinessDay(w.end)) {
			if err != nil {
				w.t.Fatal(err)
			}
			sheets[string(d.Date)[:7]] = append(sheets[string(d.Date)[:7]], measure.Of(d, measure.Extra{}))
		}
		for _, month := range slices.Sorted(maps.Keys(sheets)) {
			all = append(all, measure.MonthOf(sheets[month]...))
		}
	}
	return all
}

func (w *world) answer(months []*measure.Month, q measure.Query) measure.Answer {
	w.t.Helper()
	answer, err := measure.Gather(q, slices.Values(months))
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// ask puts the questions of a year to the figures.
func (w *world) ask(months []*measure.Month) {
	w.t.Helper()
	last := w.date(*more - 1)
	whole := w.answer(months, measure.Query{From: first, To: last})
	w.t.Logf("%d visits, %d served, median wait %v", whole.Total.Arrivals, whole.Total.Served, whole.Total.UntilCalled.P50.Round(time.Second))
	if *more >= 365 && (whole.Total.Arrivals < 1_250_000 || whole.Total.Arrivals > 1_550_000) {
		w.t.Errorf("%d visits in a year of the ward", whole.Total.Arrivals)
	}
	for _, by := range []measure.Dimension{measure.ByOffice, measure.ByService, measure.ByMonth, measure.ByWeekday, measure.ByHour} {
		began := time.Now()
		parts := w.answer(months, measure.Query{From: first, To: last, By: []measure.Dimension{by}})
		sum := 0
		for _, r := range parts.Rows {
			sum += r.Arrivals
		}
		if sum != whole.Total.Arrivals {
			w.t.Errorf("by %s there are %d visits, %d in all", by, sum, whole.Total.Arrivals)
		}
		w.t.Logf("by %s: %d rows in %v", by, len(parts.Rows), time.Since(began).Round(time.Millisecond))
	}
}

// sample counts some days anew from their raw records.
func (w *world) sample(months []*measure.Month) {
	w.t.Helper()
	m, _ := w.archive.Manifest()
	n := 0
	for _, f := range m.Files {
		for _, d := range f.Days {
			if n++; n%max(1, *more/10) != 0 {
				continue
			}
			records, err := w.archive.Records(f.Office, d.Date)
			if err != nil {
				w.t.Fatal(err)
			}
			folded, err := day.Replay(records)
			if err != nil {
				w.t.Fatal(err)
			}
			got := w.answer(months, measure.Query{Offices: []queue.OfficeID{f.Office}, From: d.Date, To: d.Date}).Total
			w.compare(string(f.Office)+" "+string(d.Date), got, folded.State())
		}
	}
}

func (w *world) compare(what string, got measure.Figures, s *queue.State) {
	w.t.Helper()
	arrivals, served := 0, 0
	var waits []time.Duration
	for _, t := range s.Tickets() {
		arrivals++
		if len(t.Visited) > 0 {
			served++
		}
		if !t.FirstCall.IsZero() {
			waits = append(waits, max(0, t.FirstCall.Sub(t.IssuedAt)))
		}
	}
	slices.Sort(waits)
	if got.Arrivals != arrivals || got.Served != served || got.UntilCalled.Count != len(waits) {
		w.t.Errorf("%s: %d visits, %d served, %d called; of the records %d, %d, %d", what, got.Arrivals, got.Served, got.UntilCalled.Count, arrivals, served, len(waits))
	}
	for _, q := range []float64{0.5, 0.9, 1} {
		if len(waits) == 0 {
			break
		}
		at := min(len(waits)-1, max(0, int(math.Ceil(q*float64(len(waits))))-1))
		figure, _ := got.UntilCalled.Quantile(q)
		exact := waits[at]
		if math.Abs(figure.Seconds()-exact.Seconds()) > 0.01*exact.Seconds()+1 {
			w.t.Errorf("%s: the %g quantile is %v, of the records %v", what, q, figure, exact)
		}
	}
}

// export writes every table, and the records of every day, for other programs.
func (w *world) export() {
	w.t.Helper()
	began, m, records := time.Now(), archive.Manifest{}, 0
	m, _ = w.archive.Manifest()
	for _, f := range m.Files {
		for _, d := range f.Days {
			list, err := w.archive.Records(f.Office, d.Date)
			if err != nil {
				w.t.Fatal(err)
			}
			records += len(list)
			table, ok, err := w.tables.Day(w.t.Context(), f.Office, d.Date)
			if err != nil || !ok {
				w.t.Fatalf("the table of %s on %s: %v, %v", f.Office, d.Date, ok, err)
			}
			if err := table.Export(io.Discard); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.t.Logf("%d records and all tables exported in %v", records, time.Since(began).Round(time.Second))
}

// restore puts one month back and finds it as it was.
func (w *world) restore() {
	w.t.Helper()
	m, _ := w.archive.Manifest()
	f := m.Files[len(m.Files)/2]
	for _, d := range f.Days {
		n, err := w.archive.Restore(w.t.Context(), w.store, f.Office, d.Date)
		if err != nil || int64(n) != d.Records {
			w.t.Fatalf("%s: %d of %d records, %v", d.Date, n, d.Records, err)
		}
		log, err := w.store.Open(day.Stream(f.Office, d.Date))
		if err != nil {
			w.t.Fatal(err)
		}
		if head, err := log.Head(w.t.Context()); err != nil || !reflect.DeepEqual(head, d.Head) {
			w.t.Errorf("%s: restored to %+v, %v", d.Date, head, err)
		}
	}
}

// peakMemory is the most that the process ever had resident, in bytes.
func peakMemory(t *testing.T) int64 {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatal("/proc/self/status does not say VmHWM")
	return 0
}
