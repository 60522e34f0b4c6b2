package public

import (
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/guide"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// mattersPage lists what people come for, by what it is about.
type mattersPage struct {
	listView
	Found  []guide.Way // what a search found
	Groups []wayGroup
}

// wayGroup are the matters of one purpose.
type wayGroup struct {
	Name string
	Ways []guide.Way
}

func (p *Pages) matters(c echo.Context) error {
	data := mattersPage{listView: p.list(c)}
	data.Title = data.T("matters.title") + " | " + data.T("site.title")
	data.Style, data.Script = "public/public.css", "public/plain.js"
	data.Summary = data.T("matters.lead")
	if p.deps.Guide != nil {
		data.Found = p.deps.Guide.Meant(data.Said)
		data.Groups = data.groups(p.deps.Guide.Ways())
	}
	return page.RenderTagged(c, p.pages, "matters", data)
}

// groups gathers the matters by purpose in the order in which they first appear; what
// no counter takes comes last.
func (v listView) groups(ways []guide.Way) []wayGroup {
	var list []wayGroup
	var ids []string
	var elsewhere wayGroup
	for _, w := range ways {
		if w.Purpose == "" {
			elsewhere.Ways = append(elsewhere.Ways, w)
			continue
		}
		i := slices.Index(ids, w.Purpose)
		if i < 0 {
			i = len(ids)
			ids = append(ids, w.Purpose)
			list = append(list, wayGroup{Name: v.purposeName(w.Purpose)})
		}
		list[i].Ways = append(list[i].Ways, w)
	}
	if len(elsewhere.Ways) > 0 {
		elsewhere.Name = v.T("matters.elsewhere")
		list = append(list, elsewhere)
	}
	return list
}

func (v listView) purposeName(id string) string {
	if i := slices.IndexFunc(v.Purposes, func(u purpose) bool { return u.ID == id }); i >= 0 {
		return v.Purposes[i].Name
	}
	return v.Or("purpose."+id, "purpose.other")
}

// Spared lists the kinds of ways not to come for a matter, each once.
func (v listView) Spared(w guide.Way) []string { return kinds(w, "reservation", "office") }

// Eased lists the kinds of ways to get a matter done more easily, each once.
func (v listView) Eased(w guide.Way) []string { return kinds(w, "office") }

func kinds(w guide.Way, but ...string) (list []string) {
	for _, i := range w.Instead {
		if !slices.Contains(but, i.Kind) && !slices.Contains(list, i.Kind) {
			list = append(list, i.Kind)
		}
	}
	return list
}

// matterPage is what one matter takes: whether to come at all, with what, and where.
type matterPage struct {
	listView
	W     guide.Way
	Home  []guide.Instead // ways not to come
	Eased []guide.Instead // ways to come more easily
	Share ui.Share
}

func (p *Pages) matter(c echo.Context) error {
	if p.deps.Guide == nil {
		return p.missing(c)
	}
	way, ok := p.deps.Guide.Way(c.Param("matter"))
	if !ok {
		return p.missing(c)
	}
	query := c.QueryParams()
	query.Set("matter", way.ID)
	query.Del("q")
	data := matterPage{listView: p.list(c), W: way}
	for _, i := range way.Instead {
		if i.Kind == "reservation" || i.Kind == "office" {
			data.Eased = append(data.Eased, i)
		} else {
			data.Home = append(data.Home, i)
		}
	}
	data.Title = data.Of(way.Name) + " | " + data.T("site.title")
	data.Style, data.Script = "public/public.css", "public/home.js"
	data.Share = data.View.Share(data.T("share.matter", "matter", data.Of(way.Name)), page.Origin(c)+"/matters/"+way.ID)
	return page.RenderNow(c, p.pages, "matter", data)
}

// linkView is a matter with the view that names it.
type linkView struct {
	listView
	W guide.Way
}

// Link hands a matter to a template.
func (v listView) Link(w guide.Way) linkView { return linkView{v, w} }

// itemView is a way not to come with the view that says it.
type itemView struct {
	listView
	I guide.Instead
}

// Item hands a way not to come to a template.
func (v listView) Item(i guide.Instead) itemView { return itemView{v, i} }

// shownAtOnce bounds the offices that stand beside a matter.
const shownAtOnce = 4

// Near returns the offices that help most, Far the others.
func (m matterPage) Near() []officeRow { return m.all()[:min(shownAtOnce, len(m.all()))] }

// Far returns the offices that are looked at when the first do not do.
func (m matterPage) Far() []officeRow { return m.all()[min(shownAtOnce, len(m.all())):] }

func (m matterPage) all() []officeRow { return slices.Concat(m.Open, m.Shut) }
