package print

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// wire is an open connection to a printer.
type wire interface {
	io.ReadWriteCloser
	SetWriteDeadline(t time.Time) error
}

// session is one conversation with a printer: everything in it has a limit.
type session struct {
	o    Options
	wire wire

	real   chan word     // answers to questions, which overtake what is printed
	words  chan word     // everything else, in order
	gone   chan struct{} // closed when the printer says no more
	end    error         // why, once gone is closed
	reader sync.WaitGroup
}

// errTooSlow says that a printer used up one of the limits of [Options].
var errTooSlow = errors.New("no answer in time")

func newSession(w wire, o Options) *session {
	s := &session{
		o: o, wire: w, real: make(chan word, 16), words: make(chan word, 64), gone: make(chan struct{}),
	}
	s.reader.Go(s.listen)
	return s
}

func (s *session) close() {
	_ = s.wire.Close() // a printer that went away cannot be left properly
	s.reader.Wait()
}

// listen sorts what the printer says until it ends. What nobody waits for is dropped.
func (s *session) listen() {
	defer close(s.gone)
	var e ear
	buffer := make([]byte, 256)
	for {
		n, err := s.wire.Read(buffer)
		for _, w := range e.hear(buffer[:n]) {
			to := s.words
			if w.kind == isReal {
				to = s.real
			}
			select {
			case to <- w:
			default:
			}
		}
		if err != nil {
			s.end = err
			return
		}
	}
}

// forget drops what the printer said until now.
func (s *session) forget() {
	for {
		select {
		case <-s.words:
		default:
			return
		}
	}
}

// limit returns a channel that is closed after d, and what takes the limit back.
func (s *session) limit(d time.Duration) (<-chan struct{}, func()) {
	over := make(chan struct{})
	stop := s.o.After(d, sync.OnceFunc(func() { close(over) }))
	return over, func() { stop() }
}

// send writes bytes and returns how many the system took.
func (s *session) send(ctx context.Context, raw []byte) (int, error) {
	sent := 0
	for len(raw) > 0 {
		n, err := s.chunk(ctx, raw[:min(len(raw), 1024)])
		sent, raw = sent+n, raw[n:]
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// chunk writes a few bytes within the limit.
func (s *session) chunk(ctx context.Context, raw []byte) (int, error) {
	stopContext := context.AfterFunc(ctx, s.giveUp)
	defer stopContext()
	stop := s.o.After(s.o.Write, s.giveUp)
	defer stop()
	return s.wire.Write(raw)
}

// giveUp ends a write that hangs.
func (s *session) giveUp() {
	if s.wire.SetWriteDeadline(time.Unix(1, 0)) != nil {
		_ = s.wire.Close()
	}
}

// ask sends one real-time question (DLE EOT n) and returns the answer.
func (s *session) ask(ctx context.Context, n int) (byte, error) {
	over, stop := s.limit(s.o.Answer)
	defer stop()
	if _, err := s.send(ctx, []byte{dle, 4, byte(n)}); err != nil {
		return 0, err
	}
	select {
	case w := <-s.real:
		return w.byte, nil
	case <-over:
		return 0, errTooSlow
	case <-s.gone:
		return 0, s.end
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// condition asks everything. An error means that the printer did not answer the
// first question, or went away; a later one that it does not know is left out.
func (s *session) condition(ctx context.Context) (condition, error) {
	var c condition
	for _, n := range []int{1, 2, 4, 3} {
		if n == 3 && !c.offline && !c.broken {
			continue // it is online: nothing is broken
		}
		b, err := s.ask(ctx, n)
		if err != nil && (n == 1 || !errors.Is(err, errTooSlow)) {
			return c, err
		}
		if err != nil {
			break // a late answer must not be taken for that to another question
		}
		c.fromReal(n, b)
	}
	return c, nil
}
