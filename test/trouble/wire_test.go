package trouble_test

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// fault is what is wrong with a wire.
type fault string

const (
	whole    fault = "whole"
	refuses  fault = "refuses"   // connections are reset at once
	hole     fault = "hole"      // what is sent is never heard of: a dead router
	lossy    fault = "lossy"     // nine in ten connections are a hole
	slow     fault = "slow"      // every answer comes later than a visitor waits
	halfOpen fault = "half open" // questions arrive, answers do not
	breaks   fault = "breaks"    // connections break off at any byte
)

// faults are all that a link can have.
var faults = []fault{refuses, hole, lossy, slow, halfOpen, breaks}

// slowness is longer than a ticket machine waits for a number.
const slowness = 800 * time.Millisecond

// wire is the line between one ticket machine and the server. When it is mended,
// half of what the connections had swallowed still arrives; the others break.
type wire struct {
	listen net.Listener
	work   sync.WaitGroup

	mu      sync.Mutex
	roll    *rand.Rand
	target  string
	fault   fault
	changed chan struct{} // closed when the fault changes
	ends    map[net.Conn]bool
	closed  bool
	breaks  int
}

func newWire(t testing.TB, seed uint64) *wire {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{
		listen: listen, roll: rand.New(rand.NewPCG(seed, 30)), fault: whole,
		changed: make(chan struct{}), ends: map[net.Conn]bool{},
	}
	w.work.Go(w.accept)
	t.Cleanup(w.close)
	return w
}

func (w *wire) url() string { return "http://" + w.listen.Addr().String() }

// lead lets new connections end at another server; "" is none.
func (w *wire) lead(target string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target = target
}

// set changes what is wrong, for connections that stand as well.
func (w *wire) set(f fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
	close(w.changed)
	w.changed = make(chan struct{})
	if f == refuses {
		w.breakAll()
	}
}

// breakAll resets all connections; mu is held.
func (w *wire) breakAll() {
	for c := range w.ends {
		reset(c)
	}
}

func (w *wire) close() {
	w.set(refuses)
	w.mu.Lock()
	w.closed = true
	w.breakAll()
	w.mu.Unlock()
	_ = w.listen.Close() // nobody listens to what it says
	w.work.Wait()
}

// reset ends a connection without a goodbye.
func reset(c net.Conn) {
	if tcp, is := c.(*net.TCPConn); is {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close() // it may be closed already
}

func (w *wire) accept() {
	for {
		c, err := w.listen.Accept()
		if err != nil {
			return
		}
		w.work.Go(func() { w.carry(c) })
	}
}

// hold notes a connection, so that it can be broken.
func (w *wire) hold(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		reset(c)
		return false
	}
	w.ends[c] = true
	return true
}

func (w *wire) drop(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends, c)
	reset(c)
}

// look returns what is wrong now, when that changes, and a number by chance.
func (w *wire) look() (f fault, changed chan struct{}, target string, chance int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault, w.changed, w.target, w.roll.IntN(1000)
}

func (w *wire) carry(near net.Conn) {
	if !w.hold(near) {
		return
	}
	defer w.drop(near)
	f, _, target, chance := w.look()
	if f == refuses || target == "" {
		return
	}
	dead := f == lossy && chance < 900
	if (f == hole || dead) && !w.wait() {
		return
	}
	_, _, target, _ = w.look()
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	if !w.hold(far) {
		return
	}
	defer w.drop(far)
	w.work.Go(func() { w.pour(far, near, false) })
	w.pour(near, far, true)
}

// wait stands still until the fault changes and reports whether what waited goes on.
func (w *wire) wait() bool {
	_, changed, _, chance := w.look()
	<-changed
	return chance%2 == 0
}

// pour copies one direction, and ends the connection when that ends.
func (w *wire) pour(to, from net.Conn, answers bool) {
	defer reset(to)
	defer reset(from)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !w.pass(to, buffer[:n], answers) || err != nil {
			return
		}
	}
}

// pass sends bytes on, as the fault allows, and reports whether the connection
// still stands.
func (w *wire) pass(to net.Conn, b []byte, answers bool) bool {
	f, changed, _, chance := w.look()
	switch {
	case f == refuses:
		return false
	case f == hole, f == halfOpen && answers:
		if !w.wait() {
			return false
		}
	case f == slow && answers:
		late := time.NewTimer(slowness)
		defer late.Stop()
		select {
		case <-late.C:
		case <-changed:
		}
	case f == breaks && chance < 300:
		_, _ = to.Write(b[:chance%(len(b)+1)])
		w.mu.Lock()
		w.breaks++
		w.mu.Unlock()
		return false
	}
	_, err := to.Write(b)
	return err == nil
}

// broken returns how many connections a fault has broken off.
func (w *wire) broken() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.breaks
}
