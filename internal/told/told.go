package told

import "time"

// Span is a wait as people see it, in whole minutes: low and high are rounded
// outward, so that rounding never makes a promise tighter. The zero Span says that
// nothing is known.
type Span struct{ Low, High int }

// What is rounded to what, and what is promised at most.
const (
	step       = 5 * time.Minute
	coarse     = 10 * time.Minute // above an hour
	coarseFrom = time.Hour
	// An upper end above far is not said where the lower end is an hour or more, and
	// one above never is not said at all: nobody plans by it.
	far   = 120
	never = 240
)

// Of returns a range as people see it. Neither end may be negative; one that is
// counts as none.
func Of(low, high time.Duration) Span {
	from := down(max(0, low))
	to := max(up(max(0, high)), up(from+1))
	return Span{int(from / time.Minute), int(to / time.Minute)}
}

func down(d time.Duration) time.Duration {
	if d > coarseFrom {
		return max(coarseFrom, d.Truncate(coarse))
	}
	return d.Truncate(step)
}

func up(d time.Duration) time.Duration {
	if d > coarseFrom {
		return (d + coarse - 1).Truncate(coarse)
	}
	return (d + step - 1).Truncate(step)
}

// Known reports whether anything is known.
func (s Span) Known() bool { return s.High > 0 }

// Next returns what is shown instead of s once the range is low to high.
//
// An end that falls by a step is lowered at once: that is good news, or a warning to
// be back sooner. An end is raised only when the range has moved five minutes further
// than rounding alone asks for. So a figure that trembles by less than five minutes
// never goes to and fro, and what is shown is never more than five minutes short.
func (s Span) Next(low, high time.Duration) Span {
	now, late := Of(low, high), Of(low-step, high-step)
	if !s.Known() {
		return now
	}
	next := Span{hold(s.Low, now.Low, late.Low), hold(s.High, now.High, late.High)}
	next.Low = min(next.Low, int(down(time.Duration(next.High)*time.Minute-1)/time.Minute))
	return next
}

func hold(shown, now, late int) int {
	if now < shown || late > shown {
		return now
	}
	return shown
}

// AtLeast returns s raised to what somebody before is shown, but never above now, which
// is what rounding alone would say.
func (s Span) AtLeast(before, now Span) Span {
	return Span{max(s.Low, min(before.Low, now.Low)), max(s.High, min(before.High, now.High))}
}

// Kind says in which form a wait is put into words.
type Kind string

// The kinds. Catalogues have a text for each, "until.soon" and so on.
const (
	Unknown Kind = "unknown"
	Soon    Kind = "soon"   // within five minutes
	Within  Kind = "within" // High
	Between Kind = "range"  // Low to High
	OrMore  Kind = "more"   // Low, and no upper end
)

// Words is a wait as it is put into words: the kind, and the minutes that it needs.
type Words struct {
	Kind      Kind `json:"kind"`
	Low, High int
}

// Open reports whether no upper end is said.
func (s Span) Open() bool {
	return s.High > never || s.High > far && s.Low >= int(coarseFrom/time.Minute)
}

// Words returns how a span is put into words.
func (s Span) Words() Words {
	switch open := s.Open(); {
	case !s.Known(), open && s.Low == 0:
		return Words{Kind: Unknown}
	case open:
		return Words{Kind: OrMore, Low: min(s.Low, far)}
	case s.High <= int(step/time.Minute):
		return Words{Kind: Soon, High: s.High}
	case s.Low == 0:
		return Words{Kind: Within, High: s.High}
	}
	return Words{Kind: Between, Low: s.Low, High: s.High}
}

// Known reports whether the words tell a wait.
func (w Words) Known() bool { return w.Kind != Unknown && w.Kind != "" }

// Minutes returns how 分 is read after the last number of the words: 5ふん, 10ぷん.
func (w Words) Minutes() string {
	if n := max(w.Low, w.High); n%10 == 0 {
		return "ぷん"
	}
	return "ふん"
}
