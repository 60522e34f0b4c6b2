package catalog

import "testing"

func TestTheCodeOfAMunicipalityHasACheckDigit(t *testing.T) {
	for code, want := range map[string]bool{
		"131121": true, "131016": true, "011002": true, "271004": true, "401307": true, // Setagaya, Chiyoda, Sapporo, Osaka, Fukuoka
		"131122": false, "13112": false, "1311210": false, "13112a": false, "": false,
	} {
		if got := codeHolds(code); got != want {
			t.Errorf("%q: %v, want %v", code, got, want)
		}
	}
}
