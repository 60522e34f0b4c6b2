package insight

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// historyPage is what closed days show.
type historyPage struct {
	view
	found
	All      []board.Office // that may be chosen
	Cards    []card
	Pictures []picture
	Tables   []table
	grain    string
	course   []part
}

func (p *Pages) history(c echo.Context) error {
	offices, ok, err := p.managed(c)
	if !ok {
		return err
	}
	data := historyPage{view: p.view(c, "insight/insight.css"), All: offices}
	data.Title = data.T("insight.title")
	a := read(c.QueryParams(), offices, queue.BusinessDay(p.site.Now()))
	data.found, err = p.gather(c.Request().Context(), a, offices)
	var bad *measure.QueryError
	switch {
	case errors.As(err, &bad):
		data.Problem = bad.Field
	case err != nil:
		return err
	}
	if data.reading { // of a server that has just started
		c.Response().Header().Set("Refresh", "3")
	}
	if data.total.Arrivals > 0 {
		data.grain = grain(data.From, data.To)
		data.course = parts(data.dates, data.grain)
		data.Cards, data.Pictures, data.Tables = data.cards(), data.pictures(), data.tables()
	}
	return page.Render(c, http.StatusOK, p.pages, "history", data)
}

// Reading reports whether closed days are still being read.
func (p historyPage) Reading() bool { return p.reading }

// Chosen reports whether an office was asked for by name.
func (p historyPage) Chosen(id queue.OfficeID) bool {
	return slices.Contains(p.Offices, id)
}

// Which names the offices that are shown.
func (p historyPage) Which() string {
	switch n := len(p.offices); {
	case n == 0:
		return p.T("insight.offices.none")
	case n == 1:
		return p.Name(p.offices[0].Name)
	case n == len(p.All):
		return p.T("insight.offices.all", "n", n)
	default:
		return p.T("insight.offices.some", "n", n, "first", p.Name(p.offices[0].Name))
	}
}

// One returns the only office that is shown; nil: there are several.
func (p historyPage) One() *board.Office {
	if len(p.offices) != 1 {
		return nil
	}
	return &p.offices[0]
}

// option is one choice of a list.
type option struct {
	Value, Name string
	Chosen      bool
}

// Spans are the spans that can be chosen.
func (p historyPage) Spans() []option {
	var list []option
	for _, s := range spans {
		list = append(list, option{s.name, p.T("insight.span." + s.name), s.name == p.Reach})
	}
	return list
}

// Choices are the services that can be chosen: those of the offices that are shown.
func (p historyPage) ServiceChoices() []option {
	list := []option{{"all", p.T("insight.services.all"), p.Service == ""}}
	seen := map[queue.ServiceID]bool{}
	for _, o := range p.offices {
		for _, s := range o.Services {
			if !seen[s.ID] {
				seen[s.ID] = true
				list = append(list, option{string(s.ID), p.Name(s.Name), s.ID == p.Service})
			}
		}
	}
	return list
}

// ServiceName names a service; of one that no office has any more its id.
func (p historyPage) ServiceName(id queue.ServiceID) string {
	for _, o := range p.offices {
		for _, s := range o.Services {
			if s.ID == id {
				return p.Name(s.Name)
			}
		}
	}
	return string(id)
}

// Compares reports whether enough is known of the time before, and Compared whether it
// was asked for.
func (p historyPage) Compares() bool { return p.compares }

// Compared reports whether a comparison was asked for.
func (p historyPage) Compared() bool { return p.asked.Before[0] != "" }

// Period says of when the figures are, and of how many days.
func (p historyPage) Period() string {
	opened := 0
	for _, r := range p.dates {
		if open(r) {
			opened++
		}
	}
	return p.T("insight.period", "from", p.Day(p.From), "to", p.Day(p.To), "days", opened)
}

// Against says what the figures are compared with.
func (p historyPage) Against() string {
	if !p.Compared() {
		return ""
	}
	from, to := p.Day(p.asked.Before[0]), p.Day(p.asked.Before[1])
	if !p.compares {
		return p.T("insight.against.few", "from", from, "to", to, "days", p.before.Days)
	}
	return p.T("insight.against", "from", from, "to", to)
}

// shownLacks bounds the missing days that are named.
const shownLacks = 12

// Lacks names the days that should be there and are not.
func (p historyPage) Lacks() []string {
	var list []string
	for _, l := range p.lacks {
		if len(list) == shownLacks {
			return append(list, p.T("insight.lacks.more", "n", len(p.lacks)-shownLacks))
		}
		list = append(list, p.officeName(l.Office)+" "+p.Day(l.Date)+" "+p.T("insight.lack."+string(l.Why)))
	}
	return list
}

func (p historyPage) officeName(id queue.OfficeID) string {
	for _, o := range p.All {
		if o.ID == id {
			return p.Name(o.Name)
		}
	}
	return string(id)
}

// ProblemWords says what was wrong with the question.
func (p historyPage) ProblemWords() string {
	if p.Problem == "" {
		return ""
	}
	return p.T("insight.problem."+p.Problem, "n", longest)
}

// Data is where the figures are had for other programs.
func (p historyPage) Data() string {
	q := p.query()
	q.Del("span")
	q.Del("compare")
	q.Set("from", string(p.From))
	q.Set("to", string(p.To))
	q.Set("by", p.fine())
	return "/api/v1/measures.csv?" + q.Encode()
}

// fine is how finely the figures are had: by date, where that is not too much for one
// answer.
func (p historyPage) fine() string {
	rows := 0
	for _, o := range p.offices {
		rows += max(1, len(o.Services)) * days(p.From, p.To)
	}
	if p.Service == "" && rows > measure.MaxRows {
		return "month,office,service"
	}
	return "date,office,service"
}

// Definitions are what every figure means, in the order in which they stand.
func (p historyPage) Definitions() []definition {
	var list []definition
	for _, id := range strings.Fields("visit called within15 within30 arrivals lost told saved peak stages absent restored recalls transfers channels appointments diverted offline alone busy median few") {
		list = append(list, definition{id, p.T("insight.name." + id), p.T("insight.def."+id,
			"kiosk", int(measure.SavedPerKiosk/time.Second), "web", int(measure.SavedPerWeb/time.Second), "enough", enough, "fewest", fewest)})
	}
	return list
}

type definition struct{ ID, Name, Text string }

// AllLacks are all days that should be there and are not.
func (p historyPage) AllLacks() []measure.Lack { return p.lacks }
