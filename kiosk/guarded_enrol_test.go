package kiosk_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"machi/kiosk"
)

// code asks the manager for a machine's one-time code, as people write it down.
func (b *branch) code(id string) string {
	b.t.Helper()
	code := b.must("POST", setagaya+"kiosks/"+id+"/enrol-code", object{})["code"].(string)
	return code[:4] + " " + code[4:]
}

// TestAMachineIsEnrolledAtItsScreen: the first time by whoever sets it up, later by
// staff alone; a code of another machine is not taken, and a wrong one changes nothing.
func TestAMachineIsEnrolledAtItsScreen(t *testing.T) {
	b := newBranch(t)
	o := options(t, t.TempDir(), b.Addr())
	o.Office, o.Token, o.Clock, o.Speed = "km-setagaya", "", morning, 1
	m := start(t, o)
	asked := make(chan struct{}, 8)
	rogue := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{} }))
	t.Cleanup(rogue.Close)
	if status, out := m.post("desk/enrol", object{"server": rogue.URL, "code": "00000000"}); len(asked) > 0 {
		t.Errorf("a passer-by makes the machine ask a server of theirs: %d %v", status, out)
	}
	if status, out := m.post("desk/enrol", object{"code": "00000000"}); status != http.StatusForbidden || out["code"] != "wrong_code" {
		t.Errorf("a wrong code: %d %v", status, out)
	}
	if status, out := m.post("desk/enrol", object{"code": b.code("K2")}); status != http.StatusConflict || out["code"] != "other_machine" {
		t.Errorf("the code of another machine: %d %v", status, out)
	}
	if status, out := m.post("desk/enrol", object{"code": b.code("K1")}); status != http.StatusOK || out["key_id"] == "" {
		t.Fatalf("the first set-up: %d %v", status, out)
	}
	m.ready()
	if status, out := m.post("desk/enrol", object{"code": b.code("K1")}); status != http.StatusForbidden || out["code"] != "signed_out" {
		t.Errorf("again, by nobody: %d %v", status, out)
	}
	signed := b.machine(func(o *kiosk.Options) {}) // one with a token and a PIN
	session := signed.signIn()
	if status, out := signed.post("desk/enrol", object{"session": session, "code": b.code("K1")}); status != http.StatusOK {
		t.Errorf("by staff: %d %v", status, out)
	}
	signed.needs = false
	_, state := signed.post("desk/state", object{"session": session})
	if state["enrolled"] != true || state["key_id"] == nil {
		t.Errorf("staff are told %v", state)
	}
	eventually(t, "the machine that was replaced is barred", func() bool { return m.screen().Barred == "device_revoked" })
	if status, out := m.post("desk/enrol", object{"server": "http://127.0.0.1:1", "code": "00000000"}); status != http.StatusForbidden {
		t.Errorf("to another server, by nobody: %d %v", status, out)
	}
}
