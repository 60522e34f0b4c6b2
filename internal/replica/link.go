package replica

import "time"

const (
	// AskWithin is how long the server has for a number, unless a machine is told
	// otherwise; then the own range is used.
	AskWithin = 700 * time.Millisecond
	// goodProbes in a row, and an empty outbox, bring a machine back online.
	goodProbes = 3
	// probeEvery is the pause between probes; it doubles to probeAtMost while
	// nobody answers.
	probeEvery  = 500 * time.Millisecond
	probeAtMost = 4 * time.Second
	// pullGap keeps a server that does not wait from being asked without end.
	pullGap = 250 * time.Millisecond
	// pushRetry is the pause after a push that failed.
	pushRetry = time.Second
	// LongPoll is how long a pull waits for news while the machine is online.
	LongPoll = 20 * time.Second
)

// Link is what a machine believes about its way to the server. After one silence
// presses go straight to the own range; the server is probed behind the visitor's
// back, and asked again only when it has answered several times and knows all
// that happened meanwhile.
//
// A Link runs two lanes, each with one exchange at a time: pulls, which are also
// the probes, and sends (bind, plan, inquiry, push).
type Link struct {
	online bool
	good   int // pulls in a row that were answered
	missed int // pulls in a row that were not
	pull   lane
	send   lane
	within time.Duration // for the server to answer a visitor; 0 is AskWithin
}

type lane struct {
	busy  bool
	begun time.Duration // of the exchange that is on its way, on the timer
	next  time.Duration
	turn  int // of the newest exchange; reports of older ones are void
}

// NewLink returns the link of a machine that has just started: hopeful if nothing
// is waiting to be sent, because the first press will tell.
func NewLink(pending bool) Link { return Link{online: !pending} }

func (l *Link) patience() time.Duration {
	if l.within == 0 {
		return AskWithin
	}
	return l.within
}

// Online reports whether the server is to be asked for the next number.
func (l *Link) Online() bool { return l.online }

// Reached reports whether the newest pull was answered.
func (l *Link) Reached() bool { return l.good > 0 }

// Lost notes that the server did not answer a press.
func (l *Link) Lost(timer time.Duration) {
	if l.online {
		l.pull = lane{next: timer, turn: l.pull.turn + 1} // what is on its way waits too long
	}
	l.online, l.good = false, 0
}

// Pull reports whether a pull is due, for how long it may wait for news, and its
// turn. It must be answered with Pulled.
func (l *Link) Pull(timer time.Duration) (wait time.Duration, turn int, due bool) {
	if l.pull.busy || timer < l.pull.next {
		return 0, 0, false
	}
	l.pull.busy, l.pull.begun = true, timer
	l.pull.turn++
	if l.online && l.good > 0 {
		wait = LongPoll
	}
	return wait, l.pull.turn, true
}

// Pulled notes the outcome of a pull and reports whether it is the one that was
// waited for. Pending says whether something waits to be sent.
func (l *Link) Pulled(timer time.Duration, turn int, ok, pending bool) bool {
	if !l.pull.busy || turn != l.pull.turn {
		return false
	}
	l.pull.busy = false
	if ok {
		l.answered(timer, pending)
	} else {
		l.silent(timer)
	}
	return true
}

func (l *Link) answered(timer time.Duration, pending bool) {
	l.missed = 0
	l.good = min(l.good+1, goodProbes)
	l.pull.next = max(timer, l.pull.begun+pullGap)
	if !l.online && timer-l.pull.begun > l.patience() {
		l.good = 1 // it answers, but too late for a visitor who waits
	}
	if !l.online {
		l.pull.next = timer + probeEvery
		l.online = l.good >= goodProbes && !pending
	}
}

// silent forgives one broken pull: a proxy may have cut it.
func (l *Link) silent(timer time.Duration) {
	l.missed++
	l.good = 0
	if l.online && l.missed < 2 {
		l.pull.next = timer
		return
	}
	l.online = false
	l.pull.next = timer + min(probeAtMost, probeEvery<<min(l.missed-1, 8))
}

// Send reports whether a send may begin, and its turn. It must be answered with
// Sent.
func (l *Link) Send(timer time.Duration) (turn int, due bool) {
	if l.send.busy || timer < l.send.next || l.good == 0 {
		return 0, false
	}
	l.send.busy = true
	l.send.turn++
	return l.send.turn, true
}

// Idle takes back a Send for which there was nothing to do.
func (l *Link) Idle() { l.send.busy = false }

// Sent notes the outcome of a send and reports whether it is the one that was
// waited for.
func (l *Link) Sent(timer time.Duration, turn int, ok bool) bool {
	if !l.send.busy || turn != l.send.turn {
		return false
	}
	l.send.busy = false
	if !ok {
		l.send.next = timer + pushRetry
	}
	return true
}
