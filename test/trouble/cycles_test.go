package trouble_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"machi/internal/queue"
)

// TestEveryFaultOfTheLine presses while the line has each fault: nobody is refused,
// and the first and the later presses get numbers of the machine's own.
func TestEveryFaultOfTheLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.machine("K1")
	for _, f := range faults {
		t.Run(string(f), func(t *testing.T) {
			m.wire.set(f)
			alone := 0
			for range 4 {
				if m.press().Offline {
					alone++
				}
			}
			if alone < 3 && f != breaks && f != lossy {
				t.Errorf("%d of 4 numbers are the machine's own while the line %s", alone, f)
			}
			m.wire.set(whole)
			m.settle()
		})
	}
	if got := len(w.audit()["2026-04-01"]); got != 4*len(faults) {
		t.Errorf("%d papers, want %d", got, 4*len(faults))
	}
}

// TestCycles takes the line away and brings it back, again and again, with any fault,
// in the middle of presses and of merges, and now and then a machine or the server
// is switched off and on.
func TestCycles(t *testing.T) {
	t.Parallel()
	for day := range uint64(*more) {
		t.Run(fmt.Sprint("day ", day), func(t *testing.T) { cycles(t, day) })
	}
}

func cycles(t *testing.T, day uint64) {
	w := newWorld(t)
	one, two := w.machine("K1"), w.machine("K2")
	roll := rand.New(rand.NewPCG(5, day))
	pressed, alone := 0, 0
	press := func(m *machine) {
		pressed++
		if m.press().Offline {
			alone++
		}
	}
	const cycles = 20
	for n := range cycles {
		f := faults[n%len(faults)]
		one.wire.set(f)
		if roll.IntN(3) == 0 {
			two.wire.set(faults[roll.IntN(len(faults))])
		}
		for range 1 + roll.IntN(5) {
			press(one)
			press(two)
		}
		switch roll.IntN(6) {
		case 0:
			one.restart()
			press(one)
		case 1:
			w.fall()
			press(two)
			w.serve()
		case 2: // another fault before the line was ever whole
			one.wire.set(faults[roll.IntN(len(faults))])
			press(one)
		}
		one.wire.set(whole)
		two.wire.set(whole)
		if n%4 == 3 || n == cycles-1 { // else the next fault comes into the merge
			one.settle()
			two.settle()
		}
	}
	if got := len(w.audit()["2026-04-01"]); got != pressed {
		t.Errorf("%d papers for %d presses", got, pressed)
	}
	t.Logf("%d cycles, %d presses, %d of them alone", cycles, pressed, alone)
	if alone == 0 {
		t.Error("no number is a machine's own: the faults do nothing")
	}
}

// TestAMergeThatBreaksOff breaks the line again and again in the merge of an outbox
// that one push could not carry.
func TestAMergeThatBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.machine("K1")
	m.wire.set(refuses)
	const people = 220
	for range people {
		m.press()
	}
	m.wire.set(breaks)
	m.hurry("the line has broken off in the merge", func() bool { return m.wire.broken() > 5 })
	m.wire.set(whole)
	m.settle()
	if got := len(w.audit()["2026-04-01"]); got != people {
		t.Errorf("%d papers, want %d", got, people)
	}
}

// TestTheRangeIsUsedUp gives out all five numbers of a range while alone: the next
// visitors get numbers of the machine that count for life.
func TestTheRangeIsUsedUp(t *testing.T) {
	w := newWorld(t, "    series: [{id: A, kiosks: {K1: [\"1001-1005\", \"1006-1010\"], K2: [\"2001-2005\", \"2006-2010\"]}}]\n")
	m := w.machine("K1")
	w.fall()
	var got []queue.Number
	for range 8 {
		got = append(got, m.press().Number)
	}
	want := []queue.Number{"A1001", "A1002", "A1003", "A1004", "A1005", "K1-0001", "K1-0002", "K1-0003"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("numbers = %v, want %v", got, want)
	}
	m.restart()
	if n := m.press().Number; n != "K1-0004" {
		t.Errorf("after a restart the next number is %s, want K1-0004", n)
	}
	w.serve()
	m.settle()
	w.audit()
}
