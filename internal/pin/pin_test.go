package pin_test

import (
	"errors"
	"strings"
	"testing"

	"machi/internal/pin"
)

func TestAHashKnowsItsPinOnly(t *testing.T) {
	encoded := pin.Hash("246813")
	if !pin.Verify(encoded, "246813") || encoded == pin.Hash("246813") || strings.Contains(encoded, "246813") {
		t.Errorf("hash %q", encoded)
	}
	for _, wrong := range []string{"", "246814", "2468130", "24681", " 246813", "２４６８１３"} {
		if pin.Verify(encoded, wrong) {
			t.Errorf("%q opens it", wrong)
		}
	}
}

func TestFormOfAPin(t *testing.T) {
	for text, ok := range map[string]bool{
		"1234": true, "12345678": true, "0000": true, "": false, "123": false, "123456789": false, "12a4": false, "１２３４": false, "-123": false, " 1234": false,
	} {
		if err := pin.Check(text); (err == nil) != ok || err != nil && !errors.Is(err, pin.ErrForm) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestDamagedHashesOpenToNobody and cost nothing that could be felt.
func TestDamagedHashesOpenToNobody(t *testing.T) {
	good := pin.Hash("1234")
	for _, bad := range []string{
		"", "1234", "$argon2id$", good + "$", good[1:], strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=18", 1),
		strings.Replace(good, "m=19456", "m=99999999", 1), strings.Replace(good, "m=19456", "m=0", 1), strings.Replace(good, "t=2", "t=99999", 1),
		strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "p=1", "p=1x", 1),
		strings.Replace(good, "m=19456", "m=+19456", 1), good[:len(good)-3], good[:strings.LastIndex(good, "$")+1], good[:len(good)-1] + "!",
	} {
		if pin.Verify(bad, "1234") || pin.Verify(bad, "") {
			t.Errorf("%q opens", bad)
		}
	}
}
