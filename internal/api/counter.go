package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
)

// ticketAnswer is what a command about a ticket is answered with.
type ticketAnswer struct {
	Ticket      *ticketView        `json:"ticket"`
	Undo        *board.ConsoleUndo `json:"undo,omitempty"`
	Unconfirmed bool               `json:"unconfirmed,omitempty"`
	SentTo      *sentTo            `json:"sent_to,omitempty"`
	Repeated    bool               `json:"repeated,omitempty"`
}

// ticketView is a ticket as staff see it, with why it was called.
type ticketView struct {
	board.ConsoleTicket
	Reason queue.ReasonCode `json:"reason,omitempty"`
	Slot   *time.Time       `json:"reason_slot,omitempty"`
}

// counterAnswer is what a command about a counter is answered with.
type counterAnswer struct {
	Counter     *board.ConsoleCounter `json:"counter"`
	Undo        *board.ConsoleUndo    `json:"undo,omitempty"`
	Unconfirmed bool                  `json:"unconfirmed,omitempty"`
}

func counterOf(c echo.Context) queue.CounterID { return queue.CounterID(c.Param("counter")) }

// counterCommand serves a command that is answered with the counter.
func counterCommand[B any](a *API, command func(queue.CounterID, B) queue.Command) echo.HandlerFunc {
	return func(c echo.Context) error {
		body, err := decode[B](c, maxBody)
		if err != nil {
			return err
		}
		result, err := a.do(c, body, command(counterOf(c), body))
		if err != nil {
			return err
		}
		return answer(c, status(result, http.StatusOK), a.counterAnswer(result, counterOf(c)))
	}
}

// openCounter opens a counter for whoever asks. Only a token, which may stand for a
// whole office, says for whom: a person signs with the account.
func (a *API) openCounter(c echo.Context) error {
	return counterCommand(a, func(counter queue.CounterID, b openBody) queue.Command {
		if identityOf(c).Account != "" {
			b.Staff = ""
		}
		return queue.OpenCounter{Counter: counter, Staff: b.Staff, Services: b.Services, TakeOver: b.TakeOver}
	})(c)
}

func (a *API) counterAnswer(r office.Result, id queue.CounterID) counterAnswer {
	s := r.View.State
	out := counterAnswer{Undo: a.undo(s, id), Unconfirmed: r.Unconfirmed}
	if counter, ok := s.Counter(id); ok {
		view := board.StaffCounter(s, counter, a.now())
		out.Counter = &view
	}
	return out
}

func (a *API) undo(s *queue.State, counter queue.CounterID) *board.ConsoleUndo {
	command, until, ok := s.Undoable(counter, a.now())
	if !ok {
		return nil
	}
	return &board.ConsoleUndo{Command: command, Until: until}
}

func (a *API) callNext(c echo.Context) error {
	body, err := decode[callBody](c, maxBody)
	if err != nil {
		return err
	}
	result, err := a.do(c, body, queue.CallNext{Counter: counterOf(c), Service: body.Service})
	return a.answerCalled(c, result, err)
}

func (a *API) finishAndCallNext(c echo.Context) error {
	body, err := decode[finishNextBody](c, maxBody)
	if err != nil {
		return err
	}
	result, err := a.do(c, body, queue.FinishAndCallNext{
		Counter: counterOf(c), Number: queue.NormalizeNumber(string(body.Number)), Service: body.Service, Processing: body.Processing,
		Outcome: body.Outcome, Quantity: body.Quantity, Unmeasured: body.Unmeasured, Served: body.Served,
	})
	return a.answerCalled(c, result, err)
}

// answerCalled answers with the ticket that was called, or with 204 when nobody waits.
func (a *API) answerCalled(c echo.Context, r office.Result, err error) error {
	if err != nil && problemOf(err).Code != string(queue.NobodyWaits) {
		return err
	}
	called, ok := calledIn(r.Outcome)
	if err != nil || !ok {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return c.NoContent(http.StatusNoContent)
	}
	return answer(c, status(r, http.StatusOK), a.ticketAnswer(r, called.Ticket, counterOf(c)))
}

func calledIn(o *queue.Outcome) (queue.TicketCalled, bool) {
	if o == nil {
		return queue.TicketCalled{}, false
	}
	for _, e := range o.Events {
		if called, ok := e.(queue.TicketCalled); ok {
			return called, true
		}
	}
	return queue.TicketCalled{}, false
}

// ticketAnswer describes a ticket after a command. What the command itself did is
// taken from its outcome: a repeated request is answered with what it did then,
// though the ticket may have gone on since.
func (a *API) ticketAnswer(r office.Result, id queue.TicketID, counter queue.CounterID) ticketAnswer {
	out := ticketAnswer{Unconfirmed: r.Unconfirmed, Repeated: r.Repeated}
	t, ok := r.View.State.Ticket(id)
	if !ok {
		return out
	}
	view := &ticketView{ConsoleTicket: board.StaffTicket(r.View.State, t)}
	if called, ok := calledIn(r.Outcome); ok && called.Ticket == id {
		view.Number, view.Counter, view.State = called.Number, called.Counter, queue.Called
		view.Reason = called.Reason.Code
		if slot := called.Reason.Slot; !slot.IsZero() {
			view.Slot = &slot
		}
	}
	if counter == "" {
		counter = t.Counter
	}
	out.Ticket, out.Undo = view, a.undo(r.View.State, counter)
	return out
}

func (a *API) quickServe(c echo.Context) error {
	body, err := decode[quickBody](c, maxBody)
	if err != nil {
		return err
	}
	result, err := a.do(c, body, queue.QuickServe{Counter: counterOf(c), Service: body.Service, Quantity: body.Quantity})
	if err != nil {
		return err
	}
	return answer(c, status(result, http.StatusOK), a.counterAnswer(result, counterOf(c)))
}

// preview says whom call-next would call, without calling.
func (a *API) preview(c echo.Context) error {
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	if _, ok := s.View.State.Counter(counterOf(c)); !ok {
		return missingCounter(s, "counter")
	}
	next, ok := queue.Next(s.View.State, counterOf(c), queue.ServiceID(c.QueryParam("service")), a.now())
	if !ok {
		return c.NoContent(http.StatusNoContent)
	}
	view := &ticketView{ConsoleTicket: board.StaffTicket(s.View.State, next.Ticket), Reason: next.Reason.Code}
	return answer(c, http.StatusOK, ticketAnswer{Ticket: view})
}

// console is what a clerk sees at a counter.
func (a *API) console(c echo.Context) error {
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	counter := c.QueryParam("counter")
	if counter == "" {
		return problem(string(queue.MissingField), "counter")
	}
	console, ok := s.Console(queue.CounterID(counter))
	if !ok {
		return missingCounter(s, "counter")
	}
	console.For(actorOf(c).Role)
	return a.private(c, console)
}

// missingCounter says that an office has no such counter, once its day has been read.
func missingCounter(s *live.Snapshot, field string) error {
	if s.View.Doubt && !s.View.State.Opened() { // the server has just started
		return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second}
	}
	return problem(string(queue.UnknownCounter), field)
}

// dashboard is what a manager sees of an office.
func (a *API) dashboard(c echo.Context) error {
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	return a.private(c, s.Dashboard())
}

func staffView(s *queue.State, t *queue.Ticket) *ticketView {
	return &ticketView{ConsoleTicket: board.StaffTicket(s, t)}
}
