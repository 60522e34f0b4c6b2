package journal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/eventlog/logtest"
)

// appenderDir tells a copy of the test program to append until it is killed.
const appenderDir = "JOURNAL_TEST_APPENDER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(appenderDir); dir != "" {
		fmt.Println(appendForEver(dir, os.Getenv("JOURNAL_TEST_APPENDER_NAME")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// appendForEver prints the body of each record once it is confirmed.
func appendForEver(dir, name string) error {
	store, err := journal.OpenStore(dir, journal.Options{})
	if err != nil {
		return err
	}
	log, err := store.Open(stream)
	if err != nil {
		return err
	}
	for i := 0; ; {
		head, err := log.Head(context.Background())
		if err != nil {
			return err
		}
		body := fmt.Sprintf("%s-%d", name, i)
		r := logtest.Next(head, []byte(body))
		err = log.Append(context.Background(), head, []eventlog.Record{r})
		if err == nil {
			fmt.Println("confirmed", body)
			i++
		} else if !errors.Is(err, eventlog.ErrConflict) {
			return err
		}
	}
}

func TestKilledAppendersLoseNothing(t *testing.T) {
	dir, confirmed := t.TempDir(), map[string]bool{}
	for round := range 5 {
		for _, line := range killAfter(t, dir, fmt.Sprint("round", round), 40) {
			confirmed[line] = true
		}
		stored := map[string]int{}
		for _, r := range logtest.ReadAll(t, logtest.Open(t, open(t, dir, journal.Options{}), stream)) {
			stored[string(r.Body)]++
		}
		for body := range confirmed {
			if stored[body] != 1 {
				t.Fatalf("round %d: confirmed record %s is stored %d times", round, body, stored[body])
			}
		}
	}
}

// killAfter runs two appenders, kills both once the first has confirmed count
// records, and returns the bodies that either of them confirmed.
func killAfter(t *testing.T, dir, round string, count int) (confirmed []string) {
	t.Helper()
	a, linesOfA := startAppender(t, dir, round+"-a")
	b, linesOfB := startAppender(t, dir, round+"-b")
	for len(confirmed) < count && linesOfA.Scan() {
		confirmed = append(confirmed, confirmedBody(t, linesOfA.Text()))
	}
	kill(t, a)
	kill(t, b)
	for _, lines := range []*bufio.Scanner{linesOfA, linesOfB} {
		for lines.Scan() {
			confirmed = append(confirmed, confirmedBody(t, lines.Text()))
		}
	}
	return confirmed
}

func confirmedBody(t *testing.T, line string) string {
	t.Helper()
	body, ok := strings.CutPrefix(line, "confirmed ")
	if !ok {
		t.Fatalf("the appender says: %s", line)
	}
	return body
}

func startAppender(t *testing.T, dir, name string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), appenderDir+"="+dir, "JOURNAL_TEST_APPENDER_NAME="+name)
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { r.Close() })
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, bufio.NewScanner(r)
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // says "killed", which is what was wanted
}
