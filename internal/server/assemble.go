package server

import (
	"context"
	"sync"
	"time"

	"machi/internal/api"
	"machi/internal/auth"
	"machi/internal/board"
	"machi/internal/catalog"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/web"
	"machi/internal/web/account"
	"machi/internal/web/desk"
	"machi/internal/web/page"
	"machi/signage"
)

// infos keeps what boards need of the catalogue in force, made once per catalogue.
type infos struct {
	source *catalog.Source

	mu   sync.Mutex
	from *catalog.Catalog
	all  map[queue.OfficeID]board.Info
}

func (i *infos) of(id queue.OfficeID) (board.Info, bool) {
	c, _ := i.source.Catalog()
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.from != c {
		i.from, i.all = c, map[queue.OfficeID]board.Info{}
		for _, o := range c.Offices {
			i.all[o.ID] = live.InfoOf(o)
		}
	}
	info, ok := i.all[id]
	return info, ok
}

func (s *Server) openAPI() error {
	pages, err := s.pages()
	if err != nil {
		return err
	}
	sso, err := s.openSSO()
	if err != nil {
		return err
	}
	key := s.secretKey()
	s.api = api.New(api.Deps{
		Signs: s.signs, Reports: s.reports,
		Ward: s.ward, Hub: s.hub, Auth: authenticator{s.keeper, s.people}, Accounts: s.people, Devices: s.keeper, Audit: s.trail, SSO: sso, Trail: s.trail, School: s.school, Tell: s.tell, Webhooks: s.webhooks, Alerts: s.alerts, Voice: s.voice(), Faces: s.faces, Guide: s.guide, Homes: s.home, Rules: rules{s.book, s.ward}, Promises: s.promises, Measures: s.measures, Curves: s.curves, Forecasts: s.forecasts, Almanac: s.almanac, Staffing: s.staffing, Films: films{s.archive}, Catalog: s.catalog, Lessons: lessons{s.history, s.archive}, Offices: s.offices, Settings: s.settings, Plan: s.plan,
		DeriveSecret: func(command string) string { return auth.DeriveSecret(key, command) },
		Now:          s.now, Random: random16, Ready: s.ready, Pages: []api.Pages{pages},
		Origins: s.options.Origins, Proxies: s.options.Proxies, PublicURL: s.options.PublicURL, Security: s.options.Security, Secure: s.options.Secure,
		Logger: s.options.Logger, Registerer: s.registry,
	})
	return nil
}

// ready reports why the server cannot serve: it drains, or the store has not
// answered for any office.
func (s *Server) ready(context.Context) error {
	if s.draining.Load() {
		return live.ErrClosed
	}
	for _, id := range s.offices() {
		view, err := s.ward.View(id)
		if err != nil {
			return err
		}
		if !view.Doubt && !view.At.IsZero() {
			return nil
		}
	}
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second}
}

// pages draws from the hub what people look at.
func (s *Server) pages() (*web.Pages, error) {
	return s.pagesOf(views{s.hub, s.offices, s.promises}, s.guide, s.options.Rehearsal(), s.now, s.identify)
}

func (s *Server) pagesOf(source views, matters desk.Guide, rehearsal bool, now func() time.Time, identify page.Identify) (*web.Pages, error) {
	c, _ := s.source.Catalog()
	return web.New(web.Deps{
		City: board.Text(c.Ward), Rehearsal: rehearsal, Now: now,
		Boards: source, Tickets: source, Consoles: source, Dashboards: source, Lives: lives{source, s}, Alerts: s.alerts, Aheads: s.aheads, CountAlerts: s.countAlerts, Records: source, Identify: identify,
		Desks: source, Guide: matters, Ways: s.guide, Measures: s.measures, Staffing: s.staffing, Forecasts: s.forecasts, Films: films{s.archive}, Stops: s.tell, Curves: s.curves, Timetables: schedules{s.source}, PublicURL: s.options.PublicURL, AccessContact: s.options.AccessContact,
		Account:   account.Deps{First: s.people.Empty, SSO: s.options.SSO.Issuer != ""},
		Practices: s.practiceRoom, Signage: signage.Files,
	})
}

// views are the newest boards of a hub, for pages.
type views struct {
	hub *live.Hub
	ids func() []queue.OfficeID
	page.Records
}

// Offices returns the boards of all offices that can be shown.
func (v views) Offices() []board.Office {
	var all []board.Office
	for _, id := range v.ids() {
		if o, ok := v.Office(id); ok {
			all = append(all, o)
		}
	}
	return all
}

// Office returns the board of one office.
func (v views) Office(id queue.OfficeID) (board.Office, bool) {
	s, err := v.hub.Snapshot(id)
	if err != nil {
		return board.Office{}, false
	}
	return s.Frame.Board, true
}

// Ticket returns what the holder of a secret sees.
func (v views) Ticket(secret string) (board.TicketStatus, bool) {
	s, t, ok := v.hub.TicketBySecret(auth.HashSecret(secret))
	if !ok {
		return board.TicketStatus{}, false
	}
	return s.Ticket(t), true
}

// Console returns what a clerk sees.
func (v views) Console(id queue.OfficeID, counter queue.CounterID) (board.Console, bool) {
	s, err := v.hub.Snapshot(id)
	if err != nil {
		return board.Console{}, false
	}
	return s.Console(counter)
}

// Dashboards returns what a manager sees of all offices.
func (v views) Dashboards() []board.Dashboard {
	var all []board.Dashboard
	for _, id := range v.ids() {
		if s, err := v.hub.Snapshot(id); err == nil {
			all = append(all, s.Dashboard())
		}
	}
	return all
}
