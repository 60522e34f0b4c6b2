package ui_test

import (
	"net/http/httptest"
	"testing"

	"machi/internal/ui"
)

func TestOnlyWhoTakesItPackedGetsItSo(t *testing.T) {
	for accept, want := range map[string]bool{
		"gzip": true, "br, gzip": true, "gzip;q=0.5": true, "deflate, gzip ; q=1.0": true, "gzip;q=1": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.0": false, "x-gzip": false, "identity": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		if got := ui.TakesGzip(r); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}
