package insight

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/chart"
	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/replay"
	"machi/internal/web/page"
)

// replayPage is a closed day at one moment. The browser's module shows every other one.
type replayPage struct {
	view
	Office        board.Office
	Date          queue.Date
	Today         queue.Date
	Before, After queue.Date // days that can be shown beside it; empty: there is none
	Any           bool       // some day can be shown
	Damaged       bool
	Known         bool
	Film          replay.Film
	Frame         replay.Frame
	Peak          int // the frame with the longest lines
	Course        template.HTML
	Names         string // of services, stages and places, as JSON for the module
}

func (p *Pages) replay(c echo.Context) error {
	offices, ok, err := p.managed(c)
	if !ok {
		return err
	}
	i := slices.IndexFunc(offices, func(o board.Office) bool { return string(o.ID) == c.Param("office") })
	if i < 0 {
		return page.SeeOther(c, "/manager")
	}
	data := replayPage{view: p.view(c, "insight/replay.css"), Office: offices[i], Today: queue.BusinessDay(p.site.Now())}
	data.Title = data.T("insight.replay.title") + " " + data.Name(data.Office.Name)
	if err := data.find(c.Request().Context(), p.deps.Films, queue.Date(c.QueryParam("date"))); err != nil {
		return err
	}
	if data.Known {
		data.Script = "insight/replay.js"
		data.show(c.QueryParam("at"))
	}
	return page.Render(c, http.StatusOK, p.pages, "replay", data)
}

// around is how far before and behind a day others are looked for, and far where none
// is asked for.
const (
	around = 40
	far    = 400
)

// find reads the day that was asked for, or the newest one.
func (p *replayPage) find(ctx context.Context, films Films, asked queue.Date) error {
	if films == nil {
		return nil
	}
	last := addDays(p.Today, -1)
	p.Date = asked
	if startOf(asked).IsZero() || asked > last || asked < addDays(last, -3*longest) {
		p.Date = ""
	}
	if p.Date == "" {
		newest, err := newestOf(ctx, films, p.Office.ID, last)
		if err != nil || newest == "" {
			return err
		}
		p.Date = newest
	}
	dates, err := films.Dates(ctx, p.Office.ID, addDays(p.Date, -around), min(last, addDays(p.Date, around)))
	if err != nil && !errors.Is(err, history.ErrDamaged) {
		return err
	}
	p.Any = len(dates) > 0
	for _, d := range dates {
		if d < p.Date {
			p.Before = d
		}
		if d > p.Date && p.After == "" {
			p.After = d
		}
	}
	p.Film, p.Known, err = films.Film(ctx, p.Office.ID, p.Date)
	if errors.Is(err, history.ErrDamaged) {
		p.Damaged, err = true, nil
	}
	return err
}

func newestOf(ctx context.Context, films Films, office queue.OfficeID, last queue.Date) (queue.Date, error) {
	for _, back := range []int{around, far} {
		dates, err := films.Dates(ctx, office, addDays(last, -back), last)
		if err != nil && !errors.Is(err, history.ErrDamaged) {
			return "", err
		}
		if len(dates) > 0 {
			return dates[len(dates)-1], nil
		}
	}
	return last, nil
}

// show sets the page to a moment such as 11:20; without one to when the lines were
// longest.
func (p *replayPage) show(at string) {
	p.Peak = p.peak()
	moment := p.moment(p.Peak)
	if clock, err := time.Parse("15:04", at); err == nil {
		day := startOf(p.Date)
		moment = time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, queue.JST)
	}
	p.Frame = p.Film.At(moment)
	p.Course = p.course()
	p.Names = p.names()
}

// moment is when a frame was.
func (p replayPage) moment(frame int) time.Time {
	return p.Film.From.Add(time.Duration(frame) * replay.Step)
}

// waiting counts who waited for the first call at each frame.
func (p replayPage) waiting() []int {
	sum := make([]int, len(p.Film.Issued))
	for _, l := range p.Film.Lines {
		if l.Stage == queue.StageReception {
			for i, n := range l.Waiting {
				sum[i] += n
			}
		}
	}
	return sum
}

func (p replayPage) peak() int {
	best := 0
	all := p.waiting()
	for i, n := range all {
		if n > all[best] {
			best = i
		}
	}
	return best
}

// courseStep is how many frames a point of the course stands for.
const courseStep = 5

// course draws how many waited over the day, with the moment that is shown.
func (p replayPage) course() template.HTML {
	all := p.waiting()
	l := chart.Lines{Words: p.chart("replay.course", p.T("insight.replay.at")), Format: p.people, Axis: p.number, Height: 200}
	s := chart.Series{Name: p.T("insight.replay.all")}
	for i := 0; i < len(all); i += courseStep {
		at := p.moment(i)
		s.Values = append(s.Values, float64(all[i]))
		l.Along = append(l.Along, p.Hour(at))
		if at.Minute() == 0 {
			l.Marks = append(l.Marks, chart.Mark{At: float64(i / courseStep), Label: p.Hour(at)})
		}
	}
	low := make([]float64, len(s.Values))
	s.Low, s.High = low, s.Values
	l.ID, l.Series, l.Here = "course", []chart.Series{s}, &chart.Mark{At: float64(p.Frame.Index) / courseStep}
	return chart.Figure(l, chart.Wide)
}

func (p replayPage) names() string {
	words := map[string]map[string]string{"services": {}, "stages": {}}
	for _, l := range p.Film.Lines {
		words["services"][string(l.Service)] = p.ServiceName(l.Service)
	}
	for _, c := range p.Film.Calls {
		words["services"][string(c.Service)] = p.ServiceName(c.Service)
	}
	raw, _ := json.Marshal(words) // maps of strings always encode
	return string(raw)
}

// ServiceName names a service; of one that the office has no more its id.
func (p replayPage) ServiceName(id queue.ServiceID) string {
	for _, s := range p.Office.Services {
		if s.ID == id {
			return p.Name(s.Name)
		}
	}
	return string(id)
}

// lineRow is a line at the moment that is shown.
type lineRow struct{ Key, Name, Waiting, Longest, Told, Came, Verdict string }

// Lines are the lines in words. The browser's module says the same (replay.js).
func (p replayPage) Lines() []lineRow {
	var rows []lineRow
	for _, s := range p.Frame.Lines {
		row := lineRow{Key: string(s.Service) + "/" + string(s.Stage), Name: p.ServiceName(s.Service), Waiting: p.T("insight.people", "n", s.Waiting), Longest: "–", Told: "–", Came: "–"}
		if s.Stage != queue.StageReception {
			row.Name = p.T("insight.replay.line.of", "service", row.Name, "stage", p.T("insight.replay.stage."+string(s.Stage)))
		}
		if s.Waiting > 0 {
			row.Longest = p.T("insight.minutes", "m", int(s.Longest/time.Minute))
		}
		for _, q := range p.Frame.Quotes {
			if q.Service == s.Service && s.Stage == queue.StageReception {
				row.Told = p.T("insight.replay.range", "low", whole(q.Low), "high", whole(q.High))
				row.Came, row.Verdict = p.came(q)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// whole is a number of seconds in minutes.
func whole(seconds int) int { return (seconds + 30) / 60 }

// came says what became of what somebody was told.
func (p replayPage) came(q replay.Quote) (text, verdict string) {
	switch {
	case q.Waited == nil:
		return p.T("insight.replay.never"), ""
	case *q.Waited > q.High:
		verdict = "late"
	case *q.Waited < q.Low:
		verdict = "early"
	default:
		verdict = "kept"
	}
	return p.T("insight.minutes", "m", whole(*q.Waited)), p.T("insight.replay." + verdict)
}

// counterRow is a counter at the moment that is shown.
type counterRow struct {
	ID    queue.CounterID
	State string // shut, free, calling or serving
	Text  string
}

// Counters are the counters in words. The browser's module says the same.
func (p replayPage) Counters() []counterRow {
	var rows []counterRow
	for _, c := range p.Frame.Counters {
		row := counterRow{c.ID, "shut", p.T("insight.replay.shut")}
		switch call := c.Call; {
		case call != nil && (call.Started == nil || p.Frame.At.Before(*call.Started)):
			row.State, row.Text = "calling", p.T("insight.replay.calling", "number", call.Number)
		case call != nil:
			row.State, row.Text = "serving", p.T("insight.replay.serving", "number", call.Number, "service", p.ServiceName(call.Service))
		case c.Open:
			row.State, row.Text = "free", p.T("insight.replay.free")
		}
		rows = append(rows, row)
	}
	return rows
}

// Slots are the calls on the wall, empty ones too, so that the module can fill them.
func (p replayPage) Slots() []replay.Call {
	slots := make([]replay.Call, replay.Wall)
	copy(slots, p.Frame.Calls)
	return slots
}

// Move is the address of the page so many minutes away.
func (p replayPage) Move(minutes int) string {
	at := p.moment(min(max(0, p.Frame.Index+minutes), len(p.Film.Issued)-1))
	return p.Address(p.Date, p.Hour(at))
}

// PeakAt is the address of the page when lines were longest.
func (p replayPage) PeakAt() string { return p.Address(p.Date, p.Hour(p.moment(p.Peak))) }

// Address is the address of the page at a day and a time; empty: when lines were longest.
func (p replayPage) Address(date queue.Date, at string) string {
	q := url.Values{"date": {string(date)}}
	if at != "" {
		q.Set("at", at)
	}
	return "/manager/" + url.PathEscape(string(p.Office.ID)) + "/replay?" + q.Encode()
}

// Last is the newest day that can be over.
func (p replayPage) Last() queue.Date { return addDays(p.Today, -1) }

// Data is where the module fetches the day.
func (p replayPage) Data() string {
	return "/api/v1/offices/" + url.PathEscape(string(p.Office.ID)) + "/replay?date=" + url.QueryEscape(string(p.Date))
}

// OpenCounters says how many counters were open.
func (p replayPage) OpenCounters() string {
	n := 0
	for _, c := range p.Frame.Counters {
		if c.Open {
			n++
		}
	}
	return p.T("insight.replay.of", "n", n, "all", len(p.Frame.Counters))
}

// End is the index of the last frame.
func (p replayPage) End() string { return strconv.Itoa(len(p.Film.Issued) - 1) }

// PeakMoment is when lines were longest.
func (p replayPage) PeakMoment() time.Time { return p.moment(p.Peak) }
