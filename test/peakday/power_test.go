package peakday_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/kiosk"
)

// process is one of the real programs, running.
type process struct {
	cmd  *exec.Cmd
	line string // the first of its output, which says where it is
	done chan error
	once sync.Once
}

// launch starts a program and waits for the first line that begins with a word.
func launch(t *testing.T, word string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, done: make(chan error, 1)}
	said := &strings.Builder{}
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(out)
	for p.line == "" && lines.Scan() {
		if strings.HasPrefix(lines.Text(), word) {
			p.line = lines.Text()
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out) // what else it says is for people
		p.done <- cmd.Wait()
	}()
	if p.line == "" {
		<-p.done
		t.Fatalf("%v ended before it worked:\n%s", cmd.Args, said)
	}
	return p
}

// kill ends the process as a power cut would; again it does nothing.
func (p *process) kill() {
	p.once.Do(func() {
		_ = p.cmd.Process.Kill() // fails only for a process that has ended
		<-p.done
	})
}

// stop ends the process as an operator does.
func (p *process) stop() error {
	var err error
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		err = <-p.done
	})
	return err
}

// site is an office whose power is not to be trusted.
type site struct {
	t           *testing.T
	began       time.Time
	data, dir   string // of the server, of the machine
	wire        *wire
	doors       *doors
	server, box *process
	token       string

	mu     sync.Mutex
	issued map[string]reply // by idempotency key
}

// moment is what a clock says that began at nine and runs as fast as life.
func (s *site) moment() string {
	return at(9, 0).Add(time.Since(s.began)).Format(time.RFC3339Nano)
}

func (s *site) serve() {
	s.t.Helper()
	s.server = launch(s.t, "serving ", command(s.t, "machi", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "",
		"--data", s.data, "--clock", s.moment(), "--log-level", "error"))
	s.wire.lead(strings.TrimPrefix(s.server.line, "serving http://"))
}

// grant makes a token while the server runs.
func (s *site) grant(args ...string) string {
	s.t.Helper()
	out, err := tool(s.t, "machi", append([]string{"token", "create", "--data", s.data, "--office", string(branch)}, args...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

// plug starts the machine and waits until it gives numbers.
func (s *site) plug(token string) {
	s.t.Helper()
	s.box = launch(s.t, "http://", command(s.t, "machi-kiosk", "--server", s.wire.url(), "--office", string(branch), "--kiosk", "K1",
		"--data", s.dir, "--listen", "127.0.0.1:0", "--token", token, "--clock", s.moment()))
	eventually(s.t, "the machine is ready", func() bool { c := s.screen(); return c.Ready && c.Slot >= 0 })
}

func (s *site) screen() (c kiosk.Screen) {
	answer, err := http.Get(s.box.line + "screen")
	if err != nil {
		return c
	}
	defer answer.Body.Close()
	_ = json.NewDecoder(answer.Body).Decode(&c) // a broken answer is a machine that is not ready
	return c
}

// touch presses the button and returns what the screen shows; status 0 is a
// machine that died meanwhile.
func (s *site) touch() (int, kiosk.Ticket) {
	r, err := http.NewRequest(http.MethodPost, s.box.line+"press", strings.NewReader(`{"service":"moving","language":"ja"}`))
	if err != nil {
		s.t.Error(err)
		return 0, kiosk.Ticket{}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "http://"+r.URL.Host)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, kiosk.Ticket{}
	}
	defer answer.Body.Close()
	var got kiosk.Ticket
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		return 0, got
	}
	return answer.StatusCode, got
}

// ticket presses until there is one.
func (s *site) ticket() kiosk.Ticket {
	s.t.Helper()
	var got kiosk.Ticket
	eventually(s.t, "the machine gives a ticket", func() bool {
		status, ticket := s.touch()
		got = ticket
		return status == http.StatusCreated
	})
	return got
}

// issueWhile lets clients take tickets until something else has happened, and at
// least so many have been answered.
func (s *site) issueWhile(name string, least int, happens func()) {
	var clients sync.WaitGroup
	over := make(chan struct{})
	for n := range 6 {
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
					s.issue(fmt.Sprintf("%s-%d-%d", name, n, i))
				}
			}
		})
	}
	before := s.count()
	eventually(s.t, "people take tickets", func() bool { return s.count() >= before+least })
	happens()
	close(over)
	clients.Wait()
}

func (s *site) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.issued)
}

func (s *site) issue(key string) {
	body := map[string]any{"service": "certificate", "channel": "reception"}
	status, got := s.doors.send(0, http.MethodPost, officePath+"tickets", s.token, key, body)
	if status != http.StatusCreated {
		s.t.Errorf("issue: %d %s", status, got.Code)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, twice := s.issued[key]; twice && (before.Number != got.Number || before.Secret != got.Secret) {
		s.t.Errorf("key %s was answered with %s, and now with %s", key, before.Number, got.Number)
	}
	s.issued[key] = got
}

// prints returns the numbers of what the machine printed, whole or not: ticket id
// to number.
func (s *site) prints() map[string]string {
	files, err := filepath.Glob(filepath.Join(s.dir, "printed", "*.txt"))
	if err != nil {
		s.t.Fatal(err)
	}
	found := map[string]string{}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), "txt") + "png"
		part := paperName.FindStringSubmatch(name)
		if part == nil {
			s.t.Errorf("a strange paper: %s", path)
			continue
		}
		found[part[2]] = part[1]
	}
	return found
}

// TestPowerCuts kills the server while people take tickets, twice, and the machine
// while it prints and while it does it knows not what.
func TestPowerCuts(t *testing.T) {
	s := &site{t: t, began: time.Now(), data: t.TempDir(), dir: t.TempDir(), issued: map[string]reply{}}
	s.wire = newWire(t, "")
	s.doors = newDoors(t, s.wire.url())
	t.Cleanup(s.doors.http.CloseIdleConnections)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	s.serve()
	s.token = s.grant("--role", "staff")
	box := s.grant("--role", "kiosk", "--kiosk", "K1")
	s.plug(box)
	held := []kiosk.Ticket{s.ticket()}
	for life := range 2 {
		s.issueWhile(fmt.Sprintf("life%d", life), 25, func() {
			s.server.kill()
			held = append(held, s.ticket()) // from its own range
			s.serve()
			eventually(t, "people take tickets again", func() bool { return s.answers() })
		})
	}
	s.killWhilePrinting(box)
	for _, moment := range []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond} {
		s.killAfterATouch(box, moment)
	}
	held = append(held, s.ticket())
	eventually(t, "the machine has sent everything", func() bool { c := s.screen(); return c.Online && c.Unsent == 0 })
	s.compare(held)
}

// answers asks again for all that was answered with a number before.
func (s *site) answers() bool {
	status, _ := s.doors.once(context.Background(), 0, http.MethodGet, "/readyz", "", "", nil)
	if status != http.StatusOK {
		return false
	}
	s.mu.Lock()
	keys := make([]string, 0, len(s.issued))
	for key := range s.issued {
		keys = append(keys, key)
	}
	s.mu.Unlock()
	for _, key := range keys {
		s.issue(key)
	}
	return true
}

// killWhilePrinting cuts the machine's power between the two files of a print.
func (s *site) killWhilePrinting(token string) {
	s.t.Helper()
	before := len(s.prints())
	over := make(chan struct{})
	go func() {
		defer close(over)
		for status := http.StatusConflict; status == http.StatusConflict; status, _ = s.touch() {
			time.Sleep(10 * time.Millisecond) // the one before is still there
		}
	}()
	for limit := time.Now().Add(patience); len(s.prints()) == before && time.Now().Before(limit); time.Sleep(time.Millisecond) {
	}
	s.box.kill()
	<-over
	s.plug(token)
}

// killAfterATouch cuts it a moment after somebody touched the button, wherever the
// press has come to by then.
func (s *site) killAfterATouch(token string, moment time.Duration) {
	s.t.Helper()
	over := make(chan struct{})
	go func() { s.touch(); close(over) }()
	time.Sleep(moment)
	s.box.kill()
	<-over
	s.plug(token)
}

// compare stops everything and holds what people have against what is on the disk.
func (s *site) compare(held []kiosk.Ticket) {
	s.t.Helper()
	for _, p := range []*process{s.box, s.server} {
		if err := p.stop(); err != nil {
			s.t.Errorf("%v ended with %v", p.cmd.Args[0], err)
		}
	}
	if out, err := tool(s.t, "machi", "verify", "--data", s.data); err != nil {
		s.t.Errorf("machi verify: %v\n%s", err, out)
	}
	d, papers := s.export(), s.prints()
	numbers, given := map[queue.Number]int{}, s.given(papers)
	for _, t := range d.State().Tickets() {
		if numbers[t.Number]++; numbers[t.Number] > 1 {
			s.t.Errorf("number %s twice", t.Number)
		}
		if !given[t.ID] && t.Status != queue.Withdrawn && !t.Has(queue.FlagPrintUnknown) {
			s.t.Errorf("nobody has %s, and it is %s", t.Number, t.Status)
		}
	}
	for key, got := range s.issued {
		if t, ok := d.State().Ticket(queue.TicketID(got.Ticket.ID)); !ok || string(t.Number) != got.Number {
			s.t.Errorf("%s was answered with %s, the log says %+v", key, got.Number, t)
		}
	}
	for id, number := range papers {
		if t, ok := d.State().Ticket(queue.TicketID(id)); !ok || string(t.Number) != number || t.Status != queue.Waiting {
			s.t.Errorf("the paper %s of %s: the log says %+v", number, id, t)
		}
	}
	for _, t := range held {
		if numbers[t.Number] != 1 {
			s.t.Errorf("the screen showed %s, and there is no such ticket", t.Number)
		}
	}
	s.t.Logf("%d answers, %d papers, %d tickets in the log", len(s.issued), len(papers), len(d.State().Tickets()))
}

// given are the tickets that somebody holds.
func (s *site) given(papers map[string]string) map[queue.TicketID]bool {
	all := map[queue.TicketID]bool{}
	for _, got := range s.issued {
		all[queue.TicketID(got.Ticket.ID)] = true
	}
	for id := range papers {
		all[queue.TicketID(id)] = true
	}
	return all
}

// export reads the day as the operator's tool writes it.
func (s *site) export() *day.Day {
	s.t.Helper()
	out, err := tool(s.t, "machi", "export", "--office", string(branch), "--date", "2026-04-01", "--data", s.data)
	if err != nil {
		s.t.Fatal(err)
	}
	var records []eventlog.Record
	for lines := json.NewDecoder(strings.NewReader(out)); lines.More(); {
		var line struct {
			Number      int64
			Prev        eventlog.Hash
			Incarnation eventlog.Incarnation
			Fact        bool
			Body        json.RawMessage
		}
		if err := lines.Decode(&line); err != nil {
			s.t.Fatal(err)
		}
		records = append(records, eventlog.Record{
			Number: line.Number, Prev: line.Prev, Incarnation: line.Incarnation, Fact: line.Fact, Body: line.Body,
		})
	}
	d, err := office.Verify(records)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, v := range invariant.CheckRecords(records) {
		s.t.Error(v)
	}
	return d
}
