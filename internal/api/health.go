package api

import (
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/office"
	"machi/internal/queue"
)

// The limits of a report.
const (
	maxOffers = 200
	maxCount  = 1_000_000
	maxOffset = 400 * 24 * 60 * 60 * 1000 // milliseconds; a clock that lost its battery is decades off
	// reportsPerHour bounds how often a machine whose words flap is written down. What
	// it says beyond that is kept in memory, and shown with the next drawing.
	reportsPerHour = 60
)

type (
	healthBody struct {
		Version string      `json:"version,omitempty"`
		Printer string      `json:"printer,omitempty"`
		Paper   string      `json:"paper,omitempty"`
		Link    string      `json:"link,omitempty"`
		Store   string      `json:"store,omitempty"`
		Clock   string      `json:"clock,omitempty"`
		Unsent  int         `json:"unsent,omitempty"`
		Offset  int64       `json:"offset_ms,omitempty"`
		Printed int         `json:"printed_today,omitempty"`
		Offers  []offerBody `json:"offers,omitempty"`
		Alone   int64       `json:"alone_seconds,omitempty"`
	}
	offerBody struct {
		Service queue.ServiceID `json:"service"`
		Kind    string          `json:"kind"`
		Shown   int             `json:"shown,omitempty"`
		Taken   int             `json:"taken,omitempty"`
	}
)

// offerKinds are the ways not to wait that a machine may offer.
var offerKinds = []string{"online", "convenience_store", "reservation", "office"}

func (b healthBody) check() error {
	switch {
	case b.Unsent < 0 || b.Unsent > maxCount:
		return problem(string(queue.OutOfRange), "unsent")
	case b.Alone < 0 || b.Alone > maxCount:
		return problem(string(queue.OutOfRange), "alone_seconds")
	case b.Printed < 0 || b.Printed > maxCount:
		return problem(string(queue.OutOfRange), "printed_today")
	case len(b.Offers) > maxOffers:
		return problemf(string(queue.OutOfRange), "offers", "at most %d", maxOffers)
	}
	for _, o := range b.Offers {
		switch {
		case !isName(string(o.Service), maxStore):
			return problem(codeBadValue, "offers")
		case !slices.Contains(offerKinds, o.Kind):
			return problemf(codeBadValue, "offers", "unknown kind")
		case min(o.Shown, o.Taken) < 0 || max(o.Shown, o.Taken) > maxCount:
			return problem(string(queue.OutOfRange), "offers")
		}
	}
	return nil
}

// health notes what the body says. A clock that is further off than anything is
// noted as so far off.
func (b healthBody) health(at time.Time) board.Health {
	ms := min(max(b.Offset, -maxOffset), maxOffset)
	h := board.Health{Printed: b.Printed, Alone: time.Duration(b.Alone) * time.Second, Heard: at, Report: queue.KioskReport{
		Version: b.Version, Printer: b.Printer, Paper: b.Paper, Link: b.Link, Store: b.Store, Clock: b.Clock,
		Unsent: b.Unsent, Offset: time.Duration(ms) * time.Millisecond,
	}}
	for _, o := range b.Offers {
		h.Offers = append(h.Offers, board.Offer(o))
	}
	return h
}

// health takes a machine's report. It is kept in memory; only a change of a word
// goes into the day's log. Counts are sums, so that a report that is lost or comes
// twice does no harm.
func (a *API) health(c echo.Context) error {
	kiosk := queue.KioskID(c.Param("kiosk"))
	if err := identityOf(c).isKiosk(kiosk); err != nil {
		return err
	}
	body, err := decode[healthBody](c, maxBody)
	if err != nil {
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
	if _, ok := settings.Kiosk(kiosk); !ok {
		return problem(string(queue.UnknownKiosk), "kiosk")
	}
	if err := body.check(); err != nil {
		return err
	}
	h := body.health(a.now().In(queue.JST))
	if err := h.Report.Check(); err != nil { // also where no day takes it
		return err
	}
	random := a.random()
	request := office.Request{
		ID: queue.CommandID("health-" + hex.EncodeToString(random[:])), Actor: actorOf(c),
		Command: queue.ReportKiosk{Kiosk: kiosk, Report: h.Report},
	}
	events, err := queue.Decide(view.State, queue.Meta{Command: request.ID, At: h.Heard, Actor: request.Actor}, request.Command)
	if err = unlessNoDay(err); err != nil {
		return err
	}
	// Before the log: what is drawn because of the event must know it.
	a.hub.Hear(view.Office, kiosk, h)
	machine := string(view.Office) + "/" + string(kiosk)
	if len(events) > 0 && a.reports.blocked(machine, a.wall()) == 0 {
		a.reports.count(machine, a.wall())
		if _, err := a.ward.Do(c.Request().Context(), view.Office, request); unlessNoDay(err) != nil {
			return err
		}
	}
	return answer(c, http.StatusOK, struct{}{})
}

// unlessNoDay forgives that a report cannot be written down: before the day, after
// it, and while the store does not answer, memory has to do.
func unlessNoDay(err error) error {
	var unavailable *office.Unavailable
	var refusal *queue.Refusal
	switch {
	case errors.As(err, &unavailable):
		return nil
	case errors.As(err, &refusal) && (refusal.Code == queue.DayNotOpen || refusal.Code == queue.DayIsClosed):
		return nil
	}
	return err
}
