package print

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Printer puts tickets on paper. Methods may be called from several goroutines; a
// printer does one thing at a time.
type Printer interface {
	// Print returns nil when the whole ticket is on paper. An error that is a [*Failed]
	// means that there is certainly no paper; one that wraps [ErrUnknown] means that
	// there may be. Name is a file name for printers that are folders.
	Print(ctx context.Context, name string, t Ticket) error
	// Status asks the printer how it is. An error means that the context ended; a
	// printer that cannot be reached is a status.
	Status(ctx context.Context) (Status, error)
}

// Status is how a printer is, in the words that staff, pages and server share.
type Status struct {
	Printer string // ok, busy, offline, none, error or unknown
	Paper   string // ok, near_end, out, cover_open or unknown
}

// The words of a [Status].
const (
	OK        = "ok"
	Busy      = "busy"
	Offline   = "offline"
	None      = "none"
	Error     = "error"
	Unknown   = "unknown"
	NearEnd   = "near_end"
	Out       = "out"
	CoverOpen = "cover_open"
)

// The codes of a [Failed] and of an unknown end beside [Busy], [Offline], [None],
// [Error] and [CoverOpen].
const (
	PaperOut = "paper_out"
	Silent   = "silent" // everything was sent, and the printer did not say that it printed
)

// ErrUnknown says that paper may or may not be out.
var ErrUnknown = errors.New("print: whether paper is out is not known")

// Failed says that there is certainly no paper, and why.
type Failed struct {
	Code string // paper_out, cover_open, offline, busy, error or none
	Err  error  // nil if the printer itself said so
}

func (f *Failed) Error() string {
	if f.Err == nil {
		return "print: no paper: " + f.Code
	}
	return fmt.Sprintf("print: no paper: %s: %v", f.Code, f.Err)
}

func (f *Failed) Unwrap() error { return f.Err }

// Doubt is an [ErrUnknown] with its reason.
type Doubt struct {
	Code string // paper_out, cover_open, offline, error or silent
	Err  error  // nil if the printer itself said so
}

func (d *Doubt) Error() string {
	if d.Err == nil {
		return ErrUnknown.Error() + ": " + d.Code
	}
	return fmt.Sprintf("%v: %s: %v", ErrUnknown, d.Code, d.Err)
}

// Is makes every doubt an [ErrUnknown].
func (d *Doubt) Is(target error) bool { return target == ErrUnknown }

func (d *Doubt) Unwrap() error { return d.Err }

// Reason returns the code of an error of [Printer.Print], "" for none.
func Reason(err error) string {
	var failed *Failed
	var doubt *Doubt
	switch {
	case err == nil:
		return ""
	case errors.As(err, &failed):
		return failed.Code
	case errors.As(err, &doubt):
		return doubt.Code
	}
	return Error
}

// Options say how to print. The zero value is an 80 mm printer with a cutter.
type Options struct {
	Paper int   // millimetres: 58 or 80; 0 is 80
	Case  *Case // nil looks for the machine's fonts

	// The longest a printer may take, each 0 for the default.
	Dial    time.Duration // to be reached: 1 s
	Answer  time.Duration // to answer a question: 300 ms
	Write   time.Duration // to take the next bytes: 3 s
	Confirm time.Duration // to say that a ticket is out: 8 s

	// After runs f after d unless it is stopped; nil is [time.AfterFunc]. Every limit
	// goes through it, so that a test decides when time passes.
	After func(d time.Duration, f func()) (stop func() bool)
}
