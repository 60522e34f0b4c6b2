package main

import (
	"strings"
	"testing"

	"machi/kiosk/print"
	"machi/kiosk/print/virtual"
)

func TestFaultsHaveNamesAndHandsWork(t *testing.T) {
	for _, s := range virtual.Scripts() {
		if found, err := find(s.Name); err != nil || found.About == "" || found.About != s.About {
			t.Errorf("%s: %q, %v", s.Name, found.About, err)
		}
	}
	if _, err := find("no such fault"); err == nil {
		t.Error("an unknown fault = nil, want an error")
	}
	p := virtual.New(virtual.Options{Case: print.OpenCase("/nowhere.ttf")})
	p.Feed([]byte("\x1b@A\n\x1dVB\x00"))
	hands(p, strings.NewReader("cover open\n\nhelp me\nstatus\n"))
	p.Feed([]byte("B\n\x1dVB\x00"))
	if n := len(p.Papers()); n != 1 {
		t.Errorf("%d papers with the cover open, want 1", n)
	}
	hands(p, strings.NewReader("cover shut\n"))
	if n := len(p.Papers()); n != 2 {
		t.Errorf("%d papers when it is shut, want 2", n)
	}
}
