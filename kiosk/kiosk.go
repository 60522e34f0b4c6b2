package kiosk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"machi/internal/estimate"
	"machi/internal/eventlog"
	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/desk"
	"machi/kiosk/store"
)

// tickEvery is how often the agent is told that time has passed.
const tickEvery = 50 * time.Millisecond

// lameFor is how long a machine says that it is out of service before it ends, so
// that whoever watches over it starts it again and the disk is tried anew.
const lameFor = time.Minute

// Kiosk is a ticket machine.
type Kiosk struct {
	o         Options
	started   time.Time
	watch     *watch
	store     *store.Store
	agent     *replica.Agent // owned by the loop
	client    *client        // nil without a server
	listeners []net.Listener // of the touch pages; the first gives the address
	token     string         // in the path of the touch pages
	inbox     chan event
	done      chan struct{}  // closed when the loop has ended
	work      sync.WaitGroup // exchanges and prints under way

	own     *own    // tickets of this machine
	spool   *spool  // its paper
	offers  *offers // what else it proposed
	others  *others // how busy the other offices are
	heart   heartbeat
	lessons *lessons // what the days before have taught
	lock    *desk.Lock
	signed  *desk.Sessions
	scans   *scans // papers that visitors scanned

	estimator estimator                         // owned by the loop
	lame      error                             // why nothing can be kept; see openStore
	care      care                              // of the store; owned by the loop
	stopPull  context.CancelFunc                // of the newest pull; owned by the loop
	heard     time.Duration                     // the newest answer to a pull, on the timer; owned by the loop
	told      estimate.Steady                   // what the screens show of waits; owned by the loop
	acting    map[queue.CommandID]chan string   // owned by the loop
	waiting   map[queue.CommandID][]chan Ticket // owned by the loop
	secrets   map[queue.CommandID]string        // of presses not yet final; owned by the loop

	mu     sync.Mutex // guards what follows
	plan   *Plan
	recent recent // newest presses, for the screen
	alarms []string
}

// event is something for the loop: an input for the agent, or a question to it.
type event struct {
	input replica.Input
	ask   func(ctx context.Context)
}

// New opens the store, settles nothing yet and takes the address. Call Run next;
// it closes what New opened.
func New(o Options) (*Kiosk, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	s, marks, lame, err := openStore(&o)
	if err != nil {
		return nil, err
	}
	k, err := build(o, s, marks)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	k.lame = lame
	return k, nil
}

// openStore opens the store. Where the disk takes nothing, the machine is lame: it
// only says that it is out of service, and leaves the server alone.
func openStore(o *Options) (s *store.Store, marks []replica.Mark, lame, err error) {
	so := store.Options{
		Dir: o.Dir, Office: string(o.Office), Kiosk: string(o.Kiosk), Check: o.CheckStore, Logger: o.Logger,
		NewID: func() string { return randomHex(16) }, Incarnation: newIncarnation,
	}
	s, marks, err = store.Open(context.Background(), so)
	if err == nil || errors.Is(err, store.ErrInUse) || errors.Is(err, store.ErrOther) {
		return s, marks, nil, err
	}
	o.Logger.Error("the machine is out of service: its store cannot be opened", "error", err)
	o.Server = ""
	return store.Broken(so, err), nil, err, nil
}

func newIncarnation() (i eventlog.Incarnation) {
	_, _ = rand.Read(i[:]) // never fails
	return i
}

func build(o Options, s *store.Store, marks []replica.Mark) (*Kiosk, error) {
	k := &Kiosk{
		o: o, started: time.Now(), watch: newWatch(o), store: s, token: o.Path,
		inbox: make(chan event, 64), done: make(chan struct{}),
		own: newOwn(marks), spool: newSpool(), offers: newOffers(), others: &others{}, lessons: openLessons(o.Dir), scans: &scans{},
		lock:   desk.OpenLock(filepath.Join(o.Dir, "desk.json"), time.Now),
		signed: desk.NewSessions(time.Now), acting: map[queue.CommandID]chan string{},
		waiting: map[queue.CommandID][]chan Ticket{}, secrets: map[queue.CommandID]string{},
		stopPull: func() {},
	}
	var err error
	if k.plan, err = readPlan(o.Dir); err != nil {
		// The server's answer replaces it; until then the machine says that it is not ready.
		o.Logger.Error("the stored plan cannot be read", "error", err)
	}
	id := replica.Identity{Office: o.Office, Kiosk: o.Kiosk, Store: s.ID()}
	options := replica.Options{Identity: id, Marks: marks, Offline: o.Server == "", AskWithin: o.AskWithin}
	if k.plan != nil {
		options.Plan = &k.plan.Settings
	}
	if k.agent, err = replica.New(options); err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	if o.Server != "" {
		if k.client, err = newClient(o, s.ID(), k.fate); err != nil {
			return nil, err
		}
	}
	if k.listeners, err = listenLoopback(o.Listen); err != nil {
		return nil, err
	}
	return k, nil
}

// Addr returns the address of the touch pages, with their secret path.
func (k *Kiosk) Addr() string {
	return "http://" + k.listeners[0].Addr().String() + "/" + k.token + "/"
}

// Run works until the context ends (or, with a disk that takes nothing, for a
// minute, and then returns why), finishes the paper that is on its way, and
// closes the store.
func (k *Kiosk) Run(ctx context.Context) error {
	if k.lame != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lameFor)
		defer cancel()
	}
	server := &http.Server{Handler: k.pages(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	served := make(chan error, len(k.listeners))
	printed := make(chan struct{})
	for _, l := range k.listeners {
		go func() { served <- server.Serve(l) }()
	}
	go func() { k.prints(); close(printed) }()
	background, stop := context.WithCancel(ctx)
	if k.client != nil {
		k.work.Go(func() { k.reports(background) })
	}
	err := k.loop(ctx, served)
	stop()
	close(k.done)
	last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(last))
	k.spool.close()
	<-printed
	k.stopPull()
	k.work.Wait()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = errors.Join(err, k.lame)
	}
	return errors.Join(err, k.store.Close())
}
