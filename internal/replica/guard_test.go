package replica_test

import (
	"fmt"
	"testing"
	"time"

	"machi/internal/replica"
)

func TestOneTicketForEachVisitor(t *testing.T) {
	const at = time.Minute
	rows := []struct {
		name    string
		session string
		after   time.Duration // the ticket of session "a"
		reason  string
	}{
		{"the same screen again", "a", time.Hour, "session_used"},
		{"no screen at all", "", time.Hour, "session_used"},
		{"at once", "b", 0, "too_soon"},
		{"a moment too soon", "b", 1499 * time.Millisecond, "too_soon"},
		{"in time", "b", 1500 * time.Millisecond, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var g replica.Guard
			if reason, ok := g.Allow("a", at); !ok {
				t.Fatalf("the first press is refused: %s", reason)
			}
			g.Begin("a", at)
			if reason, ok := g.Allow(row.session, at+row.after); reason != row.reason || ok != (row.reason == "") {
				t.Errorf("allowed %v, reason %q; want %q", ok, reason, row.reason)
			}
		})
	}
}

func TestManyTicketsRaiseTheAlarm(t *testing.T) {
	rows := []struct {
		name  string
		pause time.Duration
		want  int // which press is the first to raise it; 0: none
	}{
		{"ten in 27 s", 3 * time.Second, 10},
		{"ten in just under 30 s", 3333 * time.Millisecond, 10},
		{"ten in 30 s and more", 3334 * time.Millisecond, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var g replica.Guard
			first := 0
			for i := 1; i <= 25; i++ {
				if g.Begin(fmt.Sprint(i), time.Duration(i)*row.pause) && first == 0 {
					first = i
				}
			}
			if first != row.want {
				t.Errorf("the alarm came at press %d, want %d", first, row.want)
			}
		})
	}
}
