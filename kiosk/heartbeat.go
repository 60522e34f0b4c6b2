package kiosk

import (
	"net/http"
	"sync/atomic"
	"time"
)

// heartbeat is when the page last said that it lives, on the timer; 0: never.
type heartbeat struct{ at atomic.Int64 }

// postHeartbeat is the sign of life of the touch page: 204.
func (k *Kiosk) postHeartbeat(w http.ResponseWriter, r *http.Request) {
	_, ok := decode[struct {
		Page string `json:"page"`
	}](w, r)
	if ok {
		k.heart.at.Store(int64(max(1, k.watch.now().Timer)))
		w.WriteHeader(http.StatusNoContent)
	}
}

// getHeartbeat tells whoever watches the browser how old the newest sign of life
// is: {"age_seconds": 1.2}, null before the first.
func (k *Kiosk) getHeartbeat(w http.ResponseWriter, _ *http.Request) {
	var age *float64
	if at := k.heart.at.Load(); at > 0 {
		seconds := (k.watch.now().Timer - time.Duration(at)).Seconds()
		age = &seconds
	}
	answer(w, http.StatusOK, map[string]*float64{"age_seconds": age})
}
