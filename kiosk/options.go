package kiosk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/print"
	"machi/kiosk/store"
)

// Speaker turns a text into speech.
type Speaker interface {
	// Speak returns a WAV file; language is one of ja, ja-x-easy, en, zh and ko.
	Speak(ctx context.Context, language, text string) ([]byte, error)
}

// Options say what a ticket machine is and where it lives. Office, Kiosk and Dir
// are required; without a Server the machine works alone.
type Options struct {
	Server string // base URL
	Token  string // of role kiosk
	Office queue.OfficeID
	Kiosk  queue.KioskID
	Dir    string // store, plan and printed tickets
	Listen string // a loopback address; "" is 127.0.0.1:8090
	// Path is the secret first element of the touch pages' addresses, 32 hexadecimal
	// digits; "" is a new one. A screen goes on showing its ticket while the agent
	// starts anew under the path that it had.
	Path string
	// StatusBase stands before the secret in a ticket's QR code; "" is the server's
	// own page, and no QR code without a server.
	StatusBase string
	Ward       string // on the ticket; "" is 世田谷区

	Printer  print.Printer // nil prints into PrintDir
	PrintDir string        // "" is DIR/printed

	Voice Speaker // nil: the pages speak with the browser's voice, or not at all

	// Clock, when not zero, is a rehearsal clock: it starts at this moment and runs
	// Speed times as fast (0 is 1). Every page and ticket says so.
	Clock time.Time
	Speed float64

	// AskWithin is how long the server has for a number before the machine gives one of
	// its own; 0 is 700 ms.
	AskWithin time.Duration
	// Patience is how long whoever asks the machine, or staff the server, waits for an
	// answer; 0 is 5 s, and no less than AskWithin.
	Patience time.Duration

	// Now reads the machine's clocks; nil reads the real ones, or the rehearsal clock.
	// Tests bring clocks that jump, die, and need not be waited for.
	Now func() replica.Now

	Logger *slog.Logger
	// CheckStore verifies the bbolt file before it is opened; nil runs this program
	// again as a child, which works if main calls [store.CheckChild] first.
	CheckStore func(ctx context.Context, path string) error
	// At is called at the points of a press where a test stops the process:
	// "before:STATE" and "after:STATE" of a mark, "paper:before" and "paper:after".
	At func(point string)
}

// patience is enough for a machine with a slow disk, and not too much for a visitor.
const patience = 5 * time.Second

// complete fills in what was left out and checks the rest.
func (o Options) complete() (Options, error) {
	if o.Office == "" || o.Kiosk == "" || o.Dir == "" {
		return o, errors.New("kiosk: office, kiosk and data folder must be named")
	}
	or(&o.Listen, "127.0.0.1:8090")
	or(&o.Ward, "世田谷区")
	or(&o.PrintDir, filepath.Join(o.Dir, "printed"))
	or(&o.Path, randomHex(16))
	if err := loopback(o.Listen); err != nil {
		return o, err
	}
	if err := o.checkServer(); err != nil {
		return o, err
	}
	if o.Speed < 0 || o.Speed > 3600 {
		return o, fmt.Errorf("kiosk: speed %v: want 0 to 3600", o.Speed)
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.AskWithin == 0 {
		o.AskWithin = replica.AskWithin
	}
	if o.Patience == 0 {
		o.Patience = max(patience, o.AskWithin)
	}
	if o.Printer == nil {
		o.Printer = print.File{Dir: o.PrintDir, Case: print.OpenCase()}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.CheckStore == nil {
		o.CheckStore = store.CheckInChild
	}
	if o.At == nil {
		o.At = func(string) {}
	}
	return o, nil
}

func or(field *string, otherwise string) {
	if *field == "" {
		*field = otherwise
	}
}

func (o *Options) checkServer() error {
	if o.Server == "" {
		return nil
	}
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("kiosk: server %q: want http://host or https://host", o.Server)
	}
	or(&o.StatusBase, u.JoinPath("t").String()+"/")
	return nil
}

// loopback refuses an address that others than this machine could reach.
func loopback(listen string) error {
	at, err := netip.ParseAddrPort(listen)
	if err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("kiosk: listen address %q: want a loopback address such as 127.0.0.1:8090", listen)
	}
	return nil
}

// randomHex returns 2n hexadecimal digits of chance.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
