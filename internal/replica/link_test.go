package replica_test

import (
	"testing"
	"time"

	"machi/internal/replica"
)

// probe sends one pull when it is due and answers it after a while.
func probe(t *testing.T, l *replica.Link, at *time.Duration, took time.Duration, ok, pending bool) {
	t.Helper()
	_, turn, due := l.Pull(*at)
	if !due {
		t.Fatalf("no pull is due at %v", *at)
	}
	*at += took
	if !l.Pulled(*at, turn, ok, pending) {
		t.Fatalf("the answer of turn %d at %v does not count", turn, *at)
	}
}

// next returns how long after a moment the next pull is due.
func next(l replica.Link, at time.Duration) time.Duration {
	for d := time.Duration(0); d < 10*time.Second; d += 50 * time.Millisecond {
		if _, _, due := l.Pull(at + d); due {
			return d
		}
	}
	return -1
}

func TestALinkIsHopefulOnlyWithNothingToSend(t *testing.T) {
	for _, pending := range []bool{false, true} {
		l := replica.NewLink(pending)
		if l.Online() == pending || l.Reached() {
			t.Errorf("pending %v: online %v, reached %v", pending, l.Online(), l.Reached())
		}
	}
}

func TestTheWayBackOnline(t *testing.T) {
	type exchange struct {
		took        time.Duration
		ok, pending bool
	}
	fast := exchange{ok: true}
	rows := []struct {
		name   string
		probes []exchange
		online bool
	}{
		{"two good probes are not enough", []exchange{fast, fast}, false},
		{"three are", []exchange{fast, fast, fast}, true},
		{"not with something to send", []exchange{fast, fast, {ok: true, pending: true}}, false},
		{"but then, when it was sent", []exchange{fast, fast, {ok: true, pending: true}, fast}, true},
		{"a silence begins anew", []exchange{fast, fast, {}, fast, fast}, false},
		{"and three more do", []exchange{fast, fast, {}, fast, fast, fast}, true},
		{"a late answer counts once only", []exchange{fast, fast, {took: 701 * time.Millisecond, ok: true}}, false},
		{"slow ones never do", []exchange{{took: time.Second, ok: true}, {took: time.Second, ok: true}, {took: time.Second, ok: true}, {took: time.Second, ok: true}}, false},
		{"a late answer and two good ones", []exchange{{took: time.Second, ok: true}, fast, fast}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l, at := replica.NewLink(true), time.Minute
			for _, p := range row.probes {
				probe(t, &l, &at, p.took, p.ok, p.pending)
				at += 4 * time.Second
			}
			if l.Online() != row.online {
				t.Errorf("online %v, want %v", l.Online(), row.online)
			}
		})
	}
}

func TestProbesBackOffWithinBounds(t *testing.T) {
	l, at := replica.NewLink(true), time.Minute
	want := []time.Duration{500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000}
	for i, ms := range want {
		probe(t, &l, &at, 0, false, false)
		if got := next(l, at); got != ms*time.Millisecond {
			t.Errorf("after %d silences the next probe is due in %v, want %v", i+1, got, ms*time.Millisecond)
		}
		at += 4 * time.Second
	}
	probe(t, &l, &at, 0, true, true)
	if got := next(l, at); got != 500*time.Millisecond {
		t.Errorf("after an answer the next probe is due in %v", got)
	}
}

func TestOnePullMayBreak(t *testing.T) {
	l, at := replica.NewLink(false), time.Minute
	probe(t, &l, &at, 0, false, false)
	if !l.Online() || next(l, at) != 0 {
		t.Fatalf("one broken pull: online %v, next in %v", l.Online(), next(l, at))
	}
	probe(t, &l, &at, 0, false, false)
	if l.Online() {
		t.Error("two broken pulls leave the machine online")
	}
}

func TestPullsWaitForNewsOnlyOnline(t *testing.T) {
	l, at := replica.NewLink(false), time.Minute
	if wait, turn, _ := l.Pull(at); wait != 0 || !l.Pulled(at, turn, true, false) {
		t.Fatalf("the first pull waits %v", wait)
	}
	if got := next(l, at); got != 250*time.Millisecond {
		t.Fatalf("a server that answers at once is asked again after %v", got)
	}
	at += time.Second
	if wait, _, due := l.Pull(at); !due || wait != replica.LongPoll {
		t.Errorf("online: due %v, waits %v", due, wait)
	}
	if _, _, due := l.Pull(at + time.Hour); due {
		t.Error("two pulls at a time")
	}
}

// TestLateAnswersAreVoid takes a pull that was on its way when a press met
// silence: its answer says nothing about now.
func TestLateAnswersAreVoid(t *testing.T) {
	l, at := replica.NewLink(false), time.Minute
	_, old, _ := l.Pull(at)
	l.Lost(at)
	if l.Online() || l.Reached() {
		t.Fatal("a press met silence, and the machine is online")
	}
	if l.Pulled(at, old, true, false) {
		t.Error("the answer of a pull that was given up counts")
	}
	_, turn, due := l.Pull(at)
	if !due || turn <= old {
		t.Fatalf("turn %d, due %v: want a probe at once, behind turn %d", turn, due, old)
	}
	if l.Pulled(at, old, true, false) {
		t.Error("an old answer counts for a new pull")
	}
	l.Lost(at) // offline already: the probe on its way stays
	if !l.Pulled(at, turn, true, false) || !l.Reached() {
		t.Error("a probe's own answer does not count")
	}
}

func TestSendsTakeTurns(t *testing.T) {
	l, at := replica.NewLink(true), time.Minute
	if _, due := l.Send(at); due {
		t.Fatal("a send before the server was reached")
	}
	probe(t, &l, &at, 0, true, true)
	turn, due := l.Send(at)
	if !due {
		t.Fatal("no send though the server answers")
	}
	if _, again := l.Send(at); again {
		t.Error("two sends at a time")
	}
	if l.Sent(at, turn+1, true) || !l.Sent(at, turn, true) || l.Sent(at, turn, true) {
		t.Error("a send is answered once, by its own turn")
	}
	turn, _ = l.Send(at)
	if !l.Sent(at, turn, false) {
		t.Fatal("a failure is an answer")
	}
	if _, due = l.Send(at + 999*time.Millisecond); due {
		t.Error("a failed send is repeated at once")
	}
	if _, due = l.Send(at + time.Second); !due {
		t.Error("a failed send is not repeated")
	}
	l.Idle()
	if _, due = l.Send(at + time.Second); !due {
		t.Error("an idle lane is busy")
	}
}
