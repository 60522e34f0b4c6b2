package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
)

// ticketCommand serves a command about the ticket that the path's number names.
func ticketCommand[B any](a *API, command func(queue.TicketID, B) (queue.Command, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		body, err := decode[B](c, maxBody)
		if err != nil {
			return err
		}
		t, err := a.ticketOfPath(c)
		if err != nil {
			return err
		}
		wish, err := command(t.ID, body)
		if err != nil {
			return err
		}
		result, err := a.do(c, body, wish)
		if err != nil {
			return err
		}
		return answer(c, status(result, http.StatusOK), a.ticketAnswer(result, t.ID, counterFrom(wish)))
	}
}

// sure is for commands that need no check of their body.
func sure[B any](make func(queue.TicketID, B) queue.Command) func(queue.TicketID, B) (queue.Command, error) {
	return func(t queue.TicketID, b B) (queue.Command, error) { return make(t, b), nil }
}

// counterFrom returns the counter that acts, where the command names one.
func counterFrom(c queue.Command) queue.CounterID {
	switch c := c.(type) {
	case queue.CallTicket:
		return c.Counter
	case queue.Recall:
		return c.Counter
	case queue.Start:
		return c.Counter
	case queue.Finish:
		return c.Counter
	case queue.MarkNoShow:
		return c.Counter
	case queue.Hold:
		return c.Counter
	case queue.Serve:
		return c.Counter
	case queue.HandOver:
		return c.Counter
	}
	return ""
}

// patience is how long a number that another server may just have given is waited for.
const patience = 250 * time.Millisecond

// ticketOfPath finds the ticket that a number means. The paper may have been
// printed through another server whose record is still on its way here.
func (a *API) ticketOfPath(c echo.Context) (*queue.Ticket, error) {
	typed, err := url.PathUnescape(c.Param("number"))
	if err != nil {
		return nil, problem(codeBadValue, "number")
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), patience)
	defer cancel()
	for {
		view, err := a.ward.View(officeOf(c))
		if err != nil {
			return nil, err
		}
		t, err := pick(view, queue.NormalizeNumber(typed), queue.TicketID(c.QueryParam("ticket")))
		if err == nil || problemOf(err).Code != string(queue.UnknownTicket) {
			return t, err
		}
		if a.ward.Wait(ctx, officeOf(c), view.Head) != nil {
			return nil, err
		}
	}
}

// pick chooses among tickets of one number: the one that is named, or the only
// one whose visit is not over.
func pick(view office.View, number queue.Number, id queue.TicketID) (*queue.Ticket, error) {
	all := view.State.ByNumber(number)
	if id != "" {
		all = slices.DeleteFunc(all, func(t *queue.Ticket) bool { return t.ID != id })
	}
	open := slices.DeleteFunc(slices.Clone(all), func(t *queue.Ticket) bool { return t.Status.Final() })
	switch {
	case len(open) == 1:
		return open[0], nil
	case len(open) == 0 && len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return nil, problem(string(queue.UnknownTicket), "number")
	}
	p := problemf(codeTwinNumber, "number", "say which with ?ticket=")
	for _, t := range all {
		p.Errors = append(p.Errors, Error{Field: "ticket", Code: codeTwinNumber, Detail: string(t.ID)})
	}
	return nil, p
}

func deferCommand(t queue.TicketID, b deferBody) (queue.Command, error) {
	if b.ForSeconds <= 0 || b.ForSeconds > 24*60*60 {
		return nil, problem(string(queue.OutOfRange), "for_seconds")
	}
	return queue.Defer{Ticket: t, For: seconds(b.ForSeconds)}, nil
}

func priorityCommand(t queue.TicketID, b priorityBody) (queue.Command, error) {
	if b.Priority == nil {
		return nil, problem(string(queue.MissingField), "priority")
	}
	return queue.SetPriority{Ticket: t, Priority: *b.Priority}, nil
}

// stateCommand serves the pausing of a service or an office.
func (a *API) setService(c echo.Context) error {
	body, err := decode[stateBody](c, maxBody)
	if err != nil {
		return err
	}
	service := queue.ServiceID(c.Param("service"))
	result, err := a.do(c, body, queue.SetService{Service: service, State: body.State, Message: body.Message})
	if err != nil {
		return err
	}
	return answer(c, status(result, http.StatusOK), stateBody{body.State, body.Message})
}

func (a *API) setOffice(c echo.Context) error {
	body, err := decode[stateBody](c, maxBody)
	if err != nil {
		return err
	}
	result, err := a.do(c, body, queue.SetOffice{State: body.State, Message: body.Message})
	if err != nil {
		return err
	}
	return answer(c, status(result, http.StatusOK), stateBody{body.State, body.Message})
}
