package kiosk

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/print"
)

// refuse answers with a problem: its status, its code and a title.
func refuse(w http.ResponseWriter, status int, code string) { refuseWith(w, status, code, nil) }

// refuseWith adds fields that help the page.
func refuseWith(w http.ResponseWriter, status int, code string, more map[string]any) {
	body := map[string]any{"status": status, "code": code, "title": http.StatusText(status)}
	maps.Copy(body, more)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// refuseFor answers for an error: 404 for what is not known, 409 for what the queue
// or the printer has against it, 503 while only the server could, or nobody.
func refuseFor(w http.ResponseWriter, err error) {
	var no *queue.Refusal
	var failed *print.Failed
	switch {
	case errors.Is(err, errUnknownCode):
		refuse(w, http.StatusNotFound, string(queue.UnknownCode))
	case errors.Is(err, errNoTicket):
		refuse(w, http.StatusNotFound, string(queue.UnknownTicket))
	case errors.Is(err, errAlone):
		refuse(w, http.StatusServiceUnavailable, replica.Alone)
	case errors.As(err, &no):
		refuse(w, http.StatusConflict, string(no.Code))
	case errors.Is(err, print.ErrUnknown):
		refuseWith(w, http.StatusConflict, "print_unknown", map[string]any{"reason": print.Reason(err)})
	case errors.As(err, &failed):
		refuseWith(w, http.StatusConflict, "print_failed", map[string]any{"reason": failed.Code})
	case errors.Is(err, errStopped):
		refuse(w, http.StatusServiceUnavailable, "stopping")
	default:
		refuse(w, http.StatusServiceUnavailable, replica.OutOfService)
	}
}

// refuseAct answers for an act that was not done.
func refuseAct(w http.ResponseWriter, code string, err error) {
	switch code {
	case "":
		refuseFor(w, err)
	case replica.Alone, replica.NotOwn:
		refuse(w, http.StatusServiceUnavailable, replica.Alone)
	case replica.OutOfService, replica.Busy, replica.StoreCopied:
		refuse(w, http.StatusServiceUnavailable, code)
	case string(queue.UnknownTicket), string(queue.UnknownService):
		refuse(w, http.StatusNotFound, code)
	case string(queue.UnknownAction), string(queue.MissingField), string(queue.TooLong):
		refuse(w, http.StatusBadRequest, code)
	default:
		refuse(w, http.StatusConflict, code)
	}
}
