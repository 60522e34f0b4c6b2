package kiosk

import (
	"net/http"
	"time"

	"machi/internal/pin"
	"machi/internal/queue"
)

// inSession is the body of what staff ask without more to say.
type inSession struct {
	Session string `json:"session"`
}

// postSignIn opens the staff mode: 200 {session, until}; 403 wrong_pin with the
// tries that are left; 429 locked_out with its end; 409 no_pin while none is set.
func (k *Kiosk) postSignIn(w http.ResponseWriter, r *http.Request) {
	in, ok := decode[struct {
		PIN string `json:"pin"`
	}](w, r)
	if !ok {
		return
	}
	hash := k.currentPlan().PIN
	if hash == "" {
		refuse(w, http.StatusConflict, "no_pin")
		return
	}
	result, err := k.lock.Try(func() bool { return pin.Verify(hash, in.PIN) })
	if err != nil {
		k.o.Logger.Error("the lock-out of the staff mode is not kept", "error", err)
	}
	switch {
	case result.OK:
		session := randomHex(16)
		until := k.signed.Begin(session)
		k.audit(act{Action: queue.ActSignIn})
		answer(w, http.StatusOK, map[string]any{"session": session, "until": until.In(queue.JST).Format(time.RFC3339)})
	case !result.Until.IsZero():
		if result.Shut {
			k.audit(act{Action: queue.ActLockedOut})
		}
		refuseWith(w, http.StatusTooManyRequests, "locked_out", map[string]any{"until": result.Until.In(queue.JST).Format(time.RFC3339)})
	default:
		refuseWith(w, http.StatusForbidden, "wrong_pin", map[string]any{"left": result.Left})
	}
}

// postSignOut ends the staff mode: 204.
func (k *Kiosk) postSignOut(w http.ResponseWriter, r *http.Request) {
	if in, ok := decode[inSession](w, r); ok {
		k.signed.End(in.Session)
		w.WriteHeader(http.StatusNoContent)
	}
}

// staff reports whether a session of the staff mode stands; if not, it answers 403
// signed_out.
func (k *Kiosk) staff(w http.ResponseWriter, session string) bool {
	if k.signed.Use(session) {
		return true
	}
	refuse(w, http.StatusForbidden, "signed_out")
	return false
}

// deskState is how the machine is, for staff who stand before it.
type deskState struct {
	Link       string         `json:"link"`
	Server     string         `json:"server"`
	Unsent     int            `json:"unsent"`
	Slot       int            `json:"slot"`
	Store      string         `json:"store"`
	StoreID    string         `json:"store_id"`
	Files      []string       `json:"files"` // that are not written any more
	Clock      deskClock      `json:"clock"`
	Printer    string         `json:"printer"`
	Paper      string         `json:"paper"`
	PrintedNow int            `json:"printed_today"`
	Version    string         `json:"version"`
	Kiosk      queue.KioskID  `json:"kiosk"`
	Office     queue.OfficeID `json:"office"`
	Enrolled   bool           `json:"enrolled"`
	KeyID      string         `json:"key_id,omitempty"`
	Barred     string         `json:"barred,omitempty"`
	StartedAt  time.Time      `json:"started_at"`
	Alarms     []string       `json:"alarms"`
	Offers     []OfferCount   `json:"offers"`
}

type deskClock struct {
	Word     string `json:"word"`
	OffsetMS int64  `json:"offset_ms"` // the server's minus the machine's own
	Believed bool   `json:"believed"`
}

// deskState tells how the machine is. The loop runs it.
func (k *Kiosk) deskState() deskState {
	h := k.health()
	s := deskState{
		Link: h.Link, Server: k.o.Server, Unsent: h.Unsent, Slot: k.agent.Slot(), Store: h.Store, StoreID: k.store.ID(), Files: []string{},
		Clock:   deskClock{h.Clock, h.Offset, h.Clock != queue.ClockUnbelievable},
		Printer: h.Printer, Paper: h.Paper, PrintedNow: h.Printed, Version: h.Version, Kiosk: k.o.Kiosk, Office: k.o.Office,
		Barred: k.agent.Barred(), StartedAt: k.started.In(queue.JST).Round(time.Second), Alarms: k.troubles(), Offers: h.Offers,
	}
	if k.client != nil {
		s.KeyID = k.client.link.KeyID()
		s.Enrolled = s.KeyID != ""
	}
	for name := range k.store.Health() {
		s.Files = append(s.Files, name)
	}
	return s
}
