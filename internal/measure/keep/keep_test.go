package keep_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/history"
	"machi/internal/measure"
	"machi/internal/measure/keep"
	"machi/internal/queue"
)

const (
	east  queue.OfficeID = "east"
	west  queue.OfficeID = "west"
	today queue.Date     = "2026-06-11"
)

// rig is an archive, and a keeper of its figures.
type rig struct {
	t       *testing.T
	store   *memlog.Store
	archive *history.Archive
	keeper  *keep.Keeper
	folder  string
	read    []queue.Date // tables that were read
	extra   measure.Extra
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, store: memlog.New(), folder: t.TempDir()}
	r.archive = history.NewArchive(history.ArchiveOptions{
		Store: r.store, Now: func() time.Time { return time.Date(2026, 6, 11, 3, 0, 0, 0, queue.JST) }, Logger: slog.New(slog.DiscardHandler),
	})
	r.restart()
	return r
}

// restart begins with a keeper that knows nothing.
func (r *rig) restart() {
	r.t.Helper()
	r.read = nil
	k, err := keep.New(keep.Options{
		Tables: r, Offices: func() []queue.OfficeID { return []queue.OfficeID{east, west} }, Today: func() queue.Date { return today }, KeepDays: 400,
		Folder: r.folder, Logger: slog.New(slog.DiscardHandler),
		Opens: func(_ queue.OfficeID, date queue.Date) bool { return date != "2026-06-07" }, // a Sunday
		Extra: func(queue.OfficeID, queue.Date) (measure.Extra, string) { return r.extra, fmt.Sprint(r.extra) },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.keeper = k
}

func (r *rig) Versions(ctx context.Context, office queue.OfficeID, from, to queue.Date) (map[queue.Date]string, error) {
	return r.archive.Versions(ctx, office, from, to)
}

func (r *rig) Day(ctx context.Context, office queue.OfficeID, date queue.Date) (history.Day, bool, error) {
	r.read = append(r.read, date)
	return r.archive.Day(ctx, office, date)
}

// put keeps a table of visits that waited so many minutes each.
func (r *rig) put(office queue.OfficeID, date queue.Date, head int64, waits ...int) {
	r.t.Helper()
	from, _, err := date.Bounds()
	if err != nil {
		r.t.Fatal(err)
	}
	d := history.Day{Office: office, Date: date, Source: history.FromLog, Made: history.Making, Head: eventlog.Head{Number: head, Hash: eventlog.Hash{byte(head)}}}
	for i, minutes := range waits {
		issued := from.Add(9*time.Hour + time.Duration(i)*time.Minute)
		called := issued.Add(time.Duration(minutes) * time.Minute)
		ended := called.Add(5 * time.Minute)
		d.Visits = append(d.Visits, history.Visit{
			Number: queue.Number(fmt.Sprintf("A%03d", i)), Service: "cert", Channel: queue.ChannelKiosk, Issued: issued, Outcome: history.Served, Ended: ended,
			Legs: []history.Leg{{Service: "cert", Stage: queue.StageReception, Joined: issued, Called: called, Started: called, Finished: ended, Counter: "1", Outcome: history.Served}},
		})
	}
	if _, err := r.archive.Put(r.t.Context(), d); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) round(deep bool) {
	r.t.Helper()
	if err := r.keeper.Round(r.t.Context(), deep); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) ask(q measure.Query) measure.Answer {
	r.t.Helper()
	if q.From == "" {
		q.From, q.To = "2026-05-01", "2026-06-30"
	}
	a, err := r.keeper.Measures(r.t.Context(), q)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

func (r *rig) says(want string) {
	r.t.Helper()
	a := r.ask(measure.Query{})
	if got := fmt.Sprintf("%d came, at most %v", a.Total.Arrivals, a.Total.UntilCalled.Max); got != want {
		r.t.Errorf("%s, want %s", got, want)
	}
}

func TestFiguresFollowTheTables(t *testing.T) {
	r := newRig(t)
	r.put(east, "2026-06-09", 1, 10, 20)
	r.put(west, "2026-05-29", 1, 5)
	if a := r.ask(measure.Query{}); !a.Reading || len(a.Rows) > 0 {
		t.Errorf("before the first round: %+v", a)
	}
	r.round(true)
	r.says("3 came, at most 20m0s")
	r.put(east, "2026-06-10", 1, 30)
	r.round(false)
	r.says("4 came, at most 30m0s")
	r.put(east, "2026-06-10", 2, 30, 45) // late records
	r.round(false)
	r.says("5 came, at most 45m0s")
	r.put(east, "2026-06-10", 3, 7) // undone
	r.round(false)
	r.says("4 came, at most 20m0s")
	if r.ask(measure.Query{}).Reading {
		t.Error("every table was read, and the answer says otherwise")
	}
	r.read = nil
	r.round(true)
	if len(r.read) > 0 {
		t.Errorf("nothing changed, and %v were read again", r.read)
	}
}

func TestWhatWasCountedBesideComesIn(t *testing.T) {
	r := newRig(t)
	r.put(east, "2026-06-09", 1, 10)
	r.round(true)
	if f := r.ask(measure.Query{}).Total; f.Counted != 0 || f.Diverted != 0 {
		t.Errorf("nobody counted, and it is %+v", f)
	}
	r.extra = measure.Extra{Known: true, Offers: []measure.Offer{{Service: "cert", Shown: 9, Taken: 4}}}
	r.round(false)
	if f := r.ask(measure.Query{}).Total; f.Counted != 1 || f.Offered != 9 || f.Diverted != 4 {
		t.Errorf("%d counted, %d offered, %d diverted", f.Counted, f.Offered, f.Diverted)
	}
}

func TestDaysThatAreNotThereAreNamed(t *testing.T) {
	r := newRig(t)
	r.put(east, "2026-06-05", 1, 10)
	r.put(east, "2026-06-09", 1, 20)
	r.round(true)
	r.lacks("2026-06-06 missing", "2026-06-08 missing", "2026-06-10 missing")
	r.damage(east, "2026-06-09")
	r.folder = "" // nor is there a copy
	r.restart()
	r.round(true)
	r.lacks("2026-06-06 missing", "2026-06-08 missing", "2026-06-09 damaged", "2026-06-10 missing")
	r.says("1 came, at most 10m0s")
	if got := r.ask(measure.Query{From: "2026-06-01", To: "2026-06-05"}).Lacks; len(got) > 0 {
		t.Errorf("lacks %v of other days", got)
	}
}

func (r *rig) lacks(want ...string) {
	r.t.Helper()
	var got []string
	for _, l := range r.ask(measure.Query{}).Lacks {
		got = append(got, fmt.Sprint(l.Date, " ", l.Why))
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("lacks %q, want %q", got, want)
	}
}

// damage makes the newest table of a date one that cannot be read.
func (r *rig) damage(office queue.OfficeID, date queue.Date) {
	r.t.Helper()
	ctx := r.t.Context()
	name := "history/" + string(office) + "/" + string(date)[:7]
	log, err := r.store.Open(name)
	if err != nil {
		r.t.Fatal(err)
	}
	records, err := log.Read(ctx, 0, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	last := len(records) - 1
	body, err := eventlog.DecodeBody(records[last].Body)
	if err != nil {
		r.t.Fatal(err)
	}
	text := string(body.Events)
	at := strings.Index(text, `"rows":"`) + 60
	body.Events = []byte(text[:at] + "AAAA" + text[at+4:])
	if records[last].Body, err = body.Encode(); err != nil {
		r.t.Fatal(err)
	}
	r.store.Replace(name, records)
	r.archive = history.NewArchive(history.ArchiveOptions{
		Store: r.store, Now: func() time.Time { return time.Date(2026, 6, 11, 3, 0, 0, 0, queue.JST) }, Logger: slog.New(slog.DiscardHandler),
	})
}

func TestASecondStartReadsNoTables(t *testing.T) {
	r := newRig(t)
	r.put(east, "2026-06-09", 1, 10, 20)
	r.put(west, "2026-05-29", 1, 5)
	r.round(true)
	r.restart()
	r.round(true)
	r.says("3 came, at most 20m0s")
	if len(r.read) > 0 {
		t.Errorf("%v were read", r.read)
	}
	r.put(east, "2026-06-09", 2, 10, 20, 25)
	r.restart()
	r.round(true)
	r.says("4 came, at most 25m0s")
	if !slices.Equal(r.read, []queue.Date{"2026-06-09"}) {
		t.Errorf("%v were read, want the one that changed", r.read)
	}
}

func TestADamagedCopyIsCountedAnew(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"cut":             func(raw []byte) []byte { return raw[:len(raw)-3] },
		"turned":          func(raw []byte) []byte { raw[len(raw)/2] ^= 4; return raw },
		"empty":           func([]byte) []byte { return nil },
		"another release": func(raw []byte) []byte { return append([]byte("machi sheets 0\n"), raw...) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.put(east, "2026-06-09", 1, 10, 20)
			r.round(true)
			files, err := os.ReadDir(r.folder)
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			path := filepath.Join(r.folder, files[0].Name())
			raw, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, spoil(raw), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			r.restart()
			r.round(true)
			r.says("2 came, at most 20m0s")
		})
	}
}

func TestAStoreThatIsAwayTakesNothingAway(t *testing.T) {
	r := newRig(t)
	r.put(east, "2026-06-09", 1, 10)
	r.round(true)
	r.store.SetFaults(func(memlog.Op, string) memlog.Fault { return memlog.Fail })
	if err := r.keeper.Round(t.Context(), true); err == nil {
		t.Error("nobody says that the store is away")
	}
	r.says("1 came, at most 10m0s")
}

func TestAnUnknownOfficeIsRefused(t *testing.T) {
	r := newRig(t)
	_, err := r.keeper.Measures(t.Context(), measure.Query{From: today, To: today, Offices: []queue.OfficeID{"nowhere"}})
	if wrong, is := err.(*measure.QueryError); !is || wrong.Field != "office" {
		t.Errorf("%v", err)
	}
}
