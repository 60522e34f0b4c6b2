package virtual

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"machi/kiosk/print"
)

// The limits of what a printer keeps.
const (
	maxBuffer = 1 << 18 // bytes that wait to be executed
	maxPapers = 200
	maxNotes  = 200
)

// Options say what printer this is. The zero value is an 80 mm one that knows
// everything and has no faults.
type Options struct {
	Dots   int         // of the head; 0 is 576
	Case   *print.Case // its own letters; nil looks for the machine's fonts
	Script Script
	// Quiet is told when the printer will not answer what it was asked, so that a
	// test need not wait for it: "answer" for a real-time question, "word" for what
	// is answered in its turn, "name" for its name, "gone" when nothing is answered any
	// more and the other end does not see it. It must not call the printer.
	Quiet func(what string)
	// Out is told of each paper when it is cut. It must not call the printer.
	Out func(Paper)
}

// Printer is a virtual printer. Make one with [New].
type Printer struct {
	o Options

	mu sync.Mutex // guards all below
	// What is wrong.
	paperOut, nearEnd, cover, broken, offline bool
	held, hung, mute, unplugged               bool
	// What it is doing.
	conn   io.WriteCloser
	urgent []byte // a real-time command that is not whole
	buffer []byte
	mode   mode
	auto   byte // which changes it tells by itself
	paper  *Paper
	proof  bool // a paper was cut since it was last asked whether all is printed
	proved bool // it was asked, and said so
	stale  bool // the buffer begins with what an earlier connection left
	papers []Paper
	counts map[string]int
	notes  []string
	events map[Event]int
	steps  []Step // that have not come yet
}

// New returns a printer that waits for a connection.
func New(o Options) *Printer {
	if o.Dots == 0 {
		o.Dots = 576
	}
	if o.Case == nil {
		o.Case = print.OpenCase()
	}
	if o.Quiet == nil {
		o.Quiet = func(string) {}
	}
	if o.Out == nil {
		o.Out = func(Paper) {}
	}
	p := &Printer{o: o, counts: map[string]int{}}
	p.reset()
	p.paper = &Paper{Dots: o.Dots, types: o.Case}
	p.Play(o.Script)
	return p
}

// Feed gives the printer bytes without a connection: it answers nobody.
func (p *Printer) Feed(raw []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range raw {
		p.receive(b)
	}
}

// Draw returns the picture of the first paper that bytes make, and an error that
// holds all complaints.
func Draw(raw []byte, dots int, types *print.Case) (*image.Gray, error) {
	p := New(Options{Dots: dots, Case: types})
	p.Feed(raw)
	if notes := p.Complaints(); len(notes) > 0 {
		return nil, fmt.Errorf("virtual: %s", strings.Join(notes, "; "))
	}
	papers := p.Papers()
	if len(papers) == 0 {
		return nil, errors.New("virtual: nothing was printed")
	}
	return papers[0].Image(), nil
}

// Play begins a script: its first acts at once, its steps as their events come.
func (p *Printer) Play(s Script) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.o.Script, p.events, p.steps = s, map[Event]int{}, slices.Clone(s.Steps)
	for _, act := range s.Start {
		act.do(p)
	}
	p.run()
}

// Do carries out acts now: staff at the machine.
func (p *Printer) Do(acts ...Act) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, act := range acts {
		act.do(p)
	}
	p.run()
}

// Serve takes connections one at a time, as a network printer does, until the
// context or the listener ends.
func (p *Printer) Serve(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	for {
		conn, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		p.Attach(conn)
		stop()
	}
}

// Attach serves one connection until it ends.
func (p *Printer) Attach(conn io.ReadWriteCloser) {
	p.mu.Lock()
	p.conn, p.auto, p.stale = conn, 0, len(p.buffer) > 0
	p.happens(Connected)
	if p.unplugged {
		p.drop()
	}
	p.mu.Unlock()
	chunk := make([]byte, 4096)
	for {
		n, err := conn.Read(chunk)
		p.mu.Lock()
		for _, b := range chunk[:n] {
			p.receive(b)
		}
		p.mu.Unlock()
		if err != nil {
			_ = conn.Close()
			return
		}
	}
}

// drop cuts the connection without a farewell.
func (p *Printer) drop() {
	if p.conn == nil {
		return
	}
	if tcp, ok := p.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	} else {
		p.o.Quiet("gone") // a line does not tell that its other end went
	}
	_ = p.conn.Close()
}

// receive takes one byte from the wire.
func (p *Printer) receive(b byte) {
	p.happens(Received)
	if p.unplugged {
		return // it is lost
	}
	p.urgent = append(p.urgent, b)
	verdict := p.realTime()
	if verdict == needMore {
		return
	}
	if verdict == ordinary && p.hung {
		p.o.Quiet("word")
	} else if verdict == ordinary {
		p.buffer = append(p.buffer, p.urgent...)
	}
	p.urgent = p.urgent[:0]
	if len(p.buffer) > maxBuffer {
		p.note("the buffer ran over")
		p.buffer = nil
	}
	p.run()
}

type verdict int

const (
	ordinary verdict = iota
	needMore
	isUrgent
)

// realTime looks whether the bytes at the door are a real-time command, and carries
// it out.
func (p *Printer) realTime() verdict {
	u := p.urgent
	switch {
	case u[0] != 0x10:
		return ordinary
	case len(u) == 1:
		return needMore
	case u[1] == 0x04:
		if len(u) < 3 {
			return needMore
		}
		if len(p.buffer) > 0 && !p.stale && !p.blocked() {
			p.note("a real-time command within another")
		}
		p.counts["DLE EOT"]++
		p.answer(u[2])
		return isUrgent
	case u[1] == 0x05, u[1] == 0x14:
		p.note("a real-time command that a ticket has no business with: %x", u)
	}
	return ordinary
}

// answer answers DLE EOT n.
func (p *Printer) answer(n byte) {
	p.happens(Asked)
	if p.unplugged {
		return
	}
	if p.hung || p.mute || p.o.Script.Lacks.Status || n > 2 && p.o.Script.Lacks.Causes {
		p.o.Quiet("answer")
		return
	}
	b := byte(0x12)
	set := func(on bool, bits byte) {
		if on {
			b |= bits
		}
	}
	switch n {
	case 1:
		set(p.away(), 0x08)
	case 2:
		set(p.cover, 0x04)
		set(p.paperOut, 0x20)
		set(p.broken, 0x40)
	case 3:
		set(p.broken, 0x08)
	case 4:
		set(p.nearEnd || p.paperOut, 0x0C)
		set(p.paperOut, 0x60)
	}
	p.say(b)
}

// away reports whether the printer is off line.
func (p *Printer) away() bool { return p.paperOut || p.cover || p.broken || p.offline }

// blocked reports whether it executes nothing.
func (p *Printer) blocked() bool { return p.away() || p.held || p.hung || p.unplugged }

// changed tells by itself what changed, if it was asked to.
func (p *Printer) changed() {
	if p.auto == 0 || p.mute || p.hung || p.o.Script.Lacks.Auto {
		return
	}
	b := [4]byte{0x10, 0, 0, 0}
	if p.away() {
		b[0] |= 0x08
	}
	if p.cover {
		b[0] |= 0x20
	}
	if p.broken {
		b[1] |= 0x08
	}
	if p.nearEnd || p.paperOut {
		b[2] |= 0x03
	}
	if p.paperOut {
		b[2] |= 0x0C
	}
	p.say(b[:]...)
}

func (p *Printer) say(b ...byte) {
	if p.conn != nil && !p.unplugged {
		_, _ = p.conn.Write(b) // whoever asked may be gone
	}
}

// run executes what has come, as far as it is whole and the printer can.
func (p *Printer) run() {
	for len(p.buffer) > 0 {
		if p.blocked() {
			p.o.Quiet("word")
			return
		}
		c := p.parse()
		if c.size == 0 {
			return // the rest of it is still to come
		}
		if c.event != "" {
			p.happens(c.event)
			if p.blocked() {
				continue // the fault comes first, and the command stays
			}
		}
		if c.do != nil {
			c.do()
		}
		p.counts[c.name]++
		p.buffer = p.buffer[min(c.size, len(p.buffer)):] // a power cut empties it
		p.stale = p.stale && len(p.buffer) > 0
	}
}
