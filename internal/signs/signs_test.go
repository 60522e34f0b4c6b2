package signs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/eventlog"
	"machi/internal/eventlog/boltlog"
	"machi/internal/queue"
	"machi/internal/signs"
)

var morning = time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)

func openStore(t *testing.T) eventlog.Store {
	t.Helper()
	s, err := boltlog.Open(filepath.Join(t.TempDir(), "signs.db"), boltlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openShelf(t *testing.T, store eventlog.Store) *signs.Shelf {
	t.Helper()
	s, err := signs.OpenShelf(t.TempDir(), store)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func forget(t *testing.T, store eventlog.Store, hash string) {
	t.Helper()
	if err := store.(eventlog.Remover).Remove(t.Context(), "media/"+hash); err != nil {
		t.Fatal(err)
	}
}

// clock is a clock that tests turn.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func openBook(t *testing.T, store eventlog.Store, c *clock) *signs.Book {
	t.Helper()
	log, err := store.Open(signs.Stream)
	if err != nil {
		t.Fatal(err)
	}
	b, err := signs.Open(t.Context(), signs.Options{Log: log, Now: c.now, Prepared: func(kind string) board.Text { return board.Text{"ja": kind} }})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var keys int

func by(id string) signs.Act {
	keys++
	return signs.Act{Command: fmt.Sprint("c", keys), ID: fmt.Sprint("i", keys), By: signs.Person{ID: id, Name: id}}
}

func notice(office queue.OfficeID) signs.Content {
	return signs.Content{
		Office: office, Kind: signs.Notice, Title: board.Text{"ja": "お知らせ"}, Body: board.Text{"ja": "本文"},
		Schedule: signs.Schedule{From: "2026-04-01", Seconds: 10, Weight: 1},
	}
}

func advert() signs.Content {
	c := notice("o")
	c.Kind, c.Sponsor = signs.Advert, "店"
	return c
}

func picture() signs.Content {
	c := notice("o")
	c.Media = &signs.Media{Hash: "h", Type: "image/png", Size: 5}
	return c
}

// TestWhatNeedsASecondPerson writes each sort of item, submits it, and lets its writer
// and then somebody else approve it.
func TestWhatNeedsASecondPerson(t *testing.T) {
	b := openBook(t, openStore(t), &clock{morning})
	for name, c := range map[string]struct {
		content signs.Content
		rule    bool
		second  bool
	}{
		"a text of one office":           {notice("o"), false, false},
		"a text where the rule asks":     {notice("o"), true, true},
		"a text of all offices":          {notice(""), false, true},
		"a picture":                      {picture(), false, true},
		"an advertisement of one office": {advert(), false, true},
	} {
		if err := b.SetRule(t.Context(), by("chief"), signs.Rule{TextBySecond: c.rule}); err != nil {
			t.Fatal(err)
		}
		i, err := b.Write(t.Context(), by("tanaka"), c.content)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		i, err = b.Move(t.Context(), by("tanaka"), i.ID, i.Version, signs.Submit, "")
		if err != nil || (i.State == signs.Approved) == c.second {
			t.Errorf("%s: submitted, %s, %v", name, i.State, err)
		}
		if !c.second {
			continue
		}
		if _, err := b.Move(t.Context(), by("tanaka"), i.ID, i.Version, signs.Approve, ""); !errors.Is(err, signs.ErrOwn) {
			t.Errorf("%s: approved by its writer: %v", name, err)
		}
		i, err = b.Move(t.Context(), by("suzuki"), i.ID, i.Version, signs.Approve, "")
		if err != nil || i.State != signs.Approved || i.Decided.ID != "suzuki" {
			t.Errorf("%s: %+v, %v", name, i, err)
		}
		// Another content is not what was approved, and whoever wrote at it is a writer.
		i, err = b.Rewrite(t.Context(), by("suzuki"), i.ID, i.Version, c.content)
		if err != nil || i.State != signs.Draft {
			t.Fatalf("%s: rewritten: %+v, %v", name, i, err)
		}
		i, _ = b.Move(t.Context(), by("tanaka"), i.ID, i.Version, signs.Submit, "")
		if _, err := b.Move(t.Context(), by("suzuki"), i.ID, i.Version, signs.Approve, ""); !errors.Is(err, signs.ErrOwn) {
			t.Errorf("%s: a second writer approved: %v", name, err)
		}
	}
}

// TestNothingUnapprovedIsEverShown plays random acts of three people, restarts at random
// and looks at the playlist after each.
func TestNothingUnapprovedIsEverShown(t *testing.T) {
	store, c, r := openStore(t), &clock{morning}, rand.New(rand.NewPCG(6, 29))
	b := openBook(t, store, c)
	type version struct {
		id string
		n  int
	}
	approvedBy, writers := map[version]string{}, map[string]map[string]bool{}
	contents := []signs.Content{notice(""), picture(), advert()}
	for range 600 {
		c.at = c.at.Add(time.Second)
		who := []string{"a", "b", "c"}[r.IntN(3)]
		items := b.Items()
		if len(items) < 4 {
			i, err := b.Write(t.Context(), by(who), contents[r.IntN(3)])
			if err != nil {
				t.Fatal(err)
			}
			writers[i.ID] = map[string]bool{who: true}
			continue
		}
		i := items[r.IntN(len(items))]
		switch move := []signs.Move{signs.Submit, signs.Approve, signs.Approve, signs.Refuse, signs.End, ""}[r.IntN(6)]; {
		case move == "":
			if _, err := b.Rewrite(t.Context(), by(who), i.ID, i.Version, i.Content); err == nil {
				writers[i.ID][who] = true
			}
		case move != signs.End || r.IntN(5) == 0:
			if next, err := b.Move(t.Context(), by(who), i.ID, i.Version, move, "why"); err == nil && move == signs.Approve {
				approvedBy[version{next.ID, next.Version}] = who
			}
		}
		if r.IntN(20) == 0 {
			b = openBook(t, store, c)
		}
		list, _ := b.Playlist("o", "2026-04-01")
		for _, shown := range list {
			if who := approvedBy[version{shown.ID, shown.Version}]; who == "" || writers[shown.ID][who] {
				t.Fatalf("%s version %d is shown, approved by %q, written by %v", shown.ID, shown.Version, who, writers[shown.ID])
			}
		}
	}
}

func TestContentThatCannotBe(t *testing.T) {
	for field, spoil := range map[string]func(*signs.Content){
		"kind":     func(c *signs.Content) { c.Kind = "poem" },
		"title":    func(c *signs.Content) { c.Title = board.Text{"en": "only English"} },
		"body":     func(c *signs.Content) { c.Body = nil },
		"sponsor":  func(c *signs.Content) { c.Kind = signs.Advert },
		"from":     func(c *signs.Content) { c.Schedule.From = "1 April" },
		"to":       func(c *signs.Content) { c.Schedule.To = "2026-03-31" },
		"begin":    func(c *signs.Content) { c.Schedule.Begin = "09:00" },
		"weekdays": func(c *signs.Content) { c.Schedule.Weekdays = []int{7} },
		"seconds":  func(c *signs.Content) { c.Schedule.Seconds = 4 },
		"weight":   func(c *signs.Content) { c.Schedule.Weight = 6 },
	} {
		c := notice("o")
		spoil(&c)
		var fault *signs.Fault
		if err := c.Check(); !errors.As(err, &fault) || fault.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	turned := notice("o")
	turned.Title["ja"] = "safe\u202etxt.exe"
	if turned.Check() == nil {
		t.Error("a title that turns its line around")
	}
}

// TestAnEmergencyOfOneOfficeAndOfAll begins messages, lets one end by its time, restarts
// and ends the other.
func TestAnEmergencyOfOneOfficeAndOfAll(t *testing.T) {
	store, c := openStore(t), &clock{morning}
	b := openBook(t, store, c)
	kind := func(office queue.OfficeID) string {
		if e := b.Emergency(office, c.at); e != nil {
			return e.Kind
		}
		return ""
	}
	all, err := b.Begin(t.Context(), by("chief"), signs.Alarm{Kind: "typhoon"})
	if err != nil {
		t.Fatal(err)
	}
	again := by("chief")
	for range 2 { // a form sent twice
		if _, err := b.Begin(t.Context(), again, signs.Alarm{Office: "o", Kind: "fire", For: 30 * time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.Emergencies()) != 2 || kind("o") != "fire" || kind("p") != "typhoon" {
		t.Errorf("%d messages, o shows %q, p shows %q", len(b.Emergencies()), kind("o"), kind("p"))
	}
	b = openBook(t, store, c)
	c.at = c.at.Add(31 * time.Minute)
	if kind("o") != "typhoon" {
		t.Errorf("after its time o shows %q", kind("o"))
	}
	for range 2 {
		if _, err := b.Finish(t.Context(), by("chief"), all.ID); err != nil {
			t.Fatal(err)
		}
	}
	if kind("o") != "" || kind("p") != "" {
		t.Error("it does not end")
	}
	for _, bad := range []signs.Alarm{{Kind: "party"}, {Kind: "other"}, {Kind: "fire", Detail: board.Text{"en": "x"}}, {Kind: "fire", For: 100 * time.Hour}} {
		if _, err := b.Begin(t.Context(), by("chief"), bad); err == nil {
			t.Errorf("%+v begins", bad)
		}
	}
}

// TestAPlayCountsOnce lets two screens report to two servers, again and again as screens
// do, over a restart and into the next day.
func TestAPlayCountsOnce(t *testing.T) {
	store, c := openStore(t), &clock{morning.Add(17*time.Hour + 50*time.Minute)} // ten minutes before the next business day
	servers := []*signs.Plays{signs.NewPlays(store, c.now), signs.NewPlays(store, c.now)}
	screens := []signs.Screen{{ID: "s1", Office: "o"}, {ID: "s2", Office: "p"}}
	r := rand.New(rand.NewPCG(1, 2))
	unsent, shown := [2][]signs.Play{}, 0
	for range 120 {
		c.at = c.at.Add(10 * time.Second)
		for s := range screens {
			unsent[s] = append(unsent[s], signs.Play{N: c.at.UnixMilli(), Item: "ad", Seconds: 10})
			shown++
			server := servers[r.IntN(2)]
			kept := server.Take(screens[s], unsent[s])
			for len(unsent[s]) > 0 && unsent[s][0].N <= kept {
				unsent[s] = unsent[s][1:]
			}
		}
		if r.IntN(5) == 0 {
			if err := servers[r.IntN(2)].Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if r.IntN(25) == 0 {
			servers[r.IntN(2)] = signs.NewPlays(store, c.now) // killed: what it had not written is sent again
		}
	}
	for s := range screens {
		servers[0].Take(screens[s], unsent[s])
	}
	old := signs.Play{N: c.at.Add(-30 * time.Hour).UnixMilli(), Item: "ad", Seconds: 10}
	servers[0].Take(signs.Screen{ID: "s3", Office: "o"}, []signs.Play{old, {N: c.at.Add(time.Hour).UnixMilli(), Item: "ad", Seconds: 10}})
	counts, err := servers[0].Counts(t.Context(), "2026-04-01", "2026-04-02")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, n := range counts {
		total += n.Plays
		if n.Screens != 1 || n.Seconds != 10*n.Plays {
			t.Errorf("%+v", n)
		}
	}
	if len(counts) != 4 || total != shown { // two offices, two days
		t.Errorf("%d plays in %d rows, want %d in 4", total, len(counts), shown)
	}
}

// TestARollTellsWhoIsSilent turns the clock past the reports of screens.
func TestARollTellsWhoIsSilent(t *testing.T) {
	c := &clock{morning}
	r := signs.NewRoll(c.now)
	screens := []signs.Screen{{ID: "a", Name: "a"}, {ID: "b", Name: "b"}, {ID: "never", Name: "never"}}
	for range 6 {
		c.at = c.at.Add(30 * time.Second)
		r.Hear(signs.Alive{Screen: "a", Office: "o", Showing: "ad"}, true)
		r.Hear(signs.Alive{Screen: "w1", Office: "o"}, false)
	}
	r.Hear(signs.Alive{Screen: "b", Stale: morning}, true)
	list := r.Standings(screens)
	if list[0].ID != "never" || !list[0].Silent || list[1].ID != "b" || !list[1].Troubled() || list[2].Silent || !list[2].Alive.Since.Equal(morning.Add(30*time.Second)) {
		t.Errorf("%+v", list)
	}
	if r.Strangers("o") != 1 || r.Strangers("p") != 0 || r.Strangers("") != 1 {
		t.Error("strangers are not counted")
	}
	for n := range 3000 { // a stranger with many names takes no memory, and no place of others
		r.Hear(signs.Alive{Screen: fmt.Sprint("x", n), Office: "p"}, false)
	}
	if got := r.Strangers(""); got > 2000 {
		t.Errorf("%d strangers", got)
	}
	c.at = c.at.Add(2 * time.Minute)
	if r.Strangers("") != 0 || !r.Standings(screens[:1])[0].Silent {
		t.Error("silence is not noticed")
	}
}

// TestServersFollowOneBook lets one server act and another see it.
func TestServersFollowOneBook(t *testing.T) {
	store, c := openStore(t), &clock{morning}
	one, other := openBook(t, store, c), openBook(t, store, c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- other.Run(ctx) }()
	changed := other.Changed()
	if _, err := one.Begin(t.Context(), by("chief"), signs.Alarm{Kind: "fire"}); err != nil {
		t.Fatal(err)
	}
	<-changed
	if other.Emergency("o", c.at) == nil {
		t.Error("the other server does not know")
	}
	s, err := one.Register(t.Context(), by("chief"), "o", "lobby", "hash")
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Reload(t.Context(), by("chief"), s.ID); err != nil {
		t.Fatal(err)
	}
	if found, ok := one.ScreenOf("hash"); !ok || found.Reloads != 1 {
		t.Errorf("%+v", found)
	}
	if err := one.Remove(t.Context(), by("chief"), s.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := one.ScreenOf("hash"); ok {
		t.Error("a removed screen's token is worth something")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
