package api

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/curve"
	"machi/internal/queue"
)

// Curves draw the course of days. Their methods answer from memory.
type Curves interface {
	// Curve draws an office's day, today where date is empty; of a day to come there is
	// the usual course alone. False: nothing is known.
	Curve(office queue.OfficeID, date queue.Date) (curve.Picture, bool)
	// Tallies returns what is published of the closed days at hand, from one to another.
	Tallies(office queue.OfficeID, from, to queue.Date) map[queue.Date][]curve.Tally
}

// curveCache fits the five minutes between two samples.
const curveCache = "public, max-age=60, stale-if-error=600"

// curveAnswer is the course of a day. The usual course is that of days of a kind:
// ordinary, after (the first behind days off), moving (20 March to 10 April) or off.
type curveAnswer struct {
	Office    queue.OfficeID `json:"office"`
	Date      queue.Date     `json:"date"`
	AsOf      time.Time      `json:"as_of"`          // of the newest sample
	Opens     *time.Time     `json:"opens"`          // null on a day off
	Closes    *time.Time     `json:"closes"`         // null on a day off
	Kind      string         `json:"usual_kind"`     // of days
	Days      int            `json:"usual_days"`     // that were closed
	From      queue.Date     `json:"usual_from"`     // the first of them; empty: none
	To        queue.Date     `json:"usual_to"`       // the last of them
	Enough    bool           `json:"usual_is_known"` // false: too few days to say
	Services  []curveLine    `json:"services"`
	Rehearsal bool           `json:"rehearsal"`
}

// curveLine is one service; the first has no id and stands for all together.
type curveLine struct {
	Service queue.ServiceID `json:"service"`
	Samples []curveSample   `json:"samples"`
	Usual   []curveHalf     `json:"usual"`
}

// curveSample is a moment: how many waited, and the middle of what those were told who
// took a number in the quarter of an hour before; null: nobody was told anything.
type curveSample struct {
	At      time.Time `json:"at"`
	Waiting int       `json:"waiting"`
	Told    *int      `json:"until_called_p50_seconds"`
}

// curveHalf is a half hour of usual days: the middle of how many waited, and of how
// long those waited until called who came then; null: fewer than three came.
type curveHalf struct {
	From    string  `json:"from"` // 09:30
	Waiting float64 `json:"waiting"`
	Waited  *int    `json:"waited_p50_seconds"`
}

func (a *API) curveRoutes() []route {
	return []route{
		{"GET", base + "/offices/:office/curve", public, a.curve},
		{"GET", base + "/open-data/history.json", public, a.historyJSON},
		{"GET", base + "/open-data/history.csv", public, a.historyCSV},
		{"GET", base + "/open-data/offices.json", public, a.officesJSON},
		{"GET", base + "/open-data/offices.csv", public, a.officesCSV},
		{"GET", base + "/open-data/datapackage.json", public, a.datapackage},
	}
}

func (a *API) curve(c echo.Context) error {
	id := officeOf(c)
	if _, err := a.hub.Snapshot(id); err != nil {
		return err
	}
	today := queue.BusinessDay(a.now())
	date, err := dateParam(c, "date", today)
	if err != nil {
		return err
	}
	if date < today || date > addDays(today, curveDays) {
		return problemf(codeBadValue, "date", "today, or one of the next %d days", curveDays)
	}
	out := curveAnswer{Office: id, Date: date, AsOf: a.now().In(queue.JST).Truncate(curve.Step), Services: []curveLine{}, Rehearsal: a.hub.Rehearsal()}
	if a.curves != nil {
		if p, ok := a.curves.Curve(id, date); ok {
			out.draw(p)
		}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return sendOpen(c, curveCache, echo.MIMEApplicationJSON, raw)
}

func (out *curveAnswer) draw(p curve.Picture) {
	if p.Opens.Before(p.Closes) {
		out.Opens, out.Closes = &p.Opens, &p.Closes
	}
	u := p.Usual
	out.Kind, out.Days, out.From, out.To, out.Enough = string(u.Kind), u.Days, u.From, u.To, u.Days >= curve.Fewest
	for _, l := range p.Lines {
		line := curveLine{Service: l.Service, Samples: []curveSample{}, Usual: []curveHalf{}}
		for _, at := range l.Points {
			line.Samples = append(line.Samples, curveSample{at.At, at.Waiting, secondsOr(at.Told, at.Known)})
		}
		for _, h := range l.Usual {
			from := fmt.Sprintf("%02d:%02d", int(h.From/time.Hour), int(h.From%time.Hour/time.Minute))
			line.Usual = append(line.Usual, curveHalf{from, math.Round(h.Waiting*10) / 10, secondsOr(h.Waited, h.Known)})
		}
		out.Services = append(out.Services, line)
	}
}

func secondsOr(d time.Duration, ok bool) *int {
	if !ok {
		return nil
	}
	n := wholeSeconds(d)
	return &n
}
