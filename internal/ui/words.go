package ui

import (
	"cmp"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/told"
)

// Range says an estimate in words: "About 20–35 min". No estimate has its own words.
// It is the twin of range in assets/words.js; both run the cases of package told.
func (t Texts) Range(lang Lang, e *board.Estimate) string {
	if e == nil {
		return t.Told(lang, told.Span{})
	}
	return t.Told(lang, told.Of(time.Duration(e.Low)*time.Second, time.Duration(e.High)*time.Second))
}

// Short is a [Texts.Range] where there is little room: of the shortest it says the upper
// end alone.
func (t Texts) Short(lang Lang, e *board.Estimate) string {
	if e == nil {
		return t.Range(lang, e)
	}
	s := told.Of(time.Duration(e.Low)*time.Second, time.Duration(e.High)*time.Second)
	if w := s.Words(); w.Kind == told.Soon {
		return t.Say(lang, "until.within", "high", w.High, "fun", w.Minutes())
	}
	return t.Told(lang, s)
}

// Told says in words what people are told of a wait.
func (t Texts) Told(lang Lang, s told.Span) string {
	w := s.Words()
	return t.Say(lang, "until."+string(w.Kind), "low", w.Low, "high", w.High, "fun", w.Minutes())
}

// span says a number of minutes, from an hour on in hours and minutes.
func (t Texts) span(lang Lang, minutes int) string {
	switch {
	case minutes < 60:
		return t.Say(lang, "span.minutes", "m", minutes)
	case minutes%60 == 0:
		return t.Say(lang, "span.hours", "h", minutes/60)
	}
	return t.Say(lang, "span.both", "h", minutes/60, "m", minutes%60)
}

// Span says a number of seconds, rounded up to whole minutes.
func (t Texts) Span(lang Lang, seconds int) string {
	return t.span(lang, (max(0, seconds)+59)/60)
}

// Clock returns the time of day as screens show it, "09:05:07".
func Clock(at time.Time) string { return at.In(queue.JST).Format(time.TimeOnly) }

// HourMinute returns the time of day without seconds, "09:05".
func HourMinute(at time.Time) string { return at.In(queue.JST).Format("15:04") }

// rank orders the levels from the emptiest to the busiest; a service without a
// word for its wait stands below all.
var rank = map[board.Level]int{
	board.LevelClosed: 1, board.LevelSuspended: 2, board.LevelUnknown: 3,
	board.LevelQuiet: 4, board.LevelModerate: 5, board.LevelBusy: 6, board.LevelVeryBusy: 7,
}

// Headline is what an office is listed with: how it stands with one service.
type Headline struct {
	Level    board.Level
	Waiting  int
	Until    *board.Estimate // called
	Finished *board.Estimate
	Found    bool // the office has the service asked for
}

// Told reports whether the wait means anything: where nobody is taken on there is none.
func (h Headline) Told() bool {
	return h.Level != board.LevelClosed && h.Level != board.LevelSuspended
}

// Summarize returns an office's headline: of one purpose, or of all its services where
// purpose is empty. The waits reach from the shortest to the longest of the services
// that take visitors, so that nobody is told more or less than their own service says.
// Of a purpose nothing is said where one of its services is not known. It is the twin
// of summarize in assets/model.js, and ticket machines show purposes in the same way.
func Summarize(o board.Office, purpose string) Headline {
	h := Headline{Level: board.LevelClosed}
	unknown := false
	for _, s := range o.Services {
		if purpose != "" && PurposeOf(s) != purpose {
			continue
		}
		h.Found = true
		h.Waiting += s.Waiting
		if rank[s.Level] > rank[h.Level] {
			h.Level = s.Level
		}
		if !(Headline{Level: s.Level}).Told() {
			continue
		}
		unknown = unknown || s.UntilCalled == nil
		h.Until, h.Finished = around(h.Until, s.UntilCalled), around(h.Finished, s.UntilFinished)
	}
	if purpose == "" {
		h.Waiting = o.Waiting
	} else if unknown {
		h.Until, h.Finished = nil, nil
	}
	return h
}

// HeadlineOf returns how an office stands with one of its services. It is the twin of
// headlineOf in assets/model.js.
func HeadlineOf(s board.Service) Headline {
	h := Headline{Level: s.Level, Waiting: s.Waiting, Found: true}
	if h.Told() {
		h.Until, h.Finished = s.UntilCalled, s.UntilFinished
	}
	return h
}

// Rank orders levels from the emptiest to the busiest; those without a word for the wait
// come first.
func Rank(l board.Level) int { return rank[l] }

// around returns the range that holds both; one that is not known adds nothing.
func around(a, b *board.Estimate) *board.Estimate {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return &board.Estimate{P50: max(a.P50, b.P50), P80: max(a.P80, b.P80), Low: min(a.Low, b.Low), High: max(a.High, b.High), AsOf: a.AsOf}
}

// Standing returns the state that pages say of an office. One that is open, but whose
// services are all out of hours, is closed to who would set out for it.
func Standing(o board.Office) string {
	if o.State == "open" && len(o.Services) > 0 && Summarize(o, "").Level == board.LevelClosed {
		return "closed"
	}
	return o.State
}

// PurposeOf returns what a service is for, by which offices are compared.
func PurposeOf(s board.Service) string {
	if s.Purpose != "" {
		return s.Purpose
	}
	return string(s.ID)
}
