package kiosk_test

import (
	"net/http"
	"testing"
)

// TestAtTheRealServer is what people do at a machine that the server answers, all
// at one branch: a server takes its time to open its offices.
func TestAtTheRealServer(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	m := b.machine(nil)
	for _, tt := range []struct {
		name string
		test func(t *testing.T, b *branch, m *machine)
	}{
		{"staff work at the machine", staffWork},
		{"visitors act on their paper", visitorsAct},
		{"a ticket from home checks in", checkIn},
		{"services outside their hours say so", outsideHours},
	} {
		t.Run(tt.name, func(t *testing.T) {
			branch, machine := *b, *m
			branch.t, machine.t = t, t
			tt.test(t, &branch, &machine)
		})
	}
}

func staffWork(t *testing.T, b *branch, m *machine) {
	paper := m.printed("moving")
	status, out := m.post("desk/sign-in", object{"pin": "0000"})
	want(t, "a wrong PIN", status, out, http.StatusForbidden, object{"code": "wrong_pin", "left": 4.0})
	session := m.signIn()
	row := m.tickets(session, "")[string(paper.Number)]
	if row["own"] != true || row["print_state"] != "printed" || row["status"] != "waiting" {
		t.Fatalf("the list has %v, want an own printed waiting ticket", row)
	}
	if found := m.tickets(session, "Z9"); len(found) != 0 {
		t.Errorf("tickets that begin with Z9 = %v", found)
	}
	id := row["id"]
	act := func(fields object) (int, object) {
		fields["session"] = session
		return m.post("desk/act", fields)
	}
	status, out = act(object{"action": "reprint", "ticket": id})
	want(t, "a reprint", status, out, http.StatusOK, nil)
	if !m.printedWith("再発行", string(paper.Number)) {
		t.Errorf("no paper says 再発行: %q", m.papers())
	}
	status, out = act(object{"action": "issue", "service": "moving", "language": "ja", "priority": true})
	want(t, "an issue", status, out, http.StatusOK, nil)
	number := out["ticket"].(object)["number"].(string)
	if row := m.tickets(session, number)[number]; row["channel"] != "reception" {
		t.Errorf("the ticket of the desk is %v, want one of channel reception", row)
	}
	status, out = act(object{"action": "withdraw", "ticket": id})
	want(t, "a withdrawal", status, out, http.StatusOK, nil)
	if row := m.tickets(session, "")[string(paper.Number)]; row["status"] != "withdrawn" {
		t.Errorf("the withdrawn ticket is %v", row)
	}
	status, out = act(object{"action": "withdraw", "ticket": id})
	want(t, "a second withdrawal", status, out, http.StatusConflict, nil)
	status, out = act(object{"action": "service_close", "service": "moving"})
	want(t, "a closing", status, out, http.StatusOK, nil)
	eventually(t, "the button goes, with the reason", func() bool { return m.service("moving").Code == "service_not_accepting" })
	status, out = act(object{"action": "service_open", "service": "moving"})
	want(t, "an opening", status, out, http.StatusOK, nil)
	eventually(t, "the button comes back", func() bool { return m.service("moving").Accepting })
	for _, action := range []string{"paper_replaced", "test_print"} {
		status, out = act(object{"action": action})
		want(t, action, status, out, http.StatusOK, nil)
	}
	status, out = act(object{"action": "dance"})
	want(t, "an unknown act", status, out, http.StatusBadRequest, object{"code": "unknown_action"})
	status, out = m.post("desk/state", object{"session": session})
	want(t, "the state", status, out, http.StatusOK, object{"link": "online", "store": "ok", "printer": "ok", "kiosk": "K1", "office": "km-setagaya"})
	eventually(t, "every act is in the log", func() bool {
		acts := b.acts()
		for _, a := range []string{"sign_in", "reprint", "issue", "withdraw", "service_close", "service_open", "paper_replaced", "test_print"} {
			if acts[a] != 1 {
				return false
			}
		}
		return true
	})
	status, out = m.post("desk/sign-out", object{"session": session})
	want(t, "the sign-out", status, out, http.StatusNoContent, nil)
	status, out = act(object{"action": "test_print"})
	want(t, "an act after it", status, out, http.StatusForbidden, object{"code": "signed_out"})
}

func TestWrongPINsLockTheStaffModeBeyondARestart(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	o := options(t, t.TempDir(), w.url())
	m := start(t, o)
	m.ready()
	for left := 4.0; left > 0; left-- {
		status, out := m.post("desk/sign-in", object{"pin": "9999"})
		want(t, "a wrong PIN", status, out, http.StatusForbidden, object{"left": left})
	}
	m.stop()
	m = start(t, o)
	m.ready()
	status, out := m.post("desk/sign-in", object{"pin": "9999"})
	want(t, "the fifth", status, out, http.StatusTooManyRequests, object{"code": "locked_out"})
	status, out = m.post("desk/sign-in", object{"pin": "1234"})
	want(t, "the right one", status, out, http.StatusTooManyRequests, object{"code": "locked_out"})
	if _, ok := out["until"].(string); !ok {
		t.Errorf("the lock-out has no end: %v", out)
	}
}

func TestStaffAloneHaveTheirOwnTickets(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	o := options(t, t.TempDir(), w.url())
	m := start(t, o)
	m.ready()
	online := m.printed("moving")
	w.down()
	alone := m.printed("moving")
	m.stop()
	m = start(t, o) // what an earlier run printed can be printed again
	m.dir = o.Dir
	session := m.signIn()
	list := m.tickets(session, "")
	for _, n := range []string{string(online.Number), string(alone.Number)} {
		if list[n]["print_state"] != "printed" {
			t.Errorf("alone after a restart, the list has %v for %s", list[n], n)
		}
	}
	id := list[string(alone.Number)]["id"]
	status, out := m.post("desk/act", object{"session": session, "action": "reprint", "ticket": id})
	want(t, "a reprint", status, out, http.StatusOK, nil)
	if !m.printedWith("再発行", string(alone.Number), "Moving") {
		t.Errorf("no copy in the visitor's language: %q", m.papers())
	}
	status, out = m.post("desk/act", object{"session": session, "action": "withdraw", "ticket": id})
	want(t, "a withdrawal", status, out, http.StatusOK, nil)
	if row := m.tickets(session, "")[string(alone.Number)]; row["status"] != "withdrawn" {
		t.Errorf("the withdrawn ticket is %v", row)
	}
	status, out = m.post("desk/act", object{"session": session, "action": "service_close", "service": "moving"})
	want(t, "a closing", status, out, http.StatusServiceUnavailable, object{"code": "alone"})
	status, out = m.post("desk/act", object{"session": session, "action": "withdraw", "ticket": "K9.00000000-000001"})
	want(t, "another machine's ticket", status, out, http.StatusServiceUnavailable, object{"code": "alone"})
	w.up()
	eventually(t, "the server hears of it", func() bool {
		ticket := w.tickets()[alone.Number]
		return ticket != nil && ticket.Status == "withdrawn" && m.screen().Unsent == 0
	})
}
