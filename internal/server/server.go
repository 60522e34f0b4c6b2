package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/account"
	"machi/internal/alert/duty"
	"machi/internal/almanac"
	"machi/internal/api"
	"machi/internal/auth"
	"machi/internal/catalog"
	"machi/internal/eventlog"
	"machi/internal/eventlog/journal"
	"machi/internal/foresee"
	"machi/internal/guide"
	"machi/internal/history"
	"machi/internal/live"
	"machi/internal/notify"
	"machi/internal/office"
	"machi/internal/practice"
	"machi/internal/queue"
	"machi/internal/rulebook"
	"machi/internal/satisfaction"
	"machi/internal/signs"
	"machi/internal/staffing"
)

// Server is one assembled server.
type Server struct {
	options  Options
	now      func() time.Time
	registry *prometheus.Registry

	identity  *identity
	store     eventlog.Store
	journal   *journal.Side
	source    *catalog.Source
	guide     *guide.Guide
	infos     *infos
	beside    eventlog.Store // of the small logs beside the days
	keeper    *auth.Keeper
	book      *rulebook.Book
	archive   *history.Archive
	history   *history.Keeper
	promises  *promises
	reports   *Reports
	measures  *measures
	almanac   *almanac.Book
	forecasts *foresee.Keeper
	staffing  *staffing.Keeper
	faces     *satisfaction.Book
	curves    *curves
	people    *account.Keeper
	signs     *signs.Kit
	trail     trail
	ward      *office.Ward
	hub       *live.Hub
	tell      *notify.Engine
	alerts    *duty.Keeper
	presence  *presence
	aheads    aheads
	webhooks  webhooks
	school    *practice.School
	api       *api.API

	public, admin net.Listener
	draining      atomic.Bool
	undo          []func() error // closes what was opened, to be called from the last on
	once          sync.Once
	closed        error
}

// New opens everything that a server needs and listens. What it returns must be
// run, or closed with [Server.Close].
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, now: o.clock(), registry: prometheus.NewRegistry()}
	for _, step := range []func() error{
		s.openData, s.openStore, s.openCatalog, s.openKeeper, s.openPeople, s.openTrail, s.openRules, s.openSigns, s.openMetrics, s.openHistory, s.openFaces, s.openPromises, s.openMeasures, s.openReports, s.openWard, s.openForecasts, s.openStaffing, s.openCurves, s.openHub, s.openTell, s.openAlerts, s.openWebhooks, s.openPractice, s.openAPI, s.listen,
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close closes what New opened, in the reverse order. [Server.Run] does it as well;
// again it does nothing.
func (s *Server) Close() error {
	s.once.Do(func() {
		var failed []error
		for i := len(s.undo) - 1; i >= 0; i-- {
			failed = append(failed, s.undo[i]())
		}
		s.closed = errors.Join(failed...)
	})
	return s.closed
}

func (s *Server) defers(closing func() error) { s.undo = append(s.undo, closing) }

// openData makes the folder, takes it for this process alone, and finds out who
// this server is.
func (s *Server) openData() error {
	if err := os.MkdirAll(s.options.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	side, err := journal.OpenSide(filepath.Join(s.options.Data, "journal"), journal.SideOptions{})
	switch {
	case errors.Is(err, journal.ErrLocked):
		return fmt.Errorf("another server runs on the data folder %s: %w", s.options.Data, err)
	case err != nil:
		return err
	}
	s.journal = side
	s.defers(side.Close)
	for _, damage := range side.Damage() {
		s.options.Logger.Error("the side journal is damaged", "error", damage)
	}
	s.identity, err = openIdentity(s.options.Data)
	return err
}

func (s *Server) openStore() error {
	o := s.options
	store, err := OpenStore(context.Background(), StoreOptions{
		Data: o.Data, Redis: o.Redis, Replicas: o.RedisReplicas, Sentinels: o.Sentinels, Master: o.RedisMaster,
		Unsafe: o.AllowUnsafeRedis, Logger: o.Logger,
	})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.store = store
	s.defers(store.Close)
	return nil
}

func (s *Server) openCatalog() error {
	source, err := catalog.NewSource(s.options.Catalog, s.today, s.options.Logger)
	if err != nil {
		return err
	}
	s.source, s.infos = source, &infos{source: source}
	s.guide = guide.New(func() *catalog.Catalog {
		c, _ := source.Catalog()
		return c
	})
	return nil
}

func (s *Server) today() queue.Date { return queue.BusinessDay(s.now()) }

// openKeeper opens the tokens. They live beside the logs in Redis, or in files that
// the command line can append to while the server runs.
func (s *Server) openKeeper() error {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	s.beside = s.store
	if s.options.Redis != "" && len(s.journal.Streams()) > 0 {
		if err := s.awaitOthers(); err != nil {
			return err
		}
	} else if s.options.Redis == "" {
		files, err := openBeside(ctx, StoreOptions{Data: s.options.Data})
		if err != nil {
			return fmt.Errorf("tokens: %w", err)
		}
		s.defers(files.Close)
		s.beside = files
	}
	keeper, err := keeperIn(ctx, s.beside)
	s.keeper = keeper
	return err
}

// restAwaited is what the accounts, the rules and the trail take after the tokens.
const restAwaited = 1500 * time.Millisecond

// awaitOthers lets servers that run put tokens and accounts back into a Redis that has
// lost everything: whoever writes something new there first makes them forget theirs.
func (s *Server) awaitOthers() error {
	log, err := s.store.Open(auth.Stream)
	if err != nil {
		return fmt.Errorf("tokens: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.options.AwaitOthers)
	defer cancel()
	if head, err := log.Head(ctx); err != nil || head.Number > 0 {
		return nil // whoever opens it next says what is wrong
	}
	s.options.Logger.Warn("the store is empty, though this server has served before: others may put back what they know")
	for log.Wait(ctx, 0) == nil {
		if head, err := log.Head(ctx); err != nil || head.Number > 0 {
			rest, cancel := context.WithTimeout(context.Background(), restAwaited)
			defer cancel()
			<-rest.Done()
			return nil
		}
	}
	return nil
}

// keeperIn opens the tokens of a store. They expire by the wall's clock, also in a
// rehearsal.
func keeperIn(ctx context.Context, store eventlog.Store) (*auth.Keeper, error) {
	log, err := store.Open(auth.Stream)
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	keeper, err := auth.Open(ctx, log, time.Now)
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	return keeper, nil
}

// openBeside opens the store of the small logs: Redis, or files in the data folder
// that several processes can append to.
func openBeside(ctx context.Context, o StoreOptions) (eventlog.Store, error) {
	if o.Redis != "" {
		return OpenStore(ctx, o)
	}
	return journal.OpenStore(filepath.Join(o.Data, "auth"), journal.Options{})
}

// OpenKeeper opens the tokens of an installation beside its running servers: in
// Redis, or in the data folder. The returned function closes what was opened.
func OpenKeeper(ctx context.Context, o StoreOptions) (*auth.Keeper, func() error, error) {
	store, err := openBeside(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	keeper, err := keeperIn(ctx, store)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return keeper, store.Close, nil
}

func (s *Server) openWard() error {
	ward, err := office.New(office.Options{
		Store: s.store, Journal: s.journal, Replicated: s.options.RedisReplicas > 0,
		Settings: s.settings, Offices: s.offices, Server: s.identity.file.Server, Now: s.now, Random: random16,
		TicketID: s.identity.ticketID, Logger: s.options.Logger, Registerer: s.registry,
	})
	s.ward = ward
	return err
}

func (s *Server) offices() []queue.OfficeID {
	c, _ := s.source.Catalog()
	return c.IDs()
}

func (s *Server) openHub() error {
	s.hub = live.New(live.Options{
		Views: s.ward, Offices: s.offices, Info: s.infos.of, Lessons: s.history.Lessons, Now: s.now, Start: randomHex(4),
		Devices: s.devices, Emergencies: s.signs.Book, Rehearsal: s.options.Rehearsal(), Prepare: api.Prepare, Publish: publisher(s.store), Words: words, MaxWatchers: s.options.MaxWatchers,
		Refresh: s.options.pace(15 * time.Second), Logger: s.options.Logger, Registerer: s.registry,
	})
	return nil
}

func (s *Server) listen() error {
	public, err := net.Listen("tcp", s.options.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.options.Listen, err)
	}
	s.public = public
	s.defers(closeListener(public))
	if s.options.AdminListen == "" {
		return nil
	}
	if s.admin, err = net.Listen("tcp", s.options.AdminListen); err != nil {
		return fmt.Errorf("admin: listen on %s: %w", s.options.AdminListen, err)
	}
	s.defers(closeListener(s.admin))
	return nil
}

// closeListener closes a listener that a server may have closed before.
func closeListener(l net.Listener) func() error {
	return func() error {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}

// Addr returns a base URL at which this machine reaches the public listener, such
// as http://127.0.0.1:8080.
func (s *Server) Addr() string { return baseURL(s.public) }

// baseURL names loopback where a listener takes connections on every address: a
// browser cannot open those.
func baseURL(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// AdminAddr returns the base URL of the admin listener, or "" where there is none.
func (s *Server) AdminAddr() string {
	if s.admin == nil {
		return ""
	}
	return baseURL(s.admin)
}

// Offices returns the ids of the catalogue's offices, in its order.
func (s *Server) Offices() []queue.OfficeID { return s.offices() }

// Grant makes a token, as `machi token create` does.
func (s *Server) Grant(ctx context.Context, g auth.Grant) (token string, err error) {
	token, _, err = s.keeper.Create(ctx, g)
	return token, err
}

// Handler returns the public handler, for tests without a network.
func (s *Server) Handler() http.Handler { return s.api }
