package boltlog_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/logtest"
)

// verifyPath tells a copy of the test program to verify one file and exit.
const verifyPath = "BOLTLOG_TEST_VERIFY"

func TestMain(m *testing.M) {
	path := os.Getenv(verifyPath)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := boltlog.Verify(context.Background(), path); err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	fmt.Println("verified")
}

// TestTornFiles does as the programs do: it verifies in a child, because a torn
// file may kill or hang whoever opens it. Whatever becomes of the child, a file
// that has lost records must not pass.
func TestTornFiles(t *testing.T) {
	path, records := written(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rejected := 0
	const page, pages = 4096, 16 // bbolt makes the file far longer than its content
	for size := 0; size < pages*page; size += page {
		torn := filepath.Join(t.TempDir(), "torn.bolt")
		if err := os.WriteFile(torn, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if !passes(t, torn, time.Second) { // some hang; one that is only slow counts as rejected too
			rejected++
			continue
		}
		if got := logtest.ReadAll(t, logtest.Open(t, open(t, torn), stream)); len(got) != len(records) {
			t.Errorf("cut to %d bytes: the file passes with %d of %d records", size, len(got), len(records))
		}
	}
	if rejected == 0 {
		t.Error("no torn file was rejected")
	}
	if !passes(t, path, time.Minute) {
		t.Error("the whole file does not pass")
	}
}

func passes(t *testing.T, path string, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), verifyPath+"="+path)
	out, err := child.CombinedOutput()
	return err == nil && strings.Contains(string(out), "verified")
}
