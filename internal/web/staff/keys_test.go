package staff_test

import (
	"testing"

	"machi/internal/ui"
	"machi/internal/web/staff"
)

func TestEveryActionHasWordsAndAKeyOfItsOwn(t *testing.T) {
	said := func(key string) {
		for lang, words := range ui.StaffTexts {
			if words[key] == "" {
				t.Errorf("%s: %s has no words", lang, key)
			}
		}
	}
	const card = "keys.card" // its keys count while a ticket that was looked for is open
	used := map[bool]map[string]string{true: {}, false: {}}
	for _, group := range staff.KeyCard() {
		said(group.Title)
		keys := used[group.Title == card]
		for _, row := range group.Rows {
			said(row.Action)
			if row.Key == "" {
				t.Errorf("%s has no key", row.Act)
			}
			for _, key := range []string{row.Key, row.Pad} {
				if other, taken := keys[key]; taken && key != "" {
					t.Errorf("%s stands for %s and %s", key, other, row.Act)
				}
				keys[key] = row.Act
			}
		}
	}
}
