package catalog

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/queue"
)

// Announce says how the walls of an office announce calls.
type Announce struct {
	// Times is how often a call is announced while its visitor has not come; Gap is
	// the least time between two announcements of one call.
	Times int
	Gap   time.Duration
	// Show is the least time that every announcement has the wall to itself.
	Show time.Duration
	// Languages are those that are spoken after Japanese where a ticket has them.
	Languages []string
	// Sound lets walls be heard at all; Voice lets them speak after the chime.
	Sound, Voice bool
}

// announceFile is the announce block of an office as it is written.
type announceFile struct {
	Times       *int     `yaml:"times"`
	GapSeconds  *float64 `yaml:"gap_seconds"`
	ShowSeconds *float64 `yaml:"show_seconds"`
	Languages   []string `yaml:"languages"`
	Sound       *bool    `yaml:"sound"`
	Voice       *bool    `yaml:"voice"`
}

// The limits of an announcement, and the languages that can follow Japanese.
const (
	maxTimes = 5
	maxGap   = 10 * time.Minute
	minShow  = 3 * time.Second
	maxShow  = time.Minute
)

// SpokenLanguages are those that a call can be spoken in after Japanese.
var SpokenLanguages = []string{"en", "zh", "ko"}

func (b *builder) announce(f *announceFile, path ...string) Announce {
	a := Announce{Times: 2, Gap: 20 * time.Second, Show: 7 * time.Second, Languages: SpokenLanguages, Sound: true, Voice: true}
	if f == nil {
		return a
	}
	span := func(p *float64, key string, low, high time.Duration, into *time.Duration) {
		if p == nil {
			return
		}
		if *p < low.Seconds() || *p > high.Seconds() {
			b.blame(fmt.Sprintf("%v is not between %v and %v", *p, low.Seconds(), high.Seconds()), append(path, key)...)
		}
		*into = time.Duration(*p * float64(time.Second))
	}
	if a.Times = orValue(f.Times, a.Times); a.Times < 1 || a.Times > maxTimes {
		b.blame(fmt.Sprintf("%d is not between 1 and %d", a.Times, maxTimes), append(path, "times")...)
	}
	span(f.GapSeconds, "gap_seconds", 0, maxGap, &a.Gap)
	span(f.ShowSeconds, "show_seconds", minShow, maxShow, &a.Show)
	if f.Languages != nil {
		a.Languages = f.Languages
	}
	for _, lang := range a.Languages {
		if !slices.Contains(SpokenLanguages, lang) {
			b.blame(fmt.Sprintf("language %q: want en, zh or ko", lang), append(path, "languages")...)
		}
	}
	a.Sound, a.Voice = orValue(f.Sound, true), orValue(f.Voice, true)
	return a
}

func mergeAnnounce(base, over *announceFile) *announceFile {
	if base == nil || over == nil {
		return or(over, base)
	}
	return &announceFile{
		or(over.Times, base.Times), or(over.GapSeconds, base.GapSeconds), or(over.ShowSeconds, base.ShowSeconds),
		orList(over.Languages, base.Languages), or(over.Sound, base.Sound), or(over.Voice, base.Voice),
	}
}

// Way is how a called visitor finds a counter from in front of the wall.
type Way struct {
	Direction string // left, right, straight, back, up or down; empty: not told
	Place     Text   // such as a floor; may be empty
}

var directions = []string{"", "left", "right", "straight", "back", "up", "down"}

// ways collects what the counters of an office say of the way to them.
func (b *builder) ways(counters []counterFile, path []string) map[queue.CounterID]Way {
	ways := map[queue.CounterID]Way{}
	for _, c := range counters {
		if c.Direction == "" && c.Place == nil {
			continue
		}
		if !slices.Contains(directions, c.Direction) {
			b.blame(fmt.Sprintf("direction %q: want left, right, straight, back, up or down", c.Direction), append(path, "counters", c.ID, "direction")...)
		}
		if c.Place != nil && c.Place["ja"] == "" {
			b.blame("a Japanese text is missing", append(path, "counters", c.ID, "place")...)
		}
		ways[queue.CounterID(c.ID)] = Way{c.Direction, c.Place}
	}
	return ways
}

func orValue[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}
