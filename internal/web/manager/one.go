package manager

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/alert"
	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

type officePage struct {
	ui.View
	Stand
	AsOf     time.Time
	Times    []time.Time
	Waits    []Shown // alerts that wait for somebody
	Others   []Shown // that somebody has, or that were put off
	Services []line
	Counters []counter
	Machines []page.Machine
	Walls    []alert.ScreenState
	Share    string // of those called within half an hour; empty: too few to say
	Outcome  Outcome
	Empty    bool // nobody has come today
}

// line is a service as it is shown.
type line struct {
	board.LiveLine
	Slots   []Slot
	Alert   string // the kind of its most urgent alert; empty: none
	Seats   []queue.CounterID
	Silence string // why there is no wait to tell
}

// counter is a counter as it is shown.
type counter struct {
	board.Seat
	Word string // its state
	Tone string // serving, idle, paused, closed
	What string // whom it serves, or why not
	For  int    // seconds it has been so; 0: not known
}

// enough is how many visits a share must be of.
const enough = 10

// office shows one office in full.
func (p *Pages) office(c echo.Context) error {
	d, ok, err := p.managed(c)
	if !ok {
		return err
	}
	live, ok := p.deps.Lives.Live(d.Office.ID)
	if !ok {
		live = board.Live{Dashboard: d}
	}
	v := p.site.View(c, ui.StaffTexts, "staff")
	data := officePage{View: v, Stand: p.row(v, live, p.site.Now()), AsOf: p.site.Now(), Walls: p.deps.Lives.Screens(d.Office.ID)}
	data.Title = v.Name(d.Office.Name) + " " + v.T("manager.title")
	data.Style, data.Script, data.NoIndex = "manager/now.css", "manager/now.js", true
	data.Times = times(data.AsOf)
	who, _ := p.deps.Identify(c)
	here := "/manager/" + string(d.Office.ID)
	for _, s := range p.show(v, p.deps.Alerts.Open(), []board.Dashboard{d}, who, here) {
		switch {
		case s.State == "waits":
			data.Waits = append(data.Waits, s)
		default:
			data.Others = append(data.Others, s)
		}
	}
	data.Machines = slices.DeleteFunc(page.Machines(v, live.Machines), func(m page.Machine) bool { return m.State == board.MachineUnused })
	data.services(data.ahead)
	data.counters()
	data.share()
	text, good := sentence(v, page.CodeOf(c.QueryParam("done")), page.CodeOf(c.QueryParam("problem")))
	data.Outcome, data.Empty = Outcome{text, good}, live.Issued == 0
	private(c)
	return page.Render(c, http.StatusOK, p.pages, "office-now", data)
}

func (o *officePage) services(ahead []alert.Expected) {
	for _, l := range o.Live.Lines {
		row := line{LiveLine: l, Slots: slots(o.View, ahead, l.ID, o.AsOf)}
		for _, a := range o.Waits {
			if a.Service == l.ID && row.Alert == "" {
				row.Alert = a.What
			}
		}
		for _, s := range o.Seats {
			if s.State == queue.CounterOpen && slices.Contains(s.Services, l.ID) {
				row.Seats = append(row.Seats, s.ID)
			}
		}
		if l.Level == board.LevelClosed || l.Level == board.LevelSuspended {
			row.Silence = o.T("level." + string(l.Level))
		}
		o.Services = append(o.Services, row)
	}
}

func (o *officePage) counters() {
	for _, s := range o.Seats {
		row := counter{Seat: s, Tone: "closed", Word: o.T("now.seat.closed")}
		switch {
		case s.Number != "":
			row.Tone, row.Word = "serving", o.T("now.seat.serving")
			row.What = string(s.Number) + " " + o.Name(serviceName(o.Live, s.Service))
			if s.Delivery {
				row.What += " " + o.T("now.seat.delivery")
			}
		case s.State == queue.CounterOpen:
			row.Tone, row.Word = "idle", o.T("now.seat.idle")
		case s.State == queue.CounterPaused:
			row.Tone, row.Word, row.What = "paused", o.T("now.seat.paused"), s.Reason
		}
		if row.Tone != "closed" && !s.Since.IsZero() {
			row.For = int(max(0, o.AsOf.Sub(s.Since)) / time.Second)
		}
		o.Counters = append(o.Counters, row)
	}
}

// share says how many of those called today were called within half an hour.
func (o *officePage) share() {
	called, within := 0, 0
	for _, l := range o.Live.Lines {
		called, within = called+l.Called, within+l.Within
	}
	if called >= enough {
		o.Share = o.T("now.share", "percent", within*100/called, "n", called)
	}
}

// shownFlags bounds the tickets to check that are listed by name.
const shownFlags = 8

// Flags returns the first tickets to check.
func (o officePage) Flags() []board.Flagged { return o.Flagged[:min(shownFlags, len(o.Flagged))] }

// MoreFlags returns how many tickets to check are not listed by name.
func (o officePage) MoreFlags() int { return max(0, len(o.Flagged)-shownFlags) }

// None reports whether people wait for a service that no counter calls.
func (l line) None() bool { return len(l.Seats) == 0 && l.Waiting > 0 }
