package kiosk

import (
	"errors"
	"net/http"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/device"
)

// fate tells staff of a key that the server does not know any more, as after a
// restore from a backup: the machine goes on alone until it is enrolled anew. What
// closes the machine reaches the agent by another way.
func (k *Kiosk) fate(code string) {
	if code == device.CodeUnknown {
		k.alarm(replica.Alarm{Code: code})
		return
	}
	k.calm(device.CodeUnknown)
}

// postEnrol enrols the machine by the one-time code that a manager has made: 200
// {key_id}; 403 wrong_code and the server's other refusals with its code; 409
// other_machine where the code is another machine's; 502 no_server. Staff must be
// signed in, but for the first set-up, when no PIN is set and no key is there.
func (k *Kiosk) postEnrol(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[struct {
		Session string `json:"session"`
		Server  string `json:"server,omitempty"`
		Code    string `json:"code"`
	}](w, r)
	if !ok {
		return
	}
	_, missing := device.Load(k.o.Dir)
	first := errors.Is(missing, device.ErrNotEnrolled) && k.currentPlan().PIN == ""
	if !first && !k.staff(w, in.Session) {
		return
	}
	server := k.o.Server // which is the one that the machine speaks to
	if server == "" {
		server = in.Server
	}
	if server == "" {
		refuse(w, http.StatusConflict, "no_server")
		return
	}
	d, err := device.Enrol(r.Context(), device.Request{Server: server, Code: in.Code, Dir: k.o.Dir, Office: k.o.Office, Kiosk: k.o.Kiosk})
	var no *device.Refused
	switch {
	case errors.As(err, &no):
		refuse(w, enrolStatus(no.Status), no.Code)
	case errors.Is(err, device.ErrOther):
		refuse(w, http.StatusConflict, "other_machine")
	case err != nil:
		k.o.Logger.Error("the machine was not enrolled", "error", err)
		refuse(w, http.StatusBadGateway, "no_server")
	default:
		k.o.Logger.Info("the machine was enrolled", "key", d.KeyID)
		k.audit(act{Action: queue.ActEnrol, Detail: d.KeyID})
		answer(w, http.StatusOK, map[string]any{"key_id": d.KeyID})
	}
}

// enrolStatus passes on what the visitor of the page can mend.
func enrolStatus(status int) int {
	switch status {
	case http.StatusForbidden, http.StatusTooManyRequests, http.StatusUnprocessableEntity:
		return status
	}
	return http.StatusBadGateway
}
