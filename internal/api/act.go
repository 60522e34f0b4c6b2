package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
)

type (
	actBody struct {
		Action  queue.KioskAction `json:"action"`
		Ticket  queue.TicketID    `json:"ticket,omitempty"`
		Number  queue.Number      `json:"number,omitempty"`
		Service queue.ServiceID   `json:"service,omitempty"`
		Detail  string            `json:"detail,omitempty"`
	}
	actAnswer struct {
		Ticket      *ticketView `json:"ticket,omitempty"`
		Unconfirmed bool        `json:"unconfirmed,omitempty"`
		Repeated    bool        `json:"repeated,omitempty"`
	}
)

// act is something that staff or a visitor did at a machine: its effect and its
// audit are one entry of the log.
func (a *API) act(c echo.Context) error {
	kiosk := queue.KioskID(c.Param("kiosk"))
	if err := identityOf(c).isKiosk(kiosk); err != nil {
		return err
	}
	body, err := decode[actBody](c, maxBody)
	if err != nil {
		return err
	}
	command, err := a.actCommand(c, kiosk, body)
	if err != nil {
		return err
	}
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	result, err := a.ward.Do(c.Request().Context(), officeOf(c), office.Request{
		ID: id, Actor: body.Action.ActorOf(kiosk), Fingerprint: fingerprint(c.Request(), body), Command: command,
	})
	if err != nil {
		return err
	}
	out := actAnswer{Unconfirmed: result.Unconfirmed, Repeated: result.Repeated}
	if t, ok := result.View.State.Ticket(command.Ticket); ok {
		out.Ticket = staffView(result.View.State, t)
	}
	return answer(c, status(result, http.StatusOK), out)
}

func (a *API) actCommand(c echo.Context, kiosk queue.KioskID, b actBody) (queue.ActKiosk, error) {
	command := queue.ActKiosk{Kiosk: kiosk, Action: b.Action, Ticket: b.Ticket, Service: b.Service, Detail: b.Detail}
	switch {
	case b.Action == "":
		return command, problem(string(queue.MissingField), "action")
	case b.Number == "":
		return command, nil
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return command, err
	}
	t, err := pick(view, queue.NormalizeNumber(string(b.Number)), b.Ticket)
	if err != nil {
		return command, err
	}
	command.Ticket = t.ID
	return command, nil
}

// pageOfTickets is how many tickets a machine's screen lists at once.
const pageOfTickets = 20

type (
	machineTicket struct {
		ID       queue.TicketID  `json:"id"`
		Number   queue.Number    `json:"number"`
		Service  queue.ServiceID `json:"service"`
		Status   queue.Status    `json:"status"`
		IssuedAt time.Time       `json:"issued_at"`
		Channel  queue.Channel   `json:"channel"`
		Own      bool            `json:"own"` // issued at this machine
		Away     bool            `json:"away,omitempty"`
	}
	machineTickets struct {
		Tickets []machineTicket `json:"tickets"`
		Next    queue.TicketID  `json:"next,omitempty"` // what to ask for after these
	}
)

// machineTickets lists today's tickets for the staff mode of a machine, the newest
// first.
func (a *API) machineTickets(c echo.Context) error {
	kiosk := queue.KioskID(c.Param("kiosk"))
	if err := identityOf(c).isKiosk(kiosk); err != nil {
		return err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	if _, ok := view.State.Settings().Kiosk(kiosk); !ok {
		return problem(string(queue.UnknownKiosk), "kiosk")
	}
	list := matching(view.State, c.QueryParam("q"))
	if after := queue.TicketID(c.QueryParam("after")); after != "" {
		at := slices.IndexFunc(list, func(t *queue.Ticket) bool { return t.ID == after })
		if at < 0 {
			return problem(codeBadValue, "after")
		}
		list = list[at+1:]
	}
	out := machineTickets{Tickets: []machineTicket{}}
	for _, t := range list[:min(pageOfTickets, len(list))] {
		out.Tickets = append(out.Tickets, machineTicket{
			ID: t.ID, Number: t.Number, Service: t.Line.Service, Status: t.Status, IssuedAt: t.IssuedAt, Channel: t.Channel,
			Own: strings.HasPrefix(string(t.ID), string(kiosk)+"."), Away: view.State.Awaited(t),
		})
	}
	if len(list) > pageOfTickets {
		out.Next = list[pageOfTickets-1].ID
	}
	return answer(c, http.StatusOK, out)
}

// matching returns the tickets whose number begins with what was typed, or is
// meant by it, the newest first.
func matching(s *queue.State, typed string) []*queue.Ticket {
	prefix, whole := strings.ToUpper(strings.TrimSpace(typed)), queue.NormalizeNumber(typed)
	var list []*queue.Ticket
	for _, t := range s.Tickets() {
		if t.Number != "" && (t.Number == whole || strings.HasPrefix(string(t.Number), prefix)) {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(x, y *queue.Ticket) int {
		if by := y.IssuedAt.Compare(x.IssuedAt); by != 0 {
			return by
		}
		return strings.Compare(string(y.ID), string(x.ID))
	})
	return list
}
