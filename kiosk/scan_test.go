package kiosk_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"machi/internal/queue"
	"machi/kiosk"
)

// service returns a button.
func (m *machine) service(id queue.ServiceID) kiosk.ScreenService {
	m.t.Helper()
	list := m.screen().Services
	at := slices.IndexFunc(list, func(s kiosk.ScreenService) bool { return s.ID == id })
	if at < 0 {
		return kiosk.ScreenService{}
	}
	return list[at]
}

// wide is what an input method makes of letters.
func wide(text string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, text)
}

func visitorsAct(t *testing.T, b *branch, m *machine) {
	paper := m.printed("moving")
	// A Japanese keyboard layout, as of a scanner that types like a US keyboard.
	layout := strings.NewReplacer(":", "+", "_", "=")
	var handle string
	for _, typed := range []string{paper.StatusURL, wide(paper.StatusURL), layout.Replace(paper.StatusURL) + "\r", strings.ToUpper(paper.StatusURL)} {
		status, out := m.post("scan", object{"text": typed})
		want(t, typed, status, out, http.StatusOK, object{"kind": "ticket", "number": string(paper.Number), "state": "waiting", "own": true})
		handle, _ = out["handle"].(string)
	}
	status, out := m.post("scan/act", object{"handle": handle, "action": "reprint"})
	want(t, "a copy of a paper that came out", status, out, http.StatusForbidden, object{"code": "staff_needed"})
	status, out = m.post("scan/act", object{"handle": handle, "action": "reprint", "session": m.signIn()})
	want(t, "with staff", status, out, http.StatusOK, nil)
	if !m.printedWith("再発行", string(paper.Number)) {
		t.Error("no copy was printed")
	}
	again := func(action string) (int, object) {
		_, out := m.post("scan", object{"text": paper.StatusURL})
		return m.post("scan/act", object{"handle": out["handle"], "action": action})
	}
	for range 2 {
		status, out = again("later")
		want(t, "ten more minutes", status, out, http.StatusOK, object{"state": "waiting"})
	}
	status, out = again("later")
	want(t, "a third time", status, out, http.StatusConflict, object{"code": "too_often"})
	status, out = again("leave")
	want(t, "leaving", status, out, http.StatusOK, object{"state": "withdrawn"})
	status, out = m.post("scan/act", object{"handle": handle, "action": "leave"})
	want(t, "a handle that was used", status, out, http.StatusNotFound, object{"code": "scan_over"})
	eventually(t, "the log has two of later and one leave", func() bool {
		acts := b.acts()
		return acts["later"] == 2 && acts["leave"] == 1
	})
}

func checkIn(t *testing.T, b *branch, m *machine) {
	issue := func() object {
		return b.must("POST", setagaya+"tickets", object{"service": "moving", "channel": "web"})
	}
	first, second := issue(), issue()
	if !m.screen().CheckIn {
		t.Fatal("the screen does not ask for a check-in")
	}
	for what, typed := range map[string]string{"six digits": wide(first["check_in_code"].(string)), "the QR code": second["status_url"].(string)} {
		var status int
		var out object
		eventually(t, "the machine has heard of the ticket", func() bool {
			status, out = m.post("scan", object{"text": typed})
			return status == http.StatusOK
		})
		want(t, what, status, out, http.StatusOK, object{"kind": "check_in", "own": false, "state": "waiting"})
		status, out = m.post("scan/act", object{"handle": out["handle"], "action": "check_in"})
		want(t, "the check-in by "+what, status, out, http.StatusOK, object{"kind": "ticket", "state": "waiting"})
	}
	eventually(t, "the code is used up", func() bool {
		status, out := m.post("scan", object{"text": first["check_in_code"]})
		return status == http.StatusConflict && out["code"] == "already_here"
	})
	status, out := m.post("scan", object{"text": "000000"})
	want(t, "a code that nobody has", status, out, http.StatusNotFound, object{"code": "unknown_code"})
	status, out = m.post("scan", object{"text": "4901234567894"})
	want(t, "a bar code of the shop", status, out, http.StatusNotFound, object{"code": "unknown_code"})
}

func TestScanAloneKnowsOnlyWhatTheMachineKnows(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	paper := m.printed("moving")
	w.down()
	alone := m.printed("moving") // makes the machine notice
	status, out := m.post("scan", object{"text": strings.Repeat("0123456789abcdef", 2)})
	want(t, "a foreign ticket", status, out, http.StatusServiceUnavailable, object{"code": "alone"})
	for _, p := range []kiosk.Ticket{paper, alone} {
		_, out = m.post("scan", object{"text": p.StatusURL})
		want(t, "an own ticket", http.StatusOK, out, http.StatusOK, object{"number": string(p.Number), "own": true})
	}
	status, late := m.post("scan/act", object{"handle": out["handle"], "action": "later"})
	want(t, "more time", status, late, http.StatusServiceUnavailable, object{"code": "alone"})
	status, left := m.post("scan/act", object{"handle": out["handle"], "action": "leave"})
	want(t, "leaving", status, left, http.StatusOK, object{"state": "withdrawn"})
	w.up()
	eventually(t, "the server hears of it", func() bool {
		ticket := w.tickets()[alone.Number]
		return ticket != nil && ticket.Status == queue.Withdrawn
	})
}

// TestActWhoseAnswerIsLostIsDoneOnce: the visitor who touches again asks for the same
// ten minutes, not for ten more.
func TestActWhoseAnswerIsLostIsDoneOnce(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	paper := m.printed("moving")
	_, out := m.post("scan", object{"text": paper.StatusURL})
	later := object{"handle": out["handle"], "action": "later"}
	w.mumbles.Store(true)
	status, out := m.post("scan/act", later)
	want(t, "an answer that is lost", status, out, http.StatusServiceUnavailable, object{"code": "alone"})
	w.mumbles.Store(false)
	status, out = m.post("scan/act", later)
	want(t, "once more", status, out, http.StatusOK, object{"state": "waiting"})
	if got := w.tickets()[paper.Number].Later; got != 1 {
		t.Errorf("the visitor asked for more time %d times, want once", got)
	}
}

// TestAnswerThatIsNoAnswerIsNoYes: a proxy's error page says nothing of the act.
func TestAnswerThatIsNoAnswerIsNoYes(t *testing.T) {
	t.Parallel()
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	paper := m.printed("moving")
	w.page.Store(true)
	_, out := m.post("scan", object{"text": paper.StatusURL})
	status, out := m.post("scan/act", object{"handle": out["handle"], "action": "later"})
	want(t, "a page instead of an answer", status, out, http.StatusServiceUnavailable, object{"code": "alone"})
}
