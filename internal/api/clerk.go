package api

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
)

// clerkRoutes are the commands of a counter that do more than the one ticket in
// front of it: what a console without link did, deliveries, skips.
func (a *API) clerkRoutes() []route {
	office := base + "/offices/:office"
	return []route{
		{"POST", office + "/tickets/:number/serve", clerks, ticketCommand(a, serveCommand)},
		{"POST", office + "/tickets/:number/hand-over", clerks, ticketCommand(a, sure(func(t queue.TicketID, b counterBody) queue.Command {
			return queue.HandOver{Ticket: t, Counter: b.Counter}
		}))},
		{"POST", office + "/counters/:counter/announce", clerks, a.announce},
		{"POST", office + "/counters/:counter/skip", clerks, a.skip},
	}
}

// floorRoutes are those of the reception desk.
func (a *API) floorRoutes() []route {
	office := base + "/offices/:office"
	return []route{
		{"GET", office + "/reception", receptionists, a.reception},
		{"GET", office + "/delivery", receptionists, a.delivery},
		{"GET", office + "/tickets/:number/slip", receptionists, a.slip},
		{"POST", office + "/tickets/:number/merge", receptionists, a.merge},
	}
}

func serveCommand(t queue.TicketID, b serveBody) (queue.Command, error) {
	started, err := momentOf("started_at", b.StartedAt)
	if err != nil {
		return nil, err
	}
	clicked, err := momentOf("clicked_at", b.ClickedAt)
	if err != nil {
		return nil, err
	}
	if b.Counter == "" {
		return nil, problem(string(queue.MissingField), "counter")
	}
	return queue.Serve{Ticket: t, Counter: b.Counter, Processing: b.Processing, Started: started, Clicked: clicked}, nil
}

func startCommand(t queue.TicketID, b clickBody) (queue.Command, error) {
	clicked, err := momentOf("clicked_at", b.ClickedAt)
	return queue.Start{Ticket: t, Counter: b.Counter, Clicked: clicked}, err
}

func noShowCommand(t queue.TicketID, b clickBody) (queue.Command, error) {
	clicked, err := momentOf("clicked_at", b.ClickedAt)
	return queue.MarkNoShow{Ticket: t, Counter: b.Counter, Clicked: clicked}, err
}

func finishCommand(t queue.TicketID, b finishBody) (queue.Command, error) {
	clicked, err := momentOf("clicked_at", b.ClickedAt)
	return queue.Finish{
		Ticket: t, Counter: b.Counter, Processing: b.Processing, Outcome: b.Outcome,
		Quantity: b.Quantity, Unmeasured: b.Unmeasured, Served: b.Served, Clicked: clicked,
	}, err
}

func holdCommand(t queue.TicketID, b holdBody) (queue.Command, error) {
	clicked, err := momentOf("clicked_at", b.ClickedAt)
	return queue.Hold{Ticket: t, Counter: b.Counter, Reason: b.Reason, Room: b.Room, Clicked: clicked}, err
}

func noteCommand(t queue.TicketID, b noteBody) (queue.Command, error) {
	clicked, err := momentOf("clicked_at", b.ClickedAt)
	return queue.AddNote{Ticket: t, Text: b.Text, Clicked: clicked}, err
}

// maxAnnounced bounds the numbers of one announcement.
const maxAnnounced = 50

// announced is what an announcement is answered with.
type announced struct {
	Tickets     []board.ConsoleTicket `json:"tickets"`
	Undo        *board.ConsoleUndo    `json:"undo,omitempty"`
	Unconfirmed bool                  `json:"unconfirmed,omitempty"`
	Repeated    bool                  `json:"repeated,omitempty"`
}

// announce shows several numbers as ready at a delivery counter, all or none.
func (a *API) announce(c echo.Context) error {
	body, err := decode[announceBody](c, maxBody)
	if err != nil {
		return err
	}
	switch n := len(body.Numbers); {
	case n == 0:
		return problem(string(queue.MissingField), "numbers")
	case n > maxAnnounced:
		return problemf(string(queue.OutOfRange), "numbers", "at most %d", maxAnnounced)
	}
	command := queue.Announce{Counter: counterOf(c)}
	for _, n := range body.Numbers {
		t, err := a.ticketNamed(c, "numbers", n)
		if err != nil {
			return err
		}
		command.Tickets = append(command.Tickets, t.ID)
	}
	result, err := a.do(c, body, command)
	var refusal *queue.Refusal
	if errors.As(err, &refusal) && refusal.Field == "tickets" {
		return &Problem{Code: string(refusal.Code), Field: "numbers", Have: refusal.Have}
	}
	if err != nil {
		return err
	}
	s := result.View.State
	out := announced{Tickets: []board.ConsoleTicket{}, Undo: a.undo(s, counterOf(c)), Unconfirmed: result.Unconfirmed, Repeated: result.Repeated}
	for _, id := range command.Tickets {
		if t, ok := s.Ticket(id); ok {
			out.Tickets = append(out.Tickets, board.StaffTicket(s, t))
		}
	}
	return answer(c, status(result, http.StatusOK), out)
}

// ticketNamed finds the ticket that a number in a body means.
func (a *API) ticketNamed(c echo.Context, field string, n queue.Number) (*queue.Ticket, error) {
	if n == "" {
		return nil, problem(string(queue.MissingField), field)
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return nil, err
	}
	t, err := pick(view, queue.NormalizeNumber(string(n)), "")
	if err != nil {
		p := problemOf(err)
		return nil, &Problem{Code: p.Code, Field: field, Have: string(n)}
	}
	return t, nil
}

// skip leaves the next ticket alone for a while: the office's rule says how long.
func (a *API) skip(c echo.Context) error {
	body, err := decode[skipBody](c, maxBody)
	if err != nil {
		return err
	}
	t, err := a.ticketNamed(c, "number", body.Number)
	if err != nil {
		return err
	}
	result, err := a.do(c, body, queue.Skip{Ticket: t.ID, Counter: counterOf(c)})
	if err != nil {
		return err
	}
	return answer(c, status(result, http.StatusOK), a.ticketAnswer(result, t.ID, counterOf(c)))
}

// merge makes one ticket of two that one visitor holds; the answer is the one
// that stays.
func (a *API) merge(c echo.Context) error {
	body, err := decode[mergeBody](c, maxBody)
	if err != nil {
		return err
	}
	t, err := a.ticketOfPath(c)
	if err != nil {
		return err
	}
	into, err := a.ticketNamed(c, "into", body.Into)
	if err != nil {
		return err
	}
	result, err := a.do(c, body, queue.Merge{Ticket: t.ID, Into: into.ID})
	if err != nil {
		return err
	}
	return answer(c, status(result, http.StatusOK), a.ticketAnswer(result, into.ID, ""))
}

func (a *API) delivery(c echo.Context) error {
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	return a.private(c, s.Delivery())
}

// maxTyped bounds what is looked for by number.
const maxTyped = 20

func (a *API) reception(c echo.Context) error {
	typed := c.QueryParam("q")
	if len(typed) > maxTyped {
		return problem(codeBadValue, "q")
	}
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	return a.private(c, s.Reception(typed))
}

// slip is what is printed, or shown as a QR, for the holder of a ticket.
type slip struct {
	board.TicketStatus
	// Secret and StatusURL are there where this server, or one that shares its key,
	// issued the ticket: it derives them again. Nobody stores them.
	Secret    string `json:"secret,omitempty"`
	StatusURL string `json:"status_url,omitempty"`
}

func (a *API) slip(c echo.Context) error {
	t, err := a.ticketOfPath(c)
	if err != nil {
		return err
	}
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	out := slip{TicketStatus: s.Ticket(t)}
	if command, ok := s.View.State.IssuedBy(t.ID); ok {
		secret := a.deriveSecret(string(officeOf(c)) + "/" + string(command))
		if hashSecret(secret) == t.Secret {
			out.Secret, out.StatusURL = secret, a.publicURL+"/t/"+url.PathEscape(secret)
		}
	}
	return answer(c, http.StatusOK, out)
}
