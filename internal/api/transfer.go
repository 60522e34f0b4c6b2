package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
)

// sentTo is where a ticket went on at another office.
type sentTo struct {
	Office queue.OfficeID `json:"office"`
	Number queue.Number   `json:"number"`
	Ticket queue.TicketID `json:"ticket"`
}

// transfer sends a ticket on: within the office by one command, to another office
// by two, of which the second has an id derived from the first's. Whoever repeats
// the request after a failure in between completes it.
func (a *API) transfer(c echo.Context) error {
	body, err := decode[transferBody](c, maxBody)
	if err != nil {
		return err
	}
	t, err := a.ticketOfPath(c)
	if err != nil {
		return err
	}
	if body.Office != "" {
		if err := a.checkDestination(t, body); err != nil {
			return err
		}
	}
	result, err := a.do(c, body, queue.Transfer{
		Ticket: t.ID, Counter: body.Counter, Service: body.Service, To: body.To, Office: body.Office, Note: body.Note,
	})
	if err != nil {
		return err
	}
	out := a.ticketAnswer(result, t.ID, body.Counter)
	if body.Office != "" {
		if out.SentTo, err = a.sendOn(c, t, body); err != nil {
			return err
		}
	}
	return answer(c, status(result, http.StatusOK), out)
}

// checkDestination asks before anything is done here: a visitor must not lose the
// place in this office to a refusal of the other.
func (a *API) checkDestination(t *queue.Ticket, body transferBody) error {
	view, err := a.ward.View(body.Office)
	if err != nil {
		return problem(codeUnknownOffice, "office")
	}
	if !view.State.Opened() || view.State.Closed() {
		return problem(string(queue.DayNotOpen), "office")
	}
	if body.To != "" {
		return problemf(codeBadValue, "to", "a counter of another office cannot be chosen")
	}
	if _, ok := view.State.Settings().Service(destination(t, body)); !ok {
		return problem(string(queue.UnknownService), "service")
	}
	return nil
}

func destination(t *queue.Ticket, body transferBody) queue.ServiceID {
	if body.Service != "" {
		return body.Service
	}
	return t.Line.Service
}

// sendOn issues the ticket at the other office, with the arrival and the secret it
// has here: the visitor keeps the place by time and the page that is open.
func (a *API) sendOn(c echo.Context, t *queue.Ticket, body transferBody) (*sentTo, error) {
	id, err := commandID(c.Request())
	if err != nil {
		return nil, err
	}
	result, err := a.ward.Do(c.Request().Context(), body.Office, office.Request{
		ID: derived(id, "transfer"), Actor: actorOf(c), Fingerprint: fingerprint(c.Request(), body),
		Command: queue.IssueTicket{
			Service: destination(t, body), Channel: queue.ChannelReception, Language: t.Language,
			Priority: t.Priority, Arrival: t.Arrival, Secret: t.Secret,
		},
	})
	if err != nil {
		return nil, err
	}
	event, ok := issuedIn(result.Outcome)
	if !ok {
		return nil, problem(codeKeyReused, headerKey)
	}
	return &sentTo{body.Office, event.Number, event.Ticket}, nil
}
