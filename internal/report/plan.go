package report

import (
	"fmt"
	"strconv"
	"time"

	"machi/internal/measure"
	"machi/internal/queue"
)

// Aim is a row of the table of measures (年次別計画・実績): an action, or a figure with its
// actual values.
type Aim struct {
	ID      string          `json:"id"`
	Version int             `json:"version"`
	Figure  string          `json:"figure,omitempty"`
	Name    Words           `json:"name"`
	Owner   string          `json:"owner,omitempty"`
	Unit    Unit            `json:"unit,omitempty"`
	Better  int             `json:"better,omitempty"`
	Meaning Words           `json:"meaning,omitzero"`
	Years   map[int]AimYear `json:"years"`
}

// AimYear is one fiscal year of a row.
type AimYear struct {
	Plan   string    `json:"plan,omitempty"`
	Target *float64  `json:"target,omitempty"` // in the figure's unit; a share from 0 to 1
	Result string    `json:"result,omitempty"`
	Notes  string    `json:"notes,omitempty"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
	// Actual is the figure as it came out; nil for an action and for years to come.
	Actual *Value `json:"actual,omitempty"`
	// Reached says whether the target was reached; nil while that is open.
	Reached *bool `json:"reached,omitempty"`
	Running bool  `json:"running,omitempty"` // the year is not over
}

// Plan is an office's table of measures, or the ward's.
type Plan struct {
	Office Office `json:"office"`
	Years  []int  `json:"years"`
	Aims   []Aim  `json:"items"`
	// Choices are the figures that are not in the table yet.
	Choices []Definition `json:"choices"`
	Reading bool         `json:"reading,omitempty"`
}

// Complete computes what became of the figures of a plan, by asking about each year.
func (p *Plan) Complete(o Order, ask Ask) error {
	in := map[string]bool{}
	for i := range p.Aims {
		p.Aims[i].define()
		in[p.Aims[i].Figure] = true
	}
	p.Choices = []Definition{}
	for _, d := range Dictionary {
		if !in[d.Key] {
			p.Choices = append(p.Choices, d)
		}
	}
	for _, year := range p.Years {
		if err := p.year(o, year, ask); err != nil {
			return err
		}
	}
	return nil
}

func (a *Aim) define() {
	if d, ok := Look(a.Figure); ok {
		a.Name, a.Unit, a.Better, a.Meaning = d.Name, d.Unit, d.Better, d.Meaning
	}
}

func (p *Plan) year(o Order, year int, ask Ask) error {
	period, err := ParsePeriod(Year, strconv.Itoa(year))
	if err != nil {
		return err
	}
	m := &maker{order: o, ask: ask}
	m.order.Period = period
	a := m.answer(period)
	p.Reading = p.Reading || a.Reading
	for i := range p.Aims {
		p.Aims[i].settle(year, a.Total, !period.Over(o.Today))
	}
	return m.err
}

// settle fills in a year's result.
func (a *Aim) settle(year int, f measure.Figures, running bool) {
	y := a.Years[year]
	y.Running = running
	d, ok := Look(a.Figure)
	if v := d.read(f); ok && v.Number != nil {
		y.Actual = &v
		if y.Target != nil && d.Better != 0 && !running {
			reached := *v.Number == *y.Target || (*v.Number > *y.Target) == (d.Better > 0)
			y.Reached = &reached
		}
	}
	if a.Years == nil {
		a.Years = map[int]AimYear{}
	}
	a.Years[year] = y
}

// read is [Definition.Read], also of no definition.
func (d Definition) read(f measure.Figures) Value {
	if d.of == nil {
		return Value{}
	}
	return d.Read(f)
}

// Table puts the plan into a report's table: of each year the plan and the result.
func (p Plan) Table() *Table {
	t := &Table{Key: "plan", Title: Words{"年次別計画・実績", "Plan and results by year"}, First: Words{"取組み・指標", "Measure"}, Rows: []Row{}}
	for _, year := range p.Years {
		short := Words{FiscalShort(year), "FY" + strconv.Itoa(year)}
		t.Columns = append(
			t.Columns,
			Column{Key: fmt.Sprintf("%d_plan", year), Name: Words{short.JA + " 計画", short.EN + " plan"}, Unit: Plain},
			Column{Key: fmt.Sprintf("%d_result", year), Name: Words{short.JA + " 実績", short.EN + " result"}, Unit: Plain},
		)
	}
	for _, a := range p.Aims {
		row := Row{Key: a.ID, Name: a.Name}
		if a.Owner != "" {
			row.Name = Words{a.Name.JA + "（" + a.Owner + "）", a.Name.EN + " (" + a.Owner + ")"}
		}
		for _, year := range p.Years {
			row.Cells = append(row.Cells, Cell{Text: a.planned(year)}, Cell{Text: a.became(year)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// FiscalShort says a fiscal year as plans do, such as R8.
func FiscalShort(year int) string {
	first := queue.Date(strconv.Itoa(year) + "-04-01")
	switch {
	case year == 2019:
		return "R元"
	case first >= reiwa:
		return "R" + strconv.Itoa(year-2018)
	}
	return "H" + strconv.Itoa(year-1988)
}

// planned says what was planned for a year.
func (a Aim) planned(year int) Words {
	y := a.Years[year]
	ja, en := y.Plan, y.Plan
	if y.Target != nil {
		number := a.Unit.Format(*y.Target)
		unit := a.Unit.Name()
		if a.Unit == Share {
			unit = Words{}
		}
		ja, en = number+unit.JA+atLeast(a.Better).JA, atLeast(a.Better).EN+number+" "+unit.EN
		if y.Plan != "" {
			ja, en = ja+" "+y.Plan, en+" "+y.Plan
		}
	}
	return Words{ja, en}
}

// atLeast says on which side of a target a figure is to be.
func atLeast(better int) Words {
	switch better {
	case 1:
		return Words{"以上", "at least "}
	case -1:
		return Words{"以内", "at most "}
	}
	return Words{}
}

// became says what became of a year.
func (a Aim) became(year int) Words {
	y := a.Years[year]
	ja, en := y.Result, y.Result
	if y.Actual != nil && y.Actual.Number != nil {
		number, unit := a.Unit.Format(*y.Actual.Number), a.Unit.Name()
		if a.Unit == Share {
			unit = Words{}
		}
		sofar := Words{}
		if y.Running {
			sofar = Words{"（途中）", " (so far)"}
		}
		mark := Words{}
		if y.Reached != nil {
			mark = map[bool]Words{true: {"　達成", ", reached"}, false: {"　未達成", ", missed"}}[*y.Reached]
		}
		ja, en = number+unit.JA+sofar.JA+mark.JA+between(y.Result), number+" "+unit.EN+sofar.EN+mark.EN+between(y.Result)
	}
	return Words{ja, en}
}

func between(text string) string {
	if text == "" {
		return ""
	}
	return " " + text
}
