package api

import (
	"net/http"
	"regexp"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/office"
	"machi/internal/queue"
)

type (
	checkInBody struct {
		Code   string `json:"code,omitempty"`
		Secret string `json:"secret,omitempty"`
	}
	checkInAnswer struct {
		Ticket      queue.TicketID  `json:"ticket"`
		Number      queue.Number    `json:"number"`
		Service     queue.ServiceID `json:"service"`
		State       queue.Status    `json:"state"`
		Ahead       int             `json:"ahead"`
		UntilCalled *board.Estimate `json:"until_called"`
		Unconfirmed bool            `json:"unconfirmed,omitempty"`
		Repeated    bool            `json:"repeated,omitempty"`
	}
)

// sixDigits is a check-in code.
var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

func (b checkInBody) check() error {
	switch {
	case b.Code == "" && b.Secret == "":
		return problem(string(queue.MissingField), "code")
	case b.Code != "" && b.Secret != "":
		return problemf(codeBadValue, "code", "code or secret, not both")
	case b.Code != "" && !sixDigits.MatchString(b.Code):
		return problemf(codeBadValue, "code", "six digits")
	case len(b.Secret) > maxSecret:
		return problem(string(queue.UnknownCode), "secret")
	}
	return nil
}

// checkIn brings the holder of a ticket that was taken from home into the office.
func (a *API) checkIn(c echo.Context) error {
	body, err := decode[checkInBody](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	t, err := a.ticketToCheckIn(c, id, body)
	if err != nil {
		return err
	}
	actor, command := checkInAs(c, t.ID)
	result, err := a.ward.Do(c.Request().Context(), officeOf(c), office.Request{
		ID: id, Actor: actor, Fingerprint: fingerprint(c.Request(), body), Command: command,
	})
	if err != nil {
		return err
	}
	out := checkInAnswer{Ticket: t.ID, Unconfirmed: result.Unconfirmed, Repeated: result.Repeated}
	if t, ok := result.View.State.Ticket(t.ID); ok {
		out.Number, out.Service, out.State, out.Ahead = t.Number, t.Line.Service, t.Status, result.View.State.Ahead(t)
	}
	if s, err := a.hub.Snapshot(officeOf(c)); err == nil {
		out.UntilCalled = board.Wire(s.Estimate.Tickets[t.ID].Called, s.Estimate.At)
	}
	return answer(c, status(result, http.StatusOK), out)
}

// checkInAs returns who checks a ticket in: a visitor at a machine, which is
// audited, or a clerk.
func checkInAs(c echo.Context, id queue.TicketID) (queue.Actor, queue.Command) {
	if who := identityOf(c); who.Role == RoleKiosk && who.Kiosk != "" {
		return queue.ActCheckIn.ActorOf(who.Kiosk), queue.ActKiosk{Kiosk: who.Kiosk, Action: queue.ActCheckIn, Ticket: id}
	}
	return actorOf(c), queue.CheckIn{Ticket: id}
}

// ticketToCheckIn finds the ticket that a code or a secret means. A request that is
// sent again means the ticket that it checked in then.
func (a *API) ticketToCheckIn(c echo.Context, id queue.CommandID, b checkInBody) (*queue.Ticket, error) {
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return nil, err
	}
	if t, ok := arrivedBy(view.State, id); ok {
		return t, nil
	}
	if b.Code != "" {
		return view.State.TicketByCheckInCode(b.Code)
	}
	s, t, ok := a.hub.TicketBySecret(hashSecret(b.Secret))
	switch {
	case !ok:
		return nil, problem(string(queue.UnknownCode), "secret")
	case s.View.Office != officeOf(c):
		return nil, &Problem{Code: string(queue.UnknownCode), Field: "secret", Detail: "the ticket is of another office", Have: string(s.View.Office)}
	}
	return t, nil
}

// arrivedBy returns the ticket that a command checked in.
func arrivedBy(s *queue.State, id queue.CommandID) (*queue.Ticket, bool) {
	outcome, ok := s.Outcome(id)
	if !ok {
		return nil, false
	}
	for _, e := range outcome.Events {
		if arrived, is := e.(queue.TicketArrived); is {
			return s.Ticket(arrived.Ticket)
		}
	}
	return nil, false
}
