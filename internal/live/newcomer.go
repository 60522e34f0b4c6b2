package live

import (
	"machi/internal/estimate"
	"machi/internal/office"
	"machi/internal/queue"
)

// Newcomer returns the wait of somebody who takes a ticket now. That of a walk-in may
// be as old as [Hub.Recent] is; for one whom the rule lets pass others the line is
// looked at anew. It returns an error where [Hub.Snapshot] does.
func (h *Hub) Newcomer(id queue.OfficeID, n estimate.Newcomer) (estimate.Wait, error) {
	s, err := h.Recent(id)
	if err != nil {
		return estimate.Wait{}, err
	}
	if n.Walks() {
		return s.Estimate.Services[n.Service], nil
	}
	view, err := h.options.Views.View(id)
	if err != nil {
		return estimate.Wait{}, err
	}
	d := h.desk(id)
	d.making.Lock()
	defer d.making.Unlock()
	follower := d.newest(view)
	if follower == nil {
		return estimate.Wait{}, nil
	}
	return follower.Ask(view.State, h.options.Now().In(queue.JST), estimate.Conditions{Silent: h.silent(view)}, n), nil
}

// newest returns the estimator that made the newest snapshot of the view's day; nil:
// it is not there yet. Only the holder of the making lock calls it.
func (d *desk) newest(view office.View) *estimate.Follower {
	switch {
	case view.Day == nil || view.Day.Head().Number == 0:
		return estimate.Retold(view.State)
	case d.estimator.date != view.Date:
		return nil
	}
	last, _ := d.estimator.office.Last()
	return last
}
