package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram makes this test binary the program itself.
const asProgram = "MACHI_KIOSK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

func TestStartsWithoutAServerAndStopsWhenTold(t *testing.T) {
	dir, path := t.TempDir(), ""
	file := filepath.Join(t.TempDir(), "address")
	for run := range 2 { // the second start checks the first one's store in a child
		c := program(t, "--office", "test", "--data", dir, "--listen", "127.0.0.1:0", "--address-file", file)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		c.Stderr = &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		address, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("no address: %v, %s", err, &said)
		}
		answer, err := http.Get(strings.TrimSpace(address) + "screen")
		if err != nil {
			t.Fatal(err)
		}
		screen, err := io.ReadAll(answer.Body)
		if err != nil || answer.Body.Close() != nil || !bytes.Contains(screen, []byte(`"ready":false`)) {
			t.Errorf("screen = %s, %v, want one that says that the machine is not ready", screen, err)
		}
		_, now, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
		if path != "" && now != path {
			t.Errorf("the path was %s and is %s after a restart: the browser would lose its page", path, now)
		}
		path = now
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 || fileText(t, file) != address {
			t.Errorf("address file = %v, %v, %q, want %q for the browser's group alone", info, err, fileText(t, file), address)
		}
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("run %d ended with %v: %s", run, err, &said)
		}
		if said.Len() > 0 {
			t.Errorf("run %d complained: %s", run, &said)
		}
	}
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOnlyAnAddressGivesItsPath(t *testing.T) {
	secret := strings.Repeat("0a", 16)
	for text, want := range map[string]string{
		"http://127.0.0.1:8090/" + secret + "/\n": secret,
		"":                       "",
		"http://127.0.0.1:8090/": "",
		"http://127.0.0.1:8090/" + secret + "/../x/":     "",
		"http://127.0.0.1:8090/" + secret[1:] + "/":      "",
		"http://127.0.0.1:8090/" + secret[1:] + "A/\n":   "",
		"http://127.0.0.1:8090/" + secret + "%2e/":       "",
		"http://127.0.0.1:8090/" + secret + secret + "/": "",
	} {
		file := filepath.Join(t.TempDir(), "address")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := pathIn(file); got != want {
			t.Errorf("pathIn(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestRefusesBadCommandLines(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no office", nil, "--office"},
		{"two tokens", []string{"--office", "a", "--token", "x", "--token-file", "y"}, "token"},
		{"no such token file", []string{"--office", "a", "--token-file", "/nowhere/token"}, "token"},
		{"a clock without a zone", []string{"--office", "a", "--clock", "2026-04-01 08:25"}, "clock"},
		{"open to the network", []string{"--office", "a", "--listen", "0.0.0.0:8090"}, "loopback"},
		{"an unknown printer", []string{"--office", "a", "--printer", "fax:1"}, "fax"},
		{"paper that nobody makes", []string{"--office", "a", "--paper", "70"}, "paper"},
		{"an unknown flag", []string{"--office", "a", "--colour", "blue"}, "unknown flag"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"--data", t.TempDir()}, tt.args...)
			out, err := program(t, args...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.want) {
				t.Errorf("%v: %v, %s, want an error with %q", args, err, out, tt.want)
			}
		})
	}
}

func TestOptionsFollowTheCommandLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := runCmd{Office: "a", Data: t.TempDir(), Printer: "none:", Paper: 58, TokenFile: file, Clock: "2026-04-01T08:25:00+09:00", Speed: 60}
	o, err := c.options()
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 3, 31, 23, 25, 0, 0, time.UTC)
	if o.Token != "secret" || !o.Clock.Equal(want) || o.Speed != 60 || o.Office != "a" || o.Kiosk != "K1" || o.Printer == nil {
		t.Errorf("options = %+v", o)
	}
}
