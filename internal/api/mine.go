package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/satisfaction"
)

// Faces count what residents say of their visit.
type Faces interface {
	// Say counts an answer, once for each mark.
	Say(ctx context.Context, date queue.Date, a satisfaction.Answer) error
	// Said reports whether the answer of a mark is known.
	Said(ctx context.Context, date queue.Date, mark string) bool
	// Counts returns what was said of an office, by service.
	Counts(ctx context.Context, office queue.OfficeID, from, to queue.Date) (map[queue.ServiceID]satisfaction.Count, error)
}

func (a *API) mineRoutes() []route {
	return []route{
		{"POST", base + "/tickets/:secret/back", public, a.back},
		{"POST", base + "/tickets/:secret/satisfaction", public, a.satisfied},
		{"GET", base + "/offices/:office/satisfaction", managers, a.satisfaction},
	}
}

// mine is what a holder sees, with whether a finished visit was judged.
func (a *API) mine(c echo.Context, s *live.Snapshot, t *queue.Ticket) board.TicketStatus {
	status := s.Ticket(t)
	if t.Status == queue.Done && a.faces != nil {
		status.Satisfaction = "open"
		if a.faces.Said(c.Request().Context(), s.View.Date, satisfaction.Mark(s.View.Date, c.Param("secret"))) {
			status.Satisfaction = "given"
		}
	}
	return status
}

const (
	// backMark begins the note by which staff see that a visitor says to be back.
	backMark = "↩ "
	// maxBack is how often a visitor may tell staff so.
	maxBack = 3
	// rejoinWithin is how long after a missed call a visitor may come back into the line
	// without asking, once.
	rejoinWithin = 30 * time.Minute
)

// back lets a holder say "I am back". After asking for more time, the ticket may be
// called again at once. Staff who have set it aside see a note. A missed call is
// forgiven once, by the rule's number of places; after that staff are told as well.
func (a *API) back(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	s, t, err := a.ticketBySecret(c)
	if err != nil {
		return err
	}
	switch {
	case s.View.State.Awaited(t):
		return problem(codeCheckInFirst, "secret")
	case t.Status == queue.Waiting && a.now().Before(t.NotBefore):
		// A page of the holder, not one more wish of the holder: that would be counted.
		err = a.actMine(c, s, t, derived(id, "back"), queue.Actor{Role: queue.RoleWeb, ID: string(t.ID)}, queue.Defer{Ticket: t.ID, For: 1})
	case t.Status == queue.Held, t.Status == queue.NoShow:
		err = a.askStaff(c, s, t, id)
	case t.Status.Final():
		return &Problem{Code: string(queue.WrongStatus), Field: "secret", Have: string(t.Status)}
	}
	if err != nil {
		return err
	}
	return a.holderStatus(c)
}

// askStaff writes the note, and forgives a missed call where the rule says how.
func (a *API) askStaff(c echo.Context, s *live.Snapshot, t *queue.Ticket, id queue.CommandID) error {
	holder, at := queue.Actor{Role: queue.RoleHolder, ID: string(t.ID)}, a.now()
	said := 0
	for _, n := range t.Notes {
		if n.By == holder.ID && strings.HasPrefix(n.Text, backMark) {
			said++
		}
	}
	if said < maxBack {
		text := backMark + "戻りました " + at.In(queue.JST).Format("15:04")
		if err := a.actMine(c, s, t, derived(id, "back"), holder, queue.AddNote{Ticket: t.ID, Text: text}); err != nil {
			return err
		}
	}
	rule := s.View.State.Settings().Rule
	if t.Status != queue.NoShow || said > 0 || rule.RestoreBack == 0 || at.Sub(t.MissedAt) > rejoinWithin {
		return nil
	}
	return a.actMine(c, s, t, derived(id, "rejoin"), holder, queue.Restore{Ticket: t.ID, Place: queue.PlaceBack})
}

func (a *API) actMine(c echo.Context, s *live.Snapshot, t *queue.Ticket, id queue.CommandID, actor queue.Actor, command queue.Command) error {
	_, err := a.ward.Do(c.Request().Context(), s.View.Office, office.Request{
		ID: id, Actor: actor, Fingerprint: "back " + string(t.ID), Command: command,
	})
	return err
}

type faceBody struct {
	Face satisfaction.Face `json:"face"`
}

// satisfied counts one tap of a holder whose visit is done. Another one changes
// nothing: that is no error, since nobody can tell them apart.
func (a *API) satisfied(c echo.Context) error {
	if _, err := commandID(c.Request()); err != nil {
		return err
	}
	body, err := decode[faceBody](c, maxBody)
	if err != nil {
		return err
	}
	s, t, err := a.ticketBySecret(c)
	switch {
	case err != nil:
		return err
	case body.Face == "":
		return problem(string(queue.MissingField), "face")
	case !slices.Contains(satisfaction.Faces, body.Face):
		return problemf(codeBadValue, "face", "one of good, fair, poor")
	case t.Status != queue.Done || a.faces == nil:
		return &Problem{Code: string(queue.WrongStatus), Field: "secret", Have: string(t.Status)}
	}
	answer := satisfaction.Answer{
		Office: s.View.Office, Service: serviceOf(t), Face: body.Face, Mark: satisfaction.Mark(s.View.Date, c.Param("secret")),
	}
	if err := a.faces.Say(c.Request().Context(), s.View.Date, answer); err != nil {
		return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
	}
	return a.sendJSON(c, http.StatusOK, a.mine(c, s, t))
}

// serviceOf returns what a visit was first for: its last line may be somebody else's.
func serviceOf(t *queue.Ticket) queue.ServiceID {
	if len(t.Visited) > 0 {
		return t.Visited[0].Line.Service
	}
	return t.Line.Service
}

const (
	satisfactionDays = 92
	// fewAnswers is below what number the answers of a service are not told apart: who
	// gave them could be known.
	fewAnswers = 5
)

type (
	satisfactionAnswer struct {
		Office  queue.OfficeID `json:"office"`
		From    queue.Date     `json:"from"`
		To      queue.Date     `json:"to"`
		Answers int            `json:"answers"`
		// All leaves out services of too few answers where those could be told from the
		// others; null: too few.
		All      *satisfaction.Count   `json:"all"`
		Services []satisfactionService `json:"services"`
	}
	satisfactionService struct {
		Service queue.ServiceID     `json:"service"`
		Answers int                 `json:"answers"`
		Said    *satisfaction.Count `json:"said"` // null: too few
	}
)

// satisfaction tells managers what residents said, from one day to another: the last
// four weeks unless they ask for others.
func (a *API) satisfaction(c echo.Context) error {
	to, err := dateParam(c, "to", queue.BusinessDay(a.now()))
	if err != nil {
		return err
	}
	from, err := dateParam(c, "from", addDays(to, -27))
	switch {
	case err != nil:
		return err
	case to < from || to > addDays(from, satisfactionDays-1):
		return problemf(codeBadValue, "to", "at most %d days from from", satisfactionDays)
	}
	out := satisfactionAnswer{Office: officeOf(c), From: from, To: to, Services: []satisfactionService{}}
	if a.faces == nil {
		return answer(c, http.StatusOK, out)
	}
	counts, err := a.faces.Counts(c.Request().Context(), out.Office, from, to)
	if err != nil {
		return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
	}
	var all, few satisfaction.Count
	for id, n := range counts {
		all = all.Plus(n)
		out.Answers += n.Total()
		if unlessFew(n) == nil {
			few = few.Plus(n)
		}
		out.Services = append(out.Services, satisfactionService{id, n.Total(), unlessFew(n)})
	}
	if unlessFew(few) == nil && few.Total() < all.Total() {
		all = all.Minus(few) // else what the services say would tell the rest
	}
	slices.SortFunc(out.Services, func(x, y satisfactionService) int { return strings.Compare(string(x.Service), string(y.Service)) })
	out.All = unlessFew(all)
	return answer(c, http.StatusOK, out)
}

func unlessFew(n satisfaction.Count) *satisfaction.Count {
	if n.Total() < fewAnswers {
		return nil
	}
	return &n
}
