package peakday_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// tools are the real programs, built once for all tests.
var tools struct {
	once sync.Once
	dir  string
	err  error
}

// command returns one of the programs, without the tester's own settings.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	tools.once.Do(build)
	if tools.err != nil {
		t.Fatal(tools.err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(tools.dir, name), args...)
	cmd.Dir = t.TempDir()
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "MACHI_") && !strings.HasPrefix(kv, "REDIS_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	return cmd
}

func build() {
	if tools.dir, tools.err = os.MkdirTemp("", "machi-peakday-"); tools.err != nil {
		return
	}
	out, err := exec.Command("go", "build", "-o", tools.dir, "machi/cmd/machi", "machi/cmd/machi-kiosk").CombinedOutput()
	if err != nil {
		tools.err = fmt.Errorf("build the programs: %w\n%s", err, out)
	}
}

// tool runs a program to its end and returns its standard output.
func tool(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	cmd := command(t, name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.String())
	}
	return string(out), err
}
