package yearplan

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"machi/internal/queue"
)

var (
	// ErrVersion says that the row was changed since the version that a change names.
	ErrVersion = errors.New("yearplan: the row was changed meanwhile")
	// ErrUnknown says that there is no such row.
	ErrUnknown = errors.New("yearplan: no such row")
	// ErrFull says that no more rows, or no more changes, are taken.
	ErrFull = errors.New("yearplan: the table is full")
)

// Bounds of a table.
const (
	MaxItems   = 60     // rows of one office, or of the ward, that are not removed
	MaxChanges = 50_000 // of the whole book, for ever
	MaxName    = 100    // letters of a name, an owner or a plan in words
	MaxText    = 1000   // letters of a result or of notes
	FirstYear  = 2015   // fiscal years that may be planned
	LastYear   = 2100
	MaxTarget  = 1e9
)

// Item is a row: an action (取組み), which is planned and told in words, or a figure,
// which is planned as a number and computed.
type Item struct {
	ID     string         `json:"id"`
	Office queue.OfficeID `json:"office,omitempty"` // empty: of the whole ward
	// Figure is the key of what is measured; empty: an action.
	Figure  string       `json:"figure,omitempty"`
	Name    string       `json:"name,omitempty"`  // of an action
	Owner   string       `json:"owner,omitempty"` // 所管, whose work it is; may be empty
	Years   map[int]Year `json:"years"`
	Version int          `json:"version"` // how often the row was changed
	Removed bool         `json:"removed,omitempty"`
	Order   int          `json:"-"` // of the first entry
}

// Year is a row's part for one fiscal year, which begins in April.
type Year struct {
	Plan   string    `json:"plan,omitempty"`   // in words, such as 実施・検証
	Target *float64  `json:"target,omitempty"` // of a figure, in its unit; nil: none was set
	Result string    `json:"result,omitempty"` // in words
	Notes  string    `json:"notes,omitempty"`  // what was tried
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Fault is a field of a change that cannot be.
type Fault struct {
	Field string
	Text  string // what was wanted
}

// Error returns both.
func (f *Fault) Error() string { return "yearplan: " + f.Field + ": " + f.Text }

// check returns the first *[Fault] of what is said of a year.
func (y Year) check(figure bool) error {
	switch {
	case y.Target != nil && !figure:
		return &Fault{"target", "only figures have one; say the plan in words"}
	case y.Target != nil && (math.IsNaN(*y.Target) || *y.Target < 0 || *y.Target > MaxTarget):
		return &Fault{"target", fmt.Sprintf("want 0 to %.0f", MaxTarget)}
	}
	for _, text := range []struct {
		field, value string
		most         int
	}{{"plan", y.Plan, MaxName}, {"result", y.Result, MaxText}, {"notes", y.Notes, MaxText}} {
		if err := checkText(text.field, text.value, text.most, text.most == MaxText); err != nil {
			return err
		}
	}
	return nil
}

// checkText returns a *[Fault] for a text that is too long or holds what no line shows.
func checkText(field, text string, most int, lines bool) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > most {
		return &Fault{field, fmt.Sprintf("want at most %d letters", most)}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && (r != '\n' || !lines) || r == 0x7f }) {
		return &Fault{field, "want letters only"}
	}
	return nil
}

func checkYear(year int) error {
	if year < FirstYear || year > LastYear {
		return &Fault{"year", fmt.Sprintf("want %d to %d", FirstYear, LastYear)}
	}
	return nil
}
