package desk

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/guide"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

type receptionPage struct {
	frame
	board.Reception
	Matters []guide.Matter
	Matter  *guide.Matter
	Chosen  *board.Service      // whose ticket would be given
	Ticket  *board.ReceptionRow // that is open
	Issued  *issued             // that was just given
	boards  page.Boards
}

// issued is a ticket that this desk has just given.
type issued struct {
	board.ReceptionRow
	URL string
	QR  page.Code
}

func (p *Pages) reception(c echo.Context) error {
	who, err := p.admit(c)
	if who == nil {
		return err
	}
	office := queue.OfficeID(c.Param("office"))
	f := p.frame(c, *who, "/staff/"+url.PathEscape(string(office))+"/desk")
	typed := short(f.Part("n"), 20)
	desk, ok := p.deps.Views.Reception(office, typed)
	if !ok {
		return p.refuse(c, http.StatusNotFound, "staff.missing")
	}
	data := receptionPage{frame: f, Reception: desk, boards: p.deps.Boards}
	data.Title = data.T("desk.title") + " " + data.Name(desk.OfficeName)
	data.choose(p.deps.Guide)
	data.Ticket = p.find(office, f.Part("t"), f.Part("id"))
	if n := f.Part("issued"); n != "" {
		data.Issued = p.justIssued(c, office, n)
	}
	return p.render(c, http.StatusOK, "reception", data)
}

func short(text string, most int) string {
	if len(text) > most {
		return ""
	}
	return text
}

// choose looks up what was searched for and what was chosen.
func (p *receptionPage) choose(g Guide) {
	if q := p.Part("q"); q != "" {
		answer, _ := g.Find(p.Office, q)
		p.Matters = answer.Matters
	}
	service := queue.ServiceID(p.Part("service"))
	if id := p.Part("matter"); id != "" {
		if m, ok := g.Matter(p.Office, id); ok {
			p.Matter, service = &m, m.Service
		}
	}
	p.Chosen = p.Service(service)
}

// find returns a ticket by its whole number, or nil. The id says which where two
// papers bear one number.
func (p *Pages) find(office queue.OfficeID, number, id string) *board.ReceptionRow {
	if number == "" {
		return nil
	}
	desk, ok := p.deps.Views.Reception(office, short(number, 20))
	if !ok {
		return nil
	}
	i := slices.IndexFunc(desk.Tickets, func(t board.ReceptionRow) bool {
		return string(t.Number) == number && (id == "" || string(t.ID) == id)
	})
	if i < 0 {
		return nil
	}
	return &desk.Tickets[i]
}

func (p *Pages) justIssued(c echo.Context, office queue.OfficeID, number string) *issued {
	t := p.find(office, number, "")
	if t == nil {
		return nil
	}
	out := &issued{ReceptionRow: *t}
	if s, code := p.askSlip(c, office, number); code == "" {
		out.URL = s.address(c, p.deps.PublicURL)
		if out.URL != "" {
			out.QR = page.QR(out.URL)
		}
	}
	return out
}

// Service returns a service of the office, or nil.
func (p receptionPage) Service(id queue.ServiceID) *board.Service {
	i := slices.IndexFunc(p.Services, func(s board.Service) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Services[i]
}

// ServiceName returns a service's name.
func (p receptionPage) ServiceName(id queue.ServiceID) string {
	if s := p.Service(id); s != nil {
		return p.Name(s.Name)
	}
	return string(id)
}

// Wait says how a service stands: how many wait and for how long.
func (p receptionPage) Wait(s *board.Service) string {
	if s.UntilCalled == nil {
		return p.T("label.people", "n", s.Waiting)
	}
	return p.T("desk.wait", "n", s.Waiting, "t", p.Until(s.UntilCalled))
}

// WaitBoth also says until when a visitor is finished: staff are asked before the
// ticket is taken.
func (p receptionPage) WaitBoth(s *board.Service) string {
	if s.UntilCalled == nil || s.UntilFinished == nil {
		return p.Wait(s)
	}
	return p.T("desk.wait.both", "n", s.Waiting, "t", p.Until(s.UntilCalled), "f", p.Until(s.UntilFinished))
}

// Ahead says how many are called before.
func (f frame) Ahead(n int) string {
	if n == 0 {
		return f.T("desk.ahead.none")
	}
	return f.T("desk.ahead", "n", n)
}

// Elsewhere is another office with how its service stands now.
type Elsewhere struct {
	Office  queue.OfficeID
	Name    string
	Service *board.Service
}

// Places returns where a matter is taken, with how busy it is there; the first few.
func (p receptionPage) Places(m guide.Matter) []Elsewhere {
	var list []Elsewhere
	for _, place := range m.Elsewhere[:min(4, len(m.Elsewhere))] {
		e := Elsewhere{Office: place.Office, Name: p.Words(place.Name)}
		if o, ok := p.boards.Office(place.Office); ok {
			if i := slices.IndexFunc(o.Services, func(s board.Service) bool { return s.ID == place.Service }); i >= 0 {
				e.Service = &o.Services[i]
			}
		}
		list = append(list, e)
	}
	return list
}

// Languages lists the languages that a ticket can be given in.
func (receptionPage) Languages() []struct {
	Lang ui.Lang
	Own  string
} {
	return ui.Languages
}

// asked are the words that visitors say most, for a search by one touch; each is a
// key of the texts.
var asked = []string{"moving", "certificate", "seal", "koseki", "marriage", "birth", "death", "card", "insurance", "pension", "child", "dog"}

// Asked returns the words for a search by one touch.
func (p receptionPage) Asked() []string {
	var list []string
	for _, key := range asked {
		list = append(list, p.T("asked."+key))
	}
	return list
}

// TicketDo returns where a command about the open ticket is sent.
func (p receptionPage) TicketDo(verb string) string {
	return p.Do("tickets/" + url.PathEscape(string(p.Ticket.Number)) + "/" + verb)
}

// Can reports whether something can be done with the open ticket as it stands.
func (p receptionPage) Can(verb string) bool {
	may := map[string][]queue.Status{
		"transfer": {queue.Waiting, queue.Held, queue.NoShow},
		"service":  {queue.Waiting, queue.Held, queue.NoShow},
		"add":      {queue.Waiting, queue.Called, queue.Serving, queue.Processing, queue.Held, queue.NoShow},
		"priority": {queue.Waiting, queue.Held, queue.NoShow},
		"merge":    {queue.Waiting, queue.Held, queue.NoShow},
		"hold":     {queue.Waiting, queue.Processing},
		"withdraw": {queue.Waiting, queue.Held, queue.NoShow, queue.Processing, queue.Called},
		"resume":   {queue.Held},
		"restore":  {queue.NoShow},
		"ready":    {queue.Processing},
	}
	return slices.Contains(may[verb], p.Ticket.State)
}

// Tone says how a ticket's wait is to be drawn.
func (p receptionPage) Tone(t board.ReceptionRow) string {
	if t.State != queue.Waiting {
		return "still"
	}
	return tone(p.Now.Sub(t.Arrival), 20*time.Minute, 40*time.Minute)
}
