package report

import (
	"strconv"
	"time"

	"machi/internal/measure"
	"machi/internal/queue"
)

// Ward stands for an office in reports of all offices together.
const Ward queue.OfficeID = "ward"

// Office is an office as a report names it.
type Office struct {
	ID       queue.OfficeID `json:"id"`
	Name     Words          `json:"name"`
	Services []Service      `json:"-"`
}

// Service is a service as a report names it.
type Service struct {
	ID   queue.ServiceID
	Name Words
}

// Standing says how far a report can be relied on.
type Standing string

// The standings.
const (
	Running Standing = "running" // the period is not over
	Reading Standing = "reading" // closed days are still being read
	Final   Standing = "final"   // made when the period was over, and still so
	Changed Standing = "changed" // late records changed it; the next revision follows
)

// Report is a report. Its tables are as they are printed.
type Report struct {
	Kind   Kind       `json:"kind"`
	Key    string     `json:"period"`
	From   queue.Date `json:"from"`
	To     queue.Date `json:"to"`
	Title  Words      `json:"title"`
	Span   Words      `json:"span"`
	Office Office     `json:"office"`

	Standing Standing `json:"standing"`
	// Revision counts how often the report was made, from 1; 0: not yet.
	Revision int       `json:"revision"`
	Made     time.Time `json:"made_at,omitzero"`
	// Asked is when these figures were read.
	Asked time.Time `json:"as_of"`

	Days  int     `json:"days"`            // office-days behind the figures
	Lacks []Lack  `json:"lacks"`           // days that should be in it and are not
	Cards []Card  `json:"cards"`           // the figures that one looks at first
	Parts []Table `json:"tables"`          //
	Words []Entry `json:"definitions"`     // of every figure in it
	Plan  *Table  `json:"plan,omitempty"`  // 年次別計画・実績, of a year
	Notes []Words `json:"notes,omitempty"` // what to know when reading
}

// Entry is a figure's definition as a report tells it.
type Entry = Definition

// Lack is a day that is not in a report.
type Lack struct {
	Office Words      `json:"office"`
	Date   queue.Date `json:"date"`
	Why    string     `json:"why"` // damaged, missing or unread
}

// Card is a figure that one looks at first, beside what it was.
type Card struct {
	Figure  string `json:"figure"`
	Name    Words  `json:"name"`
	Unit    Unit   `json:"unit"`
	Better  int    `json:"better"`
	Now     Value  `json:"now"`
	Before  Value  `json:"before"`
	YearAgo Value  `json:"year_ago"`
}

// Change returns how far a card's figure is from what it was; false: one is not known.
func (c Card) Change() (float64, bool) { return change(c.Now, c.Before, c.Unit) }

// YearChange is [Card.Change] against the year before.
func (c Card) YearChange() (float64, bool) { return change(c.Now, c.YearAgo, c.Unit) }

func change(now, then Value, u Unit) (float64, bool) {
	if now.Number == nil || then.Number == nil {
		return 0, false
	}
	return u.round(*now.Number - *then.Number), true
}

// Table is one table of a report.
type Table struct {
	Key     string   `json:"key"`
	Title   Words    `json:"title"`
	First   Words    `json:"first"` // what the rows are
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	Note    Words    `json:"note,omitzero"`
}

// Column is a column of a table. Figure is a key of the dictionary, or empty.
type Column struct {
	Key    string `json:"key"`
	Figure string `json:"figure,omitempty"`
	Name   Words  `json:"name"`
	Unit   Unit   `json:"unit"`
}

// Row is a row of a table: one cell for each column.
type Row struct {
	Key   string `json:"key"`
	Name  Words  `json:"name"`
	Cells []Cell `json:"cells"`
	Sum   bool   `json:"sum,omitempty"`  // of all rows together
	Rest  bool   `json:"rest,omitempty"` // a Saturday, Sunday or holiday
}

// Cell is a figure, or a text.
type Cell struct {
	Value
	Text Words `json:"text,omitzero"`
}

// Format writes a number as a report shows it.
func (u Unit) Format(n float64) string {
	switch u {
	case Minutes, Hours:
		return grouped(strconv.FormatFloat(n, 'f', 1, 64))
	case Share:
		return strconv.FormatFloat(100*n, 'f', 1, 64) + "%"
	case Ratio:
		return strconv.FormatFloat(n, 'f', 2, 64)
	}
	return grouped(strconv.FormatFloat(n, 'f', 0, 64))
}

// grouped puts a comma between thousands.
func grouped(digits string) string {
	sign, whole, rest := "", digits, ""
	if whole[0] == '-' {
		sign, whole = "-", whole[1:]
	}
	for i := range whole {
		if whole[i] == '.' {
			whole, rest = whole[:i], whole[i:]
			break
		}
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	return sign + whole + rest
}

// Ask answers a question about closed days.
type Ask func(measure.Query) (measure.Answer, error)
