package replica_test

import (
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

// TestAMachineWithoutARangeWorksWithServerNumbers takes a machine whose store
// could not be bound and that owes the server a body: it cannot send it, and
// must go back to server numbers all the same.
func TestAMachineWithoutARangeWorksWithServerNumbers(t *testing.T) {
	w := newWard(t)
	w.full = true
	m := newMachine(t, settings())
	m.meet(w, 5)
	if m.agent.Slot() != -1 || m.agent.Refused() != string(queue.NoRangeLeft) {
		t.Fatalf("slot %d, refused %q", m.agent.Slot(), m.agent.Refused())
	}
	m.outs = nil
	m.press()
	m.pass(replica.AskWithin)
	if p := last(t, m.do(replica.Tick{})); p.State != replica.Refused || p.Code != replica.RangeMissing {
		t.Fatalf("a press without server and range ended as %s %s", p.State, p.Code)
	}
	if m.agent.Unsent() != 1 || m.agent.Online() {
		t.Fatalf("%d bodies unsent, online %v: want the withdrawal of what the server may have given, and no server", m.agent.Unsent(), m.agent.Online())
	}
	for range 2 { // in this run, and in the next one
		m.meet(w, 10)
		if !m.agent.Online() {
			t.Fatal("a body that cannot be sent keeps the machine offline")
		}
		m.pass(2 * time.Second)
		m.press()
		m.serve(w)
		m.start(false)
	}
	w.full = false
	m.pass(10 * time.Minute)
	m.meet(w, 10)
	if m.agent.Slot() != 0 || m.agent.Unsent() != 0 {
		t.Errorf("slot %d, %d unsent: what waited goes when a range is there", m.agent.Slot(), m.agent.Unsent())
	}
}
