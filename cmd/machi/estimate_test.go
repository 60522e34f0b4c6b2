package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"machi/internal/estimate/estimatetest"
	"machi/internal/estimate/place"
	"machi/internal/score"
)

// world is a generated log, as the program reads it.
type world struct {
	events string
	skills map[string][]string
}

func worldOf(t *testing.T, kind string, days int) world {
	t.Helper()
	laws := estimatetest.Named(kind).World(5)
	var text bytes.Buffer
	if err := estimatetest.Write(&text, estimatetest.Play(laws, 5, days)); err != nil {
		t.Fatal(err)
	}
	return world{text.String(), laws.Skills()}
}

// estimates answers a log.
func (w world) estimates(t *testing.T, events string) string {
	t.Helper()
	var out bytes.Buffer
	if err := streamEstimates(strings.NewReader(events), &out, place.New(place.Options{Skills: w.skills})); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// score holds answers against the log.
func (w world) score(t *testing.T, answers string) score.Report {
	t.Helper()
	meter, err := measure(strings.NewReader(w.events), strings.NewReader(answers), w.skills)
	if err != nil {
		t.Fatal(err)
	}
	return meter.Report(0.6)
}

// TestEstimatesBeatPlainMethods plays small worlds whose laws the program does not
// know. The floors are far below what whole months reach: a few days teach little.
func TestEstimatesBeatPlainMethods(t *testing.T) {
	for _, row := range []struct {
		kind  string
		days  int
		ratio float64 // of the mean absolute error to that of the best plain method
	}{
		{"ward", 2, 0.8},
		{"window", 25, 0.75},
		{"bank-small", 1, 0.85},
	} {
		t.Run(row.kind, func(t *testing.T) {
			w := worldOf(t, row.kind, row.days)
			r := w.score(t, w.estimates(t, w.events))
			best := r.Baselines["mean"].MAE
			for _, name := range []string{"les", "hol", "ql"} {
				best = min(best, r.Baselines[name].MAE)
			}
			t.Logf("%d tickets, %.0f s off, best plain method %.0f s, coverage %.2f, above %.2f", r.Tickets, r.Told.MAE, best, r.Waiting.Coverage, r.Waiting.Above)
			if r.Told.MAE > row.ratio*best {
				t.Errorf("estimates are %.1f s off, the best plain method %.1f s", r.Told.MAE, best)
			}
			if c := r.Waiting.Coverage; c < 0.68 || c > 0.92 {
				t.Errorf("the 80 %% range held for %.2f of %d tickets", c, r.Waiting.Tickets)
			}
		})
	}
}

// TestAnswersDoNotLookAhead compares the answers to half of a log with those to
// the whole of it, which are given twice.
func TestAnswersDoNotLookAhead(t *testing.T) {
	for _, kind := range []string{"two", "bank-small"} {
		w := worldOf(t, kind, 1)
		all := w.estimates(t, w.events)
		if again := w.estimates(t, w.events); again != all {
			t.Errorf("%s: the same log got other answers", kind)
		}
		half := w.events[:len(w.events)/2]
		half = half[:strings.LastIndexByte(half, '\n')+1]
		if !strings.HasPrefix(all, w.estimates(t, half)) {
			t.Errorf("%s: what came later changed answers that were given before", kind)
		}
		if got, want := strings.Count(all, "\n")-1, strings.Count(w.events, ",issue,"); got != want {
			t.Errorf("%s: %d answers to %d issues", kind, got, want)
		}
	}
}

// TestEachIssueIsAnsweredBeforeTheNextLine talks to the process: it writes a line
// only when the answer to the one before has come.
func TestEachIssueIsAnsweredBeforeTheNextLine(t *testing.T) {
	cmd := command(t, "estimate", "--stream")
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(out)
	say := func(line, prefix string) {
		t.Helper()
		if _, err := io.WriteString(in, line+"\n"); err != nil {
			t.Fatal(err)
		}
		if prefix == "" {
			return
		}
		if answer, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(answer, prefix) {
			t.Fatalf("%s: answered %q, %v", line, answer, err)
		}
	}
	say("time,event,ticket,service,priority,counter,visit", "ticket,p10_s,p50_s,p90_s")
	for i := range 20 {
		say(fmt.Sprintf("2024-02-01T09:%02d:00,issue,A%d,x,0,,", i, i), fmt.Sprintf("A%d,", i))
		say(fmt.Sprintf("2024-02-01T09:%02d:30,call,A%d,x,0,K1,", i, i), "")
		say(fmt.Sprintf("2024-02-01T09:%02d:50,finish,A%d,x,0,K1,", i, i), "")
	}
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Error(err)
	}
}

// TestABadLineEndsTheStream wants the answers before it, its number and field, and
// nothing after.
func TestABadLineEndsTheStream(t *testing.T) {
	cmd := command(t, "estimate", "--stream")
	cmd.Stdin = strings.NewReader("time,event,ticket,service\n2024-02-01T09:00:00,issue,1,x\n2024-02-01T09:00:01,arrive,2,x\n2024-02-01T09:00:02,issue,3,x\n")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(exit.Stderr), `line 3: event "arrive"`) {
		t.Errorf("ended with %v", err)
	}
	if strings.Count(string(out), "\n") != 2 || !strings.Contains(string(out), "\n1,") {
		t.Errorf("answered %q", out)
	}
}

// TestScorePrintsWhatHappened goes through files and the process.
func TestScorePrintsWhatHappened(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	events := file("events.csv", "time,event,ticket,service\n2024-02-01T09:00:00,issue,1,x\n2024-02-01T09:00:00,issue,2,x\n2024-02-01T09:02:00,call,1,x\n2024-02-01T09:05:00,call,2,x\n")
	estimates := file("estimates.csv", "ticket,p10_s,p50_s,p90_s\n1,60,180,200\n2,60,180,200\n")
	out, err := machi(t, "score", "--events", events, "--estimates", estimates, "--share", "1", "--json")
	var r score.Report
	if err != nil || json.Unmarshal([]byte(out), &r) != nil {
		t.Fatalf("%q, %v", out, err)
	}
	if r.Told.MAE != 90 || r.Told.Bias != -30 || r.Waiting.Tickets != 1 || r.Waiting.Above != 1 || r.Waiting.Score != 140+10*100 {
		t.Errorf("scored %+v", r)
	}
	out, err = machi(t, "score", "--events", events, "--estimates", estimates, "--share", "1", "--baselines")
	if err != nil || !strings.Contains(out, "HOL") || !strings.Contains(out, "1.500") {
		t.Errorf("printed %q, %v", out, err)
	}
	short := file("short.csv", "ticket,p10_s,p50_s,p90_s\n1,60,180,200\n")
	if _, err := machi(t, "score", "--events", events, "--estimates", short); err == nil || !strings.Contains(err.Error(), "line 3: no estimate") {
		t.Errorf("an estimate is missing: %v", err)
	}
}

// answersAnExport estimates an exported day of one ticket.
func answersAnExport(t *testing.T, export string) {
	t.Helper()
	dir := t.TempDir()
	file := func(text string) string {
		path := filepath.Join(dir, "export.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out, err := machi(t, "estimate", "--log", file(export))
	if err != nil || strings.Count(out, "\n") != 2 {
		t.Fatalf("answered %q, %v", out, err)
	}
	var last replayed
	if err := json.Unmarshal([]byte(lastLine(out)), &last); err != nil {
		t.Fatal(err)
	}
	if last.Record != 2 || len(last.Tickets) != 1 || len(last.Services) == 0 || last.Services["moving"].Ahead != 1 {
		t.Errorf("answered %+v", last)
	}
	once, err := machi(t, "estimate", "--log", file(export), "--at", last.At.Format(time.RFC3339Nano))
	if err != nil || lastLine(once) != lastLine(out) {
		t.Errorf("answered %q, %v at a moment, and %q after its record", once, err, lastLine(out))
	}
	first, _, _ := strings.Cut(export, "\n")
	for damaged, want := range map[string]string{
		first + "\n{}\n":                    "line 2",
		first + "\n" + first + "\n":         "line 2: record 1 follows record 1",
		first + "\nnot a record\n" + export: "line 2: not a record of machi export",
	} {
		if _, err := machi(t, "estimate", "--log", file(damaged)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a damaged export: %v, want %s", err, want)
		}
	}
}
