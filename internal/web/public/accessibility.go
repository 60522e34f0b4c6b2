package public

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// accessibilityFacts are what was found of each criterion, and how. docs/accessibility.md
// has the same.
//
//go:embed accessibility.json
var accessibilityFacts []byte

// Accessibility is the record of how accessible the pages are.
type Accessibility struct {
	Checked  string              `json:"checked"` // the day, as 2026-01-31
	Tests    map[string][]string `json:"tests"`   // a Go test's name, or a file and a title in it
	Criteria []Criterion         `json:"criteria"`
	Beyond   []Criterion         `json:"beyond"` // taken over from later versions of WCAG
}

// Criterion is one success criterion of WCAG.
type Criterion struct {
	ID     string     `json:"id"`
	Level  string     `json:"level"` // A or AA
	Name   board.Text `json:"name"`
	Result string     `json:"result"` // met, partly, na
	Axe    string     `json:"axe"`    // rules of axe-core; empty: none looks for it
	Tests  []string   `json:"tests"`  // keys of Accessibility.Tests
	Eye    string     `json:"eye"`    // widths in pixels at which somebody looked
	Note   board.Text `json:"note"`
}

// ReadAccessibility reads the record.
func ReadAccessibility() (Accessibility, error) {
	var a Accessibility
	if err := json.Unmarshal(accessibilityFacts, &a); err != nil {
		return a, fmt.Errorf("accessibility.json: %w", err)
	}
	return a, nil
}

type accessibilityPage struct {
	ui.View
	Accessibility
	Contact template.URL // of a link; empty: nobody is named
}

// criteria is a part of the page; Key is of its heading: "acc.KEY".
type criteria struct {
	Key  string
	List []Criterion
}

// Parts are the criteria that are asked for, and those beyond.
func (p accessibilityPage) Parts() []criteria {
	return []criteria{{"results", p.Criteria}, {"beyond", p.Beyond}}
}

// State says in a sentence how many criteria are met.
func (p accessibilityPage) State() string {
	n := map[string]int{}
	for _, c := range p.Criteria {
		n[c.Result]++
	}
	return p.T("acc.state", "met", n["met"], "partly", n["partly"], "na", n["na"])
}

// How says how a criterion was checked.
func (p accessibilityPage) How(c Criterion) []string {
	var list []string
	if c.Axe != "" {
		list = append(list, p.T("acc.by.axe", "rules", c.Axe))
	}
	if len(c.Tests) > 0 {
		list = append(list, p.T("acc.by.test", "n", len(c.Tests)))
	}
	if c.Eye != "" {
		list = append(list, p.T("acc.by.eye", "sizes", c.Eye))
	}
	return list
}

// Told is the language in which criteria are named: not every language has words for them.
func (p accessibilityPage) Told() ui.Lang {
	if slices.Contains([]ui.Lang{ui.Japanese, ui.Easy}, p.Lang) {
		return ui.Japanese
	}
	return ui.English
}

// In returns a text in that language.
func (p accessibilityPage) In(text board.Text) string { return text[string(p.Told())] }

func (p *Pages) accessibility(c echo.Context) error {
	facts, err := ReadAccessibility()
	if err != nil {
		return err
	}
	data := accessibilityPage{View: p.view(c), Accessibility: facts, Contact: template.URL(p.deps.AccessContact)} // the flag takes safe addresses alone
	data.Title, data.Style = data.T("acc.title")+" | "+data.T("site.title"), "public/accessibility.css"
	return page.Render(c, http.StatusOK, p.pages, "accessibility", data)
}
