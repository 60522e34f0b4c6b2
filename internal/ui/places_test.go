package ui_test

import (
	"testing"

	"machi/internal/ui"
)

func TestAManagersPageKnowsItsPlace(t *testing.T) {
	for path, want := range map[string]string{
		"/manager": "now", "/manager/km-setagaya": "now", "/manager/km-setagaya/machines": "now", "/manager/alerts": "alerts",
		"/manager/history": "history", "/manager/km-setagaya/replay": "history", "/manager/whatif": "staffing",
		"/manager/reports/2026-10": "reports", "/manager/screens": "", "/manager/km-setagaya/screens": "now",
	} {
		current := ""
		for _, p := range (ui.View{Path: path}).Places() {
			if p.Current {
				current = p.Key
			}
			if p.Exact && p.Href != path {
				t.Errorf("%s is taken for %s", path, p.Href)
			}
		}
		if current != want {
			t.Errorf("%s belongs to %q, want %q", path, current, want)
		}
	}
}
