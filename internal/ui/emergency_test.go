package ui_test

import (
	"testing"

	"machi/internal/board"
	"machi/internal/ui"
)

func TestABannerStandsOnceAndSaysWhose(t *testing.T) {
	all := &board.Emergency{ID: "1", Kind: "typhoon", Text: board.Text{"ja": "台風", "en": "Typhoon"}, Detail: board.Text{"ja": "補足"}}
	own := &board.Emergency{ID: "2", Kind: "fire", Text: board.Text{"ja": "火災", "en": "Fire"}}
	offices := []board.Office{
		{ID: "a", Name: board.Text{"ja": "甲", "en": "A"}, Emergency: all},
		{ID: "b", Name: board.Text{"ja": "乙", "en": "B"}, Emergency: own},
		{ID: "c", Name: board.Text{"ja": "丙"}, Emergency: all},
		{ID: "d", Name: board.Text{"ja": "丁"}},
	}
	got := ui.Banners(ui.English, offices)
	if len(got) != 2 || got[0].Text != "Typhoon" || got[0].Name != "" || got[0].Detail != "" || got[0].Places() != "a c" || got[1].Name != "B" {
		t.Errorf("%+v", got)
	}
	if got := ui.Banners(ui.Easy, offices[:1]); got[0].Detail != "補足" || got[0].Name != "" {
		t.Errorf("%+v", got)
	}
	if got := ui.Banners(ui.Japanese, offices[3:]); got != nil {
		t.Errorf("%+v", got)
	}
}
