package history

import (
	"testing"
	"time"

	"machi/internal/queue"
)

// TestWhoComesFromHomeLateIsNotWhoWaitedLonger sets apart a holder who was not there
// when the wait that was told had passed: the promise is not compared.
func TestWhoComesFromHomeLateIsNotWhoWaitedLonger(t *testing.T) {
	at := time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)
	ticket := &queue.Ticket{ID: "w", Number: "A001", Channel: queue.ChannelWeb, IssuedAt: at, Status: queue.Done, Quote: &queue.Quote{Low: 10 * time.Minute, High: 20 * time.Minute}}
	for after, want := range map[time.Duration]int{0: 0, 20 * time.Minute: 0, 21 * time.Minute: 1} {
		said := &saidOf{}
		if after > 0 {
			said.arrived = at.Add(after)
		}
		if got := visitOf(ticket, said).Later; got != want {
			t.Errorf("checked in after %v: asked for more time %d times, want %d", after, got, want)
		}
	}
}
