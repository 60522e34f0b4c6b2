package print

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Open returns the printer that a target names. Nothing is sent and nothing need be
// there yet; an error means that the target or an option is wrong.
//
//	tcp://HOST:9100               a network printer
//	lp:/dev/usb/lp0               a USB printer
//	serial:/dev/ttyS0?baud=38400  a serial printer, 8N1; flow=none|hardware|xon
//	file:DIR                      the bytes of each ticket as a file NAME.bin
//	png:DIR                       a picture and a text of each ticket
//	none:                         no printer: the screen shows the number
//
// After a ? may follow what a printer of bytes can do: text=kanji|raster (letters of
// its own or pictures), qr=native|raster, cut=partial|full|none, dots=N (of its
// head), status=yes|before|no. A ticket counts as printed when the printer says so
// (GS r); with status=before, of a printer that says only how it is, when it has taken
// the ticket and is well after it; with status=no, of one that says nothing, when it
// has taken it.
func Open(target string, o Options) (Printer, error) {
	kind, rest, found := strings.Cut(target, ":")
	if !found {
		return nil, fmt.Errorf("print: target %q: want a kind and a place, such as tcp://HOST:9100", target)
	}
	o.defaults()
	place, query, _ := strings.Cut(rest, "?")
	settings, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("print: target %q: %w", target, err)
	}
	p, err := profileOf(settings, o.Paper)
	if err != nil {
		return nil, fmt.Errorf("print: target %q: %w", target, err)
	}
	printer, err := build(kind, place, settings, o, p)
	if err != nil {
		return nil, fmt.Errorf("print: target %q: %w", target, err)
	}
	for unknown := range settings {
		return nil, fmt.Errorf("print: target %q: unknown setting %q", target, unknown)
	}
	return printer, nil
}

func build(kind, place string, settings url.Values, o Options, p profile) (Printer, error) {
	switch kind {
	case "none":
		return nowhere{}, nil
	case "tcp":
		address, err := hostPort(place)
		if err != nil {
			return nil, err
		}
		return newDevice(o, p, func(ctx context.Context) (wire, error) { return dialTCP(ctx, address) }), nil
	}
	if place == "" {
		return nil, fmt.Errorf("want a path after %q", kind+":")
	}
	switch kind {
	case "png":
		return File{Dir: place, Case: o.Case, Paper: o.Paper}, nil
	case "file":
		return raw{dir: place, types: o.Case, profile: p}, nil
	case "lp":
		return newDevice(o, p, func(context.Context) (wire, error) { return openDevice(place, p.status != "no") }), nil
	case "serial":
		line, err := lineOf(settings)
		if err != nil {
			return nil, err
		}
		p.fine = false
		return newDevice(o, p, func(context.Context) (wire, error) { return openSerial(place, line) }), nil
	}
	return nil, fmt.Errorf("no printer of kind %q: want tcp, lp, serial, file, png or none", kind)
}

func (o *Options) defaults() {
	if o.Case == nil {
		o.Case = OpenCase()
	}
	for _, d := range []struct {
		field     *time.Duration
		otherwise time.Duration
	}{{&o.Dial, time.Second}, {&o.Answer, 300 * time.Millisecond}, {&o.Write, 3 * time.Second}, {&o.Confirm, 8 * time.Second}} {
		if *d.field == 0 {
			*d.field = d.otherwise
		}
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
}

// profileOf takes the settings of a printer of bytes out of those of a target.
func profileOf(settings url.Values, paper int) (profile, error) {
	dots, err := dotsOf(paper)
	if err != nil {
		return profile{}, err
	}
	take := func(key string, allowed ...string) string {
		value := allowed[0]
		if settings.Has(key) {
			value = settings.Get(key)
			settings.Del(key)
		}
		for _, a := range allowed {
			if value == a {
				return value
			}
		}
		err = fmt.Errorf("%s=%s: want %s", key, value, strings.Join(allowed, " or "))
		return allowed[0]
	}
	p := profile{
		dots: dots, fine: true, kanji: take("text", "kanji", "raster") == "kanji", qr: take("qr", "native", "raster") == "native",
		cut: take("cut", "partial", "full", "none"), status: take("status", "yes", "before", "no"),
	}
	if settings.Has("dots") {
		p.dots, err = strconv.Atoi(settings.Get("dots"))
		if err != nil || p.dots < 320 || p.dots > 832 || p.dots%8 != 0 {
			err = fmt.Errorf("dots=%s: want a multiple of 8 from 320 to 832", settings.Get("dots"))
		}
		settings.Del("dots")
	}
	return p, err
}

func hostPort(place string) (string, error) {
	address, ok := strings.CutPrefix(place, "//")
	address = strings.TrimSuffix(address, "/")
	if !ok || address == "" {
		return "", fmt.Errorf("want tcp://HOST:9100")
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "9100")
	}
	host, port, err := net.SplitHostPort(address)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" {
		return "", fmt.Errorf("want tcp://HOST:9100")
	}
	return address, nil
}

func dialTCP(ctx context.Context, address string) (wire, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

// openFile opens a device file so that reads and writes can be ended.
func openFile(path string, answers bool) (*os.File, error) {
	mode := os.O_RDWR
	if !answers {
		mode = os.O_WRONLY
	}
	return os.OpenFile(path, mode|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
}

// usb is the device file of a USB printer. A read of one that has nothing to say may
// come back empty, which is not the end.
type usb struct {
	*os.File
	closed chan struct{}
	close  func() error
}

// idle is how long a USB printer is left alone after an empty read.
const idle = 10 * time.Millisecond

func openDevice(path string, answers bool) (wire, error) {
	f, err := openFile(path, answers)
	if err != nil {
		return nil, err
	}
	u := usb{File: f, closed: make(chan struct{})}
	u.close = sync.OnceValue(func() error { close(u.closed); return f.Close() })
	return u, nil
}

func (u usb) Read(b []byte) (int, error) {
	for {
		n, err := u.File.Read(b)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		select {
		case <-u.closed:
			return 0, os.ErrClosed
		case <-time.After(idle):
		}
	}
}

func (u usb) Close() error { return u.close() }

// nowhere is the printer of a machine that has none.
type nowhere struct{}

func (nowhere) Print(context.Context, string, Ticket) error { return &Failed{Code: None} }

func (nowhere) Status(ctx context.Context) (Status, error) {
	return Status{Printer: None, Paper: Unknown}, ctx.Err()
}

// raw keeps the bytes of each ticket in a folder that other software watches.
type raw struct {
	dir     string
	types   *Case
	profile profile
}

func (r raw) Print(ctx context.Context, name string, t Ticket) error {
	if err := ctx.Err(); err != nil {
		return &Failed{Code: Busy, Err: err}
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return &Failed{Code: Error, Err: err}
	}
	return put(filepath.Join(r.dir, name+".bin"), r.types.bytesOf(t, r.profile))
}

func (raw) Status(ctx context.Context) (Status, error) {
	return Status{Printer: OK, Paper: OK}, ctx.Err()
}
