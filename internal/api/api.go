package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"machi/internal/account"
	"machi/internal/catalog"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/signature"
	"machi/internal/signs"
)

// Ward is the one door to the offices.
type Ward interface {
	Do(ctx context.Context, id queue.OfficeID, r office.Request) (office.Result, error)
	View(id queue.OfficeID) (office.View, error)
	Wait(ctx context.Context, id queue.OfficeID, after eventlog.Head) error
	ViewOf(ctx context.Context, id queue.OfficeID, date queue.Date) (office.View, error)
	Push(ctx context.Context, id queue.OfficeID, date queue.Date, bodies [][]byte, allow func(queue.Entry) error) (day.Origin, error)
	Origin(ctx context.Context, id queue.OfficeID, date queue.Date, name string) (day.Origin, error)
	Records(ctx context.Context, id queue.OfficeID, date queue.Date, after int64, limit int) ([]eventlog.Record, eventlog.Head, error)
}

// Pages are pages that share the API's port.
type Pages interface {
	Register(e *echo.Echo)
}

// Deps are what the API works with. All fields of the first block are required.
type Deps struct {
	Ward Ward
	Hub  *live.Hub
	Auth Authenticator
	// Offices lists the catalogue's offices in the order in which they are shown.
	Offices func() []queue.OfficeID
	// Settings returns how an office is run on a date.
	Settings func(queue.OfficeID, queue.Date) (queue.Settings, error)
	// Plan returns what a kiosk keeps of the catalogue, as JSON.
	Plan func(queue.OfficeID, queue.Settings) (any, error)
	// DeriveSecret returns the status secret that belongs to a command.
	DeriveSecret func(command string) string
	// Now is the clock of the offices; it may be a rehearsal's.
	Now func() time.Time
	// Random returns 128 random bits.
	Random func() [16]byte
	// Ready reports why the server cannot serve, or nil.
	Ready func(ctx context.Context) error

	// Devices are the machines that sign; nil: none do.
	Devices Devices
	// Accounts are the people who sign in with a name and a password; nil: none do.
	Accounts *account.Keeper
	// Audit keeps who did what; nil: nobody does.
	Audit Auditor
	// SSO is the city's own sign-in service; nil: there is none.
	SSO SSO
	// Trail finds what was kept; nil: nobody can look.
	Trail Trail
	// Rules are the calling rules that managers set; nil: none can be set.
	Rules Rules
	// Promises are what people were told and what became of it; nil: nobody knows.
	Promises Promises
	// Measures are the figures of closed days; nil: nobody counts.
	Measures Measures
	// Lessons are what closed days taught; nil: nothing.
	Lessons Lessons
	// Curves are the courses of the offices' days; nil: nobody can draw them.
	Curves Curves
	// Forecasts are what is expected of days to come, Almanac what staff know of them; nil:
	// nobody knows.
	Forecasts Forecasts
	Almanac   Almanac
	// Staffing says how many counters days need; nil: nobody does.
	Staffing Staffing
	// Films show closed days again; nil: there are none.
	Films Films
	// Reports are the reports of closed days; nil: there are none.
	Reports Reports
	// Catalog returns the catalogue in force, for the list of offices; nil: it is empty.
	Catalog func() *catalog.Catalog
	// Signs are the walls' playlists, screens and emergency messages; nil: there are none.
	Signs *signs.Kit
	// Guide finds what a visitor needs; nil: no desk can ask.
	Guide Guide
	// Alerts are what managers should act on; nil: nobody looks.
	Alerts Alerts
	// Webhooks tell programs of others; nil: nobody is told.
	Webhooks Webhooks
	// Tell tells residents what they asked for; nil: every channel is off.
	Tell Tell
	// Voice speaks for the walls; nil: they have their chime and their captions.
	Voice Voice
	// Faces count what residents say of their visit; nil: nobody is asked.
	Faces Faces
	// Homes tells how phones check in tickets taken from home; nil: they do not.
	Homes func(queue.OfficeID) catalog.Home
	// School gives counters to practise at; nil: none.
	School School

	Pages []Pages
	// PageError draws an error for a person; nil: problems for everybody.
	PageError func(c echo.Context, status int, code string) error
	// Origins are the origins of pages, beside this server's own, that may open
	// live connections.
	Origins []string
	// Proxies are the networks whose X-Forwarded-For is believed; none by default.
	Proxies []netip.Prefix
	// Security says to whom somebody turns who has found a weakness; zero: nobody.
	Security SecurityContact
	// PublicURL stands before the path of a ticket's page; empty: relative.
	PublicURL string
	// Secure says that people reach the server by TLS, so that cookies may demand it.
	Secure     bool
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// API serves HTTP. It is an [http.Handler].
type API struct {
	echo *echo.Echo

	ward         Ward
	hub          *live.Hub
	auth         Authenticator
	listOffices  func() []queue.OfficeID
	settings     func(queue.OfficeID, queue.Date) (queue.Settings, error)
	planOf       func(queue.OfficeID, queue.Settings) (any, error)
	deriveSecret func(string) string
	now          func() time.Time
	wall         func() time.Time // for limits, which no rehearsal hurries
	random       func() [16]byte
	ready        func(context.Context) error
	pageError    func(echo.Context, int, string) error
	origins      []string
	publicURL    string
	security     SecurityContact
	secure       bool
	logger       *slog.Logger
	metrics      *metrics

	devices    Devices
	rules      Rules
	lessons    Lessons
	curves     Curves
	films      Films
	staffing   Staffing
	filings    Reports
	forecasts  Forecasts
	almanacs   Almanac
	catalog    func() *catalog.Catalog
	promises   Promises
	measures   Measures
	replays    chan struct{} // holds whoever plays a day again
	accounts   *account.Keeper
	auditor    Auditor
	sso        SSO
	trail      Trail
	school     School
	faces      Faces
	mouth      Voice
	guide      Guide
	signs      *signs.Kit
	digests    chan struct{} // held by whoever looks at an upload
	strangers  *misses       // reports of screens that nobody registered
	homes      func(queue.OfficeID) catalog.Home
	tell       Tell
	webhooks   Webhooks
	alerts     Alerts
	nonces     *signature.Nonces
	misses     *misses
	doors      *misses // wrong codes of the door, by ticket
	enrols     *misses
	refusals   *misses // that were noted of strangers who were not even heard
	reports    *misses // per machine: changes of words that were written down
	perAddress *addresses
	buffers    sync.Pool // write buffers that idle WebSockets do not hold
}

// Limits of strangers.
const (
	missesPerMinute    = 20
	watchersPerAddress = 1000
)

// New returns the API with all its routes.
func New(d Deps) *API {
	a := &API{
		echo: echo.New(), ward: d.Ward, hub: d.Hub, auth: d.Auth, listOffices: d.Offices, settings: d.Settings,
		planOf: d.Plan, deriveSecret: d.DeriveSecret, now: d.Now, wall: time.Now, random: d.Random,
		ready: d.Ready, pageError: d.PageError, origins: d.Origins, publicURL: d.PublicURL, security: d.Security, secure: d.Secure,
		logger: d.Logger, metrics: newMetrics(d.Registerer),
		rules: d.Rules, lessons: d.Lessons, curves: d.Curves, films: d.Films, staffing: d.Staffing, forecasts: d.Forecasts, almanacs: d.Almanac, catalog: d.Catalog, promises: d.Promises, measures: d.Measures, replays: make(chan struct{}, 1),
		devices: d.Devices, accounts: d.Accounts, auditor: d.Audit, sso: d.SSO, trail: d.Trail, school: d.School, faces: d.Faces, mouth: d.Voice, guide: d.Guide, homes: d.Homes, tell: d.Tell, webhooks: d.Webhooks, alerts: d.Alerts, nonces: signature.NewNonces(time.Now()),
		filings: d.Reports,
		signs:   d.Signs, digests: make(chan struct{}, 1), strangers: newMisses(alivePerMinute, time.Minute),
		misses:     newMisses(missesPerMinute, time.Minute),
		doors:      newMisses(doorTries, doorWindow),
		enrols:     newMisses(enrolsPerMinute, time.Minute),
		refusals:   newMisses(1, time.Minute),
		reports:    newMisses(reportsPerHour, time.Hour),
		perAddress: &addresses{most: watchersPerAddress, held: map[string]int{}},
	}
	if a.logger == nil {
		a.logger = slog.Default()
	}
	a.echo.HideBanner, a.echo.HidePort = true, true
	a.echo.HTTPErrorHandler = a.handleError
	a.echo.IPExtractor = extractor(d.Proxies)
	a.echo.Use(a.protect, a.measure, a.headers, a.guardSecrets)
	a.register()
	for _, pages := range d.Pages {
		pages.Register(a.echo)
	}
	return a
}

// ServeHTTP answers a request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.echo.ServeHTTP(w, r) }

// Echo returns the router, for tests that compare routes.
func (a *API) Echo() *echo.Echo { return a.echo }
