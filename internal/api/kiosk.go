package api

import (
	"context"
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
	check := &pushed{body: body, settings: view.State.Settings(), bindings: view.State.Bindings(body.Kiosk)}
	if out.Origin, err = a.ward.Push(ctx, id, body.Date, body.Bodies, check.allow); err != nil {
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

func (p *pushed) allow(entry queue.Entry) error {
	if entry.Origin != p.body.origin() {
		return problemf(codeForeignRecord, "bodies", "origin %s", p.body.origin())
	}
	for _, e := range entry.Events {
		if err := p.allowEvent(e); err != nil {
			return err
		}
	}
	return nil
}

func (p *pushed) allowEvent(e queue.Event) error {
	if !strings.HasPrefix(string(queue.TicketOf(e)), string(p.body.Kiosk)+".") {
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

type recordsAnswer struct {
	Records []eventlog.Record `json:"records"`
	Head    eventlog.Head     `json:"head"`
	Time    time.Time         `json:"time"`
}

// records hands out confirmed records, waiting for the next one if asked to.
func (a *API) records(c echo.Context) error {
	q, err := a.recordsQuery(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), q.wait)
	defer cancel()
	if q.wait > 0 {
		go a.endWithServer(ctx, cancel)
	}
	for {
		list, head, err := a.ward.Records(c.Request().Context(), officeOf(c), q.date, q.after, q.limit)
		if err != nil {
			return err
		}
		if len(list) == 0 && q.wait > 0 && a.ward.Wait(ctx, officeOf(c), head) == nil {
			continue
		}
		if list == nil {
			list = []eventlog.Record{}
		}
		return answer(c, http.StatusOK, recordsAnswer{list, head, a.now().In(queue.JST)})
	}
}

// endWithServer ends a wait when the server goes down: nobody should have to wait
// for a poll that waits for news. It ends with the wait itself.
func (a *API) endWithServer(ctx context.Context, cancel context.CancelFunc) {
	select {
	case <-a.hub.Done():
		cancel()
	case <-ctx.Done():
	}
}

type recordsQuery struct {
	after int64
	limit int
	wait  time.Duration
	date  queue.Date
}

func (a *API) recordsQuery(c echo.Context) (recordsQuery, error) {
	after, err := numberParam(c, "after", 0, 0, 1<<53)
	if err != nil {
		return recordsQuery{}, err
	}
	limit, err := numberParam(c, "limit", maxRecords, 1, maxRecords)
	if err != nil {
		return recordsQuery{}, err
	}
	wait, err := numberParam(c, "wait", 0, 0, int64(maxWait/time.Second))
	if err != nil {
		return recordsQuery{}, err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return recordsQuery{}, err
	}
	date, err := dateParam(c, "date", view.Date)
	q := recordsQuery{after, int(limit), time.Duration(wait) * time.Second, date}
	if date != view.Date {
		q.wait = 0 // another day's log does not grow
	}
	return q, err
}

func numberParam(c echo.Context, name string, otherwise, least, most int64) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, problemf(codeBadValue, name, "want a number from %d to %d", least, most)
	}
	return n, nil
}

type bindBody struct {
	Store string `json:"store"`
}

type bindAnswer struct {
	Slot  int    `json:"slot"`
	Store string `json:"store"`
}

// bind ties a store to a slot of its kiosk's ranges. The command id follows from
// kiosk and store, so that a machine that asks again gets what it has.
func (a *API) bind(c echo.Context) error {
	body, err := decode[bindBody](c, maxBody)
	if err != nil {
		return err
	}
	kiosk := queue.KioskID(c.Param("kiosk"))
	if err := identityOf(c).isKiosk(kiosk); err != nil {
		return err
	}
	if !isName(body.Store, maxStore) {
		return problem(codeBadValue, "store")
	}
	id := derived(queue.CommandID(string(kiosk)+"/"+body.Store), "bind")
	result, err := a.ward.Do(c.Request().Context(), officeOf(c), office.Request{
		ID: id, Actor: actorOf(c), Command: queue.BindRange{Kiosk: kiosk, Store: body.Store},
	})
	if err != nil && problemOf(err).Code != string(queue.AlreadyDone) {
		return err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	if result.View.State != nil {
		view = result.View
	}
	for _, b := range view.State.Bindings(kiosk) {
		if b.Store == body.Store {
			return answer(c, http.StatusOK, bindAnswer(b))
		}
	}
	return problem(string(queue.NoRangeLeft), "store")
}

// plan is what a kiosk stores to work from when it boots without a network.
func (a *API) plan(c echo.Context) error {
	if err := identityOf(c).isKiosk(queue.KioskID(c.Param("kiosk"))); err != nil {
		return err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	settings, err := a.settingsNow(view)
	if err != nil {
		return err
	}
	if _, ok := settings.Kiosk(queue.KioskID(c.Param("kiosk"))); !ok {
		return problem(string(queue.UnknownKiosk), "kiosk")
	}
	plan, err := a.planOf(officeOf(c), settings)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, plan)
}

// settingsNow returns what a day is run with, with the bindings made so far, so
// that a machine which boots alone knows its slot.
func (a *API) settingsNow(view office.View) (queue.Settings, error) {
	if !view.State.Opened() {
		return a.settings(view.Office, view.Date)
	}
	settings := *view.State.Settings()
	settings.Kiosks = slices.Clone(settings.Kiosks)
	for i, k := range settings.Kiosks {
		settings.Kiosks[i].Bindings = view.State.Bindings(k.ID)
	}
	return settings, nil
}
