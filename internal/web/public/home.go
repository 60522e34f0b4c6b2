package public

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/guide"
	"machi/internal/told"
	"machi/internal/travel"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// readers' pages may ask the browser where it is; the answer stays there.
const allowPosition = "camera=(), microphone=(), geolocation=(self)"

// listView is a view of a page that lists offices.
type listView struct {
	ui.View
	asked
	Order    string
	Purposes []purpose
	Open     []officeRow
	Shut     []officeRow
	AsOf     time.Time // the oldest of what is shown
}

// homePage is all offices at a glance.
type homePage struct{ listView }

func (p *Pages) home(c echo.Context) error {
	data := homePage{p.list(c)}
	data.Title = data.T("home.title") + " | " + data.T("site.title")
	data.Style, data.Script, data.Home = "public/public.css", "public/home.js", true
	data.Summary = data.T("home.lead")
	return page.RenderNow(c, p.pages, "home", data)
}

// list reads what was asked for and lists the offices that handle it.
func (p *Pages) list(c echo.Context) listView {
	c.Response().Header().Set("Permissions-Policy", allowPosition)
	v := listView{View: p.view(c), asked: p.asked(c)}
	v.Part = "home"
	v.Purposes = purposes(v.View, p.deps.Boards.Offices())
	if !slices.ContainsFunc(v.Purposes, func(u purpose) bool { return u.ID == v.Purpose }) {
		v.Purpose = ""
	}
	if v.From != nil && c.QueryParam("sort") == byNear {
		v.Order = byNear
	}
	rows := p.rows(v.asked)
	if v.Way == nil && v.Purpose == "" {
		v.narrow(rows)
	}
	arrange(rows, v.Order)
	for _, r := range rows {
		if v.AsOf.IsZero() || r.Office.AsOf.Before(v.AsOf) {
			v.AsOf = r.Office.AsOf
		}
		if r.Shut() {
			v.Shut = append(v.Shut, r)
		} else {
			v.Open = append(v.Open, r)
		}
	}
	return v
}

// narrow marks the offices that deal with little of what people come for.
func (v listView) narrow(rows []officeRow) {
	for i, r := range rows {
		seen := purposes(v.View, []board.Office{r.Office})
		if len(seen) > len(v.Purposes)/2 {
			continue
		}
		for _, u := range seen {
			rows[i].Only = append(rows[i].Only, u.Name)
		}
	}
}

// purpose is what people come for, by which the list can be narrowed.
type purpose struct {
	ID, Name string
}

// purposes lists what any office does, each once, in the offices' own order.
func purposes(v ui.View, offices []board.Office) []purpose {
	var list []purpose
	seen := map[string]bool{}
	for _, o := range offices {
		for _, s := range o.Services {
			if id := ui.PurposeOf(s); !seen[id] {
				seen[id] = true
				list = append(list, purpose{id, purposeName(v, id, s)})
			}
		}
	}
	return list
}

// purposeName names a purpose; one that has no words of its own is named by the
// first service that has it.
func purposeName(v ui.View, id string, s board.Service) string {
	if key := "purpose." + id; v.T(key) != key {
		return v.T(key)
	}
	return v.Name(s.Name)
}

// Matter returns the id of the matter that was asked for, or nothing.
func (v listView) Matter() string {
	if v.Way == nil {
		return ""
	}
	return v.Way.ID
}

// Asks returns the address of this page with one thing asked otherwise; an empty value
// asks for it no more. What stands for the same question goes with it.
func (v listView) Asks(key, value string) string {
	query := url.Values{}
	if v.Way != nil {
		query.Set("matter", v.Way.ID)
	}
	if v.Purpose != "" && v.Way == nil {
		query.Set("for", v.Purpose)
	}
	if v.From != nil {
		query.Set("from", v.From.ID)
	}
	if v.Order != "" {
		query.Set("sort", v.Order)
	}
	switch key {
	case "for", "matter":
		query.Del("for")
		query.Del("matter")
	}
	query.Del(key)
	if value != "" {
		query.Set(key, value)
	}
	if len(query) == 0 {
		return v.Path
	}
	return v.Path + "?" + query.Encode()
}

// rowView is an office's row with the view it is drawn in.
type rowView struct {
	ui.View
	Row officeRow
}

// Row hands a row to a template.
func (v listView) Row(r officeRow) rowView { return rowView{v.View, r} }

// Of returns a text of the guide in the page's language.
func (v listView) Of(t guide.Text) string { return v.Name(board.Text(t)) }

// Tongue returns the language that a text of the guide is shown in, where it is not the
// page's own.
func (v listView) Tongue(t guide.Text) string { return v.View.Tongue(board.Text(t)) }

// Along says about how long a way takes.
func (v listView) Along(r travel.Range) string { return along(v.View, r) }

func along(v ui.View, r travel.Range) string {
	w := told.Of(time.Duration(r.Low)*time.Second, time.Duration(r.High)*time.Second).Words()
	switch w.Kind {
	case told.Soon, told.Within:
		return v.T("until.within", "high", w.High, "fun", w.Minutes())
	}
	return v.T("until."+string(w.Kind), "low", w.Low, "high", w.High, "fun", w.Minutes())
}

// kilometres says a straight line in steps of a hundred metres.
func kilometres(metres int) string {
	if metres < 0 {
		return ""
	}
	return strconv.FormatFloat(float64((metres+50)/100)/10, 'f', 1, 64)
}
