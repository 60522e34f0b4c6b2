package catalog

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/queue"
)

// RuleCounts says how high the counts of a calling rule may go; RuleSpan how long
// its times. A manager is held to narrower limits, which lie within these.
var RuleCounts = map[string]int{
	"ratio": 20, "max_overtaken": 1000, "no_show_calls": 20, "restore_back": 1000, "max_waiting": 100_000,
}

// RuleSpan is the longest time of a rule.
const RuleSpan = 24 * time.Hour

func (b *builder) rule(f *ruleFile, path ...string) queue.Rule {
	r := queue.DefaultRule()
	r.RecallGap = 0 // an office that hears its calls twice sets one
	if f == nil {
		return r
	}
	if f.CheckIn != nil {
		r.CheckIn = *f.CheckIn
	}
	if f.Choose != nil {
		if r.Choose = *f.Choose; !slices.Contains([]string{queue.ChooseStaff, queue.ChooseManager, queue.ChooseNobody}, r.Choose) {
			b.blame(fmt.Sprintf("%q: want staff, manager or nobody", r.Choose), append(path, "choose")...)
		}
	}
	whole := func(p *int, key string, into *int) {
		if p == nil {
			return
		}
		high := RuleCounts[key]
		if *p < 0 || *p > high {
			b.blame(fmt.Sprintf("%d is not between 0 and %d", *p, high), append(path, key)...)
		}
		*into = *p
	}
	span := func(p *float64, key string, into *time.Duration, unit time.Duration) {
		if p == nil {
			return
		}
		if *p < 0 || *p > float64(RuleSpan/unit) {
			b.blame(fmt.Sprintf("%v is not within a day", *p), append(path, key)...)
		}
		*into = time.Duration(*p * float64(unit))
	}
	whole(f.Ratio, "ratio", &r.Ratio)
	whole(f.MaxOvertaken, "max_overtaken", &r.MaxOvertaken)
	whole(f.NoShowCalls, "no_show_calls", &r.NoShowCalls)
	whole(f.RestoreBack, "restore_back", &r.RestoreBack)
	whole(f.MaxWaiting, "max_waiting", &r.MaxWaiting)
	span(f.MaxWaitMinutes, "max_wait_minutes", &r.MaxWait, time.Minute)
	span(f.AppointmentEarlyMinutes, "appointment_early_minutes", &r.AppointmentEarly, time.Minute)
	span(f.AppointmentLateMinutes, "appointment_late_minutes", &r.AppointmentLate, time.Minute)
	span(f.RecallGapSeconds, "recall_gap_seconds", &r.RecallGap, time.Second)
	span(f.NoShowCloseMinutes, "no_show_close_minutes", &r.NoShowClose, time.Minute)
	span(f.SkipMinutes, "skip_minutes", &r.SkipFor, time.Minute)
	span(f.UndoSeconds, "undo_seconds", &r.UndoWithin, time.Second)
	return r
}
