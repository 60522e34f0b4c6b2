package webhook

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/notify"
	"machi/internal/notify/outbox"
	"machi/internal/notify/outward"
	"machi/internal/queue"
)

// Options say what a service works with. Book, Store, Server, Run, Key, Now and Scenes
// are required.
type Options struct {
	Book        *Book
	Store       eventlog.Store
	Server, Run string
	Key         []byte // of the installation
	Source      string // of the events: this installation's address
	Now         func() time.Time
	// Scenes returns the offices as they are now.
	Scenes     func() []Scene
	Guard      *Guard
	Wall       func() time.Time // nil: [time.Now]
	Every      time.Duration    // zero means a second
	Lease      time.Duration    // see [outbox.Options]
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// The limits of deliveries.
const (
	prefix   = "webhook-" // of the streams; the business day follows
	perDay   = 20_000     // events in one day's stream; more are counted and dropped
	mostTry  = 10         // then a delivery is dead: about half an hour
	keepDays = 2          // that dead deliveries can be looked at
	atOnce   = 2          // to one endpoint: one that does not answer keeps no other waiting
	mostAge  = time.Hour  // then an event is news to nobody
	within   = 15 * time.Second
	quiet    = 2 * time.Minute // between two words about one service's level
)

type (
	box   = outbox.Box[happening]
	entry = outbox.Event[happening]
)

// Service sends events.
type Service struct {
	o       Options
	client  *http.Client
	maker   *maker
	tries   *prometheus.CounterVec
	running sync.WaitGroup
	base    context.Context
	stop    context.CancelFunc

	mu      sync.Mutex
	lanes   map[string]*lane // by endpoint
	date    queue.Date
	box     *box
	before  *box // of the day before, to look at
	end     context.CancelFunc
	trouble bool
}

// New returns a service. It sends while [Service.Run] runs.
func New(o Options) *Service {
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Every = cmp.Or(o.Every, time.Second)
	s := &Service{
		o: o, client: o.Guard.Client(), maker: &maker{o.Key, cmp.Or(o.Source, "/")}, lanes: map[string]*lane{},
		tries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "machi_webhook_tries_total", Help: "Tries to deliver an event, by result: sent, again, dead, full.",
		}, []string{"result"}),
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(s.tries)
	}
	s.base, s.stop = context.WithCancel(context.Background())
	return s
}

// Run makes and sends events until the context ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(s.o.Every)
	defer tick.Stop()
	for {
		err := s.round(ctx)
		if err != nil && !s.trouble && ctx.Err() == nil {
			s.o.Logger.Warn("webhooks wait for the store", "error", err)
		}
		s.trouble = err != nil
		select {
		case <-ctx.Done():
			s.stop()
			s.running.Wait()
			return nil
		case <-tick.C:
		}
	}
}

// round makes the events of now, and sends what is due. Without endpoints it does not
// even open a stream.
func (s *Service) round(ctx context.Context) error {
	endpoints := s.o.Book.Endpoints()
	if len(endpoints) == 0 {
		return nil
	}
	b, err := s.today(ctx)
	if err != nil {
		return err
	}
	if err := s.gather(ctx, b, endpoints); err != nil {
		return err
	}
	var old []outbox.Outcome
	for _, i := range b.Open() {
		if s.o.Wall().Sub(i.Added) > mostAge {
			old = append(old, outbox.Outcome{ID: i.ID, State: outbox.Failed, Reason: "too old"})
			continue
		}
		if !s.enter(i.Data.Endpoint) {
			continue
		}
		got, err := b.Claim(ctx, []string{i.ID})
		if err != nil || len(got) == 0 {
			s.leave(i.Data.Endpoint, nil)
			if err != nil {
				return err
			}
			continue
		}
		s.running.Go(func() {
			o := s.send(got[0])
			s.leave(i.Data.Endpoint, &o)
			s.settle(b, o)
		})
	}
	if len(old) > 0 {
		return b.Settle(ctx, old...)
	}
	return nil
}

// lane is what goes to one endpoint.
type lane struct {
	flying, fails int
	until         time.Time // it failed, and is left alone
}

// enter takes a place in an endpoint's lane, if there is one.
func (s *Service) enter(endpoint string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[endpoint]
	if l == nil {
		l = &lane{}
		s.lanes[endpoint] = l
	}
	if l.flying >= atOnce || s.o.Wall().Before(l.until) {
		return false
	}
	l.flying++
	return true
}

// leave gives the place back. Failures make the pause before the next try of anything
// longer; nil: nothing was tried.
func (s *Service) leave(endpoint string, o *outbox.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[endpoint]
	l.flying--
	switch {
	case o == nil:
	case o.State == outbox.Sent:
		l.fails, l.until = 0, time.Time{}
	case o.State == outbox.Waiting:
		l.fails++
		l.until = s.o.Wall().Add(notify.Pause(l.fails, 0, 0))
	}
}

// today returns the box of the business day.
func (s *Service) today(ctx context.Context) (*box, error) {
	date := queue.BusinessDay(s.o.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.box != nil && s.date == date {
		return s.box, nil
	}
	b, err := s.open(ctx, date)
	if err != nil {
		return nil, err
	}
	if s.box == nil {
		if s.before, err = s.open(ctx, queue.BusinessDay(s.o.Now().AddDate(0, 0, -1))); err != nil {
			return nil, err
		}
	} else {
		s.end()
		s.before = s.box
	}
	following, stop := context.WithCancel(s.base)
	s.date, s.box, s.end = date, b, stop
	s.running.Go(func() { _ = b.Run(following) })
	return b, s.sweep(ctx)
}

func (s *Service) open(ctx context.Context, date queue.Date) (*box, error) {
	log, err := s.o.Store.Open(prefix + string(date))
	if err != nil {
		return nil, err
	}
	return outbox.Open[happening](ctx, outbox.Options{Log: log, Name: "webhook", Server: s.o.Server, Run: s.o.Run, Wall: s.o.Wall, Lease: s.o.Lease})
}

// sweep removes the streams of days that nobody looks at any more.
func (s *Service) sweep(ctx context.Context) error {
	names, err := s.o.Store.Streams(ctx)
	if err != nil {
		return err
	}
	oldest := queue.BusinessDay(s.o.Now().AddDate(0, 0, -keepDays))
	for _, name := range names {
		r, ok := s.o.Store.(eventlog.Remover)
		if date, ours := strings.CutPrefix(name, prefix); ok && ours && queue.Date(date) < oldest {
			if err := r.Remove(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// gather puts the events in that are not there yet.
func (s *Service) gather(ctx context.Context, b *box, endpoints []Endpoint) error {
	var found []happening
	for _, scene := range s.o.Scenes() {
		for _, e := range endpoints {
			found = append(found, s.maker.calls(e, scene)...)
			found = append(found, s.maker.levels(e, scene)...)
			found = append(found, s.maker.alerts(e, scene)...)
		}
	}
	if len(news(b, found, s.o.Wall())) == 0 {
		return nil
	}
	return b.Write(ctx, func() ([]entry, error) {
		var list []entry
		for _, h := range news(b, found, s.o.Wall()) {
			list = append(list, outbox.Add(h.Event.ID, h))
		}
		if room := perDay - len(b.Items()); len(list) > max(0, room) {
			s.tries.WithLabelValues("full").Add(float64(len(list) - max(0, room)))
			list = list[:max(0, room)]
		}
		if len(list) == 0 {
			return nil, ledger.ErrDone
		}
		return list, nil
	})
}

// news leaves out what the box has: an event of the same key, or a level that the
// endpoint has been told, or whose service was spoken of a moment ago.
func news(b *box, found []happening, now time.Time) (list []happening) {
	type line struct{ endpoint, line string }
	type word struct {
		over bool
		at   time.Time
	}
	last := map[line]word{}
	for _, i := range b.Items() {
		if i.Data.Line != "" {
			last[line{i.Data.Endpoint, i.Data.Line}] = word{i.Data.Over, i.Added}
		}
	}
	for _, h := range found {
		if h.Line != "" {
			if w := last[line{h.Endpoint, h.Line}]; w.over != h.Over && now.Sub(w.at) >= quiet {
				list = append(list, h)
			}
			continue
		}
		if _, known := b.Get(h.Event.ID); !known {
			list = append(list, h)
		}
	}
	return list
}

// send tries once to deliver.
func (s *Service) send(i outbox.Item[happening]) outbox.Outcome {
	k, known := s.o.Book.find(i.Data.Endpoint)
	if !known {
		return outbox.Outcome{ID: i.ID, State: outbox.Dropped, Reason: "removed"}
	}
	f := s.post(k, i.Data)
	switch {
	case f == nil:
		s.tries.WithLabelValues("sent").Inc()
		return outbox.Outcome{ID: i.ID, State: outbox.Sent}
	case i.Tries >= mostTry, f.Verdict == notify.Gone:
		s.tries.WithLabelValues("dead").Inc()
		return outbox.Outcome{ID: i.ID, State: outbox.Failed, Reason: f.Reason}
	}
	s.tries.WithLabelValues("again").Inc()
	// A receiver knows twins by their webhook-id, so that one more does no harm.
	return outbox.Outcome{ID: i.ID, State: outbox.Waiting, Reason: f.Reason, Wait: notify.Pause(i.Tries, f.After, rand.Float64())}
}

// post sends one request.
func (s *Service) post(k kept, h happening) *notify.Failure {
	body, err := h.body()
	if err != nil {
		return &notify.Failure{Verdict: notify.Gone, Reason: "message"}
	}
	secrets, err := s.o.Book.secrets(k)
	if err != nil {
		return &notify.Failure{Verdict: notify.Again, Reason: "secret"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	ctx, try := outward.Watch(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, k.URL, bytes.NewReader(body))
	if err != nil {
		return &notify.Failure{Verdict: notify.Gone, Reason: "address"}
	}
	at := s.o.Wall()
	signature, err := sign(h.Name, at, body, secrets)
	if err != nil {
		return &notify.Failure{Verdict: notify.Again, Reason: "secret"}
	}
	r.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	r.Header.Set("User-Agent", "machi-webhook/1")
	r.Header.Set("webhook-id", h.Name)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	answer, err := s.client.Do(r)
	if err != nil {
		return try.Failed()
	}
	defer outward.Drain(answer.Body)
	f := outward.Answered(answer.StatusCode, answer.Header, s.o.Wall())
	if f != nil && f.Verdict == notify.Gone && answer.StatusCode != http.StatusGone {
		f.Verdict = notify.Again // a path that is being deployed is not there for a moment
	}
	return f
}

// settle writes down what became of a try; what cannot be written is tried again later,
// under the same webhook-id.
func (s *Service) settle(b *box, o outbox.Outcome) {
	for wait := 100 * time.Millisecond; wait < 20*time.Second; wait *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := b.Settle(ctx, o)
		cancel()
		if err == nil {
			return
		}
		select {
		case <-s.base.Done():
			return
		case <-time.After(wait):
		}
	}
}
