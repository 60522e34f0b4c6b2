package redistest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds how long a start may take on a busy machine.
const patience = 60 * time.Second

// Server is one redis-server on a loopback port with a directory of its own.
// Its methods end the test when they fail; they are for one goroutine at a time.
type Server struct {
	t    testing.TB
	dir  string
	port int
	args []string

	process *exec.Cmd
	output  *output
	exited  chan struct{}
}

// Start runs a redis-server with `appendonly yes` and `appendfsync always` and
// stops it when the test ends. Further arguments go to the server as they are,
// e.g. "--maxmemory", "10mb", and win over the defaults.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), args: args}
	t.Cleanup(s.Kill9)
	for range 10 { // another process may take the port between our look and the start
		s.port = freePort(t)
		if s.launch() {
			return s
		}
	}
	t.Fatalf("redis-server does not start:\n%s", s.output)
	return nil
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Addr returns host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL returns the address as a redis:// URL.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Port returns the port alone, for the arguments of a replica.
func (s *Server) Port() string { return strconv.Itoa(s.port) }

// AppendOnlyDir returns the folder with the server's append-only files.
func (s *Server) AppendOnlyDir() string { return filepath.Join(s.dir, "appendonlydir") }

// Log returns what the server has printed since its last start.
func (s *Server) Log() string { return s.output.String() }

// Kill9 kills the process as a crash would and waits until it is gone. A server
// that is down already stays down.
func (s *Server) Kill9() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill() // fails only for a process that has ended
	<-s.exited
	s.process = nil
}

// Restart kills the server if it runs and starts it on the same port and files.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill9()
	if !s.launch() {
		s.t.Fatalf("redis-server does not start again:\n%s", s.output)
	}
}

// Pause stops the process with SIGSTOP: connections stay open, nothing answers.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Continue lets a paused process go on.
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(sig); err != nil {
		s.t.Fatalf("%v to redis-server: %v", sig, err)
	}
}

// launch reports whether the server runs and answers.
func (s *Server) launch() bool {
	s.t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatalf("this test needs redis-server: run `make setup` (%v)", err)
	}
	args := append([]string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.port), "--dir", s.dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
	}, s.args...)
	s.output = &output{}
	s.process = exec.Command(binary, args...)
	s.process.Stdout, s.process.Stderr = s.output, s.output
	if err := s.process.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	s.exited = make(chan struct{})
	go reap(s.process, s.exited)
	return s.answers()
}

func reap(process *exec.Cmd, exited chan<- struct{}) {
	_ = process.Wait() // its end is all that matters, not how
	close(exited)
}

// answers polls until the server has loaded its data. It reports false for a server
// that exits, and when another process's server answers on the port.
func (s *Server) answers() bool {
	for limit := time.Now().Add(patience); time.Now().Before(limit); {
		if _, err := s.ask("EXISTS", "any"); err == nil { // refused while data is loaded
			dir, err := s.ask("CONFIG", "GET", "dir")
			return err == nil && dir == fmt.Sprint([]string{"dir", s.dir})
		}
		select {
		case <-s.exited:
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
	return false
}

// output collects what a process prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
