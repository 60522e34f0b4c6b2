package report

// Words are a text of a report in its two languages.
type Words struct {
	JA string `json:"ja"`
	EN string `json:"en"`
}

// In returns the text in a language, "en" or else Japanese.
func (w Words) In(lang string) string {
	if lang == "en" && w.EN != "" {
		return w.EN
	}
	return w.JA
}

// Unit says what a number counts.
type Unit string

// The units. Minutes and Hours have one decimal, a Share is a part of one with three, a
// Ratio has two.
const (
	Count   Unit = "count"
	Minutes Unit = "minutes"
	Hours   Unit = "hours"
	Share   Unit = "share"
	Ratio   Unit = "ratio"
	Plain   Unit = "text"
)

// Name returns a unit as a column says it.
func (u Unit) Name() Words {
	return map[Unit]Words{
		Count: {"件", "count"}, Minutes: {"分", "min"}, Hours: {"時間", "h"}, Share: {"%", "%"}, Ratio: {"倍", "times"}, Plain: {"", ""},
	}[u]
}
