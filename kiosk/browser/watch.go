package browser

import "time"

// sight is what is known of the browser at one moment.
type sight struct {
	now     time.Time
	started time.Time // of the browser that runs
	ended   bool
	opened  string // the address that it was started on
	address string // of the agent now; "" while it does not answer
	// beat is the age of the page's newest sign of life; negative: none yet.
	beat time.Duration
}

// limits are how patient the watch is.
type limits struct {
	start time.Duration // until the first sign of life
	hang  time.Duration // between two of them
	night time.Duration // after midnight, when an idle browser is renewed
}

// reason says why the browser is to be started anew; "" when it is well. An agent
// that does not answer says nothing about the browser, whose page waits for it.
func (l limits) reason(s sight) string {
	up := s.now.Sub(s.started)
	switch {
	case s.ended:
		return "ended"
	case s.address == "":
		return ""
	case s.address != s.opened:
		return "moved"
	case l.isNight(s):
		return "night"
	// A sign of life older than this browser is of the one before.
	case s.beat < 0 || s.beat > up:
		if up > l.start {
			return "no page"
		}
	case s.beat > l.hang:
		return "hung"
	}
	return ""
}

// isNight reports whether the renewal hour has come since the browser started.
func (l limits) isNight(s sight) bool {
	y, m, d := s.now.Date()
	due := time.Date(y, m, d, 0, 0, 0, 0, s.now.Location()).Add(l.night)
	return !s.now.Before(due) && s.started.Before(due)
}

// pause returns how long to wait before the next start: none after a browser that
// has lived, longer after each one that died young.
func pause(before, lived time.Duration) time.Duration {
	const young, longest = 10 * time.Second, 8 * time.Second
	if lived >= young {
		return 0
	}
	return min(max(2*before, time.Second/4), longest)
}
