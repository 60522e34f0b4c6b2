package live

import (
	"time"

	"machi/internal/estimate"
	"machi/internal/estimate/follow"
	"machi/internal/estimate/place"
	"machi/internal/office"
	"machi/internal/queue"
)

// estimator keeps an office's estimator in step with its log.
type estimator struct {
	date   queue.Date
	office follow.Office
	steady estimate.Steady
	failed string // what was logged of the newest failure
	aside  bool   // another one is being made, to take its place
}

// lessons returns what the days before have taught; nil: nothing.
func (h *Hub) lessons(view office.View) *place.Lessons {
	if h.options.Lessons == nil {
		return nil
	}
	return h.options.Lessons(view.Office, view.Date)
}

// estimate answers for an office at its newest head. Only the holder of the desk's
// making lock calls it. Each record of the log is taken in once, so a frame costs as
// much as what is new in it, and one look.
func (h *Hub) estimate(d *desk, view office.View) estimate.Office {
	at := h.options.Now().In(queue.JST)
	e := &d.estimator
	if e.date != view.Date {
		*e = estimator{date: view.Date, aside: e.aside}
	}
	est := h.look(d, view, at)
	h.watchFailure(e, view, est.Failed)
	return e.steady.Show(est, view.State)
}

// few is how many records somebody who asks may have to wait for.
const few = 200

// look asks the estimator at the newest head. Where it has to take in more than a few
// records, because the server has just started, other lessons came or the log has
// another past, another one does that aside, and what is known answers meanwhile.
func (h *Hub) look(d *desk, view office.View, at time.Time) estimate.Office {
	if view.Day == nil || view.Day.Head().Number == 0 {
		return estimate.Estimate(view.State, at)
	}
	e, lessons, conditions := &d.estimator, h.lessons(view), estimate.Conditions{Silent: h.silent(view)}
	if e.office.Behind(view.Day, lessons) > few {
		h.startAside(d, view)
		last, taught := e.office.Last()
		switch {
		case last == nil:
			return estimate.Unknown(view.State, at)
		case e.office.Behind(view.Day, taught) > few:
			return last.OfficeOf(view.State, at, conditions)
		}
		lessons = taught
	}
	again := e.office.Again()
	follower := e.office.To(view.Day, lessons, 0)
	h.metrics.again.Add(float64(e.office.Again() - again))
	if follower == nil {
		return estimate.Estimate(view.State, at)
	}
	return follower.Office(at, conditions)
}

// silent lists the machines that have been heard and are not heard any more.
func (h *Hub) silent(view office.View) []estimate.Silence {
	var list []estimate.Silence
	health := h.fleet.health(view.Office, view.State.Settings().Kiosks)
	for _, k := range view.State.Settings().Kiosks {
		if said := health[k.ID]; said.Silent && !said.Heard.IsZero() {
			list = append(list, estimate.Silence{Kiosk: k.ID, Since: said.Heard})
		}
	}
	return list
}

// watchFailure counts what the estimator could not answer, and says each trouble once.
func (h *Hub) watchFailure(e *estimator, view office.View, err error) {
	if err == nil {
		e.failed = ""
		return
	}
	h.metrics.failed.Inc()
	if e.failed != err.Error() {
		e.failed = err.Error()
		h.options.Logger.Error("the estimator fails: waits are shown as unknown", "office", view.Office, "date", view.Date, "error", err)
	}
}
