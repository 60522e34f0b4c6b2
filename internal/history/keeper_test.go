package history_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/memlog"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
	"machi/internal/history"
	"machi/internal/queue"
)

const april = "history/km-test/2026-04"

// stores are the real ones, and the one in memory.
var stores = map[string]func(t *testing.T) eventlog.Store{
	"memory": func(*testing.T) eventlog.Store { return memlog.New() },
	"bbolt": func(t *testing.T) eventlog.Store {
		s, err := boltlog.Open(filepath.Join(t.TempDir(), "machi.db"), boltlog.Options{})
		return opened(t, s, err)
	},
	"Redis": func(t *testing.T) eventlog.Store {
		s, err := redislog.Open(redislog.Options{URL: redistest.Start(t).URL(), Timeout: time.Minute, LookFor: time.Minute})
		return opened(t, s, err)
	},
}

func opened(t *testing.T, s eventlog.Store, err error) eventlog.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// count returns how many records a month has.
func count(t *testing.T, store eventlog.Store, stream string) int64 {
	t.Helper()
	log, err := store.Open(stream)
	if err != nil {
		t.Fatal(err)
	}
	head, err := log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head.Number
}

// week puts three closed days into the store, a Wednesday to a Friday, and returns a
// clock that stands on the Monday after them.
func week(t *testing.T, store eventlog.Store) *clock {
	for _, date := range []queue.Date{"2026-04-01", "2026-04-02", "2026-04-03"} {
		busy(t, date, 5).keep(store)
	}
	return &clock{at: on(t, "2026-04-06", "08:00")}
}

func TestDaysAreClosedOnceByAllServers(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			c := week(t, store) // all servers were down meanwhile
			servers := []*server{serve(t, store, nil, c, nil), serve(t, store, nil, c, nil), serve(t, store, nil, c, nil)}
			changed := servers[0].Changed()
			for range 2 {
				var together sync.WaitGroup
				for _, s := range servers {
					together.Go(func() {
						if err := s.Round(t.Context(), true); err != nil {
							t.Error(err)
						}
					})
				}
				together.Wait()
			}
			<-changed
			if got := count(t, store, april); got != 4 {
				t.Errorf("%d records, want three tables and one lessons", got)
			}
			want, ok := servers[0].Known(km, "2026-04-06")
			if !ok || want.Through != "2026-04-03" || want.Tables != 3 {
				t.Fatalf("lessons %+v, %v", want, ok)
			}
			for _, s := range servers {
				if got := s.dates(); !slices.Equal(got, []queue.Date{"2026-04-01", "2026-04-02", "2026-04-03"}) {
					t.Errorf("closed %v", got)
				}
				if got, _ := s.Known(km, "2026-04-06"); got.Hash != want.Hash {
					t.Errorf("lessons %v and %v", got.Hash, want.Hash)
				}
			}
			if s := servers[1]; s.Lessons(km, "2026-04-06") == nil || s.Lessons(km, "2026-04-05") != nil || s.Lessons("other", "2026-04-06") != nil {
				t.Error("lessons of the wrong day")
			}
			raw := busy(t, "2026-04-02", 5).build()
			got := servers[2].day("2026-04-02")
			if diff := cmp.Diff(raw.Visits, got.Visits); diff != "" {
				t.Errorf("table (-built +kept):\n%s", diff)
			}
			if diff := cmp.Diff(raw.Spells, got.Spells); diff != "" {
				t.Errorf("hours (-built +kept):\n%s", diff)
			}
		})
	}
}

func TestTodayIsNotClosed(t *testing.T) {
	store := memlog.New()
	busy(t, "2026-04-01", 3).keep(store)
	c := &clock{at: on(t, "2026-04-02", "03:01")} // the queue has two minutes to close the day itself
	s := serve(t, store, nil, c, nil)
	s.round(true)
	if got := s.dates(); len(got) != 0 {
		t.Errorf("closed %v", got)
	}
	c.set(on(t, "2026-04-02", "03:02"))
	s.round(false)
	if got := s.dates(); len(got) != 1 {
		t.Errorf("closed %v", got)
	}
}

func TestLateRecordsMakeATableAnew(t *testing.T) {
	store := memlog.New()
	o := busy(t, "2026-04-01", 3)
	o.keep(store)
	c := &clock{at: on(t, "2026-04-02", "09:00")}
	s := serve(t, store, nil, c, nil)
	s.round(true)
	before, _ := s.Known(km, "2026-04-02")
	c.set(on(t, "2026-04-03", "09:00"))
	s.round(false)

	o.fact("kiosk/K1/9f3a", 1, on(t, "2026-04-01", "09:30"), queue.TicketIssued{
		Ticket: "K1.9f3a-000001", Number: "A801", Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving", Channel: queue.ChannelKiosk,
		IssuedAt: on(t, "2026-04-01", "09:30"), Arrival: on(t, "2026-04-01", "09:30"),
	})
	o.keep(store)
	s.round(false)
	got := s.day("2026-04-01")
	if len(got.Visits) != 4 || got.Revision != 1 || got.Late != [2]queue.Date{"2026-04-02", "2026-04-03"} {
		t.Errorf("%d visits, revision %d, late for %v", len(got.Visits), got.Revision, got.Late)
	}
	after, ok, err := s.archive.Lessons(t.Context(), km, "2026-04-02")
	if err != nil || !ok || after.Hash != before.Hash {
		t.Errorf("the lessons of a day changed: %v, %v, %v", after.Hash, ok, err)
	}
	n := count(t, store, april)
	serve(t, store, nil, c, nil).round(true) // a server that starts anew finds nothing to do
	if got := count(t, store, april); got != n {
		t.Errorf("%d records, then %d", n, got)
	}
}

func TestAKillBetweenTableAndLessonsHeals(t *testing.T) {
	store := memlog.New()
	c := week(t, store)
	dying := serve(t, store, nil, c, nil)
	for _, date := range []queue.Date{"2026-04-01", "2026-04-02"} {
		if _, err := dying.archive.Put(t.Context(), busy(t, date, 5).build()); err != nil {
			t.Fatal(err)
		}
	}
	healed, straight := serve(t, store, nil, c, nil), memlog.New()
	healed.round(true)
	week(t, straight)
	other := serve(t, straight, nil, c, nil)
	other.round(true)
	got, _ := healed.Known(km, "2026-04-06")
	want, _ := other.Known(km, "2026-04-06")
	if got.Taught == nil || got.Hash != want.Hash {
		t.Errorf("lessons %v, without the kill %v", got.Hash, want.Hash)
	}
}

func TestAnUnclearAppendIsNoSecondOne(t *testing.T) {
	for name, fault := range map[string]memlog.Fault{"it was in": memlog.UnclearDone, "it was not": memlog.UnclearUndone, "on one node": memlog.Unsafe} {
		t.Run(name, func(t *testing.T) {
			store := memlog.New()
			c := week(t, store)
			store.SetFaults(memlog.Appends(fault, fault, fault, fault))
			s := serve(t, store, nil, c, nil)
			s.round(true)
			if got := count(t, store, april); got != 4 {
				t.Errorf("%d records, want 4", got)
			}
		})
	}
}

func TestLessonsBuildOnThoseBefore(t *testing.T) {
	store := memlog.New()
	c := &clock{}
	s := serve(t, store, nil, c, nil)
	var last history.Lessons
	for _, date := range []queue.Date{"2026-04-01", "2026-04-02", "2026-04-03"} {
		busy(t, date, 4).keep(store)
		c.set(on(t, date, "09:00").AddDate(0, 0, 1))
		s.round(false)
		l, ok := s.Known(km, queue.BusinessDay(c.now()))
		if !ok || l.Hash == last.Hash || l.Through != date {
			t.Fatalf("behind %s: %+v, %v", date, l, ok)
		}
		if raw, err := json.Marshal(l.Taught); err != nil || len(raw) > history.MaxLessons || eventlog.BodyHash(raw) != l.Hash {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
		last = l
	}
	taught := history.Teach(history.Teach(history.Teach(nil, busy(t, "2026-04-01", 4).build()), busy(t, "2026-04-02", 4).build()), busy(t, "2026-04-03", 4).build())
	raw, err := json.Marshal(taught)
	if err != nil || eventlog.BodyHash(raw) != last.Hash {
		t.Errorf("day by day %v, at once %v, %v", last.Hash, eventlog.BodyHash(raw), err)
	}

	old := busy(t, "2026-03-31", 4).build() // a past that arrives later is learnt with the next day's lessons
	old.Source, old.Head, old.Made = history.FromImport, eventlog.Head{}, 0
	for range 2 {
		if _, err := s.archive.Put(t.Context(), old); err != nil {
			t.Fatal(err)
		}
	}
	s.round(true)
	if l, _ := s.Known(km, "2026-04-04"); l.Hash != last.Hash {
		t.Error("the lessons of a day changed")
	}
	c.set(on(t, "2026-04-05", "09:00"))
	s.round(false)
	if l, _ := s.Known(km, "2026-04-05"); l.From != "2026-03-31" || l.Tables != 4 || l.Through != "2026-04-03" {
		t.Errorf("from %s, %d tables, through %s", l.From, l.Tables, l.Through)
	}
	if busy := last.Profile; busy == nil || len(busy.Services()) == 0 {
		t.Error("no profile")
	}
}

func TestADamagedLogClosesNothingAndIsReported(t *testing.T) {
	store, said := memlog.New(), &faults{}
	c := week(t, store)
	store.Damage(day.Stream(km, "2026-04-02"), 5)
	s := serve(t, store, nil, c, said)
	s.round(true)
	if got := s.dates(); !slices.Equal(got, []queue.Date{"2026-04-01", "2026-04-03"}) {
		t.Errorf("closed %v", got)
	}
	if !said.said("km-test:2026-04-02") {
		t.Errorf("nobody was told: %q", said.lines)
	}
	if l, ok := s.Known(km, "2026-04-06"); !ok || l.Tables != 2 {
		t.Errorf("lessons of %d tables, %v", l.Tables, ok)
	}
}

func TestADamagedTableIsReportedAndMadeAgain(t *testing.T) {
	for name, number := range map[string]int64{"in the middle": 2, "the newest": 4} {
		t.Run(name, func(t *testing.T) {
			store, said := memlog.New(), &faults{}
			c := week(t, store)
			serve(t, store, nil, c, nil).round(true)
			store.Damage(april, number)

			reader := serve(t, store, nil, c, said) // without a turn of its own
			var bad, good int
			for d, err := range reader.archive.Days(t.Context(), km, "2026-04-01", "2026-04-30") {
				switch {
				case errors.Is(err, history.ErrDamaged) && d.Date == "2026-04-02":
					bad++
				case err != nil:
					t.Fatal(err)
				default:
					good++
				}
			}
			if number == 2 && bad != 1 || good+bad != 3 || !said.said("damaged") {
				t.Errorf("%d good, %d damaged, reported %q", good, bad, said.lines)
			}
			again := serve(t, store, nil, c, said)
			again.round(true)
			for _, date := range again.dates() {
				if d := again.day(date); len(d.Visits) != 5 {
					t.Errorf("%s has %d visits", date, len(d.Visits))
				}
			}
			if l, ok := again.Known(km, "2026-04-06"); !ok || l.Through != "2026-04-03" {
				t.Errorf("lessons %+v, %v", l, ok)
			}
		})
	}
}

func TestAFlushedRedisIsPutBack(t *testing.T) {
	redis := redistest.Start(t)
	dial := func() eventlog.Store {
		s, err := redislog.Open(redislog.Options{URL: redis.URL(), Timeout: time.Minute, LookFor: time.Minute})
		return opened(t, s, err)
	}
	store := dial()
	c := week(t, store)
	first, second := serve(t, store, mirror(t), c, nil), serve(t, dial(), mirror(t), c, nil)
	first.round(true)
	second.round(true)
	want, _ := first.Known(km, "2026-04-06")
	redis.MustDo("FLUSHALL")
	fresh := serve(t, dial(), nil, c, nil) // knows nothing
	fresh.round(true)
	if got := fresh.dates(); len(got) != 0 {
		t.Fatalf("%v after FLUSHALL", got)
	}
	second.round(false)
	if got := second.dates(); len(got) != 3 {
		t.Errorf("put back %v", got)
	}
	for _, s := range []*server{first, second, fresh} {
		s.round(true)
		if got, ok := s.Known(km, "2026-04-06"); !ok || got.Hash != want.Hash {
			t.Errorf("lessons %v, before %v", got.Hash, want.Hash)
		}
		if d := s.day("2026-04-02"); len(d.Visits) != 5 {
			t.Errorf("%d visits", len(d.Visits))
		}
	}
	if got := count(t, store, april); got != 4 {
		t.Errorf("%d records, want each once", got)
	}
}

func TestARedisWhoseNewestEntryIsDamagedGoesOn(t *testing.T) {
	redis, said := redistest.Start(t), &faults{}
	s, err := redislog.Open(redislog.Options{URL: redis.URL(), Timeout: time.Minute, LookFor: time.Minute})
	store := opened(t, s, err)
	c := week(t, store)
	serve(t, store, nil, c, nil).round(true)
	key := "machi:{" + april + "}:log"
	redis.MustDo("XDEL", key, "4-0") // the lessons
	redis.MustDo("XADD", key, "5-0", "h", "x", "i", "y", "b", "junk")
	for range 2 {
		again := serve(t, store, nil, c, said)
		again.round(true)
		if _, ok := again.Known(km, "2026-04-06"); !ok || len(again.dates()) != 3 {
			t.Errorf("lessons %v, closed %v", ok, again.dates())
		}
	}
	if got := count(t, store, april+"+2"); got != 1 || !said.said("damaged") {
		t.Errorf("%d records behind the damage, want the lessons; reported %q", got, said.lines)
	}
}

func TestALogThatShrankDoesNotShrinkItsTable(t *testing.T) {
	store := memlog.New()
	c := week(t, store)
	s := serve(t, store, nil, c, nil)
	s.round(true)
	store.Truncate(day.Stream(km, "2026-04-02"), 9)
	serve(t, store, nil, c, nil).round(true)
	if d := s.day("2026-04-02"); len(d.Visits) != 5 || d.Revision != 0 {
		t.Errorf("%d visits, revision %d", len(d.Visits), d.Revision)
	}
}

func TestOldDaysAreDeleted(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			c := week(t, store)
			s := serve(t, store, mirror(t), c, nil)
			s.round(true)
			c.set(on(t, "2028-06-03", "09:00"))
			s.round(true)
			if got := s.dates(); len(got) != 3 {
				t.Errorf("%v after 794 days", got)
			}
			c.set(on(t, "2028-07-10", "09:00")) // 802 days after the last of April
			s.round(true)
			streams, err := store.Streams(t.Context())
			if got := s.dates(); len(got) != 0 || err != nil || slices.Contains(streams, april) {
				t.Errorf("%v is left, streams %v, %v", got, streams, err)
			}
			if _, err := s.archive.Put(t.Context(), busy(t, "2026-04-01", 1).build()); !errors.Is(err, history.ErrExpired) {
				t.Errorf("a day too old is kept: %v", err)
			}
		})
	}
}

func TestImports(t *testing.T) {
	store := memlog.New()
	c := &clock{at: on(t, "2026-04-06", "08:00")}
	s := serve(t, store, nil, c, nil)
	past := busy(t, "2026-04-01", 4).build()
	past.Source, past.Head, past.Made = history.FromImport, eventlog.Head{}, 0
	put := func(d history.Day) (history.Day, error) { return s.archive.Put(t.Context(), d) }
	for range 2 { // importing twice changes nothing
		if kept, err := put(past); err != nil || kept.Revision != 0 {
			t.Errorf("revision %d, %v", kept.Revision, err)
		}
	}
	past.Visits = past.Visits[:3]
	if kept, err := put(past); err != nil || kept.Revision != 1 || len(kept.Visits) != 3 {
		t.Errorf("a corrected import: revision %d, %v", kept.Revision, err)
	}
	if kept, err := put(busy(t, "2026-04-01", 2).build()); err != nil || kept.Source != history.FromLog {
		t.Errorf("the office's own day: %s, %v", kept.Source, err)
	}
	if _, err := put(past); !errors.Is(err, history.ErrTaken) {
		t.Errorf("over the office's own day: %v", err)
	}
	s.round(true)
	if l, ok := s.Known(km, "2026-04-06"); !ok || l.Through != "2026-04-01" {
		t.Errorf("lessons %+v, %v", l, ok)
	}
	for name, spoil := range map[string]func(*history.Day){
		"no service": func(d *history.Day) { d.Visits[0].Service = "" },
		"no legs":    func(d *history.Day) { d.Visits[0].Legs = nil },
		"elsewhen":   func(d *history.Day) { d.Visits[0].Issued = on(t, "2026-04-09", "09:00") },
		"no date":    func(d *history.Day) { d.Date = "yesterday" },
		"no office":  func(d *history.Day) { d.Office = "" },
		"no source":  func(d *history.Day) { d.Source = "" },
	} {
		bad := busy(t, "2026-04-03", 2).build()
		spoil(&bad)
		if _, err := put(bad); !errors.Is(err, history.ErrBadTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerify(t *testing.T) {
	store := memlog.New()
	c := week(t, store)
	s := serve(t, store, nil, c, nil)
	s.round(true)
	past := busy(t, "2026-04-04", 4).build()
	past.Source, past.Head, past.Made = history.FromImport, eventlog.Head{}, 0
	if _, err := s.archive.Put(t.Context(), past); err != nil {
		t.Fatal(err)
	}
	check := func(tables, compared, lessons, faults, notes int) {
		t.Helper()
		r, err := history.Verify(t.Context(), store, store, april)
		if err != nil || r.Tables != tables || r.Compared != compared || r.Lessons != lessons || len(r.Faults) != faults || len(r.Notes) != notes {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if names, err := history.Streams(t.Context(), store); err != nil || !slices.Equal(names, []string{april}) {
		t.Errorf("streams %v, %v", names, err)
	}
	check(4, 3, 1, 0, 0)

	late := busy(t, "2026-04-01", 5) // the log went on
	late.do(queue.OpenCounter{Counter: "1", Staff: "Sato"})
	late.keep(store)
	check(4, 3, 1, 0, 1)

	if err := store.Replace(day.Stream(km, "2026-04-02"), nil); err != nil { // the log is gone
		t.Fatal(err)
	}
	check(4, 2, 1, 0, 1)

	store.Damage(april, 3) // the table of the third, and what is said of it
	check(3, 1, 1, 1, 2)
}

func TestVerifyFindsATableThatIsNotWhatItsLogSays(t *testing.T) {
	store := memlog.New()
	c := week(t, store)
	lying := busy(t, "2026-04-03", 5).build()
	lying.Visits[0].Told.High = time.Hour
	s := serve(t, store, nil, c, nil)
	if _, err := s.archive.Put(t.Context(), lying); err != nil {
		t.Fatal(err)
	}
	s.round(true)
	r, err := history.Verify(t.Context(), store, store, april)
	if err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0], "2026-04-03") {
		t.Errorf("%+v, %v", r, err)
	}
}
