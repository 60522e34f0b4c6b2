package manager

import (
	"slices"
	"strings"
	"time"

	"machi/internal/queue"
	"machi/internal/rulebook"
	"machi/internal/whatif"
)

// ruleField is a field of the form: its name in the API, the part of the form that
// it stands in, and the unit that people set it in.
type ruleField struct{ name, group, unit string }

// The parts of the form and the units, which are also the ends of the words' keys.
const (
	groupOrder = "order"
	groupSlot  = "slot"
	groupMiss  = "miss"
	groupStaff = "staff"

	unitPeople  = "people"
	unitTimes   = "times"
	unitMinutes = "minutes"
	unitSeconds = "seconds"
)

var ruleFields = []ruleField{
	{"ratio", groupOrder, unitPeople},
	{"max_wait_seconds", groupOrder, unitMinutes},
	{"max_overtaken", groupOrder, unitPeople},
	{"appointment_early_seconds", groupSlot, unitMinutes},
	{"appointment_late_seconds", groupSlot, unitMinutes},
	{"no_show_calls", groupMiss, unitTimes},
	{"recall_gap_seconds", groupMiss, unitSeconds},
	{"restore_back", groupMiss, unitPeople},
	{"no_show_close_seconds", groupMiss, unitMinutes},
	{"skip_seconds", groupStaff, unitMinutes},
	{"undo_seconds", groupStaff, unitSeconds},
}

// per returns how many of what the API counts one of the unit is.
func (f ruleField) per() int {
	if f.unit == unitMinutes {
		return 60
	}
	return 1
}

// RuleInput is a field as it is drawn.
type RuleInput struct {
	Name, Label, Hint, Unit string
	Value, Min, Low, Max    int // Min is 0 where 0 switches the field off
	Step                    int
	Wrong                   bool
}

// RuleGroup is a part of the form.
type RuleGroup struct {
	Key, Title string
	Inputs     []RuleInput
}

// Groups returns the form.
func (p rulePage) Groups() []RuleGroup {
	var groups []RuleGroup
	for _, key := range []string{groupOrder, groupSlot, groupMiss, groupStaff} {
		g := RuleGroup{Key: key, Title: p.T("rule.group." + key)}
		for _, f := range ruleFields {
			if f.group == key {
				g.Inputs = append(g.Inputs, p.input(f))
			}
		}
		groups = append(groups, g)
	}
	return groups
}

func (p rulePage) input(f ruleField) RuleInput {
	i := slices.IndexFunc(rulebook.Limits, func(l rulebook.Limit) bool { return l.Field == f.name })
	limit, per := rulebook.Limits[i], f.per()
	in := RuleInput{
		Name: f.name, Label: p.T("rule.field." + f.name), Unit: p.T("rule.unit." + f.unit),
		Value: *p.Form.Field(f.name) / per, Min: limit.Low / per, Low: limit.Low / per, Max: limit.High / per, Step: 1, Wrong: p.Field == f.name,
	}
	in.Hint = p.T("rule.range", "low", in.Low, "high", in.Max, "unit", in.Unit)
	if limit.Zero {
		in.Min = 0
		in.Hint += p.Or("rule.zero."+f.name, "")
	}
	in.Max = max(in.Max, in.Value) // an operator may have said more
	return in
}

// Choosers returns who may be named to choose out of turn.
func (rulePage) Choosers() []string { return rulebook.Choices }

// Says puts a rule into sentences. The browser's module says the same (rule-says.js).
func (p rulePage) Says(r rulebook.Rule) []string {
	or0 := func(n int, key string, pairs ...any) string {
		if n == 0 {
			key += ".0"
		}
		return p.T("rule.says."+key, append(pairs, "n", n)...)
	}
	return []string{
		or0(r.Ratio, "ratio"),
		or0(r.MaxWait/60, "max_wait"),
		or0(r.MaxOvertaken, "max_overtaken"),
		p.T("rule.says.slot", "early", r.AppointmentEarly/60, "late", r.AppointmentLate/60),
		p.T("rule.says.miss", "n", r.NoShowCalls),
		or0(r.RestoreBack, "restore"),
		or0(r.NoShowClose/60, "close"),
		p.T("rule.says.choose." + r.Choose),
		or0(r.Skip/60, "skip"),
	}
}

// Difference is a field of a rule in two rules, in words.
type Difference struct{ Label, Before, After string }

// Differences says what differs between two rules.
func (p rulePage) Differences(before, after rulebook.Rule) []Difference {
	var list []Difference
	for _, f := range ruleFields {
		a, b := *before.Field(f.name), *after.Field(f.name)
		if a != b {
			list = append(list, Difference{p.T("rule.field." + f.name), p.amount(f, a), p.amount(f, b)})
		}
	}
	if before.Choose != after.Choose {
		list = append(list, Difference{p.T("rule.field.choose"), p.T("rule.choose." + before.Choose), p.T("rule.choose." + after.Choose)})
	}
	return list
}

func (p rulePage) amount(f ruleField, n int) string {
	return p.T("rule.amount", "n", n/f.per(), "unit", p.T("rule.unit."+f.unit))
}

// ProblemWords says what went wrong.
func (p rulePage) ProblemWords() string {
	text := p.Or("problem."+p.Problem, "problem.other", "code", p.Problem)
	text = p.Or("rule.problem."+p.Problem, text)
	if p.Field != "" {
		text += " " + p.T("rule.field."+p.Field)
	}
	return text
}

// Day returns a date as people say it.
func (p rulePage) Day(date queue.Date) string {
	at, _, err := date.Bounds()
	if err != nil {
		return string(date)
	}
	at = at.In(queue.JST)
	return p.T("rule.day", "m", int(at.Month()), "d", at.Day(), "w", p.T("rule.weekday."+string('0'+rune(at.Weekday()))))
}

// When returns a moment with its day.
func (p rulePage) When(at time.Time) string {
	return p.Day(queue.Date(at.In(queue.JST).Format(time.DateOnly))) + " " + p.Hour(at)
}

// Row is a line of the comparison. Cells are its times, each in both days.
type Row struct {
	Label         string
	Before, After whatif.Spread
	Cells         []string
}

func (p rulePage) row(label string, before, after whatif.Spread) Row {
	r := Row{Label: label, Before: before, After: after}
	for _, n := range []int{before.Median, after.Median, before.P90, after.P90, before.Max, after.Max} {
		r.Cells = append(r.Cells, p.Span(n))
	}
	return r
}

// Rows returns the classes of the comparison below all visitors, then the services.
func (p rulePage) Rows() []Row {
	r := p.Result
	rows := []Row{p.row(p.T("rule.all"), r.Before.Wait, r.After.Wait)}
	for _, x := range r.Classes {
		rows = append(rows, p.row(p.T("rule.class."+x.Key), x.Before, x.After))
	}
	return rows
}

// Services returns the services of the comparison.
func (p rulePage) Services() []Row {
	var rows []Row
	for _, x := range p.Result.Services {
		rows = append(rows, p.row(p.service(queue.ServiceID(x.Key)), x.Before, x.After))
	}
	return rows
}

func (p rulePage) service(id queue.ServiceID) string {
	for _, s := range p.Office.Services {
		if s.ID == id {
			return p.Name(s.Name)
		}
	}
	return string(id)
}

// Service returns the name of a visitor's service.
func (p rulePage) Service(v whatif.Visitor) string { return p.service(v.Service) }

// minutes are what two times differ by as they are shown.
func minutes(before, after int) int { return (after+59)/60 - (before+59)/60 }

// Change says by how much a time differs: 3 min shorter, longer, the same.
func (p rulePage) Change(before, after int) string {
	switch by := minutes(before, after); {
	case by < 0:
		return p.T("rule.shorter", "t", p.Span(-by*60))
	case by > 0:
		return p.T("rule.longer", "t", p.Span(by*60))
	}
	return p.T("rule.same")
}

// Sense is the class of a change, for its colour beside its words.
func (rulePage) Sense(before, after int) string {
	switch by := minutes(before, after); {
	case by < 0:
		return "better"
	case by > 0:
		return "worse"
	}
	return "same"
}

// Bar is one row of the picture: two waits, as long as they are.
type Bar struct {
	Label                     string
	Before, After             int // width, of 400
	BeforeText, AfterText     string
	Y, TextY, BeforeY, AfterY int
}

// The picture's measures.
const (
	barRow   = 64
	barWidth = 400
)

// Bars draws the time below which nine of ten waits are.
func (p rulePage) Bars() []Bar {
	rows, most := p.Rows(), 60
	for _, x := range rows {
		most = max(most, x.Before.P90, x.After.P90)
	}
	var bars []Bar
	for i, x := range rows {
		y := i * barRow
		bars = append(bars, Bar{
			Label: x.Label, Before: x.Before.P90 * barWidth / most, After: x.After.P90 * barWidth / most,
			BeforeText: p.Span(x.Before.P90), AfterText: p.Span(x.After.P90),
			Y: y, TextY: y + 33, BeforeY: y + 6, AfterY: y + 30,
		})
	}
	return bars
}

// Height is the picture's.
func (p rulePage) Height() int { return len(p.Rows()) * barRow }

// Share says how many calls the replay makes again, in a hundred.
func (p rulePage) Share() int { return p.Result.Reproduced * 100 / max(1, p.Result.Calls) }

// Doubtful reports whether the comparison is a rough one.
func (p rulePage) Doubtful() bool { return p.Share() < 95 }

// Reasoned returns a reason as it is shown.
func (p rulePage) Reasoned(e rulebook.Entry) string { return strings.TrimSpace(e.Reason) }
