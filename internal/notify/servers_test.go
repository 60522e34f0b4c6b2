package notify_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/eventlog"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
	"machi/internal/notify"
	"machi/internal/notify/notifytest"
	"machi/internal/notify/webpush"
	"machi/internal/queue"
)

// sharedStore is a real Redis; every server has a connection of its own.
func sharedStore(t *testing.T, r *redistest.Server) func() eventlog.Store {
	return func() eventlog.Store {
		t.Helper()
		s, err := redislog.Open(redislog.Options{URL: r.URL()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
}

// TestSeveralServersTellEverybodyOnce lets servers come, go and share a Redis that dies
// in between, while browsers' services fail now and then.
func TestSeveralServersTellEverybodyOnce(t *testing.T) {
	redis := redistest.Start(t)
	w := newWorld(t, sharedStore(t, redis))
	a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
	seen := map[string]int{}
	w.push.Answer(func(browser string) int {
		w.mu.Lock()
		defer w.mu.Unlock()
		seen[browser]++
		if seen[browser] == 1 && len(browser)%2 == 0 {
			return 500
		}
		return 0
	})
	const people = 24
	ticket := func(i int) string { return fmt.Sprint("ticket", i) }
	add := func(m *machine, i int) {
		w.stand(ticket(i), 30)
		sub := w.push.Subscribe(ticket(i))
		w.ask(m, notify.Request{Key: "k", Ticket: ticket(i), Channel: notify.Push, When: notify.When{People: 3}, Push: &sub})
	}
	for i := range people / 2 {
		add([]*machine{a, b}[i%2], i)
	}
	c := w.start("c", t.TempDir()) // it was not there when most asked
	for i := people / 2; i < people; i++ {
		add([]*machine{a, b, c}[i%3], i)
	}
	for i := range people / 2 {
		w.stand(ticket(i), 2)
	}
	w.eventually("the first notices", func() bool { return len(w.push.Taken()) > 2 })
	redis.Kill9()
	redis.Restart()
	a.stop()
	b.stop()
	for i := range people {
		w.stand(ticket(i), 1)
	}
	w.eventually("everybody told", func() bool {
		w.hurry(time.Second)
		for i := range people {
			if v := c.Rules(ticket(i)); len(v) != 1 || v[0].State != notify.Sent {
				return false
			}
		}
		return true
	})
	got := map[string]int{}
	for _, p := range w.push.Taken() {
		got[p.Browser]++
	}
	for i := range people {
		if got[ticket(i)] != 1 {
			t.Errorf("%s was told %d times", ticket(i), got[ticket(i)])
		}
	}
}

// child is what the killed server is told, as JSON in its environment.
type child struct{ Redis, Dir, Push string }

const childEnv = "MACHI_NOTIFY_CHILD"

// TestMain runs the server that a test kills, or the tests.
func TestMain(m *testing.M) {
	if raw := os.Getenv(childEnv); raw != "" {
		var c child
		if err := json.Unmarshal([]byte(raw), &c); err != nil {
			panic(err)
		}
		c.run()
	}
	os.Exit(m.Run())
}

// run tells whoever asked, until it is killed.
func (c child) run() {
	store, err := redislog.Open(redislog.Options{URL: c.Redis})
	if err != nil {
		panic(err)
	}
	key, err := webpush.Derive([]byte("the installation's secret"))
	if err != nil {
		panic(err)
	}
	push, err := webpush.New(webpush.Options{Key: key, Subject: "https://city.example/", Hosts: []string{c.Push}})
	if err != nil {
		panic(err)
	}
	e := notify.New(notify.Options{
		Store: store, Dir: filepath.Join(c.Dir, "vault"), Server: "child", Run: fmt.Sprint(os.Getpid()), Every: 10 * time.Millisecond,
		Now: func() time.Time { return time.Date(2026, 4, 1, 10, 0, 0, 0, queue.JST) },
		Standing: func(queue.OfficeID, string) (notify.Standing, bool) {
			return notify.Standing{Status: queue.Waiting, Stage: queue.StageReception, Number: "A012", Name: map[string]string{"ja": "窓口"}}, true
		},
		Senders: map[notify.Channel]notify.Sender{notify.Push: push}, CheckPush: push.Check,
	})
	_ = e.Run(context.Background())
}

// TestANoticeOfAKilledServerIsTriedOnceMoreUnderTheSameName kills a server with SIGKILL
// after its message went out and before it could write that down.
func TestANoticeOfAKilledServerIsTriedOnceMoreUnderTheSameName(t *testing.T) {
	for name, heir := range map[string]func(w *world, dir string, other *machine) *machine{
		"by itself":         func(w *world, dir string, _ *machine) *machine { return w.start("child", dir) },
		"by another server": func(w *world, _ string, other *machine) *machine { w.hurry(2 * time.Minute); return other },
	} {
		t.Run(name, func(t *testing.T) {
			redis := redistest.Start(t)
			w := newWorld(t, sharedStore(t, redis))
			other := w.start("other", t.TempDir())
			arrived, killed := make(chan struct{}), make(chan struct{})
			var once sync.Once
			w.push.Answer(func(string) int {
				once.Do(func() { close(arrived); <-killed })
				return 0
			})
			w.stand("t1", 30) // as the other server sees it: nothing to tell yet
			sub := w.push.Subscribe("b1")
			rule := w.ask(other, notify.Request{Key: "k", Ticket: "t1", Channel: notify.Push, When: notify.When{People: 3}, Push: &sub})
			dir := t.TempDir()
			raw, err := json.Marshal(child{redis.URL(), dir, w.push.URL})
			if err != nil {
				t.Fatal(err)
			}
			p := exec.Command(os.Args[0])
			p.Env, p.Stderr = append(os.Environ(), childEnv+"="+string(raw)), w.logs
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-arrived:
			case <-time.After(time.Minute):
				t.Errorf("the child sends nothing\n%s", w.logs)
			}
			_ = p.Process.Kill()
			_ = p.Wait()
			close(killed)
			w.eventually("the first message being taken", func() bool { return len(w.push.Taken()) > 0 })
			w.stand("t1", 1)
			m := heir(w, dir, other)
			w.becomes(m, "t1", rule.ID, notify.Sent)
			got := w.push.Taken()
			if len(got) != 2 || got[0].Topic != got[1].Topic || got[0].Topic != webpush.Topic(rule.ID) {
				t.Errorf("told %+v", got)
			}
		})
	}
}

// TestNoAddressIsEverReadableAndNothingOpensAfterTheDay searches everything that a server
// writes for what residents gave it, while the day runs and after it.
func TestNoAddressIsEverReadableAndNothingOpensAfterTheDay(t *testing.T) {
	redis := redistest.Start(t)
	w := newWorld(t, sharedStore(t, redis))
	dirs := []string{t.TempDir(), t.TempDir()}
	a, b := w.start("a", dirs[0]), w.start("b", dirs[1])
	w.stand("t1", 9)
	browser := w.push.Subscribe("marker-browser")
	w.ask(a, notify.Request{Key: "k1", Ticket: "t1", Channel: notify.Push, When: notify.When{People: 3}, Push: &browser})
	w.ask(b, notify.Request{Key: "k2", Ticket: "t1", Channel: notify.Mail, When: notify.When{People: 3}, Mail: "marker-mail@example.jp"})
	l := w.ask(b, notify.Request{Key: "k3", Ticket: "t1", Channel: notify.Line, When: notify.When{Ready: true}})
	signature, body := notifytest.Says("Umarker-line", l.Code)
	if err := a.Line(t.Context(), signature, body); err != nil {
		t.Fatal(err)
	}
	w.mail.Refuse(func(to string) error { return fmt.Errorf("no mailbox %s here", to) })
	w.stand("t1", 1)
	w.eventually("a push, and a mail that failed", func() bool {
		return len(w.push.Taken()) == 1 && strings.Contains(w.logs.String(), "channel=mail")
	})
	markers := []string{"marker-browser", browser.Keys.Auth, browser.Keys.P256dh, "marker-mail", "Umarker-line", l.Code, "secret-of-t1"}
	look := func(when string) {
		t.Helper()
		for _, dir := range append(slices.Clone(dirs), filepath.Dir(redis.AppendOnlyDir())) {
			search(t, when, dir, markers)
		}
		find(t, when+": logs", []byte(w.logs.String()), markers)
	}
	look("while the day runs")

	w.move(17 * time.Hour) // to three in the morning
	today := string(queue.BusinessDay(w.now()))
	w.eventually("the day's end", func() bool {
		for _, dir := range dirs {
			entries, err := os.ReadDir(filepath.Join(dir, "vault"))
			if err != nil || len(entries) != 1 || entries[0].Name() != today+".key" {
				return false
			}
		}
		names, err := a.store.Streams(t.Context())
		return err == nil && len(names) == 1 && names[0] == "notify-"+today
	})
	if len(a.Rules("t1"))+len(b.Rules("t1")) > 0 {
		t.Error("rules outlive their day")
	}
	look("after the day")
	a.stop()
	w.move(24 * time.Hour)
	again := w.start("a", dirs[0]) // which was not there when its day ended
	tomorrow := string(queue.BusinessDay(w.now()))
	w.eventually("what was left being swept", func() bool {
		_, old := os.Stat(filepath.Join(dirs[0], "vault", today+".key"))
		_, now := os.Stat(filepath.Join(dirs[0], "vault", tomorrow+".key"))
		return os.IsNotExist(old) && now == nil
	})
	if len(again.Rules("t1")) > 0 {
		t.Error("rules came back")
	}
	look("the day after")
}

// search looks for markers in every file below a folder.
func search(t *testing.T, when, dir string, markers []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		find(t, when+": "+path, raw, markers)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}

// find looks for markers, also inside base64.
func find(t *testing.T, where string, raw []byte, markers []string) {
	t.Helper()
	for _, m := range markers {
		forms := []string{m}
		for shift := range 3 {
			coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + m))
			forms = append(forms, strings.TrimRight(coded, "=")[(shift*8+5)/6:len(m)])
		}
		for _, form := range forms {
			if bytes.Contains(raw, []byte(form)) {
				t.Errorf("%s: %q can be read", where, m)
			}
		}
	}
}
