package foresee_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"machi/internal/almanac"
	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/eventlog/memlog"
	"machi/internal/expect"
	"machi/internal/expect/expecttest"
	"machi/internal/foresee"
	"machi/internal/foretold"
	"machi/internal/history"
	"machi/internal/queue"
)

// world is two offices of a kind: one with a past, one that has just opened.
type world struct {
	t       *testing.T
	store   *memlog.Store
	archive *shelf

	mu  sync.Mutex
	now time.Time
	// during is called when an office's settings are asked for; nil: nothing is.
	during func(queue.OfficeID)
}

const newcomer queue.OfficeID = "p"

// horizon is how many days ahead the tests look: to the second Tuesday.
const horizon = 9

// shelf holds tables that were read once: these tests are not about reading them.
type shelf struct {
	*history.Archive
	days map[queue.Date]history.Day
}

func (s *shelf) Day(ctx context.Context, office queue.OfficeID, date queue.Date) (history.Day, bool, error) {
	if d, kept := s.days[date]; kept && d.Office == office {
		return d, true, nil
	}
	d, ok, err := s.Archive.Day(ctx, office, date)
	if ok && err == nil {
		s.days[date] = d
	}
	return d, ok, err
}

func newWorld(t *testing.T, today queue.Date) *world {
	w := &world{t: t, store: memlog.New(), now: expecttest.At(today, 7*time.Hour)}
	w.archive = &shelf{history.NewArchive(history.ArchiveOptions{Store: w.store, Now: w.clock, Logger: quiet}), map[queue.Date]history.Day{}}
	return w
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) on(date queue.Date) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = expecttest.At(date, 7*time.Hour)
}

// close puts days into the archive, from one to another.
func (w *world) close(from, to queue.Date) {
	w.t.Helper()
	day, _ := calendar.ParseDay(string(from))
	for ; day.String() <= string(to); day = day.Add(1) {
		d, open := expecttest.Closed(expecttest.Office, queue.Date(day.String()), 1)
		if !open {
			continue
		}
		if _, err := w.archive.Put(w.t.Context(), d); err != nil {
			w.t.Fatal(err)
		}
	}
}

// server is what one server keeps.
type server struct {
	*foresee.Keeper
	almanac *almanac.Book
	told    *foretold.Book
}

func (w *world) server() server {
	w.t.Helper()
	log, err := w.store.Open(almanac.Stream)
	if err != nil {
		w.t.Fatal(err)
	}
	s := server{told: foretold.New(foretold.Options{Store: w.store, Today: func() queue.Date { return queue.BusinessDay(w.clock()) }})}
	if s.almanac, err = almanac.Open(w.t.Context(), log, w.clock); err != nil {
		w.t.Fatal(err)
	}
	never := make(chan struct{})
	s.Keeper = foresee.New(foresee.Options{
		Days: w.archive, Changed: func() <-chan struct{} { return never }, Almanac: s.almanac, Told: s.told, Now: w.clock, Logger: quiet, Horizon: horizon,
		Offices: func() []queue.OfficeID { return []queue.OfficeID{expecttest.Office, newcomer} },
		Place: func(queue.OfficeID) (foresee.Place, bool) {
			return foresee.Place{Kind: "branch", Counters: 2, Thresholds: expecttest.Limits, Schedule: calendar.Schedule{Weekdays: calendar.Hours{Opens: 8*time.Hour + 30*time.Minute, Closes: 17 * time.Hour}}}, true
		},
		Settings: func(id queue.OfficeID, date queue.Date) (queue.Settings, error) {
			if w.during != nil {
				w.during(id)
			}
			return expecttest.Settings(date), nil
		},
	})
	return s
}

func (s server) day(t *testing.T, office queue.OfficeID, date queue.Date) expect.Day {
	t.Helper()
	d, ok := s.Forecast(office, date)
	if !ok {
		t.Fatalf("no forecast of %s on %s", office, date)
	}
	return d
}

func TestEveryServerForeseesTheSame(t *testing.T) {
	w := newWorld(t, "2026-06-08")
	w.close("2026-02-02", "2026-06-05")
	a, b := w.server(), w.server()
	before := a.day(t, expecttest.Office, "2026-06-15")
	if before.Level != board.LevelUnknown || !before.Open() || before.Reasons[0] != expect.NoHistory {
		t.Errorf("before the first round: %s, %v", before.Level, before.Reasons)
	}
	a.Round(t.Context(), false)
	w.mu.Lock()
	w.now = w.now.Add(20 * time.Minute)
	w.mu.Unlock()
	b.Round(t.Context(), false)
	for n := range horizon {
		date := shifted("2026-06-08", n)
		one, other := a.day(t, expecttest.Office, date), b.day(t, expecttest.Office, date)
		one.Made, other.Made = time.Time{}, time.Time{}
		if fmt.Sprint(one) != fmt.Sprint(other) {
			t.Fatalf("%s is not the same on two servers", date)
		}
		if one.Open() != one.Known() || one.Open() && one.Basis != expect.FromWaits {
			t.Errorf("%s: open %v, %s of %q", date, one.Open(), one.Level, one.Basis)
		}
	}
	if _, ok := a.Forecast(expecttest.Office, "2026-06-07"); ok {
		t.Error("yesterday is foreseen")
	}
	if _, ok := a.Forecast(expecttest.Office, "2026-09-06"); ok {
		t.Error("a day behind the horizon is foreseen")
	}
	monday, tuesday := a.day(t, expecttest.Office, "2026-06-15"), a.day(t, expecttest.Office, "2026-06-16")
	if expect.Rank(monday.Level) <= expect.Rank(tuesday.Level) {
		t.Errorf("Monday is %s, Tuesday %s", monday.Level, tuesday.Level)
	}
	if d := a.day(t, newcomer, "2026-06-16"); !d.Borrowed || !d.Known() || d.Waits.Known || !slices.Contains(d.Reasons, expect.Borrowing) {
		t.Errorf("the newcomer: %+v", d.Reasons)
	}
}

func TestWhatStaffSayShowsAtOnce(t *testing.T) {
	w := newWorld(t, "2026-06-08")
	w.close("2026-03-30", "2026-06-05")
	s := w.server()
	s.Round(t.Context(), false)
	const date = "2026-06-16"
	plain := s.day(t, expecttest.Office, date)
	change := almanac.Change{Office: expecttest.Office, Command: "c", By: "tanaka"}
	if err := s.almanac.Say(t.Context(), change, almanac.Remark{Date: date, Percent: 200, Reason: "一斉発送"}); err != nil {
		t.Fatal(err)
	}
	s.Round(t.Context(), false)
	said := s.day(t, expecttest.Office, date)
	if said.Override == nil || said.Override.Reason != "一斉発送" || said.Arrivals.P50 < 1.9*plain.Arrivals.P50 {
		t.Errorf("%v after %v, %+v", said.Arrivals, plain.Arrivals, said.Override)
	}
	change.Command = "d"
	if err := s.almanac.Unsay(t.Context(), change, date); err != nil {
		t.Fatal(err)
	}
	change.Command = "e"
	if err := s.almanac.Add(t.Context(), change, almanac.Event{ID: "e", Name: "健康まつり", From: date, To: date, Percent: 150}); err != nil {
		t.Fatal(err)
	}
	s.Round(t.Context(), false)
	event := s.day(t, expecttest.Office, date)
	if event.Override != nil || len(event.Events) != 1 || event.Events[0].Name.In("en") != "健康まつり" || !slices.Contains(event.Reasons, expect.EventDay) {
		t.Errorf("%+v %v", event.Events, event.Reasons)
	}
}

// TestWhatStaffSayShowsWhileOtherOfficesAreMade says something of an office that a round
// is through with: it shows before the next round.
func TestWhatStaffSayShowsWhileOtherOfficesAreMade(t *testing.T) {
	w := newWorld(t, "2026-06-08")
	w.close("2026-04-06", "2026-06-05")
	s := w.server()
	w.during = func(id queue.OfficeID) {
		if id != newcomer {
			return
		}
		w.during = nil
		if err := s.almanac.Say(t.Context(), almanac.Change{Office: expecttest.Office, Command: "c", By: "tanaka"}, almanac.Remark{Date: "2026-06-16", Level: "quiet", Reason: "臨時休業の翌週"}); err != nil {
			t.Error(err)
		}
	}
	s.Round(t.Context(), false)
	if d := s.day(t, expecttest.Office, "2026-06-16"); w.during != nil || d.Override == nil || d.Level != board.LevelQuiet {
		t.Errorf("%+v, %s", d.Override, d.Level)
	}
}

func TestWhatWasToldIsComparedWithWhatBecameOfIt(t *testing.T) {
	w := newWorld(t, "2026-05-11")
	w.close("2026-02-23", "2026-05-08")
	s := w.server()
	s.Round(t.Context(), false)
	first, ok := s.Foretold(expecttest.Office, 7)
	if !ok || !first.Rehearsed || first.Days < 15 {
		t.Fatalf("a month on which nothing was told: %+v", first)
	}
	for date := queue.Date("2026-05-12"); date <= "2026-05-19"; date = shifted(date, 1) {
		w.close(shifted(date, -1), shifted(date, -1))
		w.on(date)
		s.Round(t.Context(), false)
	}
	record, ok := s.Foretold(expecttest.Office, 1)
	if !ok || record.Rehearsed || record.Days < expect.Fewest || record.Hits+record.Near < record.Days/2 {
		t.Errorf("told a day ahead: %+v", record)
	}
	if r, ok := w.serverAfter(t).Foretold(expecttest.Office, 1); !ok || r.Days != record.Days || r.Hits != record.Hits || r.Error != record.Error {
		t.Errorf("a server that starts later knows %+v, want %+v", r, record)
	}
	if _, ok := s.Foretold(newcomer, 7); ok {
		t.Error("an office without closed days has a record")
	}
}

func (w *world) serverAfter(t *testing.T) server {
	s := w.server()
	s.Round(t.Context(), false)
	return s
}

func shifted(date queue.Date, days int) queue.Date {
	day, _ := calendar.ParseDay(string(date))
	return queue.Date(day.Add(days).String())
}
