package public_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"machi/internal/web/public"
)

var update = flag.Bool("update", false, "write the tables of docs/accessibility.md")

const (
	root       = "../../.."
	accessPage = root + "/docs/accessibility.md"
	tableFrom  = "<!-- results -->\n"
	tableTo    = "<!-- end of results -->\n"
)

// jis are the criteria of JIS X 8341-3:2016 up to level AA: those of WCAG 2.0.
var jis = strings.Fields(`1.1.1 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 1.4.3 1.4.4 1.4.5
2.1.1 2.1.2 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 2.4.5 2.4.6 2.4.7 3.1.1 3.1.2 3.2.1 3.2.2 3.2.3 3.2.4 3.3.1 3.3.2 3.3.3 3.3.4 4.1.1 4.1.2`)

// TestEveryCriterionHasAResultAndSaysHow: nothing is called met that nobody looked at,
// and nothing else without a reason.
func TestEveryCriterionHasAResultAndSaysHow(t *testing.T) {
	a := facts(t)
	var ids []string
	for _, c := range a.Criteria {
		ids = append(ids, c.ID)
	}
	if !slices.Equal(ids, jis) {
		t.Errorf("criteria %v", ids)
	}
	for _, c := range append(a.Criteria, a.Beyond...) {
		switch {
		case c.Result == "met" && c.Axe == "" && len(c.Tests) == 0 && c.Eye == "":
			t.Errorf("%s is called met, and nobody looked", c.ID)
		case !slices.Contains([]string{"met", "partly", "na"}, c.Result), c.Name["ja"] == "", c.Name["en"] == "":
			t.Errorf("%s: %+v", c.ID, c)
		case c.Result != "met" && (c.Note["ja"] == "" || c.Note["en"] == ""):
			t.Errorf("%s is %s, and nobody says why", c.ID, c.Result)
		}
		for _, key := range c.Tests {
			if a.Tests[key] == nil {
				t.Errorf("%s names %q", c.ID, key)
			}
		}
	}
}

// TestTheRecordOfAccessibilityNamesTestsThatExist: a test that was renamed or deleted
// shows nothing.
func TestTheRecordOfAccessibilityNamesTestsThatExist(t *testing.T) {
	source := goTests(t)
	for key, named := range facts(t).Tests {
		text, want := source, "func "+named[0]+"("
		if len(named) == 2 {
			raw, err := os.ReadFile(filepath.Join(root, named[0]))
			if err != nil {
				t.Error(err)
			}
			text, want = string(raw), fmt.Sprintf("test(%q", named[1])
		}
		if !strings.Contains(text, want) {
			t.Errorf("%s: there is no %s", key, strings.Join(named, " "))
		}
	}
}

// TestThePageOnAccessibilitySaysTheSame: docs/accessibility.md and the page of the site
// are made from one record. -update writes the former.
func TestThePageOnAccessibilitySaysTheSame(t *testing.T) {
	raw, err := os.ReadFile(accessPage)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(raw), tableFrom)
	was, tail, ok := strings.Cut(rest, tableTo)
	if !ok {
		t.Fatalf("%s has no place for the results", accessPage)
	}
	a := facts(t)
	want := "\n" + table(a, a.Criteria) + "\nTaken over from WCAG 2.1 and 2.2:\n\n" + table(a, a.Beyond) + "\n"
	if *update {
		if err := os.WriteFile(accessPage, []byte(head+tableFrom+want+tableTo+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if was != want {
		t.Errorf("%s differs from the record: go test ./internal/web/public -run SaysTheSame -update", accessPage)
	}
	if !strings.Contains(head, a.Checked) {
		t.Errorf("%s does not say that all was checked on %s", accessPage, a.Checked)
	}
}

func table(a public.Accessibility, list []public.Criterion) string {
	var b strings.Builder
	b.WriteString("| criterion | level | result | how it was checked | remarks |\n|---|---|---|---|---|\n")
	words := map[string]string{"met": "met", "partly": "**partly**", "na": "not applicable"}
	for _, c := range list {
		fmt.Fprintf(&b, "| %s %s %s | %s | %s | %s | %s |\n", c.ID, c.Name["en"], c.Name["ja"], c.Level, words[c.Result], how(a, c), c.Note["en"])
	}
	return b.String()
}

// how says in a line how a criterion was checked.
func how(a public.Accessibility, c public.Criterion) string {
	var list []string
	if c.Axe != "" {
		list = append(list, "axe: "+c.Axe)
	}
	for _, key := range c.Tests {
		if named := a.Tests[key]; len(named) == 2 {
			list = append(list, fmt.Sprintf("`%s` “%s”", named[0], named[1]))
		} else {
			list = append(list, "`"+named[0]+"`")
		}
	}
	if c.Eye != "" {
		list = append(list, "by eye at "+c.Eye+" px")
	}
	if len(list) == 0 {
		return "not checked"
	}
	return strings.Join(list, "; ")
}

func facts(t *testing.T) public.Accessibility {
	t.Helper()
	a, err := public.ReadAccessibility()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// goTests returns the text of all tests in Go.
func goTests(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		all.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
