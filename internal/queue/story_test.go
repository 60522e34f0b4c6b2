package queue_test

import (
	"bufio"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

var update = flag.Bool("update", false, "write the stories' answers anew")

// TestStories plays every dialogue of testdata: a line is a comment (#), or a
// moment, who acts and what; the indented lines below it are what came of it.
// Run with -update to write the answers anew, and read the difference.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 12 {
		t.Fatalf("found %d stories, want 12 or more (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := tell(t, string(raw))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(raw), got); diff != "" && !*update {
				t.Errorf("the story goes otherwise (-told +now):\n%s", diff)
			}
		})
	}
}

// story is a dialogue being played: the office's log, and other histories that
// do not know of it until they are merged.
type story struct {
	t        *testing.T
	now      time.Time // of the line
	settings queue.Settings
	logs     map[string]*queuetest.Log
	judge    *invariant.Checker
	expected map[string]bool // ids of violations that the story is about
}

// tell plays a story and returns it with its answers.
func tell(t *testing.T, text string) string {
	s := &story{
		t: t, settings: queuetest.Settings(), logs: map[string]*queuetest.Log{}, judge: invariant.New(),
		expected: map[string]bool{},
	}
	var out strings.Builder
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "  ") {
			continue // an answer, which is written anew
		}
		out.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for _, answer := range s.play(line) {
			out.WriteString("  " + answer + "\n")
		}
	}
	return out.String()
}

// play does one line and returns what came of it.
func (s *story) play(line string) []string {
	words := strings.Fields(line)
	switch words[0] {
	case "settings":
		return s.set(words[1:])
	case "fork":
		s.logs[words[1]] = s.log("").Fork(words[1])
		return nil
	case "merge":
		return s.merge(words[1])
	case "board":
		return s.board()
	case "expect":
		s.expected[words[1]] = true
		return nil
	}
	where := ""
	if strings.HasPrefix(words[0], "@") {
		where, words = words[0][1:], words[1:]
	}
	return s.command(s.log(where), words)
}

// log returns the office's log, or that of another history.
func (s *story) log(name string) *queuetest.Log {
	if l, ok := s.logs[name]; ok {
		return l
	}
	if name != "" {
		s.t.Fatalf("no history is called %s", name)
	}
	l := queuetest.New(s.settings, "server")
	s.judged(queue.New(), l.Entries[0], l.State)
	s.logs[""] = l
	return l
}

func (s *story) judged(before *queue.State, e queue.Entry, after *queue.State) {
	for _, v := range s.judge.Step(before, e, after) {
		if !s.expected[v.ID] {
			s.t.Errorf("%v", v)
		}
	}
}

// command plays "08:31 佐藤 next 1".
func (s *story) command(l *queuetest.Log, words []string) []string {
	at, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-04-01 "+(words[0] + ":00")[:8], queue.JST)
	if err != nil || len(words) < 3 {
		s.t.Fatalf("%v: want a moment, a person and a command (%v)", words, err)
	}
	l.At, s.now = at, at
	args := arguments(words[3:])
	c := s.parse(l, words[2], args)
	before := l.State.Clone()
	by := actor(words[1])
	if act, is := c.(queue.ActKiosk); is {
		by = act.Action.ActorOf(act.Kiosk)
	}
	e, err := l.DoAs(queue.CommandID(args.named["command"]), by, c)
	if err != nil {
		return []string{"× " + refusalText(err)}
	}
	if l == s.logs[""] && e.Command != "" {
		s.judged(before, e, l.State)
	}
	return s.describe(l.State, e.Events)
}

func actor(word string) queue.Actor {
	role, id, ok := strings.Cut(word, ":")
	if !ok {
		return queuetest.Staff(word)
	}
	return queue.Actor{Role: role, ID: id}
}

// merge brings what another history wrote into the office's log, as facts.
func (s *story) merge(name string) []string {
	from, into := s.log(name), s.log("")
	var out []string
	for _, e := range queuetest.Facts(from.Entries) {
		before := into.State.Clone()
		if err := into.State.Apply(e); err != nil {
			s.t.Fatal(err)
		}
		s.judged(before, e, into.State)
		into.Entries = append(into.Entries, e)
		out = append(out, s.describe(into.State, e.Events)...)
	}
	from.Entries = nil
	return out
}
