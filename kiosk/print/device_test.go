package print_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

// The limits of a printer in tests. They never pass by themselves: see clock.
const (
	dial, answer, write, confirm = time.Hour, 2 * time.Hour, 3 * time.Hour, 8 * 5 * time.Hour
	settle, look                 = 2 * answer, confirm / 8
)

// clock lets a limit pass when the printer knows that it will not be kept, and
// never otherwise: no test depends on how fast a machine is.
type clock struct {
	mu      sync.Mutex
	missed  int                        // questions that stay unanswered, whose limit has not passed yet
	passed  map[time.Duration]bool     // limits that pass at once
	waiting map[time.Duration][]*timer // the others
	onWord  func()                     // called instead of letting the limit of a confirmation pass
}

// reset makes all limits lasting again.
func (c *clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.passed)
	c.missed = 0
}

type timer struct{ f func() }

func newClock() *clock {
	return &clock{passed: map[time.Duration]bool{}, waiting: map[time.Duration][]*timer{}}
}

func (c *clock) after(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.passed[d] || d == answer && c.missed > 0 {
		if d == answer {
			c.missed--
		}
		go f()
		return func() bool { return false }
	}
	t := &timer{f}
	c.waiting[d] = append(c.waiting[d], t)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, other := range c.waiting[d] {
			if other == t {
				c.waiting[d] = append(c.waiting[d][:i:i], c.waiting[d][i+1:]...)
				return true
			}
		}
		return false
	}
}

// quiet is what a virtual printer tells of its silences.
func (c *clock) quiet(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch what {
	case "answer":
		if len(c.waiting[answer]) == 0 {
			c.missed++
			return
		}
		go c.waiting[answer][0].f()
		c.waiting[answer] = c.waiting[answer][1:]
	case "gone":
		c.pass(answer)
		c.pass(look)
	case "name":
		c.pass(settle)
	case "word":
		if c.onWord != nil {
			c.onWord()
			return
		}
		c.pass(look)
	}
}

// pass lets every limit of a length pass, now and from now on.
func (c *clock) pass(d time.Duration) {
	c.passed[d] = true
	for _, t := range c.waiting[d] {
		go t.f()
	}
	c.waiting[d] = nil
}

// desk is a virtual printer on a network port, and what prints on it.
type desk struct {
	*virtual.Printer
	clock   *clock
	target  string
	options print.Options
}

// types are opened once: fonts are large.
var types = sync.OnceValue(func() *print.Case { return print.OpenCase() })

func newDesk(t *testing.T, script virtual.Script, paper int) *desk {
	t.Helper()
	dots := map[int]int{58: 384, 80: 576}[paper]
	c := newClock()
	d := &desk{clock: c, options: print.Options{
		Paper: paper, Case: types(), Dial: dial, Answer: answer, Write: write, Confirm: confirm, After: c.after,
	}}
	d.Printer = virtual.New(virtual.Options{Dots: dots, Case: types(), Script: script, Quiet: c.quiet})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() {
		if err := d.Serve(ctx, l); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); served.Wait() })
	d.target = "tcp://" + l.Addr().String()
	return d
}

func (d *desk) open(t *testing.T, settings string) print.Printer {
	t.Helper()
	p, err := print.Open(d.target+settings, d.options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// patient is a context that only a broken program outlives.
func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// slip is a ticket that is made quickly.
var slip = print.Ticket{Ward: "世田谷区", Ahead: -1}

// reference is what a ticket looks like on a printer without faults.
var reference = sync.OnceValue(func() string {
	p := virtual.New(virtual.Options{Case: types()})
	p.Feed(print.Bytes(types(), ticket(), 576))
	return p.Papers()[0].Digest()
})

// played is how a ticket ends under a script: what Print says, how much paper there
// is, and how the printer is then. Fresh: it is the first ticket of the program.
type played struct {
	fresh   bool
	code    string // "" for printed
	unknown bool
	whole   bool // the paper, in truth
	after   print.Status
}

var ok = print.Status{Printer: print.OK, Paper: print.OK}

func st(printer, paper string) print.Status { return print.Status{Printer: printer, Paper: paper} }

var (
	lost     = st(print.Offline, print.Unknown)
	nobody   = st(print.Unknown, print.Unknown)
	isOut    = st(print.OK, print.Out)
	isOpen   = st(print.OK, print.CoverOpen)
	nearEnd  = st(print.OK, print.NearEnd)
	isBroken = st(print.Error, print.OK)
)

var endings = map[string]played{
	"well":                      {whole: true, after: ok},
	"never-answers":             {fresh: true, code: print.Silent, unknown: true, whole: true, after: nobody},
	"never-confirms":            {fresh: true, code: print.Silent, unknown: true, whole: true, after: ok},
	"confirms-only":             {fresh: true, code: print.Silent, unknown: true, whole: true, after: nobody},
	"tells-nothing-by-itself":   {whole: true, after: ok},
	"nameless":                  {fresh: true, whole: true, after: ok},
	"knows-no-causes":           {fresh: true, whole: true, after: ok},
	"knows-no-codes":            {after: ok}, // without its QR code
	"noise-at-first":            {whole: true, after: ok},
	"noise-in-between":          {whole: true, after: ok},
	"near-end":                  {whole: true, after: nearEnd},
	"near-end-in-between":       {whole: true, after: nearEnd},
	"paper-out":                 {code: print.PaperOut, after: isOut},
	"cover-open":                {code: print.CoverOpen, after: isOpen},
	"paper-out-and-cover-open":  {code: print.CoverOpen, after: isOpen},
	"blade-jammed":              {code: print.Error, after: isBroken},
	"off-line":                  {code: print.Offline, after: st(print.Offline, print.OK)},
	"unplugged":                 {code: print.Offline, after: lost},
	"no-power":                  {code: print.Offline, after: lost},
	"fallen-mute":               {code: print.Offline, after: lost},
	"hung":                      {code: print.Offline, after: lost},
	"closes-at-once":            {code: print.Offline, after: ok},
	"unplugged-when-asked":      {code: print.Offline, after: lost},
	"unplugged-when-asked-more": {code: print.Offline, after: lost},
	"paper-out-when-asked":      {code: print.PaperOut, after: isOut},
	"paper-out-at-first-row":    {code: print.PaperOut, unknown: true, after: isOut},
	"paper-out-in-number":       {code: print.PaperOut, unknown: true, after: isOut},
	"paper-out-at-code":         {code: print.PaperOut, unknown: true, after: isOut},
	"paper-out-before-cut":      {code: print.PaperOut, unknown: true, after: isOut},
	"cover-open-at-row":         {code: print.CoverOpen, unknown: true, after: isOpen},
	"cover-open-in-number":      {code: print.CoverOpen, unknown: true, after: isOpen},
	"cover-opened-and-shut":     {code: print.CoverOpen, unknown: true, whole: true, after: ok},
	"blade-jams":                {code: print.Error, unknown: true, after: isBroken},
	"goes-off-line":             {code: print.Offline, unknown: true, after: st(print.Offline, print.OK)},
	"hangs-at-row":              {code: print.Offline, unknown: true, after: lost},
	"hangs-in-number":           {code: print.Offline, unknown: true, after: lost},
	"hangs-before-cut":          {code: print.Offline, unknown: true, after: lost},
	"unplugged-at-row":          {code: print.Offline, unknown: true, after: lost},
	"unplugged-in-number":       {code: print.Offline, unknown: true, after: lost},
	"unplugged-before-cut":      {code: print.Offline, unknown: true, after: lost},
	"power-off-at-row":          {code: print.Offline, unknown: true, after: lost},
	"power-off-in-number":       {code: print.Offline, unknown: true, after: lost},
	"power-off-before-cut":      {code: print.Offline, unknown: true, after: lost},
	"closes-in-number":          {code: print.Offline, unknown: true, after: ok},
	"mute-at-row":               {code: print.Offline, unknown: true, whole: true, after: lost},
	"keeps-it":                  {code: print.Silent, unknown: true, after: ok},
	"paper-put-in":              {whole: true, after: ok},
	"paper-out-untold":          {code: print.PaperOut, unknown: true, after: isOut},
	"paper-out-after-cut":       {code: print.PaperOut, unknown: true, whole: true, after: isOut},
	"cover-open-after-cut":      {code: print.CoverOpen, unknown: true, whole: true, after: isOpen},
	"unplugged-after-cut":       {code: print.Offline, unknown: true, whole: true, after: lost},
	"power-off-after-cut":       {code: print.Offline, unknown: true, whole: true, after: lost},
	"closes-after-cut":          {code: print.Offline, unknown: true, whole: true, after: ok},
	"mute-after-cut":            {code: print.Offline, unknown: true, whole: true, after: lost},
	"hangs-after-cut":           {code: print.Offline, unknown: true, whole: true, after: lost},
	"paper-out-after-all":       {whole: true, after: isOut},
	"cover-open-after-all":      {whole: true, after: isOpen},
	"unplugged-after-all":       {whole: true, after: lost},
}

func TestATicketIsSaidToBeWhatItIsUnderEveryFault(t *testing.T) {
	if n := len(virtual.Scripts()); n < 40 || n != len(endings) {
		t.Fatalf("%d scripts, %d endings: want as many, and at least 40", n, len(endings))
	}
	for _, script := range virtual.Scripts() {
		t.Run(script.Name, func(t *testing.T) {
			t.Parallel()
			want, known := endings[script.Name]
			if !known {
				t.Fatal("nobody said how this ends")
			}
			play(t, script, want)
		})
	}
}

func play(t *testing.T, script virtual.Script, want played) {
	first := virtual.Script{}
	if want.fresh {
		first = script
	}
	d := newDesk(t, first, 80)
	printer := d.open(t, "")
	before := 0
	if !want.fresh {
		if err := printer.Print(patient(t), "A011", slip); err != nil {
			t.Fatalf("a ticket before the fault: %v", err)
		}
		before = len(d.Papers())
		d.Play(script)
	}
	err := printer.Print(patient(t), "A012", ticket())
	papers := d.Papers()[before:]
	whole := len(papers) > 0 && papers[0].Cut && papers[0].Digest() == reference()

	// What may never be, whatever the script says.
	switch {
	case err == nil && !whole && !script.Lacks.Code:
		t.Error("said to be printed, and is not")
	case err != nil && !errors.Is(err, print.ErrUnknown) && len(papers) > 0:
		t.Errorf("said to have no paper (%v), and has some", err)
	}
	if code := print.Reason(err); code != want.code || errors.Is(err, print.ErrUnknown) != want.unknown || whole != want.whole {
		t.Errorf("Print = %v (code %q), whole paper %v; want %+v", err, code, whole, want)
	}
	status, err := printer.Status(patient(t))
	if err != nil || status != want.after {
		t.Errorf("Status = %+v, %v, want %+v", status, err, want.after)
	}
	if notes := d.Complaints(); len(notes) > 0 && !script.Lacks.Code {
		t.Errorf("the printer complains: %v", notes)
	}
}
