package peakday_test

import (
	"net"
	"sync"
	"testing"
)

// wire is a network between a ticket machine and its server that can be cut. A cut
// wire refuses nothing: it takes connections and bytes and says nothing, as a dead
// router does. When it is mended, what half of the connections had swallowed still
// arrives, hours late; the others are gone.
type wire struct {
	listen net.Listener
	work   sync.WaitGroup

	mu     sync.Mutex
	target string
	mended chan struct{} // nil while the wire is whole; closed when it is mended
	ends   map[net.Conn]bool
	closed bool
	count  int
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listen: listen, target: target, ends: map[net.Conn]bool{}}
	w.work.Go(w.accept)
	t.Cleanup(w.close)
	return w
}

func (w *wire) url() string { return "http://" + w.listen.Addr().String() }

// lead lets new connections end at another server.
func (w *wire) lead(target string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target = target
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mended = make(chan struct{})
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mended != nil {
		close(w.mended)
		w.mended = nil
	}
}

// close ends everything; again it does nothing.
func (w *wire) close() {
	w.mend()
	w.mu.Lock()
	w.closed = true
	for c := range w.ends {
		_ = c.Close() // the other side sees the end of the connection, that is all
	}
	w.mu.Unlock()
	_ = w.listen.Close() // fails only the second time
	w.work.Wait()
}

func (w *wire) accept() {
	for {
		c, err := w.listen.Accept()
		if err != nil {
			return
		}
		w.count++
		late := w.count%2 == 0
		w.work.Go(func() { w.carry(c, late) })
	}
}

// hold notes a connection, so that close can end it.
func (w *wire) hold(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		_ = c.Close()
		return false
	}
	w.ends[c] = true
	return true
}

func (w *wire) drop(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends, c)
	_ = c.Close() // it may be closed by its peer's goroutine already
}

// pass waits while the wire is cut and reports whether what waited goes on.
func (w *wire) pass(late bool) bool {
	w.mu.Lock()
	mended := w.mended
	w.mu.Unlock()
	if mended == nil {
		return true
	}
	<-mended
	return late
}

func (w *wire) carry(near net.Conn, late bool) {
	if !w.hold(near) {
		return
	}
	defer w.drop(near)
	if !w.pass(late) {
		return
	}
	w.mu.Lock()
	target := w.target
	w.mu.Unlock()
	far, err := net.Dial("tcp", target)
	if err != nil || !w.hold(far) {
		return
	}
	defer w.drop(far)
	w.work.Go(func() { w.pour(near, far, late) })
	w.pour(far, near, late)
}

// pour copies one direction and ends the whole connection when that ends.
func (w *wire) pour(to, from net.Conn, late bool) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !w.pass(late) {
			return
		}
		if _, bad := to.Write(buffer[:n]); bad != nil || err != nil {
			return
		}
	}
}
