package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"machi/internal/api"
)

// The times of a connection. A long poll lasts 25 seconds at most; streams clear
// the deadlines and set their own.
const (
	headerWithin = 5 * time.Second
	readWithin   = 60 * time.Second
	writeWithin  = 60 * time.Second
	idleWithin   = 2 * time.Minute
	maxHeader    = 16 << 10
	drainWithin  = 10 * time.Second
)

// Run serves until the context ends or a listener fails, and closes the server.
func (s *Server) Run(ctx context.Context) error {
	base, stop := context.WithCancel(context.Background())
	front, hang := context.WithCancel(base)
	defer stop()
	var back, shown sync.WaitGroup
	back.Go(func() { _ = s.ward.Run(base) }) // none of these returns an error but to say that it ended
	back.Go(func() { _ = s.keeper.Run(base) })
	back.Go(func() { _ = s.people.Run(base) })
	back.Go(func() { _ = s.source.Run(base) })
	back.Go(func() { s.followCatalog(base) })
	back.Go(func() { _ = s.book.Run(base) })
	back.Go(func() { s.followRules(base) })
	back.Go(func() { s.signs.Run(base, s.options.Logger) })
	back.Go(func() { s.keepTrail(base) })
	back.Go(func() { _ = s.history.Run(base) })
	back.Go(func() { s.promises.Run(base) })
	back.Go(func() { s.makeReports(base) })
	back.Go(func() { _ = s.reports.plans.Run(base) })
	back.Go(func() { _ = s.almanac.Run(base) })
	back.Go(func() { _ = s.forecasts.Run(base) })
	back.Go(func() { s.staffing.Run(base) })
	back.Go(func() { s.measures.Run(base) })
	back.Go(func() { _ = s.tell.Run(base) })
	back.Go(func() { s.runAlerts(base) })
	back.Go(func() { _ = s.webhooks.Run(base) })
	back.Go(func() { _ = s.school.Run(front) })
	shown.Go(func() { _ = s.hub.Run(front) })
	failed := make(chan error, 2)
	servers := s.serve(&back, failed)
	s.notify(base, &back)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.draining.Store(true)
	_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
	hang() // watchers are told first: their connections are not the HTTP server's any more
	shown.Wait()
	err = errors.Join(err, drain(servers))
	stop() // nobody can ask for anything now
	back.Wait()
	return errors.Join(err, s.Close())
}

// serve begins to answer on the listeners.
func (s *Server) serve(running *sync.WaitGroup, failed chan<- error) []*http.Server {
	begin := func(l net.Listener, h http.Handler, write time.Duration) *http.Server {
		server := &http.Server{
			Handler: h, ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, WriteTimeout: write,
			IdleTimeout: idleWithin, MaxHeaderBytes: maxHeader,
		}
		running.Go(func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
		return server
	}
	servers := []*http.Server{begin(s.public, s.front(), writeWithin)}
	if s.admin != nil {
		// A CPU profile takes as long as one asks for.
		servers = append(servers, begin(s.admin, api.Admin(s.registry), 0))
	}
	return servers
}

// drain lets requests under way finish, but not for ever.
func drain(servers []*http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
	defer cancel()
	var failed []error
	for _, server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			failed = append(failed, server.Close())
		}
	}
	return errors.Join(failed...)
}

// followCatalog brings the open days in step with each new catalogue.
func (s *Server) followCatalog(ctx context.Context) {
	for {
		_, changed := s.source.Catalog()
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		s.note(ctx, api.ActCatalogue, s.options.Catalog)
		if err := s.ward.Reload(ctx); err != nil {
			s.options.Logger.Error("an office does not run by the new catalogue", "error", err)
		}
	}
}

// notify tells systemd that the server serves, and again and again that it lives.
func (s *Server) notify(ctx context.Context, running *sync.WaitGroup) {
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady) // not under systemd: nobody to tell
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	running.Go(func() {
		tick := time.NewTicker(every / 2)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog)
			}
		}
	})
}
