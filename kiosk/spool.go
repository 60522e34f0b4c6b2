package kiosk

import (
	"context"
	"errors"
	"sync"
	"time"

	"machi/internal/replica"
	"machi/kiosk/print"
)

const (
	// printWithin is how long a printer may take for one ticket; its own limits are
	// tighter.
	printWithin = 15 * time.Second
	// pollEvery is how often an idle printer is asked how it is, pollWithin how long
	// it may take to say.
	pollEvery  = 5 * time.Second
	pollWithin = 2 * time.Second
)

// job is something for the printer, and who hears what became of it.
type job struct {
	name   string
	ticket print.Ticket
	done   func(err error)
}

// spool is the way to the paper: one goroutine prints, and asks the printer how it
// is while nothing is to be printed.
type spool struct {
	jobs chan job

	mu      sync.Mutex // guards what follows
	closed  bool
	status  print.Status
	failure string             // code of the newest ticket's failure, "" after a success
	stop    context.CancelFunc // of the question under way
}

func newSpool() *spool {
	return &spool{jobs: make(chan job, 4), status: print.Status{Printer: print.Unknown, Paper: print.Unknown}}
}

// put hands a job over, or reports false: the printer hangs, or the machine stops.
func (s *spool) put(j job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	select {
	case s.jobs <- j:
	default:
		return false
	}
	if s.stop != nil {
		s.stop() // a visitor waits: the question can wait
	}
	return true
}

// close ends the spool behind what is in it.
func (s *spool) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	close(s.jobs)
}

// asking begins a question to the printer, unless something is to be printed.
func (s *spool) asking() (context.Context, context.CancelFunc, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.jobs) > 0 {
		return nil, nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), pollWithin)
	s.stop = cancel
	return ctx, cancel, true
}

// words returns how the printer is, as far as is known.
func (s *spool) words() print.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// calm forgets the newest failure: staff say that they have seen to it.
func (s *spool) calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = ""
}

// troubles lists what staff should do about the paper.
func (s *spool) troubles() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	if s.failure != "" && s.failure != print.None || s.status.Printer == print.Offline || s.status.Printer == print.Error {
		list = append(list, "printer")
	}
	switch s.status.Paper {
	case print.Out:
		list = append(list, "paper_out")
	case print.NearEnd:
		list = append(list, "paper_near_end")
	case print.CoverOpen:
		list = append(list, "cover_open")
	}
	return list
}

// prints is the printer's goroutine. It ends with the jobs.
func (k *Kiosk) prints() {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	k.pollPrinter()
	for {
		select {
		case j, open := <-k.spool.jobs:
			if !open {
				return
			}
			k.printOne(j)
			k.pollPrinter()
		case <-poll.C:
			k.pollPrinter()
		}
	}
}

func (k *Kiosk) printOne(j job) {
	ctx, cancel := context.WithTimeout(context.Background(), printWithin)
	defer cancel()
	k.o.At("paper:before")
	err := k.o.Printer.Print(ctx, j.name, j.ticket)
	k.o.At("paper:after")
	k.spool.mu.Lock()
	k.spool.failure = print.Reason(err)
	k.spool.mu.Unlock()
	if err != nil {
		k.o.Logger.Error("a ticket was not printed", "error", err)
	}
	j.done(err)
}

func (k *Kiosk) pollPrinter() {
	ctx, cancel, ok := k.spool.asking()
	if !ok {
		return
	}
	defer cancel()
	status, err := k.o.Printer.Status(ctx)
	k.spool.mu.Lock()
	defer k.spool.mu.Unlock()
	k.spool.stop = nil
	if err == nil {
		k.spool.status = status
	}
}

// print hands a ticket to the printer's goroutine. One press is on its way at a
// time, so there is room; a printer that hangs is one that failed.
func (k *Kiosk) print(ctx context.Context, p replica.Press) {
	report := func(ctx context.Context, err error) {
		r := replica.PaperReport{Command: p.Command, Event: paperEvent(err), Code: print.Reason(err)}
		k.tell(ctx, r) // without a loop a restart flags the paper
	}
	j := job{paperName(p), k.paperOf(p, k.ticketOf(p)), func(err error) { report(context.Background(), err) }}
	if !k.spool.put(j) {
		k.work.Go(func() { report(ctx, &print.Failed{Code: print.Busy}) })
	}
}

func paperName(p replica.Press) string {
	return string(p.Date) + "-" + string(p.Number) + "-" + string(p.Ticket)
}

// paperEvent names the end of a print: out, certainly not, or nobody knows.
func paperEvent(err error) replica.PressEvent {
	switch {
	case err == nil:
		return replica.PaperOut
	case errors.Is(err, print.ErrUnknown):
		return replica.PaperUnknown
	}
	return replica.PaperFailed
}
