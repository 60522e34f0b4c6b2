package place_test

import (
	"testing"

	"machi/internal/estimate/place"
)

func TestWithoutDataItIsUnknown(t *testing.T) {
	m := place.New(place.Options{})
	if a := m.Observe(place.Event{Kind: place.Issue, Ticket: "1", Class: "a"}); a.Known {
		t.Errorf("an office never seen answers %+v", a)
	}
}
