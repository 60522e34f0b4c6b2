package powercut_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/replica"
	"machi/kiosk/store"
)

var more = flag.Int("more", 1, "cut the power this many times as often")

// child ends this process if it was started as the store of a deep test.
var child = func() {}

func TestMain(m *testing.M) {
	store.CheckChild()
	child()
	// A child of the race detector's waits a second before it ends, for nothing.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	os.Exit(m.Run())
}

func open(dir string) (*store.Store, []replica.Mark, error) {
	return store.Open(context.Background(), store.Options{
		Dir: dir, Office: "office", Kiosk: "K1", Check: store.CheckInChild, Logger: slog.New(slog.DiscardHandler),
		NewID: func() string { return "0123456789abcdef" }, Incarnation: func() eventlog.Incarnation { return eventlog.Incarnation{1} },
	})
}

func mark(n int64) replica.Mark {
	return replica.Mark{Kind: replica.MarkPress, Press: &replica.Press{
		State: replica.Printed, Serial: n, Command: "01JQZV3N8Y6W2T5R4E1A9S7D0F", Session: strings.Repeat("s", int(n%700)),
	}}
}

// liar names the files whose syncs the disk only pretends to do.
type liar map[string]bool

const (
	boltFile = "marks.bolt"
	sideFile = "journal/kiosk.log"
)

// life is a machine whose power fails again and again.
type life struct {
	t      *testing.T
	roll   *rand.Rand
	lies   liar
	dir    string
	serial int64
	saved  []int64 // what Save returned nil for
	lost   int
	dead   int // starts that found nothing readable
}

// run works for a while, is cut in the middle of a Save, and starts again from what
// the disk holds.
func (l *life) run() {
	l.t.Helper()
	s, marks, err := open(l.dir)
	if err != nil {
		l.dead++
		l.begin()
		return
	}
	defer s.Close()
	l.compare(marks)
	booted := read(l.t, l.dir)
	for range 1 + l.roll.IntN(12) {
		l.save(s)
	}
	before := read(l.t, l.dir)
	last := len(l.saved)
	l.save(s)
	after := read(l.t, l.dir)
	left := l.cut(booted, before, after)
	l.dir = l.t.TempDir()
	left.put(l.t, l.dir)
	l.saved = l.saved[:last] // the cut came before this Save returned
}

func (l *life) begin() { l.dir, l.saved = l.t.TempDir(), nil }

func (l *life) save(s *store.Store) {
	l.t.Helper()
	l.serial++
	if err := s.Save(mark(l.serial)); err != nil {
		l.t.Fatal(err)
	}
	l.saved = append(l.saved, l.serial)
}

// cut returns what is on the disk after a cut during the newest Save.
func (l *life) cut(booted, before, after files) files {
	left := files{}
	for _, name := range slices.Sorted(maps.Keys(after)) { // so that a seed is one life
		now := after[name]
		switch {
		case l.lies[name]: // nothing that was written since the start need have arrived
			left[name] = torn(l.roll, booted[name], now, written(booted[name], now))
		case name == boltFile:
			left[name] = tornBolt(l.roll, before[name], now)
		default:
			left[name] = torn(l.roll, before[name], now, written(before[name], now))
		}
	}
	return left
}

// compare checks that all that was saved is there, in order, with at most the mark
// behind it that was being saved.
func (l *life) compare(marks []replica.Mark) {
	l.t.Helper()
	var got []int64
	for _, m := range marks {
		got = append(got, m.Press.Serial)
	}
	n := min(len(l.saved), len(got))
	if len(got) > len(l.saved)+1 || !slices.Equal(got[:n], l.saved[:n]) {
		raw, _ := json.Marshal(got)
		l.t.Fatalf("the store holds what was never saved in this order: %s", raw)
	}
	l.lost += len(l.saved) - n
	l.saved = got
}

func TestPowerCuts(t *testing.T) {
	for seed, tt := range []struct {
		name  string
		lies  liar
		cuts  int
		loses bool
	}{
		{"an honest disk", nil, 30, false},
		{"a disk that lies about the bbolt file", liar{boltFile: true}, 8, false},
		{"a disk that lies about the journal", liar{sideFile: true}, 8, false},
		{"a disk that lies about both", liar{boltFile: true, sideFile: true}, 12, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := life{t: t, roll: rand.New(rand.NewPCG(uint64(seed), 35)), lies: tt.lies}
			l.begin()
			for range tt.cuts * *more {
				l.run()
			}
			said := fmt.Sprintf("%d cuts, %d marks saved: %d lost, %d starts found nothing readable", tt.cuts**more, l.serial, l.lost, l.dead)
			t.Log(said)
			if bad := l.lost+l.dead > 0; bad != tt.loses {
				t.Errorf("%s; losses are expected: %v", said, tt.loses)
			}
		})
	}
}
