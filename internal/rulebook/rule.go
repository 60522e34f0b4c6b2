package rulebook

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"machi/internal/queue"
)

// Rule is what a manager decides. Times are whole seconds. The names of its fields
// in JSON are kept for ever; what they mean stands at [queue.Rule].
type Rule struct {
	Ratio            int    `json:"ratio"`
	MaxWait          int    `json:"max_wait_seconds"`
	MaxOvertaken     int    `json:"max_overtaken"`
	AppointmentEarly int    `json:"appointment_early_seconds"`
	AppointmentLate  int    `json:"appointment_late_seconds"`
	NoShowCalls      int    `json:"no_show_calls"`
	RecallGap        int    `json:"recall_gap_seconds"`
	NoShowClose      int    `json:"no_show_close_seconds"`
	RestoreBack      int    `json:"restore_back"`
	Undo             int    `json:"undo_seconds"`
	Skip             int    `json:"skip_seconds"`
	Choose           string `json:"choose"` // staff, manager or nobody
	// HomeOff stops tickets from home at an office whose catalogue allows them.
	HomeOff bool `json:"from_home_off,omitempty"`
}

// Choices lists who may be named to call out of turn, the freest first.
var Choices = []string{queue.ChooseStaff, queue.ChooseManager, queue.ChooseNobody}

// Of returns a manager's part of a rule.
func Of(r queue.Rule) Rule {
	return Rule{
		Ratio: r.Ratio, MaxWait: seconds(r.MaxWait), MaxOvertaken: r.MaxOvertaken,
		AppointmentEarly: seconds(r.AppointmentEarly), AppointmentLate: seconds(r.AppointmentLate),
		NoShowCalls: r.NoShowCalls, RecallGap: seconds(r.RecallGap), NoShowClose: seconds(r.NoShowClose),
		RestoreBack: r.RestoreBack, Undo: seconds(r.UndoWithin), Skip: seconds(r.SkipFor),
		Choose: cmp.Or(r.Choose, queue.ChooseStaff), HomeOff: r.Home.Off,
	}
}

// Over returns a rule with a manager's part laid over it.
func (r Rule) Over(base queue.Rule) queue.Rule {
	base.Ratio, base.MaxOvertaken, base.NoShowCalls, base.RestoreBack = r.Ratio, r.MaxOvertaken, r.NoShowCalls, r.RestoreBack
	base.MaxWait, base.AppointmentEarly, base.AppointmentLate = span(r.MaxWait), span(r.AppointmentEarly), span(r.AppointmentLate)
	base.RecallGap, base.NoShowClose, base.UndoWithin, base.SkipFor = span(r.RecallGap), span(r.NoShowClose), span(r.Undo), span(r.Skip)
	if base.Choose = r.Choose; base.Choose == queue.ChooseStaff {
		base.Choose = "" // says the same, and the stored form does not change for nothing
	}
	base.Home.Off = r.HomeOff && base.Home.On // where there is nothing to stop, the stored form does not change
	return base
}

// RunBy reports whether a day whose rule is given runs by r, as far as its reading
// has the words.
func (r Rule) RunBy(day queue.Rule) bool { return r.Over(day).In(day.Reading) == day }

func seconds(d time.Duration) int { return int(d / time.Second) }

func span(seconds int) time.Duration { return time.Duration(seconds) * time.Second }

// Limit is the range in which a field of a rule is safe, and the step in which it
// is set. Zero says that 0, which switches the field off, is allowed beside it.
type Limit struct {
	Field string `json:"field"`
	Low   int    `json:"low"`
	High  int    `json:"high"`
	Step  int    `json:"step"`
	Zero  bool   `json:"zero"`
}

// Limits are the safe ranges of all fields that are numbers, inside of what a
// catalogue may say.
var Limits = []Limit{
	{"ratio", 1, 10, 1, true},
	{"max_wait_seconds", 10 * 60, 240 * 60, 60, true},
	{"max_overtaken", 3, 200, 1, true},
	{"appointment_early_seconds", 0, 60 * 60, 60, true},
	{"appointment_late_seconds", 0, 60 * 60, 60, true},
	{"no_show_calls", 1, 5, 1, true},
	{"recall_gap_seconds", 0, 120, 1, true},
	{"no_show_close_seconds", 5 * 60, 240 * 60, 60, true},
	{"restore_back", 0, 20, 1, true},
	{"undo_seconds", 10, 300, 1, false},
	{"skip_seconds", 60, 30 * 60, 60, true},
}

// Field returns the number in a field, nil for a field that is none.
func (r *Rule) Field(name string) *int {
	return map[string]*int{
		"ratio": &r.Ratio, "max_wait_seconds": &r.MaxWait, "max_overtaken": &r.MaxOvertaken,
		"appointment_early_seconds": &r.AppointmentEarly, "appointment_late_seconds": &r.AppointmentLate,
		"no_show_calls": &r.NoShowCalls, "recall_gap_seconds": &r.RecallGap, "no_show_close_seconds": &r.NoShowClose,
		"restore_back": &r.RestoreBack, "undo_seconds": &r.Undo, "skip_seconds": &r.Skip,
	}[name]
}

// Fault is a field of a rule that cannot be.
type Fault struct {
	Field string
	Text  string // what was wanted
}

// Error returns both.
func (f *Fault) Error() string { return "rulebook: " + f.Field + ": " + f.Text }

// Check returns the first *[Fault] of a rule that is to follow another. A field
// that stays as it was is let through, whatever the operator had put there.
func (r Rule) Check(before Rule) error {
	for _, limit := range Limits {
		n := *r.Field(limit.Field)
		if n != *before.Field(limit.Field) && !limit.allows(n) {
			return &Fault{limit.Field, limit.wants()}
		}
	}
	if !slices.Contains(Choices, r.Choose) {
		return &Fault{"choose", "want staff, manager or nobody"}
	}
	if r.MaxWait == 0 && r.MaxOvertaken == 0 {
		return &Fault{"max_overtaken", "0 together with max_wait_seconds 0 could let somebody wait for ever"}
	}
	return nil
}

func (l Limit) allows(n int) bool { return l.Zero && n == 0 || l.Low <= n && n <= l.High }

func (l Limit) wants() string {
	text := fmt.Sprintf("want %d to %d", l.Low, l.High)
	if l.Zero && l.Low > 0 {
		text += ", or 0"
	}
	return text
}
