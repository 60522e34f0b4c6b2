package desk_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"machi/kiosk/desk"
)

// hand is a clock that a test sets.
type hand struct{ at time.Time }

func (h *hand) now() time.Time { return h.at }

func newHand() *hand { return &hand{time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)} }

func right() bool { return true }

func wrong() bool { return false }

func try(t *testing.T, l *desk.Lock, check func() bool) desk.Result {
	t.Helper()
	r, err := l.Try(check)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFiveWrongPINsLockForLongerAndLonger(t *testing.T) {
	clock, path := newHand(), filepath.Join(t.TempDir(), "lock")
	for round, minutes := range []int{5, 10, 20, 40, 60, 60} {
		for left := 4; left > 0; left-- {
			// Every try is one of a machine that was started anew.
			if got := try(t, desk.OpenLock(path, clock.now), wrong); got != (desk.Result{Left: left}) {
				t.Fatalf("round %d: %+v, want %d left", round, got, left)
			}
		}
		until := clock.at.Add(time.Duration(minutes) * time.Minute)
		if got := try(t, desk.OpenLock(path, clock.now), wrong); !got.Until.Equal(until) {
			t.Fatalf("round %d: locked until %v, want %v", round, got.Until, until)
		}
		clock.at = until.Add(-time.Second)
		asked := false
		got := try(t, desk.OpenLock(path, clock.now), func() bool { asked = true; return true })
		if got.OK || asked || !got.Until.Equal(until) {
			t.Fatalf("round %d: the right PIN while locked: %+v, asked %v", round, got, asked)
		}
		clock.at = until
	}
	if got := try(t, desk.OpenLock(path, clock.now), right); !got.OK {
		t.Fatalf("the right PIN after the lock-out: %+v", got)
	}
	if got := try(t, desk.OpenLock(path, clock.now), wrong); got.Left != 4 {
		t.Errorf("after a right PIN: %+v, want 4 left", got)
	}
}

func TestTryIsOnTheDiskBeforeThePINIsChecked(t *testing.T) {
	clock, path := newHand(), filepath.Join(t.TempDir(), "lock")
	for range 4 {
		_ = try(t, desk.OpenLock(path, clock.now), wrong)
	}
	_ = try(t, desk.OpenLock(path, clock.now), func() bool {
		if _, locked := desk.OpenLock(path, clock.now).Until(); !locked {
			t.Error("a machine that lost its power during the fifth check is not locked")
		}
		return false
	})
}

func TestClockThatJumpsBackLocksNoLongerThanTheLockOut(t *testing.T) {
	clock, path := newHand(), filepath.Join(t.TempDir(), "lock")
	for range 5 {
		_ = try(t, desk.OpenLock(path, clock.now), wrong)
	}
	clock.at = clock.at.AddDate(-10, 0, 0)
	until, locked := desk.OpenLock(path, clock.now).Until()
	if want := clock.at.Add(5 * time.Minute); !locked || !until.Equal(want) {
		t.Errorf("locked %v until %v, want %v", locked, until, want)
	}
}

func TestLockOutEndsThoughTheClockJumpedBack(t *testing.T) {
	for name, restarted := range map[string]bool{"under a machine that runs": false, "while it was off": true} {
		t.Run(name, func(t *testing.T) {
			clock, path := newHand(), filepath.Join(t.TempDir(), "lock")
			l := desk.OpenLock(path, clock.now)
			for range 5 {
				_ = try(t, l, wrong)
			}
			clock.at = clock.at.AddDate(-10, 0, 0)
			if restarted {
				l = desk.OpenLock(path, clock.now)
			}
			_ = try(t, l, right)
			clock.at = clock.at.Add(5 * time.Minute)
			if got := try(t, l, right); !got.OK {
				t.Errorf("the right PIN after the lock-out: %+v", got)
			}
		})
	}
}

func TestDamagedLockLocks(t *testing.T) {
	clock, path := newHand(), filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, locked := desk.OpenLock(path, clock.now).Until(); !locked {
		t.Error("a damaged file opens the door")
	}
}

func TestDiskThatTakesNothingStillCounts(t *testing.T) {
	clock := newHand()
	l := desk.OpenLock(filepath.Join(t.TempDir(), "gone", "lock"), clock.now)
	for range 5 {
		if _, err := l.Try(wrong); err == nil {
			t.Fatal("no error although the disk takes nothing")
		}
	}
	if _, locked := l.Until(); !locked {
		t.Error("five wrong PINs do not lock")
	}
}

func TestSessionEndsUnusedSignedOutOrReplaced(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(s *desk.Sessions, clock *hand)
		want bool
	}{
		{"at once", func(*desk.Sessions, *hand) {}, true},
		{"just in time", func(_ *desk.Sessions, c *hand) { c.at = c.at.Add(2*time.Minute - 1) }, true},
		{"after two idle minutes", func(_ *desk.Sessions, c *hand) { c.at = c.at.Add(2 * time.Minute) }, false},
		{"used in between", func(s *desk.Sessions, c *hand) {
			for range 3 {
				c.at = c.at.Add(time.Minute)
				s.Use("a")
			}
		}, true},
		{"signed out", func(s *desk.Sessions, _ *hand) { s.End("a") }, false},
		{"another signed out", func(s *desk.Sessions, _ *hand) { s.End("b") }, true},
		{"another signed in", func(s *desk.Sessions, _ *hand) { s.Begin("b") }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clock := newHand()
			s := desk.NewSessions(clock.now)
			s.Begin("a")
			tt.do(s, clock)
			if got := s.Use("a"); got != tt.want {
				t.Errorf("the session stands: %v, want %v", got, tt.want)
			}
		})
	}
	if desk.NewSessions(newHand().now).Use("") {
		t.Error("nobody signed in, and the empty session stands")
	}
}
