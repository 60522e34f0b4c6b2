package queue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
)

// FuzzDecodeEvents holds that what is read can be written and read again, and
// that nothing read can break a merge.
func FuzzDecodeEvents(f *testing.F) {
	for _, e := range everyEvent() {
		raw, err := queue.EncodeEvents([]queue.Event{e})
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(raw))
	}
	f.Add([]byte(`[{"kind":"ticket_issued","data":{"ticket":"-","number":"-1","pool":"kiosk","slot":-1}}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		events, err := queue.DecodeEvents(raw)
		if err != nil {
			return
		}
		again, err := queue.EncodeEvents(events)
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		back, err := queue.DecodeEvents(again)
		if err != nil {
			t.Fatalf("written but not read: %v", err)
		}
		third, err := queue.EncodeEvents(back)
		if err != nil {
			t.Fatalf("read twice but not written: %v", err)
		}
		if diff := cmp.Diff(string(again), string(third)); diff != "" {
			t.Errorf("the stored form changes when read again (-first +second):\n%s", diff)
		}
		l := queuetest.New(queuetest.Settings(), "s0")
		fact := queue.Entry{Meta: queue.Meta{Command: "f", At: l.At, Origin: "s1"}, Fact: true, Events: events}
		if err := l.State.Apply(fact); err != nil {
			t.Errorf("a fact was refused: %v", err)
		}
	})
}

// FuzzDecideAndApply lets the fuzzer choose what happens: every byte is a roll.
func FuzzDecideAndApply(f *testing.F) {
	f.Add([]byte("an ordinary morning at the branch office"))
	f.Add([]byte{0, 0, 0, 1, 1, 3, 0, 0, 9, 9, 4, 0, 1, 7, 5, 3, 6, 2, 8, 9})
	f.Fuzz(func(t *testing.T, rolls []byte) {
		if len(rolls) > 600 {
			rolls = rolls[:600]
		}
		roll := func(n int) int {
			if len(rolls) == 0 {
				return 0
			}
			v := int(rolls[0]) % n
			rolls = rolls[1:]
			return v
		}
		l, judge := queuetest.New(queuetest.Settings(), "s0"), invariant.New()
		judge.Step(queue.New(), l.Entries[0], l.State)
		for len(rolls) > 0 {
			before := l.State.Clone()
			e, err := l.Wander(roll)
			if _, refused := err.(*queue.Refusal); err != nil && !refused {
				t.Fatal(err)
			}
			if e.Command == "" {
				continue
			}
			for _, v := range judge.Step(before, e, l.State) {
				t.Errorf("%v", v)
			}
		}
	})
}
