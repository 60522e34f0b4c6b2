package desk

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
)

type deliveryPage struct {
	frame
	board.Delivery
	Clerk   bool           // may call, announce and hand over
	Console *board.Console // of the counter that hands over; nil: none is chosen
	guide   Guide
	Only    string // "processing": the back office's list alone
}

func (p *Pages) delivery(c echo.Context) error {
	who, err := p.admit(c)
	if who == nil {
		return err
	}
	office := queue.OfficeID(c.Param("office"))
	desk, ok := p.deps.Views.Delivery(office)
	if !ok {
		return p.refuse(c, http.StatusNotFound, "staff.missing")
	}
	data := deliveryPage{frame: p.frame(c, *who, "/staff/"+url.PathEscape(string(office))+"/delivery"), Delivery: desk, guide: p.deps.Guide}
	data.Only = data.Part("only")
	data.Title = data.T("delivery.title") + " " + data.Name(desk.OfficeName)
	if data.Only != "" {
		data.Title = data.T("back.title") + " " + data.Name(desk.OfficeName)
	}
	data.Clerk = who.Clerk(office)
	if data.Clerk {
		data.Console = p.counterOf(office, queue.CounterID(data.Part("counter")), desk.Counters)
	}
	return p.render(c, http.StatusOK, "delivery", data)
}

// counterOf returns the console of the counter that was chosen, or of the only one.
func (p *Pages) counterOf(office queue.OfficeID, id queue.CounterID, counters []board.ConsoleCounter) *board.Console {
	if id == "" && len(counters) == 1 {
		id = counters[0].ID
	}
	if !slices.ContainsFunc(counters, func(c board.ConsoleCounter) bool { return c.ID == id }) {
		return nil
	}
	console, ok := p.deps.Consoles.Console(office, id)
	if !ok {
		return nil
	}
	return &console
}

// Open reports whether the chosen counter can call and announce.
func (p deliveryPage) Open() bool {
	return p.Console != nil && p.Console.Counter.State == queue.CounterOpen && !p.taken(p.Console.Counter)
}

// taken reports whether another member of staff holds a counter.
func (p deliveryPage) taken(c board.ConsoleCounter) bool {
	return c.State != queue.CounterClosed && c.Staff != cmp.Or(p.Who.Name, p.Who.ID)
}

// Current returns the ticket at the chosen counter, or nil.
func (p deliveryPage) Current() *board.ConsoleTicket {
	if p.Console == nil {
		return nil
	}
	return p.Console.Current
}

// CounterDo returns where a command of the chosen counter is sent.
func (p deliveryPage) CounterDo(verb string) string {
	return p.Do("counters/" + url.PathEscape(string(p.Console.Counter.ID)) + "/" + verb)
}

// TicketDo returns where a command about a ticket is sent.
func (p deliveryPage) TicketDo(t board.ConsoleTicket, verb string) string {
	return p.Do("tickets/" + url.PathEscape(string(t.Number)) + "/" + verb)
}

// ServiceName returns a service's name.
func (p deliveryPage) ServiceName(id queue.ServiceID) string {
	for _, s := range p.Services {
		if s.ID == id {
			return p.Name(s.Name)
		}
	}
	return string(id)
}

// From when somebody whose papers are ready has waited long for them, and too long.
const readyLong, readyLate = 10 * time.Minute, 20 * time.Minute

func tone(age, long, late time.Duration) string {
	switch {
	case age >= late:
		return "late"
	case age >= long:
		return "long"
	}
	return "calm"
}

// CaseTone says how the age of a case in the back office is drawn: by what its
// service usually takes.
func (p deliveryPage) CaseTone(r board.DeliveryRow) string {
	long, late := p.guide.Patience(r.Service)
	return tone(time.Duration(r.Age)*time.Second, long, late)
}

// ReadyTone says how long somebody has waited for what is ready.
func (p deliveryPage) ReadyTone(r board.DeliveryRow) string {
	return tone(time.Duration(r.Age)*time.Second, readyLong, readyLate)
}

// Late counts the cases that are late.
func (p deliveryPage) Late() int {
	n := 0
	for _, r := range p.Processing {
		if p.CaseTone(r) == "late" {
			n++
		}
	}
	return n
}
