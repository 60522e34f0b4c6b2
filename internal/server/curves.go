package server

import (
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/catalog"
	"machi/internal/curve"
	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// curves draw the offices' days. The day so far is read from its log when somebody
// asks, each record once; the usual day is that of the closed days at hand.
type curves struct {
	view     func(queue.OfficeID) (office.View, error)
	closed   *promises
	settings func(queue.OfficeID, queue.Date) (queue.Settings, error)
	now      func() time.Time

	mu sync.Mutex
	of map[queue.OfficeID]*course
}

// course is one office's day as it was read.
type course struct {
	mu       sync.Mutex
	date     queue.Date
	head     eventlog.Head
	follower *curve.Follower
}

func (s *Server) openCurves() error {
	s.curves = &curves{view: s.ward.View, closed: s.promises, settings: s.settings, now: s.now, of: map[queue.OfficeID]*course{}}
	return nil
}

// Curve draws an office's day; false: nothing is known of the office. Of a day that
// has not begun, or is to come, there is the usual course alone.
func (c *curves) Curve(id queue.OfficeID, date queue.Date) (curve.Picture, bool) {
	view, err := c.view(id)
	if err != nil {
		return curve.Picture{}, false
	}
	now := c.now().In(queue.JST)
	if date == "" {
		date = view.Date
	}
	usual := c.closed.usual(id, date)
	if date == view.Date {
		if p, ok := c.course(id).picture(view, now, usual); ok {
			return p, true
		}
	}
	settings, err := c.settings(id, date)
	if err != nil {
		return curve.Picture{}, false
	}
	return curve.Expected(settings, now, usual), true
}

// Tallies returns what is published of the closed days at hand.
func (c *curves) Tallies(id queue.OfficeID, from, to queue.Date) map[queue.Date][]curve.Tally {
	return c.closed.Tallies(id, from, to)
}

func (c *curves) course(id queue.OfficeID) *course {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[id] == nil {
		c.of[id] = &course{}
	}
	return c.of[id]
}

// picture reads what is new of a day and draws it; false: it has not begun, or cannot
// be read.
func (c *course) picture(view office.View, now time.Time, usual curve.Usual) (curve.Picture, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if view.Day == nil {
		return curve.Picture{}, false
	}
	if c.follower == nil || c.date != view.Date || !c.behind(view.Day) {
		c.date, c.head, c.follower = view.Date, eventlog.Head{}, curve.New()
	}
	for _, r := range view.Day.Records(c.head.Number, 0) {
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			c.follower = nil
			return curve.Picture{}, false
		}
		entry, err := day.Entry(body, r.Fact)
		if err != nil || c.follower.Apply(entry) != nil {
			c.follower = nil
			return curve.Picture{}, false
		}
		c.head = r.Head()
	}
	if !c.follower.Opened() {
		return curve.Picture{}, false
	}
	return c.follower.Picture(now, usual), true
}

// behind reports whether what was read lies in the day's own past. Where somebody who
// asked at the same time read further than this view goes, the day is read again.
func (c *course) behind(d *day.Day) bool {
	if c.head.Number == 0 {
		return true
	}
	at := d.Records(c.head.Number-1, 1)
	return len(at) == 1 && at[0].Head() == c.head
}

// schedules are the reception hours of the catalogue in force.
type schedules struct{ source *catalog.Source }

// Timetable returns an office's hours; false: it is not in the catalogue.
func (s schedules) Timetable(id queue.OfficeID) (page.Timetable, bool) {
	c, _ := s.source.Catalog()
	o, ok := c.Office(id)
	if !ok {
		return page.Timetable{}, false
	}
	unsure := slices.ContainsFunc(o.Unconfirmed, func(part string) bool { return strings.Contains(part, "hours") })
	return page.Timetable{Schedule: o.Schedule, Early: o.Early, Unconfirmed: unsure}, true
}

// catalog returns the catalogue in force.
func (s *Server) catalog() *catalog.Catalog {
	c, _ := s.source.Catalog()
	return c
}
