package manager

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/alert"
	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// shown puts an alert into words. Then is the page that its forms come back to.
func (p *Pages) shown(v ui.View, a alert.Alert, office board.Office, then string) Shown {
	now := p.site.Now()
	s := Shown{View: v, Alert: a, Place: v.Name(office.Name), State: "waits", Since: a.Raised, Then: then}
	if a.Finding.Since.Before(a.Raised) && !a.Finding.Since.IsZero() && a.Raised.Sub(a.Finding.Since) < 12*time.Hour {
		s.Since = a.Finding.Since
	}
	s.AlertWords = page.WordsOf(v, a, func(id queue.ServiceID) board.Text {
		return serviceName(board.Live{Dashboard: board.Dashboard{Office: office}}, id)
	})
	end := now
	switch {
	case !a.Open():
		s.State, end = "over", a.Ended
		s.Said = v.T("alert.over."+a.Why, "t", v.Hour(a.Ended))
		if a.By != "" {
			s.Said += " " + v.T("alert.by", "who", a.By)
		}
	case a.Asleep(now):
		s.State, s.Said = "asleep", v.T("alert.asleep", "t", v.Hour(a.Until), "who", a.PutBy)
	case a.By != "":
		s.State, s.Said = "taken", v.T("alert.taken", "who", a.By, "t", v.Hour(a.Taken))
	case a.Level > 0:
		s.Said = v.T("alert.told", "t", v.Hour(a.Told))
	}
	s.Lasted = int(max(0, end.Sub(s.Since)) / time.Second)
	return s
}

// show puts the alerts of those of the offices into words that somebody manages.
func (p *Pages) show(v ui.View, list []alert.Alert, all []board.Dashboard, who page.Identity, then string) (out []Shown) {
	offices := map[queue.OfficeID]board.Office{}
	for _, d := range all {
		offices[d.Office.ID] = d.Office
	}
	for _, a := range list {
		if o, ok := offices[a.Office]; ok && manages(who, a.Office) {
			out = append(out, p.shown(v, a, o, then))
		}
	}
	return out
}

// Key returns a fresh key for a form, so that a form sent twice acts once.
func (Shown) Key() string { return rand.Text() }

type alertsPage struct {
	ui.View
	Offices []board.Office
	At      queue.OfficeID
	Date    queue.Date
	Today   queue.Date
	First   queue.Date // the oldest day that is kept
	Groups  []group
	Over    []Shown
	Told    string // why nothing is shown
	Rules   []rulesOf
	Done    string
	Failed  string
}

// group is alerts that stand alike.
type group struct {
	ID, Title string
	List      []Shown
}

// rulesOf is when alerts begin at an office, in words.
type rulesOf struct {
	Name  string
	Lines []ruleLine
	Tells []string // the steps of the escalation
}

type ruleLine struct {
	Kind alert.Kind
	What string
	When string
	Off  bool
}

// kept is how many days back alerts can be looked at.
const kept = 92

func (p *Pages) alerts(c echo.Context) error {
	who, ok := p.deps.Identify(c)
	switch {
	case !ok:
		return page.SignIn(c)
	case !who.Manager:
		return page.SeeOther(c, "/staff")
	}
	now := p.site.Now()
	data := alertsPage{
		View: p.site.View(c, ui.StaffTexts, "staff"), Today: queue.BusinessDay(now), First: queue.BusinessDay(now.AddDate(0, 0, -kept)),
		At: queue.OfficeID(c.QueryParam("office")), Done: page.CodeOf(c.QueryParam("done")), Failed: page.CodeOf(c.QueryParam("problem")),
	}
	data.Title, data.Style, data.Script, data.NoIndex = data.T("alerts.title"), "manager/now.css", "manager/now.js", true
	all := p.deps.Dashboards.Dashboards()
	for _, d := range all {
		if manages(who, d.Office.ID) {
			data.Offices = append(data.Offices, d.Office)
		}
	}
	if !slices.ContainsFunc(data.Offices, func(o board.Office) bool { return o.ID == data.At }) {
		data.At = ""
	}
	if err := p.fill(c, &data, all, who); err != nil {
		return err
	}
	for _, o := range data.Offices {
		if data.At == "" || data.At == o.ID {
			data.rule(rulesIn(data.View, o, p.deps.Alerts.Rules(o.ID)))
		}
	}
	if len(data.Rules) == 1 && len(data.Offices) > 1 && data.At == "" {
		data.Rules[0].Name = data.T("alerts.every")
	}
	private(c)
	return page.Render(c, http.StatusOK, p.pages, "alerts", data)
}

// fill reads the alerts of the day that is asked for.
func (p *Pages) fill(c echo.Context, data *alertsPage, all []board.Dashboard, who page.Identity) error {
	data.Date = queue.Date(c.QueryParam("date"))
	if _, err := time.Parse(time.DateOnly, string(data.Date)); err != nil {
		data.Date = data.Today
	}
	list, err := p.deps.Alerts.Day(c.Request().Context(), data.Date)
	switch {
	case errors.Is(err, alert.ErrNotKept):
		data.Told = data.T("alerts.not-kept", "n", kept)
	case err != nil:
		data.Told = data.T("alerts.unreachable")
	}
	groups := map[string]*group{}
	for _, id := range []string{"waits", "taken", "asleep"} {
		groups[id] = &group{ID: id, Title: data.T("alerts." + id)}
	}
	alert.Sort(list, p.site.Now())
	for _, s := range p.show(data.View, list, all, who, data.address()) {
		switch {
		case data.At != "" && s.Office != data.At:
		case s.State == "over":
			data.Over = append(data.Over, s)
		default:
			groups[s.State].List = append(groups[s.State].List, s)
		}
	}
	slices.SortStableFunc(data.Over, func(a, b Shown) int { return b.Ended.Compare(a.Ended) })
	for _, id := range []string{"waits", "taken", "asleep"} {
		if len(groups[id].List) > 0 || id == "waits" && data.Date == data.Today && data.Told == "" {
			data.Groups = append(data.Groups, *groups[id])
		}
	}
	return nil
}

// address is the page's own, for what comes back to it.
func (p alertsPage) address() string {
	q := url.Values{}
	if p.At != "" {
		q.Set("office", string(p.At))
	}
	if p.Date != p.Today {
		q.Set("date", string(p.Date))
	}
	if len(q) == 0 {
		return "/manager/alerts"
	}
	return "/manager/alerts?" + q.Encode()
}

// rule adds the rules of an office; those of several that are the same stand once.
func (p *alertsPage) rule(r rulesOf) {
	same := func(o rulesOf) bool { return slices.Equal(o.Lines, r.Lines) && slices.Equal(o.Tells, r.Tells) }
	if i := slices.IndexFunc(p.Rules, same); i >= 0 {
		p.Rules[i].Name += p.T("alert.also") + r.Name
		return
	}
	p.Rules = append(p.Rules, r)
}

// rulesIn puts the rules of an office into words.
func rulesIn(v ui.View, o board.Office, r alert.Rules) rulesOf {
	out := rulesOf{Name: v.Name(o.Name)}
	limit := v.T("alerts.rule.guarantee")
	if r.Longest > 0 {
		limit = v.Span(int(r.Longest / time.Second))
	}
	for _, k := range alert.Kinds {
		out.Lines = append(out.Lines, ruleLine{
			Kind: k, What: v.T("alerts.kind." + string(k)), Off: !r.On(k),
			When: v.T("alerts.rule."+string(k), "limit", limit, "nobody", int(r.Nobody/time.Minute), "help", int(r.Help/time.Minute), "growth", r.Growth, "slow", r.Slow),
		})
	}
	for _, s := range r.Steps {
		key := "alerts.step"
		if len(s.Mail) == 0 {
			key = "alerts.step.page"
		}
		out.Tells = append(out.Tells, v.T(key, "n", int(s.After/time.Minute), "mail", strings.Join(s.Mail, " ")))
	}
	return out
}

// doAlert passes what a manager does with an alert on, and goes back to the page it was
// done on.
func (p *Pages) doAlert(c echo.Context) error {
	verb := c.Param("verb")
	if _, ok, err := p.managed(c); !ok {
		return err
	}
	if !slices.Contains(alert.Verbs, alert.Verb(verb)) {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	path := "/api/v1/offices/" + url.PathEscape(c.Param("office")) + "/alerts/" + url.PathEscape(c.Param("alert")) + "/" + verb
	problem := page.Relay(c, http.MethodPost, path, form)
	return page.SeeOther(c, backTo(form.Get("then"), problem, verb))
}

// backTo returns where a form came from, with what came of it. Only managers' pages may
// be gone back to.
func backTo(then, problem, verb string) string {
	u, err := url.Parse(then)
	if err != nil || u.Host != "" || u.Scheme != "" || u.Path != "/manager" && !strings.HasPrefix(u.Path, "/manager/") {
		u = &url.URL{Path: "/manager"}
	}
	q := u.Query()
	q.Del("done")
	q.Del("problem")
	if problem != "" {
		q.Set("problem", problem)
	} else {
		q.Set("done", verb)
	}
	return u.EscapedPath() + "?" + q.Encode()
}

// sentence says what came of a form; empty: nothing was done.
func sentence(v ui.View, done, failed string) (text string, good bool) {
	switch {
	case failed != "":
		return v.Or("alert.problem."+failed, "problem.other", "code", failed), false
	case slices.Contains(alert.Verbs, alert.Verb(done)):
		return v.T("alert.done." + done), true
	}
	return "", true
}

// Outcome is what came of a form, in words.
type Outcome struct {
	Text string
	Good bool
}

// Outcome says what came of a form.
func (p alertsPage) Outcome() Outcome {
	text, good := sentence(p.View, p.Done, p.Failed)
	return Outcome{text, good}
}

// Outcome says what came of a form.
func (w wardPage) Outcome() Outcome {
	text, good := sentence(w.View, w.Done, w.Failed)
	return Outcome{text, good}
}
