package public

import (
	"crypto/rand"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// registerTickets adds the pages of whoever holds a ticket.
func (p *Pages) registerTickets(e *echo.Echo) {
	e.GET("/t/:secret", p.ticket)
	e.GET("/t/:secret/card", p.card)
	e.POST("/t/:secret/withdraw", p.holder(http.MethodDelete, ""))
	e.POST("/t/:secret/later", p.holder(http.MethodPost, "/later"))
	e.POST("/t/:secret/back", p.holder(http.MethodPost, "/back"))
	e.POST("/t/:secret/satisfaction", p.holder(http.MethodPost, "/satisfaction"))
	e.GET("/t/:secret/tell", p.tell)
	e.POST("/t/:secret/tell", p.askTell)
	e.POST("/t/:secret/tell/:id/stop", p.stopTell)
	e.GET("/family", p.family)
}

// ticketPage is a ticket as its holder sees it.
type ticketPage struct {
	ui.View
	Ticket  board.TicketStatus
	Told    string // what was said when the number was taken; empty: nothing
	Same    string // what became of those who were told the same; may be empty
	Secret  string
	Address string // of this page
	Problem string // why the holder's wish was not done, in words; empty: it was
	Said    bool   // the holder has just said to be back
	After   []matterLink
	Rules   []tellRule // what the holder is to be told of
	Still   bool       // without script the page does not come anew by itself
}

// refreshEvery is how often a page without script comes anew, in seconds.
const refreshEvery = 20

func (p *Pages) ticket(c echo.Context) error {
	ui.Private(c.Response().Header())
	secret := c.Param("secret")
	data, ok := p.ticketOf(c, secret)
	if !ok {
		return p.missing(c)
	}
	data.Style, data.Script, data.Part, data.NoIndex = "public/ticket.css", "public/ticket.js", "ticket", true
	data.Title = data.headline()
	if data.Still = c.QueryParam("still") != ""; !data.Still && !data.Ticket.State.Final() {
		data.Refresh = refreshEvery
	}
	if !data.Ticket.State.Final() {
		data.Rules = p.tellRules(c, secret).Rules
	}
	return page.Render(c, http.StatusOK, p.pages, "ticket", data)
}

// card is a ticket in brief, for the page that shows those of a family. It is a part of
// a page, drawn by the same hand as the whole.
func (p *Pages) card(c echo.Context) error {
	ui.Private(c.Response().Header())
	data, ok := p.ticketOf(c, c.Param("secret"))
	if !ok {
		return c.NoContent(http.StatusNotFound)
	}
	return page.Render(c, http.StatusOK, p.pages, "card", data)
}

// ticketOf gathers what is drawn of a ticket; false: there is none.
func (p *Pages) ticketOf(c echo.Context, secret string) (ticketPage, bool) {
	t, ok := p.deps.Tickets.Ticket(secret)
	if !ok {
		return ticketPage{}, false
	}
	if t.State == queue.Done { // whether it was judged is known to the API alone
		_ = page.Fetch(c, "/api/v1/tickets/"+secret, &t)
	}
	data := ticketPage{View: p.view(c), Ticket: t, Secret: secret, Address: address(c, secret), Said: c.QueryParam("said") != ""}
	if code := c.QueryParam("problem"); code != "" {
		data.Problem = data.Or("mine.problem."+code, "ticket.problem")
	}
	data.Told, data.Same = p.toldLine(data.View, t)
	data.After = p.after(data.View, t)
	return data, true
}

// address is where the holder's own page is, as the holder's browser asked for it.
func address(c echo.Context, secret string) string {
	return c.Scheme() + "://" + c.Request().Host + "/t/" + secret
}

// holder passes a holder's form on to the API and shows the ticket again.
func (p *Pages) holder(method, verb string) echo.HandlerFunc {
	return func(c echo.Context) error {
		ui.Private(c.Response().Header())
		form, err := page.Form(c)
		if err != nil {
			return err
		}
		secret := c.Param("secret")
		if _, ok := p.deps.Tickets.Ticket(secret); !ok {
			return p.missing(c)
		}
		switch code := page.Relay(c, method, "/api/v1/tickets/"+secret+verb, form); {
		case code != "":
			return page.SeeOther(c, "/t/"+secret+"?problem="+code)
		case verb == "/back":
			return page.SeeOther(c, "/t/"+secret+"?said=back")
		}
		return page.SeeOther(c, "/t/"+secret)
	}
}

// Key returns a new key for a form.
func (ticketPage) Key() string { return rand.Text() }

// QR returns the code to check in with: the address of this page.
func (p ticketPage) QR() page.Code { return page.QR(p.Address) }

// Digits returns the check-in code as people read it: 123 456.
func (p ticketPage) Digits() string {
	digits := p.Ticket.CheckInCode
	return digits[:len(digits)/2] + " " + digits[len(digits)/2:]
}

// Called reports whether the holder is to come to a counter now.
func (p ticketPage) Called() bool { return p.Ticket.Announced || p.Ticket.State == queue.Called }

// Shown is the state as the page looks: a number that can be fetched is called,
// though others are as well.
func (p ticketPage) Shown() string {
	if p.Called() {
		return string(queue.Called)
	}
	return string(p.Ticket.State)
}

// Waits reports whether the ticket is waited with: its holder is told how long, and
// where.
func (p ticketPage) Waits() bool {
	switch p.Ticket.State {
	case queue.Waiting, queue.Processing:
		return !p.Ticket.Away && !p.Ticket.Announced
	}
	return false
}

// Final reports whether the visit is over.
func (p ticketPage) Final() bool { return p.Ticket.State.Final() }

// near is how many people may still be ahead when a holder is asked to stay.
const near = 3

// nearFor is how long those few may still take, in seconds.
const nearFor = 10 * 60

// soon reports whether a call may come within minutes, as far as anybody knows.
func soon(e *board.Estimate) bool { return e == nil || e.Low < nearFor }

// Near reports whether the call may come at any moment.
func (p ticketPage) Near() bool {
	t := p.Ticket
	return t.State == queue.Waiting && !t.Away && t.NotBefore.IsZero() && t.Ahead < near && soon(t.UntilCalled)
}

// Words is the sentence that says where the ticket stands.
func (p ticketPage) Words() string {
	t := p.Ticket
	switch {
	case t.Away:
		return p.T("ticket.away")
	case !t.NotBefore.IsZero():
		return p.T("ticket.deferred", "t", p.Hour(t.NotBefore))
	case t.Announced:
		return p.T("ticket.ready")
	case t.State == queue.Waiting && t.Stage == queue.StageDelivery:
		return p.T("ticket.delivery")
	case p.Near():
		return p.T("ticket.near")
	}
	return p.T("ticket." + string(t.State))
}

// Where says where to wait.
func (p ticketPage) Where() string {
	if where := p.Name(p.Ticket.WaitWhere); where != "" {
		return where
	}
	return p.T("mine.where.usual")
}

// Way tells the way to the counter; empty: nobody has written it down.
func (p ticketPage) Way() string {
	way := p.Name(p.Ticket.Place)
	if p.Ticket.Direction != "" {
		if way != "" {
			way += p.T("mine.way.between")
		}
		way += p.T("mine.way." + p.Ticket.Direction)
	}
	return way
}

// Call is what is said aloud when the number is called; empty while it is not.
func (p ticketPage) Call() string {
	if !p.Called() {
		return ""
	}
	text := p.T("mine.call", "number", p.Ticket.Number, "counter", p.Ticket.Counter)
	if p.Ticket.Calls > 1 {
		text = p.T("mine.call.again") + " " + text
	}
	return text + " " + p.Way()
}

// Polite is what is said when there is time, whenever it has changed.
func (p ticketPage) Polite() string {
	switch {
	case p.Called():
		return ""
	case p.Ticket.ComeBackBy.IsZero() || p.Near():
		return p.Words()
	}
	return p.Words() + " " + p.T("mine.by", "t", p.Hour(p.Ticket.ComeBackBy))
}

// headline is the page's title: whoever has other pages open sees the call in it.
func (p ticketPage) headline() string {
	number := string(p.Ticket.Number)
	switch {
	case p.Called():
		return "● " + number + " " + p.T("ticket.goto", "n", p.Ticket.Counter)
	case p.Waits() && p.Ticket.UntilCalled != nil:
		return number + " " + p.Until(p.Ticket.UntilCalled)
	}
	return number + " " + p.T("ticket.title")
}

// step is one of the stages of a visit.
type step struct {
	Name    string
	State   string // done, now or later
	Current bool
}

// Steps are the stages of a visit that goes on after the talk; none: it does not.
func (p ticketPage) Steps() []step {
	t := p.Ticket
	later := t.Next != nil && t.Next.Delivery || t.State == queue.Processing || t.Stage == queue.StageDelivery
	if !later || p.Final() || p.Called() || t.Away {
		return nil
	}
	at := 0
	switch {
	case t.Stage == queue.StageDelivery && t.State != queue.Processing:
		at = 2
	case t.State == queue.Processing:
		at = 1
	}
	steps := make([]step, 3)
	for i, name := range []string{"reception", "processing", "delivery"} {
		state := "later"
		switch {
		case i < at:
			state = "done"
		case i == at:
			state = "now"
		}
		steps[i] = step{p.T("mine.step." + name), state, i == at}
	}
	return steps
}

// BackAsk says what "I am back" does.
func (p ticketPage) BackAsk() string {
	switch p.Ticket.State {
	case queue.Held:
		return p.T("mine.back.held")
	case queue.NoShow:
		return p.T("mine.back.missed")
	}
	return p.T("mine.back.deferred")
}

// BackSaid says what became of "I am back".
func (p ticketPage) BackSaid() string {
	switch p.Ticket.State {
	case queue.Held, queue.NoShow:
		return p.T("mine.back.told")
	}
	return p.T("mine.back.in")
}
