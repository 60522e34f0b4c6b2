package staffing

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/chart"
	"machi/internal/queue"
	"machi/internal/staffing"
	"machi/internal/web/page"
)

// whatIfPage is a day, and the same day otherwise.
type whatIfPage struct {
	view
	Form   form
	Asked  bool
	Answer *staffing.Answer
	Chart  picture
}

// form is what stands in the fields.
type form struct {
	More, From, To, For, Opens, Closes, Ratio, MaxWait, Less, LessPercent, Percent string
}

func (p *Pages) whatIf(c echo.Context) error {
	v, ok, err := p.open(c, "staffing.whatif.title")
	if !ok {
		return err
	}
	data := whatIfPage{view: v}
	data.Form = form{
		More: c.QueryParam("more"), From: c.QueryParam("from"), To: c.QueryParam("to"), For: c.QueryParam("for"), Opens: c.QueryParam("opens"), Closes: c.QueryParam("closes"),
		Ratio: c.QueryParam("ratio"), MaxWait: c.QueryParam("max_wait"), Less: c.QueryParam("less"), LessPercent: c.QueryParam("less_percent"), Percent: c.QueryParam("percent"),
	}
	data.Asked = c.QueryParam("ask") != ""
	q, field := data.question()
	if field != "" {
		data.Problem, data.Field = "bad_value", field
	}
	if p.deps.Advisers != nil && data.Asked && data.Problem == "" {
		ctx, cancel := context.WithTimeout(c.Request().Context(), patience)
		defer cancel()
		answer, err := p.deps.Advisers.Ask(ctx, v.Office.ID, q)
		if data.blame(err); err == nil {
			data.Answer = &answer
			data.Chart = data.picture()
		}
	}
	return page.Render(c, http.StatusOK, p.pages, "whatif", data)
}

// question reads the form, and returns the first field that is no number.
func (p *whatIfPage) question() (q staffing.Question, field string) {
	number := func(text, name string) (n int) {
		n, err := strconv.Atoi(text)
		if text != "" && err != nil && field == "" {
			field = name
		}
		return n
	}
	f := p.Form
	q = staffing.Question{Date: p.Date, More: number(f.More, "more"), From: f.From, To: f.To, For: queue.ServiceID(f.For), Opens: f.Opens, Closes: f.Closes, Percent: number(f.Percent, "percent")}
	if f.Ratio != "" {
		n := number(f.Ratio, "ratio")
		q.Ratio = &n
	}
	if f.MaxWait != "" {
		n := 60 * number(f.MaxWait, "max_wait_seconds")
		q.MaxWait = &n
	}
	if share := number(f.LessPercent, "elsewhere"); f.Less != "" && share != 0 {
		q.Elsewhere = []staffing.Elsewhere{{Service: queue.ServiceID(f.Less), Percent: share}}
	}
	return q, field
}

// Choice is an entry of a list.
type Choice struct {
	Value, Name string
	Chosen      bool
}

// Mores are how many counters more or fewer can be asked for.
func (p whatIfPage) Mores() (list []Choice) {
	for n := -3; n <= 5; n++ {
		name := p.T("staffing.whatif.more.same")
		switch {
		case n < 0:
			name = p.T("staffing.whatif.more.fewer", "n", -n)
		case n > 0:
			name = p.T("staffing.whatif.more.more", "n", n)
		}
		value := strconv.Itoa(n)
		list = append(list, Choice{value, name, value == p.Form.More || n == 0 && p.Form.More == ""})
	}
	return list
}

// Services are the services of the office, one of them chosen.
func (p whatIfPage) Services(chosen string) (list []Choice) {
	for _, s := range p.Office.Services {
		list = append(list, Choice{string(s.ID), p.Name(s.Name), string(s.ID) == chosen})
	}
	return list
}

// Card is a figure before and after.
type Card struct {
	Name, Before, After, Change string
	Look                        string // better, worse or same
}

// Cards are the figures that matter most.
func (p whatIfPage) Cards() []Card {
	a := p.Answer
	return []Card{
		p.timeCard("p80", a.Before.P80, a.After.P80, a.Change.P80),
		p.timeCard("p50", a.Before.P50, a.After.P50, a.Change.P50),
		p.timeCard("finish", a.Before.Finish, a.After.Finish, a.Change.Finish),
		p.withinCard(),
		p.hoursCard(),
		{Name: p.T("staffing.card.last"), Before: a.Before.Last, After: a.After.Last, Change: p.changed(a.Change.Last, "staffing.earlier", "staffing.later"), Look: look(a.Change.Last)},
	}
}

func (p whatIfPage) timeCard(name string, before, after, change staffing.Range) Card {
	return Card{p.T("staffing.card." + name), p.Span(before), p.Span(after), p.changed(change, "staffing.shorter", "staffing.longer"), look(change)}
}

func (p whatIfPage) withinCard() Card {
	a := p.Answer
	percent := func(r staffing.Range) string { return p.T("staffing.percent", "n", p.Number(r.Mid)) }
	up := staffing.Range{Low: -a.Change.Within.High, Mid: -a.Change.Within.Mid, High: -a.Change.Within.Low}
	return Card{p.T("staffing.card.within", "t", p.Minutes(a.Target)), percent(a.Before.Within), percent(a.After.Within), p.T("staffing.points", "low", signed(a.Change.Within.Low), "high", signed(a.Change.Within.High)), look(up)}
}

func (p whatIfPage) hoursCard() Card {
	a := p.Answer
	c := Card{p.T("staffing.card.hours"), p.Hours(a.Before.Hours), p.Hours(a.After.Hours), p.T("staffing.more.hours", "n", signed(a.Change.Hours)), "same"}
	return c
}

// Span is a range of lengths of time in minutes.
func (p whatIfPage) Span(r staffing.Range) string {
	low, high := int(r.Low/60+0.5), int(r.High/60+0.5)
	if low == high {
		return p.T("staffing.minutes", "n", low)
	}
	return p.T("staffing.span", "low", low, "high", high)
}

// changed says by how many minutes a time is another one.
func (p whatIfPage) changed(r staffing.Range, less, more string) string {
	low, high := int(math.Round(r.Low/60)), int(math.Round(r.High/60))
	switch {
	case low == 0 && high == 0:
		return p.T("staffing.nochange")
	case high <= 0:
		return p.T(less, "low", -high, "high", -low)
	case low >= 0:
		return p.T(more, "low", low, "high", high)
	}
	return p.T("staffing.either", "low", -low, "high", high)
}

// look is whether a change of a time is good.
func look(r staffing.Range) string {
	switch {
	case r.High <= 0 && r.Low < 0:
		return "better"
	case r.Low >= 0 && r.High > 0:
		return "worse"
	}
	return "same"
}

func signed(x float64) string {
	n := strconv.FormatFloat(math.Round(x*2)/2, 'f', -1, 64)
	if x > 0 && n != "0" {
		return "+" + n
	}
	return strings.Replace(n, "-", "−", 1)
}

// Rows are the services before and after.
func (p whatIfPage) Rows() (rows []row) {
	for _, b := range p.Answer.Before.Services {
		r := row{Name: p.Service(b.Service), Before: p.Minutes(b.P80), After: p.T("staffing.nobody"), N: p.Number(b.N), Within: p.T("staffing.percent", "n", b.Within)}
		if i := slices.IndexFunc(p.Answer.After.Services, func(s staffing.Share) bool { return s.Service == b.Service }); i >= 0 {
			s := p.Answer.After.Services[i]
			r.After, r.AfterN, r.AfterWithin = p.Minutes(s.P80), p.Number(s.N), p.T("staffing.percent", "n", s.Within)
		}
		rows = append(rows, r)
	}
	return rows
}

type row struct{ Name, Before, After, N, AfterN, Within, AfterWithin string }

// picture draws the waits of both days.
func (p whatIfPage) picture() picture {
	hours := map[string]int{}
	var along []string
	for _, list := range [][]staffing.Stretch{p.Answer.Before.Halves, p.Answer.After.Halves} {
		for _, h := range list {
			if !slices.Contains(along, h.From) {
				along = append(along, h.From)
			}
		}
	}
	slices.Sort(along)
	for i, at := range along {
		hours[at] = i
	}
	values := func(list []staffing.Stretch) []float64 {
		out := make([]float64, len(along))
		for i := range out {
			out[i] = chart.None
		}
		for _, h := range list {
			out[hours[h.From]] = wait(h.P80, h.Arrivals.High)
		}
		return out
	}
	series := []chart.Series{
		{Name: p.T("staffing.whatif.after"), Look: chart.Main, Values: values(p.Answer.After.Halves)},
		{Name: p.T("staffing.whatif.before"), Look: chart.Second, Values: values(p.Answer.Before.Halves)},
	}
	return picture{"compared", p.T("staffing.compared"), p.T("staffing.compared.desc"), chart.Figure(p.waits("compared", along, series, p.Answer.Target), chart.Wide)}
}

// RealWords says how far the played day is like the real one.
func (p whatIfPage) RealWords() string {
	r := p.Answer.Real
	key := "staffing.real.unlike"
	if r.Like {
		key = "staffing.real.like"
	}
	return p.T(key, "n", r.Called, "real", p.Minutes(r.P50), "played", p.Span(p.Answer.Before.P50))
}
