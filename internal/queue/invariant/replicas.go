package invariant

import (
	"bytes"
	"fmt"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// CheckRecords judges a log as it is stored: its chains (L2), then every entry.
// It stops at the first record that breaks a chain or does not decode.
func CheckRecords(records []eventlog.Record) []Violation {
	var head eventlog.Head
	origins := map[string]day.Origin{}
	entries := make([]queue.Entry, 0, len(records))
	for i, r := range records {
		e, err := link(head, origins, r)
		if err != nil {
			return append(Check(entries), Violation{"L2", int64(i) + 1, err.Error()})
		}
		head = r.Head()
		entries = append(entries, e)
	}
	return Check(entries)
}

// link checks that a record follows in its log and in its origin's chain.
func link(head eventlog.Head, origins map[string]day.Origin, r eventlog.Record) (queue.Entry, error) {
	if err := head.Follows(r); err != nil {
		return queue.Entry{}, err
	}
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return queue.Entry{}, err
	}
	last := origins[body.Origin]
	if body.OriginNumber != last.Number+1 || body.OriginPrev != last.Hash {
		return queue.Entry{}, fmt.Errorf("entry %d of %s does not follow its entry %d", body.OriginNumber, body.Origin, last.Number)
	}
	origins[body.Origin] = day.Origin{Number: body.OriginNumber, Hash: eventlog.BodyHash(r.Body)}
	return day.Entry(body, r.Fact)
}

// CompareReplicas is L3: days with the same head have the same state, and each
// has the state that its own records give.
func CompareReplicas(days ...*day.Day) []Violation {
	var found []Violation
	first := map[eventlog.Head]eventlog.Hash{}
	for i, d := range days {
		hash, err := d.Hash()
		again, replayErr := day.Replay(d.Records(0, 0))
		if err != nil || replayErr != nil {
			found = append(found, Violation{"L3", d.Head().Number, fmt.Sprintf("replica %d does not replay: %v %v", i, err, replayErr)})
			continue
		}
		if replayed, _ := again.Hash(); replayed != hash {
			found = append(found, Violation{"L3", d.Head().Number, fmt.Sprintf("replica %d has another state than its own records", i)})
		}
		if want, known := first[d.Head()]; known && want != hash {
			found = append(found, Violation{"L3", d.Head().Number, fmt.Sprintf("replica %d has another state at the same head", i)})
		}
		first[d.Head()] = hash
	}
	return found
}

// CheckConfirmed is L1: every command that was answered with yes is in the day,
// once. A second entry may only be a fact that tells of it again.
func CheckConfirmed(confirmed []queue.CommandID, d *day.Day) []Violation {
	times := map[queue.CommandID]int{}
	for _, r := range d.Records(0, 0) {
		if body, err := eventlog.DecodeBody(r.Body); err == nil && (!r.Fact || times[queue.CommandID(body.Command)] == 0) {
			times[queue.CommandID(body.Command)]++
		}
	}
	var found []Violation
	for _, id := range confirmed {
		if times[id] != 1 {
			found = append(found, Violation{"L1", d.Head().Number, fmt.Sprintf("confirmed command %s is in the log %d times", id, times[id])})
		}
	}
	return found
}

// CheckMerge is L5: batches of facts on one state give one state in any order,
// and when they come a second time. The batches must come from different
// origins, for an origin's own order is never changed. With n batches it tries
// n! orders; the caller keeps n at 5 or below.
func CheckMerge(base *queue.State, batches [][]queue.Entry) []Violation {
	var want []byte
	var found []Violation
	orders(len(batches), func(order []int) {
		s := base.Clone()
		for range 2 {
			for _, i := range order {
				for _, e := range batches[i] {
					if err := s.Apply(e); err != nil {
						found = append(found, Violation{"L5", 0, "a fact was refused: " + err.Error()})
					}
				}
			}
			got, err := s.Canonical()
			if want == nil {
				want = got
			}
			if err != nil || !bytes.Equal(got, want) {
				found = append(found, Violation{"L5", 0, fmt.Sprintf("order %v gives another state", order)})
			}
		}
	})
	return found
}

// orders calls with every permutation of 0..n-1.
func orders(n int, with func([]int)) {
	order := make([]int, 0, n)
	used := make([]bool, n)
	var extend func()
	extend = func() {
		if len(order) == n {
			with(order)
		}
		for i := range n {
			if !used[i] {
				used[i], order = true, append(order, i)
				extend()
				used[i], order = false, order[:len(order)-1]
			}
		}
	}
	extend()
}
