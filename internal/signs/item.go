package signs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"machi/internal/board"
	"machi/internal/queue"
)

// Kind says what an item is for.
type Kind string

// The kinds of items.
const (
	Notice   Kind = "notice"   // the ward's own news
	District Kind = "district" // news of the neighbourhood
	Advert   Kind = "ad"       // paid for
)

// State is how far an item has come.
type State string

// The states of an item. Only approved ones are shown.
const (
	Draft    State = "draft"
	Waiting  State = "waiting" // for approval
	Approved State = "approved"
	Ended    State = "ended"
)

// Person is who did something. ID tells people apart; it is an account's or a
// program's, never a name that two may bear.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Schedule says when an item is shown, by the clock of Japan.
type Schedule struct {
	From     queue.Date `json:"from"`               // the first day
	To       queue.Date `json:"to,omitempty"`       // the last day; empty: until it is ended
	Weekdays []int      `json:"weekdays,omitempty"` // 0 is Sunday; none: every day
	Begin    string     `json:"begin,omitempty"`    // "09:00"; empty: all day
	End      string     `json:"end,omitempty"`      // the first minute without it
	Seconds  int        `json:"seconds"`            // how long each time
	Weight   int        `json:"weight"`             // how often in a round
}

// Content is what the writer of an item decides.
type Content struct {
	Office   queue.OfficeID `json:"office,omitempty"` // empty: every office of the ward
	Kind     Kind           `json:"kind"`
	Title    board.Text     `json:"title"`          // of a picture its description
	Body     board.Text     `json:"body,omitempty"` // for items without a picture
	Sponsor  string         `json:"sponsor,omitempty"`
	Media    *Media         `json:"media,omitempty"`
	Schedule Schedule       `json:"schedule"`
}

// Item is one entry of a playlist.
type Item struct {
	ID string `json:"id"`
	Content
	State   State     `json:"state"`
	Version int       `json:"version"` // counts changes of any sort
	Writers []Person  `json:"writers"` // everybody who ever wrote at it
	Decided *Person   `json:"decided,omitempty"`
	Reason  string    `json:"reason,omitempty"` // why it was sent back or ended
	Changed time.Time `json:"changed"`
}

// The bounds of an item.
const (
	MaxTitle   = 120 // characters
	MaxBody    = 400
	MaxReason  = 500 // bytes
	MinSeconds = 5
	MaxSeconds = 120
	MaxWeight  = 5
	MaxDays    = 400
)

// Languages are those that texts may be in; Japanese is demanded.
var Languages = []string{"ja", "ja-x-easy", "en", "zh", "ko"}

// Fault says what of a request cannot be.
type Fault struct{ Field, Text string }

// Error names the field.
func (f *Fault) Error() string { return f.Field + ": " + f.Text }

func fault(field, format string, args ...any) error {
	return &Fault{field, fmt.Sprintf(format, args...)}
}

var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// Check returns a *[Fault] for content that cannot be. It trims texts and drops
// empty ones.
func (c *Content) Check() error {
	c.Title, c.Body, c.Sponsor = trimmed(c.Title), trimmed(c.Body), strings.TrimSpace(c.Sponsor)
	if !slices.Contains([]Kind{Notice, District, Advert}, c.Kind) {
		return fault("kind", "notice, district or ad")
	}
	if err := checkText("title", c.Title, MaxTitle, true); err != nil {
		return err
	}
	if err := checkText("body", c.Body, MaxBody, c.Media == nil); err != nil {
		return err
	}
	if err := checkLine("sponsor", c.Sponsor, MaxTitle); err != nil {
		return err
	}
	if c.Kind == Advert && c.Sponsor == "" {
		return fault("sponsor", "an advertisement says whose it is")
	}
	return c.Schedule.check()
}

func trimmed(t board.Text) board.Text {
	out := board.Text{}
	for lang, text := range t {
		if text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")); text != "" {
			out[lang] = text
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// checkText checks a text in several languages. A needed one must be there in Japanese.
func checkText(field string, t board.Text, most int, needed bool) error {
	if t["ja"] == "" && (needed || len(t) > 0) {
		return fault(field, "Japanese is needed")
	}
	for lang, text := range t {
		if !slices.Contains(Languages, lang) {
			return fault(field, "unknown language")
		}
		if err := checkLine(field, text, most); err != nil {
			return err
		}
	}
	return nil
}

func checkLine(field, text string, most int) error {
	switch {
	case utf8.RuneCountInString(text) > most:
		return fault(field, "at most %d characters", most)
	case strings.ContainsFunc(text, unprintable):
		return fault(field, "a character that cannot be shown")
	}
	return nil
}

// unprintable tells characters that turn lines around or are none at all.
func unprintable(r rune) bool {
	return r < ' ' && r != '\n' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func (s *Schedule) check() error {
	from, err := time.Parse(time.DateOnly, string(s.From))
	if err != nil {
		return fault("from", "a date is written like 2026-04-01")
	}
	if s.To != "" {
		to, err := time.Parse(time.DateOnly, string(s.To))
		if err != nil || to.Before(from) || to.Sub(from) > MaxDays*24*time.Hour {
			return fault("to", "a date from %s on, at most %d days later", s.From, MaxDays)
		}
	}
	if (s.Begin == "") != (s.End == "") || s.Begin != "" && (!clockForm.MatchString(s.Begin) || !clockForm.MatchString(s.End) || s.Begin >= s.End) {
		return fault("begin", "two times of a day such as 09:00 and 17:00, the earlier first")
	}
	slices.Sort(s.Weekdays)
	s.Weekdays = slices.Compact(s.Weekdays)
	if slices.ContainsFunc(s.Weekdays, func(d int) bool { return d < 0 || d > 6 }) {
		return fault("weekdays", "0 (Sunday) to 6")
	}
	if s.Seconds < MinSeconds || s.Seconds > MaxSeconds {
		return fault("seconds", "%d to %d", MinSeconds, MaxSeconds)
	}
	if s.Weight < 1 || s.Weight > MaxWeight {
		return fault("weight", "1 to %d", MaxWeight)
	}
	return nil
}

// Over reports whether a schedule's last day lies before a date.
func (s Schedule) Over(today queue.Date) bool { return s.To != "" && s.To < today }

// NeedsSecond reports whether another person must approve an item: always an
// advertisement, whatever all offices show and whatever is more than text; a text for
// one office only where the ward asks for it.
func (c Content) NeedsSecond(rule Rule) bool {
	return c.Kind == Advert || c.Office == "" || c.Media != nil || rule.TextBySecond
}

// wrote reports whether a person wrote at the item.
func (i Item) wrote(p Person) bool {
	return slices.ContainsFunc(i.Writers, func(w Person) bool { return w.ID == p.ID })
}
