package archive_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/archive"
	"machi/internal/catalog"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/queue"
	"machi/internal/yearly"
)

var now = time.Date(2026, 5, 1, 9, 0, 0, 0, queue.JST)

// rig is a store with a few days of two small offices, and a folder for the archive.
type rig struct {
	t     *testing.T
	store *boltlog.Store
	dir   string
	logs  map[string][]eventlog.Record
}

func newRig(t *testing.T) *rig {
	t.Helper()
	store, err := boltlog.Open(filepath.Join(t.TempDir(), "machi.db"), boltlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r := &rig{t, store, t.TempDir(), logs()}
	for stream, list := range r.logs {
		r.append(stream, eventlog.Head{}, list[:len(list)-1]) // the close comes late
	}
	return r
}

// logs are three days of one office and one of another, two hours each.
var logs = sync.OnceValue(func() map[string][]eventlog.Record {
	offices, err := catalog.Default()
	if err != nil {
		panic(err)
	}
	made := map[string][]eventlog.Record{}
	for _, stream := range []string{"mc-ikejiri:2026-03-30", "mc-ikejiri:2026-03-31", "mc-ikejiri:2026-04-01", "mc-yoga:2026-04-01"} {
		office, date, _ := day.SplitStream(stream)
		s, err := offices.Settings(office, date)
		if err != nil {
			panic(err)
		}
		for i, v := range s.Services {
			s.Services[i].Closes = v.Opens.Add(2 * time.Hour)
		}
		if made[stream], err = yearly.Records(s, yearly.Options{}, nil); err != nil {
			panic(err)
		}
	}
	return made
})

func (r *rig) append(stream string, after eventlog.Head, list []eventlog.Record) {
	r.t.Helper()
	log, err := r.store.Open(stream)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := log.Append(r.t.Context(), after, list); err != nil {
		r.t.Fatal(err)
	}
}

// late appends a day's last record.
func (r *rig) late(stream string) {
	list := r.logs[stream]
	r.append(stream, list[len(list)-2].Head(), list[len(list)-1:])
}

func (r *rig) open() *archive.Archive {
	r.t.Helper()
	a, err := archive.Create(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = a.Close() })
	return a
}

func (r *rig) add(a *archive.Archive, until queue.Date) archive.Added {
	r.t.Helper()
	done, err := a.Add(r.t.Context(), r.store, until, now)
	if err != nil {
		r.t.Fatal(err)
	}
	return done
}

func counted(context.Context, queue.OfficeID, queue.Date, eventlog.Head) error { return nil }

func TestDaysComeBackByteForByte(t *testing.T) {
	r := newRig(t)
	a := r.open()
	if done := r.add(a, "2026-03-31"); done.Days != 2 || done.Same != 0 || done.Faults != nil {
		t.Errorf("first: %+v", done)
	}
	_, first := a.Manifest()
	if done := r.add(a, "2026-04-30"); done.Days != 2 || done.Same != 2 || done.Faults != nil {
		t.Errorf("second: %+v", done)
	}
	if m, _ := a.Manifest(); m.Previous != first || len(m.Files) != 3 {
		t.Errorf("the manifest follows %s, not %s; %d files", m.Previous, first, len(m.Files))
	}
	again := r.open() // as another process sees it
	for stream, list := range r.logs {
		office, date, _ := day.SplitStream(stream)
		got, err := again.Records(office, date)
		if err != nil || !reflect.DeepEqual(got, list[:len(list)-1]) {
			t.Errorf("%s: %d records, %v", stream, len(got), err)
		}
	}
	if _, err := again.Records("mc-ikejiri", "2026-04-02"); !errors.Is(err, archive.ErrMissing) {
		t.Errorf("a day that was not archived: %v", err)
	}
	m, _ := again.Manifest()
	for _, f := range m.Files {
		if faults := again.Check(f, nil); faults != nil {
			t.Errorf("%s: %v", f.Name, faults)
		}
	}
	if strays, err := again.Strays(); err != nil || strays != nil {
		t.Errorf("strays: %v, %v", strays, err)
	}
}

// TestAnArchiveIsReadWithoutThisProgram by what every system has.
func TestAnArchiveIsReadWithoutThisProgram(t *testing.T) {
	r := newRig(t)
	r.add(r.open(), "2026-04-30")
	file, err := os.Open(filepath.Join(r.dir, "mc-ikejiri", "2026-03.1.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if want := len(r.logs["mc-ikejiri:2026-03-30"]) + len(r.logs["mc-ikejiri:2026-03-31"]); len(lines) != want { // two headers, two records to come
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	if !strings.HasPrefix(lines[0], `{"log":"machi/1","office":"mc-ikejiri","date":"2026-03-30"`) || !strings.HasPrefix(lines[1], `{"number":1,"body":{"schema":`) {
		t.Errorf("%.100s\n%.100s", lines[0], lines[1])
	}
	sums, err := os.ReadFile(filepath.Join(r.dir, "SHA256SUMS"))
	if err != nil || strings.Count(string(sums), "\n") != 4 || !strings.Contains(string(sums), "  mc-yoga/2026-04.1.jsonl.gz\n") {
		t.Errorf("%s, %v", sums, err)
	}
}

func TestAMonthThatGrowsIsWrittenAnew(t *testing.T) {
	r := newRig(t)
	a := r.open()
	r.add(a, "2026-04-30")
	r.late("mc-ikejiri:2026-03-31")
	stale := r.open()
	if done := r.add(a, "2026-04-30"); done.Days != 1 || done.Same != 3 || done.Faults != nil {
		t.Errorf("%+v", done)
	}
	for date, short := range map[queue.Date]int{"2026-03-30": 1, "2026-03-31": 0} {
		list := r.logs[day.Stream("mc-ikejiri", date)]
		if got, err := a.Records("mc-ikejiri", date); err != nil || !reflect.DeepEqual(got, list[:len(list)-short]) {
			t.Errorf("%s: %d records of %d, %v", date, len(got), len(list), err)
		}
	}
	if strays, err := a.Strays(); err != nil || strays != nil {
		t.Errorf("the older file is still there: %v, %v", strays, err)
	}
	r.late("mc-ikejiri:2026-03-30")
	if _, err := stale.Add(t.Context(), r.store, "2026-04-30", now); !errors.Is(err, archive.ErrDamaged) && !errors.Is(err, archive.ErrChanged) {
		t.Errorf("who has read an older manifest wrote: %v", err)
	}
}

// TestAnotherLogTakesNoPlace of one that was archived.
func TestAnotherLogTakesNoPlace(t *testing.T) {
	r := newRig(t)
	a := r.open()
	r.add(a, "2026-04-30")
	const stream = "mc-yoga:2026-04-01"
	if err := r.store.Remove(t.Context(), stream); err != nil {
		t.Fatal(err)
	}
	r.append(stream, eventlog.Head{}, r.logs["mc-ikejiri:2026-04-01"]) // longer, and another
	if done := r.add(a, "2026-04-30"); done.Days != 0 || len(done.Faults) != 1 || !errors.Is(done.Faults[0].Err, eventlog.ErrCorrupt) {
		t.Errorf("%+v", done)
	}
	if _, err := a.Restore(t.Context(), r.store, "mc-yoga", "2026-04-01"); !errors.Is(err, archive.ErrOther) {
		t.Errorf("restored over another log: %v", err)
	}
	if p, err := a.Purge(t.Context(), r.store, "2026-04-02", counted); err != nil || p.Days != 3 || len(p.Faults) != 1 {
		t.Errorf("purged %+v, %v", p, err)
	}
}

func TestOnlyWhatIsProvedIsPurged(t *testing.T) {
	r := newRig(t)
	a := r.open()
	r.add(a, "2026-04-30")
	r.late("mc-ikejiri:2026-03-31")
	uncounted := func(_ context.Context, office queue.OfficeID, _ queue.Date, _ eventlog.Head) error {
		if office == "mc-yoga" {
			return errors.New("there is no table of it")
		}
		return nil
	}
	p, err := a.Purge(t.Context(), r.store, "2026-04-02", uncounted)
	if err != nil || p.Days != 2 || len(p.Faults) != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	left, err := r.store.Streams(t.Context())
	if err != nil || !slices.Equal(left, []string{"mc-ikejiri:2026-03-31", "mc-yoga:2026-04-01"}) {
		t.Errorf("left: %v, %v", left, err)
	}
	for _, stream := range []string{"mc-ikejiri:2026-03-30", "mc-ikejiri:2026-03-31"} {
		log, err := a.Over(r.store).Open(stream)
		if err != nil {
			t.Fatal(err)
		}
		head, err := log.Head(t.Context())
		got, err2 := log.Read(t.Context(), 0, 100_000)
		if err := errors.Join(err, err2); err != nil || head.Number != int64(len(got)) || got[len(got)-1].Head() != head {
			t.Errorf("%s is read: %d of %d records, %v", stream, len(got), head.Number, err)
		}
	}
	const gone = "mc-ikejiri:2026-03-30"
	if n, err := a.Restore(t.Context(), r.store, "mc-ikejiri", "2026-03-30"); err != nil || n != len(r.logs[gone])-1 {
		t.Errorf("%d records restored, %v", n, err)
	}
	if n, err := a.Restore(t.Context(), r.store, "mc-ikejiri", "2026-03-30"); err != nil || n != 0 {
		t.Errorf("%d records restored again, %v", n, err)
	}
	log, err := r.store.Open(gone)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := log.Read(t.Context(), 0, 100_000); err != nil || !reflect.DeepEqual(got, r.logs[gone][:len(r.logs[gone])-1]) {
		t.Errorf("%d records, %v", len(got), err)
	}
}

// TestTamperingIsFound in every byte that is changed, file that is cut or swapped.
func TestTamperingIsFound(t *testing.T) {
	r := newRig(t)
	a := r.open()
	r.add(a, "2026-04-30")
	m, _ := a.Manifest()
	chance := rand.New(rand.NewPCG(1, 1))
	for n := range 100 {
		f := m.Files[chance.IntN(len(m.Files))]
		path := filepath.Join(r.dir, f.Name)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := slices.Clone(good)
		switch at := chance.IntN(len(bad)); n % 4 {
		case 0:
			bad = bad[:at]
		case 1:
			bad = append(bad, bad[at])
		default:
			bad[at] ^= 1 << chance.IntN(8)
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if a.Check(f, nil) == nil {
			t.Errorf("%d: %s was changed, and nothing is found", n, f.Name)
		}
		if n < 4 {
			if p, err := a.Purge(t.Context(), r.store, "2026-03-01", counted); err != nil || p.Days > 0 {
				t.Errorf("purged %+v, %v", p, err)
			}
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(r.dir, m.Files[0].Name)
	if err := os.WriteFile(path, []byte("no gzip"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := a.Purge(t.Context(), r.store, "2026-04-01", counted); err != nil || p.Days > 0 || len(p.Faults) != 2 {
		t.Errorf("purged what the archive has lost: %+v, %v", p, err)
	}
}

// TestAForgedManifestIsRefused has manifests say what none can.
func TestAForgedManifestIsRefused(t *testing.T) {
	r := newRig(t)
	r.add(r.open(), "2026-04-30")
	path := filepath.Join(r.dir, "manifest.json")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	forged := func(edit func(m *archive.Manifest)) []byte {
		var m archive.Manifest
		if err := json.Unmarshal(good, &m); err != nil {
			t.Fatal(err)
		}
		edit(&m)
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, raw := range map[string][]byte{
		"leads outside":              []byte(`{"format":1,"files":[{"name":"../x","office":"..","month":"x"}]}`),
		"a folder of another office": forged(func(m *archive.Manifest) { m.Files[0].Office, m.Files[0].Name = "a/../b", "a/../b/2026-03.1.jsonl.gz" }),
		"a month twice":              forged(func(m *archive.Manifest) { m.Files = append(m.Files, m.Files[0]) }),
		"a day that is none":         forged(func(m *archive.Manifest) { m.Files[0].Days[0].Date = "2026-03-3x" }),
		"a day in another's log":     forged(func(m *archive.Manifest) { m.Files[0].Days[0].Date = "2026-03:2026-03-30" }),
		"an office with a colon":     forged(func(m *archive.Manifest) { m.Files[0].Office, m.Files[0].Name = "a:b", "a:b/2026-03.1.jsonl.gz" }),
		"nothing in a day":           forged(func(m *archive.Manifest) { m.Files[0].Days[0].Records, m.Files[0].Days[0].Head.Number = -1, -1 }),
	} {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if a, err := archive.Open(r.dir); !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
			if a != nil {
				_ = a.Close()
			}
		}
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	r.open()
}
