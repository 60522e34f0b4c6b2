package catalog

import (
	"slices"
	"testing"
	"time"
)

func TestAnAnnouncementIsTheUsualOneWhereNothingIsSaid(t *testing.T) {
	b := &builder{}
	got := b.announce(nil)
	if len(b.problems) > 0 || got.Times != 2 || got.Gap != 20*time.Second || got.Show != 7*time.Second || !got.Sound || !got.Voice || !slices.Equal(got.Languages, SpokenLanguages) {
		t.Fatalf("%+v %v", got, b.problems)
	}
}

func TestAnAnnouncementKeepsWithinItsLimits(t *testing.T) {
	whole, off := 9, false
	seconds := 0.5
	for name, f := range map[string]announceFile{
		"times": {Times: &whole}, "show_seconds": {ShowSeconds: &seconds}, "languages": {Languages: []string{"fr"}},
	} {
		b := &builder{}
		b.announce(&f, "offices", "announce")
		if len(b.problems) != 1 || b.problems[0].path[2] != name {
			t.Errorf("%s: %v", name, b.problems)
		}
	}
	b := &builder{}
	merged := mergeAnnounce(&announceFile{Sound: &off}, &announceFile{Languages: []string{}})
	if got := b.announce(merged); got.Sound || len(got.Languages) != 0 || !got.Voice {
		t.Errorf("%+v", got)
	}
}

func TestTheWayToACounterIsChecked(t *testing.T) {
	b := &builder{}
	ways := b.ways([]counterFile{{ID: "1"}, {ID: "2", Direction: "left", Place: Text{"ja": "2階"}}}, nil)
	if len(ways) != 1 || ways["2"].Direction != "left" || len(b.problems) > 0 {
		t.Fatalf("%v %v", ways, b.problems)
	}
	b.ways([]counterFile{{ID: "3", Direction: "sideways"}, {ID: "4", Place: Text{"en": "2F"}}}, nil)
	if len(b.problems) != 2 {
		t.Fatalf("%v", b.problems)
	}
}
