package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
)

// The limits of the kiosk protocol.
const (
	maxBodies  = 200 // bodies or inquiries in one request
	maxRecords = 500
	maxWait    = 25 * time.Second
	maxStore   = 64
	maxDetail  = 2000 // bytes: what the domain takes of a text, in its longest letters
)

type commandsBody struct {
	Kiosk   queue.KioskID     `json:"kiosk"`
	Store   string            `json:"store"`
	Date    queue.Date        `json:"date,omitempty"`
	Inquire []queue.CommandID `json:"inquire,omitempty"`
	Bodies  [][]byte          `json:"bodies,omitempty"`
}

func (b commandsBody) check() error {
	switch {
	case !isName(string(b.Kiosk), maxStore):
		return problem(codeBadValue, "kiosk")
	case !isName(b.Store, maxStore):
		return problem(codeBadValue, "store")
	case len(b.Inquire) > maxBodies:
		return problemf(string(queue.OutOfRange), "inquire", "at most %d", maxBodies)
	case len(b.Bodies) > maxBodies:
		return problemf(string(queue.OutOfRange), "bodies", "at most %d", maxBodies)
	case len(b.Bodies) > 0 && b.Date == "":
		return problem(string(queue.MissingField), "date")
	}
	if b.Date == "" {
		return nil
	}
	if _, _, err := b.Date.Bounds(); err != nil {
		return problem(codeBadValue, "date")
	}
	return nil
}

// origin is the name under which a kiosk's store writes.
func (b commandsBody) origin() string { return "kiosk/" + string(b.Kiosk) + "/" + b.Store }

type known struct {
	Ticket queue.TicketID `json:"ticket"`
	Number queue.Number   `json:"number"`
	State  queue.Status   `json:"state"`
}

type commandsAnswer struct {
	Known  map[queue.CommandID]known `json:"known,omitempty"`
	Origin day.Origin                `json:"origin"`
	Head   eventlog.Head             `json:"head"`
}

// commands takes what a kiosk decided alone, and tells it what became of the
// presses that it had sent before it went alone.
func (a *API) commands(c echo.Context) error {
	body, err := decode[commandsBody](c, maxPush)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	if err := identityOf(c).isKiosk(body.Kiosk); err != nil {
		return err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	if body.Date == "" {
		body.Date = view.Date
	}
	out := commandsAnswer{Known: inquire(view.State, body.Inquire)}
	if len(body.Bodies) > 0 {
		err = a.push(c, body, &out)
	} else {
		out.Origin, err = a.ward.Origin(c.Request().Context(), officeOf(c), body.Date, body.origin())
		out.Head = view.Head
	}
	if err != nil {
		return a.pushProblem(c, body, err)
	}
	return answer(c, http.StatusOK, out)
}

func inquire(s *queue.State, ids []queue.CommandID) map[queue.CommandID]known {
	found := map[queue.CommandID]known{}
	for _, id := range ids {
		outcome, ok := s.Outcome(id)
		if !ok {
			continue
		}
		if event, ok := issuedIn(outcome); ok {
			if t, ok := s.Ticket(event.Ticket); ok {
				found[id] = known{t.ID, t.Number, t.Status}
			}
		}
	}
	return found
}

func (a *API) push(c echo.Context, body commandsBody, out *commandsAnswer) error {
	ctx, id := c.Request().Context(), officeOf(c)
	view, err := a.ward.ViewOf(ctx, id, body.Date)
	if err != nil {
		return err
	}
	opened := view.State.Opened()
	out.Origin, err = a.ward.Push(ctx, id, body.Date, body.Bodies, newPushed(body, view).allow)
	if err != nil && !opened {
		// The attempt has opened the day, and the stores that own ranges are known now.
		if view, err = a.ward.ViewOf(ctx, id, body.Date); err != nil {
			return err
		}
		out.Origin, err = a.ward.Push(ctx, id, body.Date, body.Bodies, newPushed(body, view).allow)
	}
	if err != nil {
		return err
	}
	if view, err = a.ward.ViewOf(ctx, id, body.Date); err != nil {
		return err
	}
	out.Head = view.Head
	return nil
}

// pushed checks that a batch holds only what its kiosk may write: tickets of its
// own, numbered from ranges that are bound to this store.
type pushed struct {
	body     commandsBody
	settings *queue.Settings
	bindings []queue.Binding
}

func newPushed(body commandsBody, view office.View) *pushed {
	return &pushed{body: body, settings: view.State.Settings(), bindings: view.State.Bindings(body.Kiosk)}
}

func (p *pushed) allow(entry queue.Entry) error {
	if entry.Origin != p.body.origin() {
		return problemf(codeForeignRecord, "bodies", "origin %s", p.body.origin())
	}
	if err := p.allowActor(entry); err != nil {
		return err
	}
	for _, e := range entry.Events {
		if err := p.allowEvent(e); err != nil {
			return err
		}
	}
	return nil
}

// allowActor checks in whose name a record is written: the machine's, or that of
// somebody at it, who leaves an act behind. Nobody else's name may be borrowed.
func (p *pushed) allowActor(entry queue.Entry) error {
	want := queue.Actor{Role: queue.RoleKiosk, ID: string(p.body.Kiosk)}
	for _, e := range entry.Events {
		if act, is := e.(queue.KioskActed); is {
			want = act.Action.ActorOf(p.body.Kiosk)
		}
	}
	if entry.Actor != want {
		return problemf(codeForeignRecord, "bodies", "in the name of %s, want %s", entry.Actor, want)
	}
	return nil
}

func (p *pushed) allowEvent(e queue.Event) error {
	if act, is := e.(queue.KioskActed); is {
		return p.allowAct(act)
	}
	if !p.issued(queue.TicketOf(e)) {
		return problemf(codeForeignRecord, "bodies", "a ticket of another issuer")
	}
	switch e := e.(type) {
	case queue.TicketFlagged, queue.TicketWithdrawn:
		return nil
	case queue.TicketIssued:
		return p.allowIssue(e)
	}
	return problemf(codeForeignRecord, "bodies", "a kiosk does not write %s", queue.Kind(e))
}

// issued reports whether a ticket's id was made by the machine.
func (p *pushed) issued(id queue.TicketID) bool {
	return strings.HasPrefix(string(id), string(p.body.Kiosk)+".")
}

// allowAct checks the audit of an act that the machine's staff or a visitor did
// while it was alone.
func (p *pushed) allowAct(e queue.KioskActed) error {
	switch {
	case e.Kiosk != p.body.Kiosk || e.Ticket != "" && !p.issued(e.Ticket):
		return problemf(codeForeignRecord, "bodies", "an act at another machine, or on its ticket")
	case !slices.Contains(queue.KioskActions, e.Action):
		return problem(string(queue.UnknownAction), "bodies")
	case len(e.Detail) > maxDetail:
		return problem(string(queue.TooLong), "bodies")
	}
	return nil
}

func (p *pushed) allowIssue(e queue.TicketIssued) error {
	bound := slices.Contains(p.bindings, queue.Binding{Slot: e.Slot, Store: p.body.Store})
	switch {
	case e.Pool != queue.PoolKiosk || e.Kiosk != p.body.Kiosk:
		return problemf(codeForeignRecord, "bodies", "a number of another owner")
	case !bound:
		return problem(string(queue.RangeNotBound), "store")
	case !p.owns(e):
		return problemf(codeForeignRecord, "bodies", "number %s is not in the kiosk's range", e.Number)
	}
	return nil
}

// owns reports whether a number is of the ranges of the kiosk's slot, or of its overflow.
func (p *pushed) owns(e queue.TicketIssued) bool {
	if queue.OverflowCount(e.Number, queue.OverflowLabel(e.Kiosk, e.Slot)) > 0 {
		return true
	}
	for _, series := range p.settings.Series {
		digits, ok := strings.CutPrefix(string(e.Number), string(series.ID))
		n, err := strconv.Atoi(digits)
		ranges := series.Kiosks[e.Kiosk]
		if ok && err == nil && e.Slot >= 0 && e.Slot < len(ranges) && ranges[e.Slot].Contains(n) {
			return true
		}
	}
	return false
}

// pushProblem adds to a gap how far the server has come.
func (a *API) pushProblem(c echo.Context, body commandsBody, err error) error {
	if errors.Is(err, day.ErrFork) {
		a.barForked(c)
	}
	if !errors.Is(err, day.ErrGap) {
		return err
	}
	origin, asked := a.ward.Origin(c.Request().Context(), officeOf(c), body.Date, body.origin())
	if asked != nil {
		return err
	}
	p := problem(codeOriginGap, "bodies")
	p.Have = strconv.FormatInt(origin.Number, 10)
	return p
}

// isKiosk reports whether an identity may speak for a kiosk.
func (id Identity) isKiosk(k queue.KioskID) error {
	if id.Kiosk != "" && id.Kiosk != k {
		return problemf(codeForbidden, "kiosk", "the token is of another kiosk")
	}
	return nil
}
