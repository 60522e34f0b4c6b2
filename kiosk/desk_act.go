package kiosk

import (
	"context"
	"net/http"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/print"
)

// deskAct is what staff do at the machine.
type deskAct struct {
	Session  string            `json:"session"`
	Action   queue.KioskAction `json:"action"`
	Ticket   queue.TicketID    `json:"ticket"`   // withdraw, reprint
	Service  queue.ServiceID   `json:"service"`  // issue, service_open, service_close
	Language string            `json:"language"` // issue
	Priority bool              `json:"priority"` // issue
}

// postDeskAct does what staff want: 200 with {ticket} after an issue or a reprint.
// 404 unknown_ticket or unknown_service, 409 with what the queue or the printer has
// against it, 503 alone for what only the server can do.
func (k *Kiosk) postDeskAct(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[deskAct](w, r)
	if !ok || !k.staff(w, in.Session) {
		return
	}
	switch in.Action {
	case queue.ActWithdraw, queue.ActServiceOpen, queue.ActServiceClose:
		code, err := k.do(r.Context(), act{Action: in.Action, Ticket: in.Ticket, Service: in.Service})
		if code != "" || err != nil {
			refuseAct(w, code, err)
			return
		}
		answer(w, http.StatusOK, struct{}{})
	case queue.ActReprint:
		k.answerReprint(w, r, in.Ticket, k.statusURL(in.Ticket))
	case queue.ActIssue:
		k.issueAtDesk(w, r, in)
	case queue.ActPaperReplaced:
		k.spool.calm()
		k.pollPrinter()
		k.audit(act{Action: in.Action})
		answer(w, http.StatusOK, struct{}{})
	case queue.ActTestPrint:
		k.testPrint(w, in)
	default:
		refuse(w, http.StatusBadRequest, string(queue.UnknownAction))
	}
}

// answerReprint prints a copy and tells how that went: 200 with {ticket}, 409
// print_failed or print_unknown with the reason.
func (k *Kiosk) answerReprint(w http.ResponseWriter, r *http.Request, id queue.TicketID, statusURL string) {
	// A browser that has gone must not leave a copy half settled.
	t, err := k.reprint(context.WithoutCancel(r.Context()), id, statusURL)
	if t.Number != "" {
		k.audit(act{Action: queue.ActReprint, Ticket: id, Detail: print.Reason(err)})
	}
	if err != nil {
		refuseFor(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"ticket": t})
}

// issueAtDesk gives a number to a visitor whom staff see.
func (k *Kiosk) issueAtDesk(w http.ResponseWriter, r *http.Request, in deskAct) {
	t, err := k.take(r.Context(), Choice{Service: in.Service, Language: in.Language, Priority: in.Priority}, true)
	switch {
	case err != nil:
		refuseFor(w, err)
	case t.State == replica.Refused:
		refuseAct(w, t.Code, nil)
	default:
		k.audit(act{Action: queue.ActIssue, Ticket: t.id})
		answer(w, http.StatusOK, map[string]any{"ticket": t})
	}
}

// testPrint prints a page that is no ticket: 200, or 409 with the printer's reason.
func (k *Kiosk) testPrint(w http.ResponseWriter, in deskAct) {
	plan := k.currentPlan()
	out := make(chan error, 1)
	paper := print.Ticket{
		Test: true, Ward: k.o.Ward, Office: plan.Office.Name.In("ja"), Number: "TEST", Service: string(k.o.Kiosk) + " " + Version(),
		At: k.watch.now().Wall.In(queue.JST), Ahead: -1, StatusURL: k.o.StatusBase, Language: in.Language, Rehearsal: k.Rehearsal(),
	}
	if !k.spool.put(job{"test-" + randomHex(4), paper, func(err error) { out <- err }}) {
		out <- &print.Failed{Code: print.Busy}
	}
	err := <-out // bounded by printWithin for each job before it
	k.audit(act{Action: queue.ActTestPrint, Detail: print.Reason(err)})
	if err != nil {
		refuseFor(w, err)
		return
	}
	answer(w, http.StatusOK, struct{}{})
}

// postDeskState answers how the machine is.
func (k *Kiosk) postDeskState(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[inSession](w, r)
	if !ok || !k.staff(w, in.Session) {
		return
	}
	s, err := ask(r.Context(), k, func(context.Context) deskState { return k.deskState() })
	if err != nil {
		refuseFor(w, err)
		return
	}
	answer(w, http.StatusOK, s)
}
