package ui_test

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/ui"
)

var catalogues = map[string]ui.Texts{"public": ui.PublicTexts, "staff": ui.StaffTexts}

// placeholder matches a name that is replaced.
var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryLanguageHasTheSameKeys(t *testing.T) {
	for set, texts := range catalogues {
		want := slices.Sorted(maps.Keys(texts[ui.Japanese]))
		for lang, words := range texts {
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(words))); diff != "" {
				t.Errorf("%s/%s: keys differ from Japanese (-ja +%s):\n%s", set, lang, lang, diff)
			}
		}
	}
}

func TestEveryTranslationUsesTheSamePlaceholders(t *testing.T) {
	for set, texts := range catalogues {
		for key, japanese := range texts[ui.Japanese] {
			want := slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(japanese, -1))))
			for lang, words := range texts {
				got := slices.Compact(slices.Sorted(slices.Values(placeholder.FindAllString(words[key], -1))))
				got = slices.DeleteFunc(got, func(name string) bool { return name == "{fun}" }) // the reading of 分, where readings are written
				if !slices.Equal(want, got) {
					t.Errorf("%s/%s %s: placeholders %v, want %v", set, lang, key, got, want)
				}
				if words[key] == "" {
					t.Errorf("%s/%s %s: is empty", set, lang, key)
				}
			}
		}
	}
}

func TestEveryStatusHasWordsForItsHolder(t *testing.T) {
	for _, status := range queue.Statuses {
		if key := "ticket." + string(status); ui.PublicTexts.Say(ui.Japanese, key) == key {
			t.Errorf("%s has no words", status)
		}
	}
}

func TestSay(t *testing.T) {
	tests := []struct {
		name, key, want string
		pairs           []any
	}{
		{"a name is replaced", "label.counter", "Counter 3", []any{"n", 3}},
		{"without its value a name stays", "label.counter", "Counter {n}", nil},
		{"an unknown key is its own text", "no.such.key", "no.such.key", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ui.PublicTexts.Say(ui.English, test.key, test.pairs...); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if got := ui.PublicTexts.SayOr(ui.English, "why.martian", "why.other"); got != ui.PublicTexts.Say(ui.English, "why.other") {
		t.Errorf("an unknown code is said as %q", got)
	}
}
