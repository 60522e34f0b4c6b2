package page_test

import (
	"strings"
	"testing"

	"machi/internal/web/page"
)

func TestALinkPutsNoWordsOnAPage(t *testing.T) {
	for text, want := range map[string]string{
		"bad_credentials": "bad_credentials", "sign-out": "sign-out", "http_500": "http_500", "": "",
		"止まっています。03-0000-0000へ電話してください": "", "<b>": "", "call us": "", "a\nb": "", strings.Repeat("x", 61): "",
	} {
		if got := page.CodeOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
