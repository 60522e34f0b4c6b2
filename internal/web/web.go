package web

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/ui"
	"machi/internal/web/account"
	"machi/internal/web/admin"
	"machi/internal/web/desk"
	"machi/internal/web/embed"
	"machi/internal/web/foresee"
	"machi/internal/web/insight"
	"machi/internal/web/learn"
	"machi/internal/web/manager"
	"machi/internal/web/page"
	"machi/internal/web/public"
	"machi/internal/web/remote"
	"machi/internal/web/reports"
	"machi/internal/web/screens"
	"machi/internal/web/staff"
	"machi/internal/web/staffing"
	"machi/internal/web/stop"
)

// Deps are what the pages are drawn from. Every function must be safe for
// concurrent use and answer from memory.
type Deps struct {
	City      board.Text // whose offices these are; may be empty
	Rehearsal bool       // every page says so
	// Now is the clock that tickets are measured by: in a rehearsal not the wall's.
	Now        func() time.Time
	Boards     page.Boards
	Tickets    page.Tickets
	Consoles   page.Consoles
	Dashboards page.Dashboards
	// Lives are offices in full for their managers; Alerts what those should act on, and
	// CountAlerts how many wait for whoever asks; Aheads what is expected of the hours to
	// come. Nil: nobody knows.
	Lives       page.Lives
	Alerts      page.Alerts
	Aheads      page.Aheads
	CountAlerts func(c echo.Context) int
	// Records are what people were told and what became of it; nil: there are none.
	Records page.Records
	// Films show closed days again; nil: none can be shown.
	Films insight.Films
	// Forecasts are what is expected of days to come; nil: nothing.
	Forecasts page.Forecasts
	// Staffing says how many counters days need; nil: nobody does.
	Staffing staffing.Advisers
	// Measures are the figures of closed days; nil: there are none.
	Measures page.Measures
	// Curves draw the course of days, Timetables tell reception hours; nil: nobody does.
	Curves     page.Curves
	Timetables page.Timetables
	// Desks and Guide are what the desks of the floor are drawn from.
	Desks desk.Views
	Guide desk.Guide
	// Ways are what residents come for; nil: nobody knows.
	Ways public.Guide
	// Stops end messages by e-mail; nil: there are none.
	Stops stop.Stops
	// PublicURL stands before the path of a ticket's page; empty: as the browser
	// reached the server.
	PublicURL string
	// AccessContact is whom a reader tells what stands in the way, as the address of a
	// link; empty: nobody is named.
	AccessContact string
	// Identify says which member of staff a request comes from.
	Identify page.Identify
	// Account is what the door asks beside Identify.
	Account account.Deps
	// Practices finds the practice counter of whoever asks; nil: there is none.
	Practices page.Practices
	// Signage holds the wall screen's files.
	Signage fs.FS
}

// Pages are all pages of the server.
type Pages struct {
	assets  *ui.Assets
	public  *public.Pages
	staff   *staff.Pages
	manager *manager.Pages
	insight *insight.Pages
	roster  *staffing.Pages
	reports *reports.Pages
	foresee *foresee.Pages
	learn   *learn.Pages
	desk    *desk.Pages
	account *account.Pages
	admin   *admin.Pages
	embed   *embed.Pages
	screens *screens.Pages
	remote  *remote.Pages
	stop    *stop.Pages
}

// New reads the templates and files of all pages.
func New(deps Deps) (*Pages, error) {
	assets, err := ui.NewAssets(map[string]fs.FS{
		"public": public.Files, "staff": staff.Files, "manager": manager.Files, "learn": learn.Files, "insight": insight.Files, "staffing": staffing.Files, "reports": reports.Files, "foresee": foresee.Files, "desk": desk.Files, "account": account.Files, "admin": admin.Files, "embed": embed.Files, "screens": screens.Files, "remote": remote.Files, "signage": deps.Signage,
	})
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	site := page.Site{Assets: assets, City: deps.City, Rehearsal: deps.Rehearsal, Now: deps.Now, Alerts: deps.CountAlerts}
	deps.quiet()
	p := &Pages{assets: assets}
	if deps.Records == nil {
		deps.Records = page.NoRecords{}
	}
	if deps.Forecasts == nil {
		deps.Forecasts = page.NoForecasts{}
	}
	if deps.Measures == nil {
		deps.Measures = page.NoMeasures{}
	}
	if p.public, err = public.New(site, public.Deps{
		Boards: deps.Boards, Tickets: deps.Tickets, Records: deps.Records, Curves: deps.Curves, Timetables: deps.Timetables, Guide: deps.Ways, Signage: deps.Signage, PublicURL: deps.PublicURL, AccessContact: deps.AccessContact,
	}); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.staff, err = staff.New(site, deps.Boards, deps.Consoles, deps.Identify); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.remote, err = remote.New(site, deps.Boards, deps.Identify); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.stop, err = stop.New(site, deps.Stops); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.embed, err = embed.New(site, deps.Boards, deps.PublicURL); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.admin, err = admin.New(site, deps.Boards, deps.Identify); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.screens, err = screens.New(site, deps.Boards, deps.Identify); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if err = p.managers(site, deps); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.learn, err = learn.New(site, deps.Boards, deps.Practices, deps.Identify); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	deps.Account.Identify = deps.Identify
	if p.account, err = account.New(site, deps.Account); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if p.desk, err = desk.New(site, desk.Deps{
		Boards: deps.Boards, Consoles: deps.Consoles, Views: deps.Desks, Guide: deps.Guide, Identify: deps.Identify, PublicURL: deps.PublicURL,
	}); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return p, nil
}

// managers reads the pages of managers.
func (p *Pages) managers(site page.Site, deps Deps) (err error) {
	if p.manager, err = manager.New(site, manager.Deps{
		Dashboards: deps.Dashboards, Lives: deps.Lives, Alerts: deps.Alerts, Aheads: deps.Aheads, Records: deps.Records, Identify: deps.Identify,
	}); err != nil {
		return err
	}
	if p.foresee, err = foresee.New(site, foresee.Deps{Boards: deps.Boards, Forecasts: deps.Forecasts, Timetables: deps.Timetables, Identify: deps.Identify}); err != nil {
		return err
	}
	if p.insight, err = insight.New(site, insight.Deps{Dashboards: deps.Dashboards, Measures: deps.Measures, Films: deps.Films, Identify: deps.Identify}); err != nil {
		return err
	}
	if p.reports, err = reports.New(site, deps.Boards, deps.Identify); err != nil {
		return err
	}
	if p.roster, err = staffing.New(site, staffing.Deps{Dashboards: deps.Dashboards, Advisers: deps.Staffing, Identify: deps.Identify}); err != nil {
		return err
	}
	return nil
}

// quiet lets nobody answer where nobody was named.
func (d *Deps) quiet() {
	if d.Lives == nil {
		d.Lives = page.NoLives{}
	}
	if d.Alerts == nil {
		d.Alerts = page.NoAlerts{}
	}
	if d.Aheads == nil {
		d.Aheads = page.NoAheads{}
	}
}

// Register adds the pages' routes. Forms are passed on to the API routes of the
// same server.
func (p *Pages) Register(e *echo.Echo) {
	e.GET("/ui/*", echo.WrapHandler(p.assets))
	e.HEAD("/ui/*", echo.WrapHandler(p.assets))
	p.public.Register(e)
	p.account.Register(e)
	p.staff.Register(e)
	p.manager.Register(e)
	p.insight.Register(e)
	p.roster.Register(e)
	p.reports.Register(e)
	p.foresee.Register(e)
	p.learn.Register(e)
	p.desk.Register(e)
	p.admin.Register(e)
	p.embed.Register(e)
	p.screens.Register(e)
	p.remote.Register(e)
	p.stop.Register(e)
}
