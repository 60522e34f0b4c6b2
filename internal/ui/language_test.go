package ui_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"machi/internal/ui"
)

func TestChoose(t *testing.T) {
	tests := []struct {
		name, query, cookie, accept string
		texts                       ui.Texts
		want                        ui.Lang
	}{
		{"nothing is asked", "", "", "", ui.PublicTexts, ui.Japanese},
		{"the address wins", "?lang=ko", "en", "zh", ui.PublicTexts, ui.Korean},
		{"then what was chosen before", "", "ja-x-easy", "en", ui.PublicTexts, ui.Easy},
		{"then the browser", "", "", "en-GB,en;q=0.8,ja;q=0.3", ui.PublicTexts, ui.English},
		{"a browser in Taipei", "", "", "zh-TW", ui.PublicTexts, ui.Chinese},
		{"a language that is not there", "", "", "fi", ui.PublicTexts, ui.Japanese},
		{"nonsense", "?lang=%00", "<script>", "%%%", ui.PublicTexts, ui.Japanese},
		{"staff's pages have two", "?lang=ko", "", "", ui.StaffTexts, ui.Japanese},
		{"staff's pages in English", "", "", "en", ui.StaffTexts, ui.English},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/"+test.query, nil)
			r.Header.Set("Accept-Language", test.accept)
			if test.cookie != "" {
				r.AddCookie(&http.Cookie{Name: "machi_lang", Value: test.cookie})
			}
			if got := ui.Choose(r, test.texts); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestOnlyAChoiceIsRemembered(t *testing.T) {
	for query, want := range map[string]int{"": 0, "?lang=en": 1, "?lang=xx": 0} {
		r, w := httptest.NewRequest(http.MethodGet, "/"+query, nil), httptest.NewRecorder()
		ui.Remember(w, r, ui.Choose(r, ui.PublicTexts))
		if got := len(w.Result().Cookies()); got != want {
			t.Errorf("%q: %d cookies, want %d", query, got, want)
		}
	}
}
