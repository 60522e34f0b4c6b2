package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// QR returns the code to check in with: the address of this page.
func (p ticketPage) QR() page.Code { return page.QR(p.Address) }

// Digits returns the check-in code as people read it: 123 456.
func (p ticketPage) Digits() string {
	digits := p.Ticket.CheckInCode
	return digits[:len(digits)/2] + " " + digits[len(digits)/2:]
}

// Waits reports whether the ticket is waited with: its holder is told to be back
// in time.
func (p ticketPage) Waits() bool {
	switch p.Ticket.State {
	case queue.Waiting, queue.Processing, queue.Held:
		return !p.Ticket.Away && !p.Ticket.Announced
	}
	return false
}

// address is where the holder's own page is, as the holder's browser asked for it.
func address(c echo.Context, secret string) string {
	return c.Scheme() + "://" + c.Request().Host + "/t/" + secret
}

// later passes the wish for ten more minutes on.
func (p *Pages) later(c echo.Context) error {
	return p.relay(c, http.MethodPost, "/later")
}

func (p *Pages) withdraw(c echo.Context) error {
	return p.relay(c, http.MethodDelete, "")
}

// relay passes a holder's form on and shows the ticket again.
func (p *Pages) relay(c echo.Context, method, verb string) error {
	ui.Private(c.Response().Header())
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	secret := c.Param("secret")
	if _, ok := p.deps.Tickets.Ticket(secret); !ok {
		return p.missing(c)
	}
	if page.Relay(c, method, "/api/v1/tickets/"+secret+verb, form) != "" {
		return page.SeeOther(c, "/t/"+secret+"?problem=1")
	}
	return page.SeeOther(c, "/t/"+secret)
}
