package manager

import (
	"cmp"
	"crypto/rand"
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

// halves is how many half hours to come are shown, and half how long one is.
const (
	halves = 6
	half   = 30 * time.Minute
)

// Slot is the wait that is expected of a half hour.
type Slot struct {
	At      time.Time
	Known   bool
	Minutes int
	Level   board.Level
	Word    string // of the level
	Service queue.ServiceID
}

// Clock is when the half hour begins.
func (s Slot) Clock() string { return ui.HourMinute(s.At) }

// Stand is an office of the ward.
type Stand struct {
	board.Live
	Troubles []Shown // that wait for somebody, the most urgent first
	Told     *board.Estimate
	Level    board.Level
	Slots    []Slot
	Busiest  Slot
	Kiosks   Count
	Screens  Count
	Basis    string // of the slots
	ahead    []alert.Expected
}

// Count is how many of some things are well.
type Count struct{ Well, All int }

// Bad returns how many are not.
func (c Count) Bad() int { return c.All - c.Well }

func (c Count) plus(o Count) Count { return Count{c.Well + o.Well, c.All + o.All} }

// Shown is an alert as pages show it.
type Shown struct {
	View ui.View
	alert.Alert
	page.AlertWords
	Place  string // the office's name
	State  string // waits, taken, asleep, over
	Said   string // who has it, or until when it was put off; empty: nothing
	Since  time.Time
	Lasted int    // seconds since it began, or until it ended
	Then   string // the page to come back to
}

type wardPage struct {
	ui.View
	AsOf   time.Time
	Times  []time.Time // the half hours of the slots
	Rows   []Stand
	Next   *Shown  // the one next step
	More   []Shown // what waits behind it
	Rest   int     // how many more wait
	Taken  int     // alerts that somebody has
	Total  total
	Peak   *peak
	Basis  string
	Done   string
	Failed string
}

// total is the ward at a glance.
type total struct {
	Waiting, Longest, Open, All, Idle int
	Kiosks, Screens                   Count
}

// peak is the longest wait that is expected within the next hours.
type peak struct {
	Office board.Text
	Slot
	Name board.Text
}

// shownMore bounds the alerts that stand behind the first.
const shownMore = 4

func (p *Pages) overview(c echo.Context) error {
	who, ok := p.deps.Identify(c)
	switch {
	case !ok:
		return page.SignIn(c)
	case !who.Manager:
		return page.SeeOther(c, "/staff")
	}
	data := wardPage{View: p.site.View(c, ui.StaffTexts, "staff"), AsOf: p.site.Now(), Done: page.CodeOf(c.QueryParam("done")), Failed: page.CodeOf(c.QueryParam("problem"))}
	data.Title, data.Style, data.Script, data.NoIndex = data.T("manager.title"), "manager/now.css", "manager/now.js", true
	data.Times = times(data.AsOf)
	all := p.deps.Dashboards.Dashboards()
	open := p.show(data.View, p.deps.Alerts.Open(), all, who, "/manager")
	for _, d := range all {
		if !manages(who, d.Office.ID) {
			continue
		}
		live, ok := p.deps.Lives.Live(d.Office.ID)
		if !ok {
			live = board.Live{Dashboard: d}
		}
		data.add(p.row(data.View, live, data.AsOf), open)
	}
	data.next(open)
	slices.SortStableFunc(data.Rows, byTrouble)
	private(c)
	return page.Render(c, http.StatusOK, p.pages, "ward", data)
}

// manages reports whether somebody manages an office.
func manages(who page.Identity, office queue.OfficeID) bool {
	role := who.At(office)
	return role == "manager" || role == "admin"
}

func private(c echo.Context) {
	ui.Private(c.Response().Header())
	c.Response().Header().Set("Referrer-Policy", "same-origin")
}

// times lists the half hours that are shown, the present one first.
func times(now time.Time) (list []time.Time) {
	for i := range halves {
		list = append(list, now.Truncate(half).Add(time.Duration(i)*half))
	}
	return list
}

// row puts an office of the ward together.
func (p *Pages) row(v ui.View, live board.Live, now time.Time) Stand {
	r := Stand{Live: live}
	head := ui.Summarize(live.Office, "")
	r.Told, r.Level = head.Until, head.Level
	if state := ui.Standing(live.Office); state == "closed" {
		r.Level = board.LevelClosed
	}
	ahead, _ := p.deps.Aheads.Ahead(live.Office.ID)
	r.Basis, r.ahead, r.Slots = ahead.Basis, ahead.List, slots(v, ahead.List, "", now)
	r.Busiest = slices.MaxFunc(r.Slots, func(a, b Slot) int { return cmp.Compare(a.Minutes, b.Minutes) })
	r.Kiosks, r.Screens = kiosks(live.Machines), screens(p.deps.Lives.Screens(live.Office.ID))
	return r
}

// slots returns the waits of the half hours to come of a service, or the longest of all.
func slots(v ui.View, list []alert.Expected, service queue.ServiceID, now time.Time) (out []Slot) {
	for _, at := range times(now) {
		cell := Slot{At: at}
		for _, e := range list {
			if !e.From.Equal(at) || service != "" && e.Service != service {
				continue
			}
			minutes := roundUp(e.P50)
			if !cell.Known || ui.Rank(e.Level) > ui.Rank(cell.Level) || e.Level == cell.Level && minutes > cell.Minutes {
				cell.Known, cell.Minutes, cell.Level, cell.Service = true, minutes, e.Level, e.Service
				cell.Word = v.T("level." + string(e.Level))
			}
		}
		out = append(out, cell)
	}
	return out
}

// roundUp returns a wait in minutes: to five from ten on.
func roundUp(d time.Duration) int {
	m := int((d + time.Minute - 1) / time.Minute)
	if m > 10 {
		m = (m + 4) / 5 * 5
	}
	return m
}

func kiosks(list []board.Machine) (n Count) {
	for _, m := range list {
		if m.State == board.MachineUnused {
			continue
		}
		n.All++
		if m.State == board.MachineOK {
			n.Well++
		}
	}
	return n
}

func screens(list []alert.ScreenState) (n Count) {
	for _, s := range list {
		n.All++
		if !s.Silent && s.Stale.IsZero() {
			n.Well++
		}
	}
	return n
}

func (w *wardPage) add(r Stand, open []Shown) {
	for _, a := range open {
		if a.Office == r.Office.ID && a.State == "waits" {
			r.Troubles = append(r.Troubles, a)
		}
	}
	w.Rows = append(w.Rows, r)
	t := &w.Total
	t.Waiting += r.Office.Waiting
	t.Longest = max(t.Longest, r.LongestWait)
	t.Open, t.All, t.Idle = t.Open+r.OpenCounters, t.All+r.AllCounters, t.Idle+r.Idle()
	t.Kiosks, t.Screens = t.Kiosks.plus(r.Kiosks), t.Screens.plus(r.Screens)
	if b := r.Busiest; b.Known && (w.Peak == nil || b.Minutes > w.Peak.Minutes) {
		w.Peak = &peak{Office: r.Office.Name, Slot: b, Name: serviceName(r.Live, b.Service)}
	}
	w.Basis = cmp.Or(w.Basis, r.Basis)
}

func serviceName(l board.Live, id queue.ServiceID) board.Text {
	for _, s := range l.Office.Services {
		if s.ID == id {
			return s.Name
		}
	}
	return board.Text{"ja": string(id)}
}

// next takes the alerts that wait: the first is the next step.
func (w *wardPage) next(open []Shown) {
	for _, a := range open {
		switch {
		case a.State != "waits":
			w.Taken++
		case w.Next == nil:
			w.Next = &a
		case len(w.More) < shownMore:
			w.More = append(w.More, a)
		default:
			w.Rest++
		}
	}
}

// Open counts what waits for somebody.
func (w wardPage) Open() int {
	if w.Next == nil {
		return 0
	}
	return 1 + len(w.More) + w.Rest
}

// byTrouble orders offices: those where something waits for somebody first, urgent things
// before others, then those with tickets to check, then by the longest wait.
func byTrouble(a, b Stand) int {
	urgent := func(r Stand) (n int) {
		for _, x := range r.Troubles {
			if x.Kind.Urgent() {
				n++
			}
		}
		return n
	}
	return cmp.Or(
		cmp.Compare(urgent(b), urgent(a)), cmp.Compare(len(b.Troubles), len(a.Troubles)),
		cmp.Compare(min(1, len(b.Flagged)), min(1, len(a.Flagged))),
		cmp.Compare(b.LongestWait, a.LongestWait), cmp.Compare(b.Office.Waiting, a.Office.Waiting),
	)
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (wardPage) Key() string { return rand.Text() }
