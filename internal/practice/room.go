package practice

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/api"
	"machi/internal/board"
	"machi/internal/eventlog/memlog"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
)

// room is one practice office with its own server.
type room struct {
	id      queue.OfficeID
	after   queue.OfficeID // made after it
	pupil   string
	counter queue.CounterID // the pupil's
	began   time.Time       // by the wall
	opened  time.Time       // the moment of its own clock at which it began
	seen    time.Time       // guarded by the school's mutex
	stop    context.CancelFunc

	settings queue.Settings
	info     board.Info
	random   func() [16]byte
	ward     *office.Ward
	hub      *live.Hub
	api      *api.API
	wall     func() time.Time
	serial   atomic.Int64
	logger   *slog.Logger
	diary    diary
}

// hour is when practice begins: in the middle of the morning of the real offices'
// day, whatever the time is outside.
const hour = 10 * time.Hour

func newRoom(o Options, id queue.OfficeID, pupil string, after queue.OfficeID, counter queue.CounterID) (*room, error) {
	now := o.Wall()
	r := &room{
		id: id, after: after, pupil: pupil, counter: counter, began: now, seen: now, opened: morning(o.Now()), random: o.Random, wall: o.Wall,
		logger: o.Logger.With("practice", string(id)), diary: diary{done: map[string]bool{}},
	}
	info, ok := o.Info(after)
	if !ok {
		return nil, fmt.Errorf("practice: no office %q", after)
	}
	r.info = asPractice(info, id)
	settings, err := o.Settings(after, queue.BusinessDay(r.now()))
	if err != nil {
		return nil, fmt.Errorf("practice: settings after %s: %w", after, err)
	}
	if _, ok := settings.Counter(counter); !ok {
		return nil, fmt.Errorf("practice: %s has no counter %q", after, counter)
	}
	r.settings = r.asPractice(settings)
	return r, r.assemble(o)
}

// asPractice gives an office's description another name.
func asPractice(info board.Info, id queue.OfficeID) board.Info {
	info.ID, info.Kiosks = id, nil
	info.Name = maps.Clone(info.Name)
	for lang, name := range info.Name {
		before := "練習 "
		if lang == "en" {
			before = "Practice: "
		}
		info.Name[lang] = before + name
	}
	return info
}

// asPractice returns an office's settings with doors that stand open all day and
// without machines.
func (r *room) asPractice(s queue.Settings) queue.Settings {
	s.Office, s.Date, s.Kiosks, s.Version = r.id, queue.BusinessDay(r.now()), nil, "practice"
	s.Services = append([]queue.ServiceSettings(nil), s.Services...)
	for i := range s.Services {
		s.Services[i].Opens, s.Services[i].Closes = time.Time{}, time.Time{}
	}
	s.Series = append([]queue.SeriesSettings(nil), s.Series...)
	for i := range s.Series {
		s.Series[i].Kiosks = nil
	}
	s.Rule.CheckIn = false
	return s
}

// now is the room's clock: ten in the morning when it began.
func (r *room) now() time.Time { return r.opened.Add(r.wall().Sub(r.began)) }

// morning is the hour at which practice begins on the day of a moment.
func morning(at time.Time) time.Time {
	at = at.In(queue.JST)
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, queue.JST).Add(hour)
}

func (r *room) offices() []queue.OfficeID { return []queue.OfficeID{r.id} }

func (r *room) settingsOf(id queue.OfficeID, _ queue.Date) (queue.Settings, error) {
	if id != r.id {
		return queue.Settings{}, office.ErrUnknownOffice
	}
	return r.settings, nil
}

func (r *room) infoOf(id queue.OfficeID) (board.Info, bool) { return r.info, id == r.id }

func (r *room) ticketID() (queue.TicketID, error) {
	return queue.TicketID(fmt.Sprintf("%s.%d", r.id, r.serial.Add(1))), nil
}

// assemble makes the room's own server: the real parts over a log in memory.
func (r *room) assemble(o Options) error {
	var err error
	registry := prometheus.NewRegistry()
	r.ward, err = office.New(office.Options{
		Store: memlog.New(), Settings: r.settingsOf, Offices: r.offices, Server: string(r.id), Now: r.now,
		Random: r.random, TicketID: r.ticketID, Logger: r.logger, Registerer: registry,
	})
	if err != nil {
		return err
	}
	r.hub = live.New(live.Options{
		Views: r.ward, Offices: r.offices, Info: r.infoOf, Now: r.now, Start: string(r.id), Rehearsal: true,
		Prepare: api.Prepare, MaxWatchers: 50, Logger: r.logger, Registerer: registry,
	})
	pages, err := o.Pages(Stage{Hub: r.hub, Office: r.id, After: r.after, Now: r.now, Identify: func(q *http.Request) (api.Identity, error) { return r.api.IdentityOf(q) }})
	if err != nil {
		return err
	}
	r.api = api.New(api.Deps{
		Ward: r.ward, Hub: r.hub, Auth: pupils{o.Auth}, Accounts: o.People, Offices: r.offices, Settings: r.settingsOf, Guide: o.Guide(r.id, r.after),
		Plan:         func(queue.OfficeID, queue.Settings) (any, error) { return nil, office.ErrUnknownOffice },
		DeriveSecret: func(command string) string { return "PRACTICE" + command[:min(18, len(command))] },
		Now:          r.now, Random: r.random, Ready: func(context.Context) error { return nil },
		Proxies: o.Proxies, Secure: o.Secure,
		Pages: []api.Pages{pages, lessons{r}}, Logger: r.logger, Registerer: registry,
	})
	return nil
}

// run runs the room's day with its pretend people until the context ends.
func (r *room) run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.ward.Run(ctx) // returns when the context ends
	}()
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		_ = r.hub.Run(ctx)
	}()
	r.live(ctx)
	<-shown
	<-done
}

// pupils lets everybody who works for the ward into a room, whatever office they
// belong to, as a clerk; nobody else.
type pupils struct{ real api.Authenticator }

// Authenticate returns a clerk of the practice office.
func (p pupils) Authenticate(ctx context.Context, token string) (api.Identity, error) {
	id, err := p.real.Authenticate(ctx, token)
	switch {
	case err != nil:
		return id, err
	case !worksHere(id):
		return api.Identity{}, api.ErrToken
	}
	id.Role, id.Office, id.Grants = api.RoleStaff, "", nil
	return id, nil
}

func worksHere(id api.Identity) bool {
	staff := []api.Role{api.RoleReception, api.RoleStaff, api.RoleManager, api.RoleAdmin}
	return slices.Contains(staff, id.Role) ||
		slices.ContainsFunc(id.Grants, func(g api.Grant) bool { return slices.Contains(staff, g.Role) })
}
