package replica_test

import (
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
	"machi/internal/replica"
)

// moment is a machine's own clocks, counted from its contact with the server.
func moment(boot string, mono, wall time.Duration) replica.Now {
	return replica.Now{Wall: queuetest.Opening.Add(wall), Monotonic: time.Hour + mono, Timer: time.Hour + mono, Boot: boot}
}

// met returns what a machine kept of a contact: its wall clock is 20 s slow, and
// the exchange took 300 ms.
func met(t *testing.T) (*replica.Clock, replica.Contact) {
	t.Helper()
	c := new(replica.Clock)
	kept := c.Meet(moment("b1", 0, -20*time.Second), moment("b1", 300*time.Millisecond, -20*time.Second+300*time.Millisecond), queuetest.Opening.Add(150*time.Millisecond))
	if kept.Offset != 20*time.Second || kept.Error != 150*time.Millisecond || kept.Boot != "b1" {
		t.Fatalf("offset %v, error %v, boot %s", kept.Offset, kept.Error, kept.Boot)
	}
	return c, kept
}

func TestInOneBootTheMonotonicClockCounts(t *testing.T) {
	rows := []struct {
		name    string
		elapsed time.Duration
		wall    time.Duration
		err     time.Duration
	}{
		{"at once", 0, 0, 150 * time.Millisecond},
		{"8 h later", 8 * time.Hour, 8 * time.Hour, 150*time.Millisecond + 5760*time.Millisecond},
		{"the wall clock was set back a year", time.Hour, -365 * 24 * time.Hour, 150*time.Millisecond + 720*time.Millisecond},
		{"the wall clock was set ahead a year", time.Hour, 365 * 24 * time.Hour, 150*time.Millisecond + 720*time.Millisecond},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c, _ := met(t)
			got := c.Read(moment("b1", 300*time.Millisecond+row.elapsed, row.wall))
			if want := queuetest.Opening.Add(300*time.Millisecond + row.elapsed); !got.At.Equal(want) || got.Guessed {
				t.Errorf("reads %v, guessed %v; want %v", got.At, got.Guessed, want)
			}
			if got.Error != row.err {
				t.Errorf("error bound %v, want %v", got.Error, row.err)
			}
		})
	}
}

func TestAfterARebootTheWallClockIsWeighed(t *testing.T) {
	rows := []struct {
		name    string
		wall    time.Duration // what the corrected wall clock says, from the contact on
		guessed bool
		at      time.Duration
	}{
		{"an hour later", time.Hour, false, time.Hour},
		{"a little behind", -2 * time.Minute, false, 0},
		{"too far behind", -2*time.Minute - time.Millisecond, true, 0},
		{"26 h ahead", 26 * time.Hour, false, 26 * time.Hour},
		{"more than 26 h ahead", 26*time.Hour + time.Millisecond, true, 0},
		{"a flat battery", -20 * 365 * 24 * time.Hour, true, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, kept := met(t)
			var c replica.Clock
			c.Resume(&kept, time.Time{}, today)
			now := moment("b2", 0, row.wall)
			now.Wall = kept.Moment.Add(row.wall - kept.Offset)
			got := c.Read(now)
			if want := kept.Moment.Add(row.at); got.Guessed != row.guessed || !got.At.Equal(want) {
				t.Errorf("reads %v, guessed %v; want %v, %v", got.At, got.Guessed, want, row.guessed)
			}
			if want := 30 * time.Second; !row.guessed && got.Error != want {
				t.Errorf("error bound %v, want %v", got.Error, want)
			}
			if row.guessed && (got.Day != today || got.Error != 26*time.Hour) {
				t.Errorf("a guess says %s within %v", got.Day, got.Error)
			}
		})
	}
}

func TestAClockThatNeverMetAServerGuesses(t *testing.T) {
	var c replica.Clock
	now := moment("b1", 0, 0)
	got := c.Read(now)
	if !got.Guessed || got.Day != today || !got.At.Equal(now.Wall) {
		t.Errorf("reads %v on %s, guessed %v", got.At, got.Day, got.Guessed)
	}
	if got.Block.Boot != "b1" || got.Block.Monotonic != time.Hour || got.Block.Offset != 0 {
		t.Errorf("the block for the body is %+v", *got.Block)
	}
}

func TestMomentsAndDaysNeverGoBack(t *testing.T) {
	c, _ := met(t)
	ahead := c.Read(moment("b1", 30*time.Hour, 30*time.Hour))
	if ahead.Day != "2026-04-02" {
		t.Fatalf("30 h later it is %s", ahead.Day)
	}
	c.Use(ahead)
	c.Meet(moment("b1", 0, 0), moment("b1", 0, 0), queuetest.Opening)
	again := c.Read(moment("b1", 0, 0))
	if again.At.Before(ahead.At) || again.Day != ahead.Day {
		t.Errorf("after %v on %s the clock reads %v on %s", ahead.At, ahead.Day, again.At, again.Day)
	}
	var resumed replica.Clock
	resumed.Resume(nil, ahead.At, "2026-04-02")
	resumed.Resume(nil, queuetest.Opening, today)
	if got := resumed.Read(moment("b3", 0, 0)); got.Day != "2026-04-02" || got.At.Before(ahead.At) {
		t.Errorf("after a restart it is %v on %s", got.At, got.Day)
	}
}

func TestTheBlockSaysWhenTheOffsetWasMeasured(t *testing.T) {
	rows := []struct {
		boot string
		want time.Duration
	}{{"b1", time.Hour + 300*time.Millisecond}, {"b2", 0}}
	for _, row := range rows {
		c, _ := met(t)
		b := c.Read(moment(row.boot, time.Hour, time.Hour)).Block
		if b.Boot != row.boot || b.Offset != 20*time.Second || b.OffsetError != 150*time.Millisecond || b.OffsetMonotonic != row.want {
			t.Errorf("in boot %s: %+v", row.boot, *b)
		}
	}
}

func TestMeetingIsMeasuredByTheMonotonicClock(t *testing.T) {
	var c replica.Clock
	got := c.Meet(moment("b1", time.Second, 0), moment("b1", 0, 0), queuetest.Opening)
	if got.Error != 0 || !got.Moment.Equal(queuetest.Opening) {
		t.Errorf("an exchange that ended before it began gave %+v", got)
	}
	if at := c.Read(moment("b1", -time.Second, 0)).At; at.Location() != queue.JST || !at.Equal(queuetest.Opening) {
		t.Errorf("a clock before its contact reads %v", at)
	}
}

// TestAContactTellsTheDay restarts a machine that met the server, but never used
// its clock, with a wall clock that nobody believes: that one must not say what
// day it is, because the day would never go back.
func TestAContactTellsTheDay(t *testing.T) {
	for _, by := range []time.Duration{72 * time.Hour, -20 * 365 * 24 * time.Hour} {
		_, kept := met(t)
		var c replica.Clock
		c.Resume(&kept, time.Time{}, "")
		if got := c.Read(moment("b2", 0, by)); !got.Guessed || got.Day != today {
			t.Errorf("wrong by %v, the clock says %s, guessed %v", by, got.Day, got.Guessed)
		}
	}
}
