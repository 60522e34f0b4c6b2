package office

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// run is one office-day that runs: a goroutine that owns the core, and one that
// listens to the log.
type run struct {
	ward   *Ward
	room   *room
	date   queue.Date
	stream string
	logger *slog.Logger
	jobs   chan *call
	rung   chan rung
	seen   chan struct{} // closed when the store has been asked once
	ended  chan struct{} // closed when the run has ended
	stop   context.CancelFunc

	users int       // guarded by room.mu
	used  time.Time // guarded by room.mu

	mu    sync.Mutex
	known *day.Day // never changed
	at    time.Time
	doubt bool
}

// call is a job on its way: its answer comes through the channel, which has room.
type call struct {
	job    *Job
	cancel bool // take the job back instead
	answer chan Answer
}

// rung says that the log may be longer; done is closed when that was looked after.
type rung struct {
	after int64
	done  chan struct{}
}

func newRun(w *Ward, r *room, date queue.Date) *run {
	return &run{
		ward: w, room: r, date: date, stream: day.Stream(r.id, date),
		logger: w.o.Logger.With("office", string(r.id), "date", string(date)),
		jobs:   make(chan *call, maxWaiting), rung: make(chan rung),
		seen: make(chan struct{}), ended: make(chan struct{}),
		used: w.o.Now(), known: day.New(), doubt: true,
	}
}

// start is called with the room locked.
func (d *run) start(ctx context.Context) {
	ctx, d.stop = context.WithCancel(ctx)
	d.ward.tasks.Add(2)
	go func() {
		defer d.ward.tasks.Done()
		defer close(d.ended)
		d.supervise(ctx)
	}()
	go func() {
		defer d.ward.tasks.Done()
		d.listen(ctx)
	}()
}

// ask brings a job to the core and waits for the answer.
func (d *run) ask(ctx context.Context, j *Job) Answer {
	c := &call{job: j, answer: make(chan Answer, 1)}
	select {
	case d.jobs <- c:
	default:
		return Answer{Job: j, Err: unavailable(Overloaded, nil)}
	}
	select {
	case a := <-c.answer:
		return a
	case <-ctx.Done():
		d.takeBack(c)
		return Answer{Job: j, Err: unavailable(StoreUnreachable, ctx.Err())}
	case <-d.ended:
		select {
		case a := <-c.answer:
			return a
		default:
			return Answer{Job: j, Err: unavailable(StoreUnreachable, eventlog.ErrClosed)}
		}
	}
}

// takeBack spares the core a job that nobody waits for any more. Where the mailbox
// is full the job is done for nothing, which does no harm.
func (d *run) takeBack(c *call) {
	select {
	case d.jobs <- &call{job: c.job, cancel: true}:
	default:
	}
}

// view returns what is known of the day.
func (d *run) view() View {
	d.mu.Lock()
	defer d.mu.Unlock()
	return View{
		Office: d.room.id, Date: d.date, State: d.known.State(), Head: d.known.Head(), Day: d.known, At: d.at, Doubt: d.doubt,
	}
}

func (d *run) day() *day.Day {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known
}

// loaded waits until the store has been asked once, or ctx ends.
func (d *run) loaded(ctx context.Context) {
	select {
	case <-d.seen:
	case <-d.ended:
	case <-ctx.Done():
	}
}

// firstSeen ends the wait of loaded. Only the day's goroutine calls it.
func (d *run) firstSeen() {
	select {
	case <-d.seen: // in an earlier life of the core
	default:
		close(d.seen)
	}
}

// supervise runs the core until the context ends. A panic costs the jobs of this
// office that were under way, and nothing else: the day begins again from the log.
func (d *run) supervise(ctx context.Context) {
	for ctx.Err() == nil {
		if err := d.live(ctx); err != nil {
			d.logger.Error("the office begins again", "error", err)
			d.ward.metrics.restarts.Inc()
			pause(ctx, time.Second)
		}
	}
}

// live is one life of the core.
func (d *run) live(ctx context.Context) (err error) {
	log, err := d.ward.o.Store.Open(d.stream)
	if err != nil {
		d.turnAway(err)
		return fmt.Errorf("open %s: %w", d.stream, err)
	}
	k := &keeper{run: d, log: log, calls: map[*Job]*call{}}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		k.abandon()
	}()
	k.core = NewCore(d.coreOptions())
	k.work(ctx)
	return nil
}

// turnAway answers all that wait while there is no core to ask.
func (d *run) turnAway(err error) {
	for {
		select {
		case c := <-d.jobs:
			if !c.cancel {
				c.answer <- Answer{Job: c.job, Err: unavailable(StoreUnreachable, err)}
			}
		default:
			return
		}
	}
}

func (d *run) coreOptions() CoreOptions {
	o := d.ward.o
	return CoreOptions{
		Office: d.room.id, Date: d.date, Server: o.Server, Random: o.Random, Replicated: o.Replicated,
		Journal: d.recollect(), OpenNow: true,
	}
}

// recollect reads the own journal. Damage in it is reported, and what can be read
// is used: every record proves itself by its hash.
func (d *run) recollect() []eventlog.Record {
	if d.ward.o.Journal == nil {
		return nil
	}
	records, err := d.ward.o.Journal.Records(d.stream)
	if err != nil {
		d.logger.Error("the journal is damaged", "error", err)
	}
	return records
}

// listen tells the core when the log is longer than what is known.
func (d *run) listen(ctx context.Context) {
	var log eventlog.Log
	for ctx.Err() == nil {
		var err error
		if log == nil {
			log, err = d.ward.o.Store.Open(d.stream)
		}
		if err != nil || !d.hear(ctx, log) {
			pause(ctx, time.Second)
		}
	}
}

// hear waits for the log once and has it read. It reports false where that did not
// move the head: then the next comparison of the heads finds out why.
func (d *run) hear(ctx context.Context, log eventlog.Log) bool {
	after := d.view().Head.Number
	if err := log.Wait(ctx, after); err != nil {
		return false
	}
	r := rung{after, make(chan struct{})}
	select {
	case d.rung <- r:
	case <-ctx.Done():
		return false
	}
	select {
	case <-r.done:
	case <-ctx.Done():
	}
	return d.view().Head.Number != after
}

// publish shows what the core knows by now.
func (d *run) publish(c *Core) {
	d.mu.Lock()
	moved := d.known.Head() != c.Day().Head() || d.doubt != c.Doubt()
	d.known, d.at, d.doubt = c.Day(), c.At(), c.Doubt()
	d.mu.Unlock()
	if !moved {
		return
	}
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.room.ring()
}

func pause(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
