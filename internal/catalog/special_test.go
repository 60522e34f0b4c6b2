package catalog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"machi/internal/catalog"
)

func TestSpecialDaysAreOfTheWardAndOfAnOffice(t *testing.T) {
	file := filepath.Join(t.TempDir(), "offices.yaml")
	write := func(text string) (*catalog.Catalog, error) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return catalog.Load(file)
	}
	c, err := write(`
special_days:
  - {id: one-yen-2027, like: one-yen, from: "2027-03-01", to: "2027-04-30", name: {ja: コンビニ交付10円}, services: [certificate], percent: 85}
  - {id: one-yen-2025, remove: true}
offices:
  - {id: km-setagaya, special_days: [{id: festival, from: "2026-08-01", name: {ja: 区民まつり}}]}
`)
	if err != nil {
		t.Fatal(err)
	}
	main, _ := c.Office("km-setagaya")
	other, _ := c.Office("br-yoga")
	if len(c.Special) != 1 || len(other.Special) != 1 || len(main.Special) != 2 {
		t.Fatalf("%d of the ward, %d and %d of two offices", len(c.Special), len(other.Special), len(main.Special))
	}
	if s := main.Special[0]; s.ID != "one-yen-2027" || s.Like != "one-yen" || s.Percent != 85 || s.To.String() != "2027-04-30" || s.Services[0] != "certificate" {
		t.Errorf("%+v", s)
	}
	if s := main.Special[1]; s.ID != "festival" || s.From != s.To || len(s.Services) != 0 {
		t.Errorf("%+v", s)
	}
	for text, want := range map[string]string{
		`{id: a, from: "2026-02-30", name: {ja: あ}}`:                   "2026-02-30",
		`{id: a, from: "2026-02-03", to: "2026-02-02", name: {ja: あ}}`: "is not one of the",
		`{id: a, from: "2026-02-03", to: "2029-02-02", name: {ja: あ}}`: "is not one of the",
		`{id: a, from: "2026-02-03", name: {en: A}}`:                   "Japanese",
		`{id: a, from: "2026-02-03", name: {ja: あ}, percent: 5}`:       "5 is not between",
		`{id: a, from: "2026-02-03", name: {ja: あ}, services: [nope]}`: "nope",
		`{id: a b, from: "2026-02-03", name: {ja: あ}}`:                 "not an id",
	} {
		if _, err := write("special_days: [" + text + "]\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
