package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
)

// issued is the answer to an issue.
type issued struct {
	Number        queue.Number    `json:"number"`
	Ticket        queue.TicketID  `json:"ticket"`
	Secret        string          `json:"secret,omitempty"`
	StatusURL     string          `json:"status_url,omitempty"`
	Office        queue.OfficeID  `json:"office"`
	Service       queue.ServiceID `json:"service"`
	State         queue.Status    `json:"state"`
	IssuedAt      time.Time       `json:"issued_at"`
	Ahead         int             `json:"ahead"`
	UntilCalled   *board.Estimate `json:"until_called"`
	UntilFinished *board.Estimate `json:"until_finished"`
	Repeated      bool            `json:"repeated,omitempty"`
	Rehearsal     bool            `json:"rehearsal,omitempty"`
	// Away says that the ticket waits for its holder, who checks in at the office
	// with the QR of the status page or with the six digits.
	Away        bool   `json:"away,omitempty"`
	CheckInCode string `json:"check_in_code,omitempty"`
}

// issue gives a ticket. A number that is not on every disk is never answered with:
// the ward then says so with a 503, and a kiosk uses its own range.
func (a *API) issue(c echo.Context) error {
	body, err := decode[issueBody](c, maxBody)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	if err := identityOf(c).mayIssue(body); err != nil {
		return err
	}
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	command, secret, err := a.issueCommand(officeOf(c), id, body)
	if err != nil {
		return err
	}
	result, err := a.do(c, body, command)
	if err != nil {
		return err
	}
	return a.answerIssued(c, result, secret)
}

// issueCommand makes the command. The secret is derived from the command id with
// the server's key: the same request gets the same secret from every server, and
// none of them has to store it.
func (a *API) issueCommand(office queue.OfficeID, id queue.CommandID, b issueBody) (queue.IssueTicket, string, error) {
	slot, err := b.slot()
	if err != nil {
		return queue.IssueTicket{}, "", err
	}
	command := queue.IssueTicket{
		Ticket: b.Ticket, Service: b.Service, Further: b.Further, Channel: b.Channel, Language: b.Language,
		Priority: b.Priority, Appointment: slot, Secret: b.SecretHash,
	}
	if b.Desk {
		command.Pool = queue.PoolDesk
	}
	secret := ""
	if command.Secret == "" {
		secret = a.deriveSecret(string(office) + "/" + string(id))
		command.Secret = hashSecret(secret)
	}
	if b.Quote != nil {
		command.Quote = b.Quote.quote()
	} else {
		command.Quote = a.quote(office, estimate.Newcomer{Service: b.Service, Priority: b.Priority, Appointment: slot})
	}
	return command, secret, nil
}

// quote is what a visitor who takes a ticket now is told, kept with the ticket so
// that promises can be compared with what became of them.
func (a *API) quote(office queue.OfficeID, n estimate.Newcomer) *queue.Quote {
	wait, err := a.hub.Newcomer(office, n)
	if err != nil || !wait.Called.Known {
		return nil
	}
	told := wait.Quote()
	return &told
}

func (a *API) answerIssued(c echo.Context, r office.Result, secret string) error {
	event, ok := issuedIn(r.Outcome)
	if !ok {
		// The same command id was used for something else, with the same fingerprint:
		// only a client that guesses ids gets here.
		return problem(codeKeyReused, headerKey)
	}
	out := issued{
		Number: event.Number, Ticket: event.Ticket, Secret: secret, Office: r.View.Office, Service: event.Service,
		State: queue.Waiting, IssuedAt: event.IssuedAt, Repeated: r.Repeated, Rehearsal: a.hub.Rehearsal(),
	}
	if secret != "" && hashSecret(secret) != event.Secret {
		// The ticket was issued under another key, by a server that does not share ours.
		secret, out.Secret = "", ""
	}
	if secret != "" {
		out.StatusURL = a.publicURL + "/t/" + secret
	}
	a.describe(&out, r.View.State)
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/offices/"+string(out.Office)+"/tickets/"+string(out.Number))
	return answer(c, http.StatusCreated, out)
}

// describe adds where the ticket stands now, and the wait of somebody who takes one
// at this moment where the newest estimate does not know the ticket itself yet.
func (a *API) describe(out *issued, state *queue.State) {
	t, ok := state.Ticket(out.Ticket)
	if !ok {
		return
	}
	out.Number, out.State, out.Service, out.Ahead = t.Number, t.Status, t.Line.Service, state.Ahead(t)
	if state.Awaited(t) {
		out.Away, out.CheckInCode = true, queue.CheckInCode(t.Secret)
	}
	s, err := a.hub.Recent(out.Office)
	if err != nil {
		return
	}
	wait, known := s.Estimate.Tickets[t.ID]
	if !known && t.Status == queue.Waiting {
		wait = s.Estimate.Services[t.Line.Service]
		if n := (estimate.Newcomer{Priority: t.Priority, Appointment: t.Appointment}); !n.Walks() {
			// The rule lets it pass others: the line is looked at with it.
			if s, err = a.hub.Snapshot(out.Office); err != nil {
				return
			}
			wait = s.Estimate.Tickets[t.ID]
		}
	}
	out.UntilCalled, out.UntilFinished = wires(wait, s)
}

func wires(w estimate.Wait, s *live.Snapshot) (called, finished *board.Estimate) {
	return board.Wire(w.Called, s.Estimate.At), board.Wire(w.Finished, s.Estimate.At)
}

func issuedIn(o *queue.Outcome) (queue.TicketIssued, bool) {
	if o == nil {
		return queue.TicketIssued{}, false
	}
	for _, e := range o.Events {
		if event, ok := e.(queue.TicketIssued); ok {
			return event, true
		}
	}
	return queue.TicketIssued{}, false
}
