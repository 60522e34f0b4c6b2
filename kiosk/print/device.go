package print

import (
	"context"
	"errors"
	"io"
	"sync"
)

// device is a printer of bytes behind a wire that is opened for each ticket.
type device struct {
	o       Options
	profile profile
	open    func(ctx context.Context) (wire, error)

	turn chan struct{} // holds one token: one conversation at a time

	// The rest belongs to whoever has the token, but for last.
	answered bool // a question, since the program started
	proved   bool // that it had printed, since then
	named    bool // itself, since then
	dirty    bool // what the printer was sent before may not be over
	parted   bool // what ends it was sent, and nothing since

	mu   sync.Mutex
	last Status // guarded by mu
}

func newDevice(o Options, p profile, open func(ctx context.Context) (wire, error)) *device {
	d := &device{o: o, profile: p, open: open, turn: make(chan struct{}, 1), dirty: true, last: Status{Unknown, Unknown}}
	d.turn <- struct{}{}
	return d
}

func (d *device) remember(s Status) Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = s
	return s
}

// dial opens the wire within its limit.
func (d *device) dial(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := d.o.After(d.o.Dial, func() { cancel(errTooSlow) })
	defer stop()
	w, err := d.open(ctx)
	if err != nil {
		return nil, errors.Join(err, context.Cause(ctx))
	}
	return newSession(w, d.o), nil
}

// Status asks the printer. While it prints, the answer is busy. A printer that is
// well is rid of what an earlier ticket left in it, before the next visitor comes.
func (d *device) Status(ctx context.Context) (Status, error) {
	select {
	case <-d.turn:
		defer func() { d.turn <- struct{}{} }()
	default:
		d.mu.Lock()
		defer d.mu.Unlock()
		return Status{Printer: Busy, Paper: d.last.Paper}, ctx.Err()
	}
	s, err := d.dial(ctx)
	if err != nil {
		return d.remember(Status{Offline, Unknown}), ctx.Err()
	}
	defer s.close()
	if d.profile.status == "no" {
		return d.remember(Status{Unknown, Unknown}), ctx.Err()
	}
	c, err := s.condition(ctx)
	switch {
	case err == nil:
		d.answered = true
		if d.dirty && c.fault() == "" {
			_ = d.clean(ctx, s, true, 1) // or before the next ticket
		}
		return d.remember(c.status()), nil
	case d.answered:
		return d.remember(Status{Offline, Unknown}), ctx.Err()
	}
	return d.remember(Status{Unknown, Unknown}), ctx.Err()
}

// Print prints a ticket and waits until the printer says that it is out.
func (d *device) Print(ctx context.Context, _ string, t Ticket) error {
	if err := ctx.Err(); err != nil {
		return &Failed{Code: Busy, Err: err}
	}
	raw := d.o.Case.bytesOf(t, d.profile)
	select {
	case <-d.turn:
		defer func() { d.turn <- struct{}{} }()
	case <-ctx.Done():
		return &Failed{Code: Busy, Err: ctx.Err()}
	}
	err := d.print(ctx, raw)
	if code := Reason(err); code != "" {
		c := condition{
			offline: code == Offline, cover: code == CoverOpen, out: code == PaperOut, broken: code == Error,
		}
		if s := c.status(); code != Silent && code != Busy {
			d.remember(s)
		}
	}
	return err
}

func (d *device) print(ctx context.Context, raw []byte) error {
	s, err := d.dial(ctx)
	if err != nil {
		return &Failed{Code: Offline, Err: err}
	}
	defer s.close()
	hears := false
	if d.profile.status != "no" {
		if hears, err = d.ready(ctx, s); err != nil {
			return err
		}
	}
	if d.dirty {
		if err := d.clean(ctx, s, hears, d.patience()); err != nil {
			return err
		}
	}
	// From here on the printer may print: whatever goes wrong is a doubt, unless not
	// one byte left.
	d.dirty, d.parted = true, false
	s.forget()
	if sent, err := s.send(ctx, d.job(raw, hears)); err != nil {
		return lost(ctx, sent, err)
	}
	if err := d.settle(ctx, s, hears); err != nil {
		// It has every byte, and is one that never says so: there is nothing to part.
		d.parted = Reason(err) == Silent && !d.proved
		return err
	}
	d.dirty = false
	return nil
}

// settle finds out what became of a ticket that was sent.
func (d *device) settle(ctx context.Context, s *session, hears bool) error {
	switch {
	case d.profile.status == "no":
		return s.delivered(ctx)
	case !hears:
		return errors.Join(&Doubt{Code: Silent}, s.delivered(ctx))
	case d.profile.status == "yes":
		return d.confirmed(ctx, s)
	}
	c, err := s.condition(ctx)
	if err != nil {
		return &Doubt{Code: Offline, Err: err}
	}
	if d.remember(c.status()); c.fault() != "" {
		return &Doubt{Code: c.fault()}
	}
	return nil
}

// job wraps a ticket's bytes: before them the printer is told to say by itself what
// changes (on line, errors, paper), after them to answer once all is printed.
func (d *device) job(raw []byte, hears bool) []byte {
	if !hears || d.profile.status != "yes" {
		return raw
	}
	job := append([]byte{gs, 'a', 0x0E}, raw...)
	job = append(job, gs, 'r', 1)
	if d.named {
		job = append(job, gs, 'I', 'C')
	}
	return append(job, gs, 'a', 0)
}

// barrier asks for the printer's name and then for what a ticket ends with. A ticket
// ends with the same two the other way round, so that late answers to one cannot
// pass for those to the other.
func barrier() []byte { return []byte{gs, 'I', 'C', gs, 'r', 1} }

// lost is the end of a ticket whose wire broke, or whose time was up.
func lost(ctx context.Context, sent int, err error) error {
	code := Offline
	if ctx.Err() != nil {
		code, err = Silent, ctx.Err()
	}
	switch {
	case sent > 0:
		return &Doubt{Code: code, Err: err}
	case code == Silent:
		return &Failed{Code: Busy, Err: err}
	}
	return &Failed{Code: code, Err: err}
}

// ready asks whether the printer can print. One that has never answered anything
// may be one that cannot: it gets its ticket, in doubt.
func (d *device) ready(ctx context.Context, s *session) (hears bool, err error) {
	c, err := s.condition(ctx)
	switch {
	case err == nil:
		d.answered = true
		d.remember(c.status())
	case ctx.Err() != nil:
		return false, &Failed{Code: Busy, Err: err}
	case d.answered || !errors.Is(err, errTooSlow):
		return false, &Failed{Code: Offline, Err: err}
	default:
		return false, nil
	}
	if code := c.fault(); code != "" {
		return true, &Failed{Code: code}
	}
	return true, nil
}

// clean ends what was sent before, by this program or one before it, and waits until
// the printer has done it: its late answers would pass for those of the next ticket.
// Nothing of this ticket is sent yet, so an error is a certain one.
func (d *device) clean(ctx context.Context, s *session, hears bool, patience int) error {
	var raw []byte
	if !d.parted {
		raw = resync(d.profile)
	}
	asks := hears && d.profile.status == "yes"
	if asks {
		raw = append(raw, barrier()...)
	}
	if _, err := s.send(ctx, raw); err != nil {
		return &Failed{Code: Offline, Err: err}
	}
	d.parted = true // each time anew would be a blank slip each time
	if asks {
		return d.barrier(ctx, s, patience)
	}
	return nil
}

// barrier waits until the printer has done all that it was sent.
func (d *device) barrier(ctx context.Context, s *session, patience int) error {
	named, settled := false, (<-chan struct{})(nil)
	for {
		w, err := s.await(ctx, settled, patience)
		switch {
		case errors.Is(err, errSettled):
			d.dirty = false
			return nil // it knows no names, and has said all that it had to say
		case Reason(err) == Silent && ctx.Err() == nil && !d.proved:
			return nil // it may be one that never says so
		case err != nil:
			return certain(err)
		case w.kind == isAuto:
		case w.kind == isName:
			named, d.named = true, true
		case named:
			d.proved, d.dirty = true, false
			return nil
		default:
			d.proved = true
			over, stop := s.limit(2 * d.o.Answer)
			defer stop()
			settled = over
		}
	}
}

// looks is how often a printer that does not confirm is asked why, in the time that
// it has for it.
const looks = 8

// patience is how many looks a printer is given: few if it has never confirmed.
func (d *device) patience() int {
	if d.proved {
		return looks
	}
	return looks / 4
}

// certain makes a doubt about an earlier ticket a failure of this one.
func certain(err error) error {
	f := &Failed{Code: Reason(err), Err: errors.Unwrap(err)}
	if f.Code == Silent {
		f.Code = Busy
	}
	return f
}

// confirmed waits until the printer says that all is printed.
func (d *device) confirmed(ctx context.Context, s *session) error {
	c, told := condition{}, false
	for {
		w, err := s.await(ctx, nil, d.patience())
		if err != nil {
			return err
		}
		switch w.kind {
		case isPrinted:
			c, told, d.proved = condition{near: w.byte&0x03 != 0, out: w.byte&0x0C != 0}, true, true
		case isAuto:
			if code := fromAuto(w.auto).fault(); code != "" {
				return &Doubt{Code: code}
			}
		}
		if !told || d.named && w.kind != isName {
			continue
		}
		if d.remember(c.status()); c.out {
			return &Doubt{Code: PaperOut}
		}
		return nil
	}
}

// errSettled says that the printer has nothing more to say.
var errSettled = errors.New("settled")

// await waits for the printer's next word; its errors are doubts.
func (s *session) await(ctx context.Context, settled <-chan struct{}, patience int) (word, error) {
	for range patience {
		over, stop := s.limit(s.o.Confirm / looks)
		w, err := s.next(ctx, settled, over)
		stop()
		if !errors.Is(err, errTooSlow) {
			return w, err
		}
		c, err := s.condition(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			return word{}, &Doubt{Code: Offline, Err: err} // it answered a moment ago
		case c.fault() != "":
			return word{}, &Doubt{Code: c.fault()}
		}
	}
	return word{}, &Doubt{Code: Silent, Err: errTooSlow}
}

// next returns the printer's next word. What it said before it went away counts.
func (s *session) next(ctx context.Context, settled, over <-chan struct{}) (word, error) {
	select {
	case w := <-s.words:
		return w, nil
	default:
	}
	select {
	case w := <-s.words:
		return w, nil
	case <-s.gone:
		select {
		case w := <-s.words:
			return w, nil
		default:
			return word{}, &Doubt{Code: Offline, Err: s.end}
		}
	case <-ctx.Done():
		return word{}, &Doubt{Code: Silent, Err: ctx.Err()}
	case <-settled:
		return word{}, errSettled
	case <-over:
		return word{}, errTooSlow
	}
}

// delivered waits until all that was sent has left: closed at once, a network
// connection may lose what is still on its way.
func (s *session) delivered(ctx context.Context) error {
	half, ok := s.wire.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	if err := half.CloseWrite(); err != nil {
		return &Doubt{Code: Offline, Err: err}
	}
	over, stop := s.limit(s.o.Write)
	defer stop()
	select {
	case <-s.gone:
		if !errors.Is(s.end, io.EOF) {
			return &Doubt{Code: Offline, Err: s.end}
		}
	case <-over: // it keeps the connection open, as many do
	case <-ctx.Done():
	}
	return nil
}
