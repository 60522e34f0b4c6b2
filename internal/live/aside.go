package live

import (
	"machi/internal/estimate/follow"
	"machi/internal/office"
	"machi/internal/queue"
)

// page is how many records an estimator takes in aside before it looks whether that is
// still wanted.
const page = 50

// startAside has an estimator made that takes the place of a desk's own once it has
// come to the head of the log. The caller holds the desk's making lock.
func (h *Hub) startAside(d *desk, view office.View) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.closed:
		return
	default:
	}
	if !d.estimator.aside {
		d.estimator.aside = true
		h.asides.Go(func() { h.makeAside(d, view.Office, view.Date) })
	}
}

// makeAside makes an estimator, one office after the other, so that requests keep a
// processor; and then a frame with what it says.
func (h *Hub) makeAside(d *desk, id queue.OfficeID, date queue.Date) {
	made, ok := follow.Office{}, false
	select {
	case h.turn <- struct{}{}:
		made, ok = h.followAside(id, date)
		<-h.turn
	case <-h.closed:
	}
	d.making.Lock()
	e := &d.estimator
	e.aside = false
	if ok && e.date == date {
		if last, _ := e.office.Last(); last != nil {
			h.metrics.again.Inc()
		}
		e.office = made
		d.renewed.Add(1)
	}
	d.making.Unlock()
	if ok {
		if _, err := h.Snapshot(id); err != nil {
			h.options.Logger.Debug("no frame", "office", id, "error", err)
		}
	}
}

// followAside follows the newest log until little of it is new; false: the day or the
// server is over.
func (h *Hub) followAside(id queue.OfficeID, date queue.Date) (follow.Office, bool) {
	var made follow.Office
	for {
		select {
		case <-h.closed:
			return made, false
		default:
		}
		view, err := h.options.Views.View(id)
		if err != nil || view.Date != date || view.Day == nil {
			return made, false
		}
		lessons := h.lessons(view)
		made.To(view.Day, lessons, page)
		if made.Behind(view.Day, lessons) <= page {
			return made, true
		}
	}
}
