package queue_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// canonical returns the state's form for comparison.
func canonical(t *testing.T, s *queue.State) string {
	t.Helper()
	raw, err := s.Canonical()
	if err != nil {
		t.Fatalf("canonical: %v", err)
	}
	return string(raw)
}

// histories returns a log and up to four tails that others wrote in ignorance of
// one another: servers that lost their store, and kiosks that printed on paper
// what the server had issued already.
func histories(r *rand.Rand) (*queuetest.Log, [][]queue.Entry) {
	base := queuetest.New(queuetest.Settings(), "s0")
	wander(r, base, 10+r.IntN(30))
	var tails [][]queue.Entry
	for i := range 1 + r.IntN(3) {
		fork := base.Fork(fmt.Sprintf("s%d", i+1))
		wander(r, fork, 1+r.IntN(25))
		tails = append(tails, queuetest.Facts(fork.Entries))
	}
	if r.IntN(2) == 0 {
		tails = append(tails, papers(r, base.Entries))
	}
	wander(r, base, r.IntN(20))
	if len(tails) > 1 && r.IntN(3) == 0 { // one was merged before, and the day went on
		for _, fact := range tails[0] {
			if err := base.State.Apply(fact); err != nil {
				panic(err)
			}
			base.Entries = append(base.Entries, fact)
		}
		tails = tails[1:]
		wander(r, base, r.IntN(20))
	}
	return base, tails
}

func wander(r *rand.Rand, l *queuetest.Log, steps int) {
	for range steps {
		if _, err := l.Wander(r.IntN); err != nil {
			if _, refused := err.(*queue.Refusal); !refused {
				panic(err)
			}
		}
	}
}

// papers returns what a kiosk pushes: tickets that the server had issued, printed
// under the kiosk's own numbers by the same commands.
func papers(r *rand.Rand, entries []queue.Entry) []queue.Entry {
	var facts []queue.Entry
	for _, e := range entries {
		issue, is := e.Events[0].(queue.TicketIssued)
		if !is || issue.Pool != queue.PoolServer || r.IntN(3) > 0 {
			continue
		}
		n := len(facts) + 1
		issue.Pool, issue.Kiosk, issue.Number = queue.PoolKiosk, "K1", queue.Number(fmt.Sprintf("K1-%04d", n))
		m := e.Meta
		m.At, m.Origin = m.At.Add(time.Second), "kiosk/K1/s1"
		facts = append(facts, queue.Entry{Fact: true, OriginNumber: int64(n), Meta: m, Events: []queue.Event{issue}})
	}
	return facts
}

func merged(t *testing.T, base *queue.State, batches ...[]queue.Entry) *queue.State {
	t.Helper()
	s := base.Clone()
	for _, batch := range batches {
		for _, e := range batch {
			if err := s.Apply(e); err != nil {
				t.Fatalf("a fact was refused: %v", err)
			}
		}
	}
	return s
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, rest := range permutations(n - 1) {
		for at := range n {
			all = append(all, append(append(append([]int{}, rest[:at]...), n-1), rest[at:]...))
		}
	}
	return all
}

// cut splits a tail in two, so that batches of one origin have others between.
func cut(r *rand.Rand, tails [][]queue.Entry) (batches [][]queue.Entry, after map[int]int) {
	after = map[int]int{}
	for _, tail := range tails {
		if len(batches) < 4 && len(tail) > 1 && r.IntN(2) == 0 {
			at := 1 + r.IntN(len(tail)-1)
			batches = append(batches, tail[:at], tail[at:])
			after[len(batches)-1] = len(batches) - 2
			continue
		}
		batches = append(batches, tail)
	}
	return batches, after
}

// inOrder reports whether no batch comes before the first half of its own tail:
// an origin's chain forbids that.
func inOrder(order []int, after map[int]int) bool {
	seen := map[int]bool{}
	for _, i := range order {
		if needs, ok := after[i]; ok && !seen[needs] {
			return false
		}
		seen[i] = true
	}
	return true
}

func TestMergeIsCommutativeAndIdempotent(t *testing.T) {
	for seed := range seeds(150) {
		r := rand.New(rand.NewPCG(seed, 7))
		base, tails := histories(r)
		batches, after := cut(r, tails)
		want := ""
		for _, order := range permutations(len(batches)) {
			if !inOrder(order, after) {
				continue
			}
			var sequence [][]queue.Entry
			for _, i := range order {
				sequence = append(sequence, batches[i])
			}
			s := merged(t, base.State, sequence...)
			got := canonical(t, s)
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("seed %d: order %v gives another state (-first +this):\n%s", seed, order, diffJSON(t, want, got))
			}
			if again := canonical(t, merged(t, s, sequence...)); again != got {
				t.Fatalf("seed %d: merging twice changes the state:\n%s", seed, diffJSON(t, got, again))
			}
		}
	}
}
