package ui

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/told"
)

// Spoken returns how an office stands as one sentence that can be read aloud, on the
// telephone for instance, in less than twenty seconds: figures with their unit, no
// signs. Of one purpose it says until called and until finished; of all (empty), where
// the wait is longest and shortest. Services that walls do not name are not named.
func (t Texts) Spoken(lang Lang, o board.Office, purpose string) string {
	s := speech{texts: t, lang: lang, office: o}
	lines := s.lines(purpose)
	if key := s.silence(purpose, lines); key != "" {
		return s.say(key)
	}
	lines = slices.DeleteFunc(lines, func(l spokenLine) bool { return !l.called.Words().Known() })
	slices.SortStableFunc(lines, func(a, b spokenLine) int {
		return cmp.Or(cmp.Compare(b.called.High, a.called.High), cmp.Compare(b.called.Low, a.called.Low))
	})
	for _, sentence := range s.sentences(lines) {
		if Seconds(lang, sentence) <= breath {
			return sentence
		}
	}
	return s.say("spoken.short", "range", s.told(lines[0].called)) // an office with an endless name
}

// SpokenNothing returns the sentence of an office of which nothing can be read now.
func (t Texts) SpokenNothing(lang Lang) string { return t.Say(lang, "spoken.down") }

// breath is the longest sentence, in seconds.
const breath = 20.0

// speech is one office on its way to a sentence.
type speech struct {
	texts  Texts
	lang   Lang
	office board.Office
}

// spokenLine is a purpose as it stands.
type spokenLine struct {
	name             string
	called, finished told.Span
}

// lines lists what takes visitors now.
func (s speech) lines(purpose string) []spokenLine {
	var list []spokenLine
	seen := map[string]bool{}
	for _, v := range s.office.Services {
		id := PurposeOf(v)
		if seen[id] || !v.Accepting || purpose != "" && id != purpose || purpose == "" && v.Private {
			continue
		}
		seen[id] = true
		head := Summarize(s.office, id)
		list = append(list, spokenLine{s.purpose(id, v), spanOf(head.Until), spanOf(head.Finished)})
	}
	return list
}

func spanOf(e *board.Estimate) told.Span {
	if e == nil {
		return told.Span{}
	}
	return told.Of(time.Duration(e.Low)*time.Second, time.Duration(e.High)*time.Second)
}

// silence names the sentence of an office that has no wait to tell; empty where it has.
func (s speech) silence(purpose string, lines []spokenLine) string {
	known := slices.ContainsFunc(lines, func(l spokenLine) bool { return l.called.Words().Known() })
	switch {
	case s.office.Doubt:
		return "spoken.repair"
	case s.office.State == "paused":
		return "spoken.paused"
	case len(lines) == 0:
		return "spoken." + s.reason(purpose)
	case !known:
		return "spoken.unknown"
	}
	return ""
}

// reason names why nobody is taken now. An office that has opened services with other
// reasons than their hours is not said to be out of hours.
func (s speech) reason(purpose string) string {
	why := ""
	for _, v := range s.office.Services {
		if purpose != "" && PurposeOf(v) != purpose {
			continue
		}
		if v.Why != string(queue.OutsideHours) || why == "" {
			why = v.Why
		}
	}
	switch queue.Code(why) {
	case queue.OutsideHours:
		if s.opens().After(s.office.AsOf) {
			return "before"
		}
		return "over"
	case queue.DayIsClosed:
		return "over"
	case queue.ServiceNotOpen, queue.OfficeNotOpen:
		return "paused"
	}
	return "closed"
}

// opens returns the moment at which the first service opens; zero: not known.
func (s speech) opens() time.Time {
	var first time.Time
	for _, v := range s.office.Services {
		if !v.Opens.IsZero() && (first.IsZero() || v.Opens.Before(first)) {
			first = v.Opens
		}
	}
	return first
}

// sentences lists what could be said, from the most to the least.
func (s speech) sentences(lines []spokenLine) []string {
	longest, shortest := lines[0], lines[len(lines)-1]
	range1, range2 := s.told(longest.called), s.told(shortest.called)
	change := "spoken.change"
	if longest.called.Open() || longest.called.High-longest.called.Low >= 30 {
		change = "spoken.change.much"
	}
	say := func(key string, pairs ...any) string {
		return s.say(key, append(pairs, "change", s.texts.Say(s.lang, change))...)
	}
	alone := say("spoken.called", "name", longest.name, "range", range1)
	switch {
	case len(lines) == 1 && longest.finished.Words().Known():
		return []string{say("spoken.both", "name", longest.name, "range", range1, "finished", s.told(longest.finished)), alone}
	case len(lines) == 1:
		return []string{alone}
	case range1 == range2:
		return []string{say("spoken.same", "range", range1)}
	}
	return []string{say("spoken.two", "name", longest.name, "range", range1, "other", shortest.name, "least", range2), say("spoken.longest", "name", longest.name, "range", range1)}
}

// say fills in what every sentence may use.
func (s speech) say(key string, pairs ...any) string {
	return s.texts.Say(s.lang, key, append(pairs, "office", s.name(), "time", spokenTime(s.lang, s.office.AsOf),
		"people", s.people(), "from", spokenTime(s.lang, s.opens()))...)
}

func (s speech) told(span told.Span) string {
	w := span.Words()
	return s.texts.Say(s.lang, "said."+string(w.Kind), "low", w.Low, "high", w.High, "fun", w.Minutes())
}

func (s speech) people() string {
	switch n := s.office.Waiting; n {
	case 0:
		return s.texts.Say(s.lang, "spoken.people.none")
	case 1:
		return s.texts.Say(s.lang, "spoken.people.one")
	default:
		return s.texts.Say(s.lang, "spoken.people", "n", n)
	}
}

// name is the office's in the language; nobody reads a Japanese name aloud in Korean.
func (s speech) name() string {
	if name := speakable(s.lang, s.office.Name[string(s.lang)]); name != "" {
		return name
	}
	if s.lang == Japanese || s.lang == Easy {
		return speakable(s.lang, s.office.Name.In(string(Japanese)))
	}
	return s.texts.Say(s.lang, "spoken.here")
}

func (s speech) purpose(id string, v board.Service) string {
	if key := "purpose." + id; s.texts.Say(s.lang, key) != key {
		return speakable(s.lang, s.texts.Say(s.lang, key))
	}
	return speakable(s.lang, v.Name.In(string(s.lang)))
}

var aside = regexp.MustCompile(`\s*[(（][^)）]*[)）]`)

// speakable leaves out what stands in brackets and turns signs into pauses.
func speakable(lang Lang, text string) string {
	pause := "、"
	if lang == English || lang == Korean {
		pause = ", "
	}
	return strings.NewReplacer("・", pause, " / ", pause, "/", pause).Replace(aside.ReplaceAllString(text, ""))
}

// spokenTime says a time of day as it is read aloud in Japan's time.
func spokenTime(lang Lang, at time.Time) string {
	at = at.In(queue.JST)
	hour, minute, after := at.Hour(), at.Minute(), at.Hour() >= 12
	half := func(morning, afternoon string) string {
		if after {
			return afternoon
		}
		return morning
	}
	unit := func(minutes string) string {
		if minute == 0 {
			return ""
		}
		return fmt.Sprintf(minutes, minute)
	}
	switch lang {
	case English:
		return fmt.Sprintf("%d:%02d %s", (hour+11)%12+1, minute, half("AM", "PM"))
	case Chinese:
		return fmt.Sprintf("%s%d点", half("上午", "下午"), (hour+11)%12+1) + unit("%d分")
	case Korean:
		return fmt.Sprintf("%s %d시", half("오전", "오후"), (hour+11)%12+1) + unit(" %d분")
	}
	return fmt.Sprintf("%s%d時", half("午前", "午後"), hour%12) + unit("%d分")
}

// Seconds estimates how long a sentence takes when it is read aloud without hurry.
func Seconds(lang Lang, sentence string) float64 {
	total := 0.0
	for _, r := range sentence {
		total += weight(lang, r)
	}
	return total
}

// weight is the seconds of one character. A Chinese character is two beats in Japanese
// and one in Chinese; a figure is read as a word.
func weight(lang Lang, r rune) float64 {
	switch {
	case unicode.Is(unicode.Han, r) && lang != Chinese:
		return 0.22
	case unicode.Is(unicode.Han, r), unicode.Is(unicode.Hangul, r):
		return 0.2
	case unicode.Is(unicode.Hiragana, r), unicode.Is(unicode.Katakana, r), r == 'ー':
		return 0.12
	case unicode.IsDigit(r):
		return 0.25
	case r == '、' || r == ',' || r == '。' || r == '，':
		return 0.25
	}
	return 0.065 // a Latin letter or a space
}
