package office

import (
	"machi/internal/day"
	"machi/internal/eventlog"
)

// recall makes of a journal the day that it remembers: the chain that ends in the
// newest record, and the bodies of all other records. A journal whose newest chain
// is not whole gives an empty day and all its bodies.
func recall(journal []eventlog.Record) (*day.Day, [][]byte) {
	chain := newestChain(journal)
	d, err := day.Replay(chain)
	if err != nil {
		d, chain = day.New(), nil
	}
	in := map[eventlog.Head]bool{}
	for _, r := range chain {
		in[r.Head()] = true
	}
	var extra [][]byte
	for _, r := range journal {
		if !in[r.Head()] {
			extra = append(extra, r.Body)
		}
	}
	return d, extra
}

// newestChain walks back from the newest record to the first, or returns nil.
func newestChain(journal []eventlog.Record) []eventlog.Record {
	if len(journal) == 0 {
		return nil
	}
	byHash := map[eventlog.Hash]eventlog.Record{}
	for _, r := range journal {
		byHash[r.Hash()] = r
	}
	r := journal[len(journal)-1]
	chain := make([]eventlog.Record, r.Number)
	for r.Number > 1 {
		chain[r.Number-1] = r
		before, ok := byHash[r.Prev]
		if !ok || before.Number != r.Number-1 {
			return nil
		}
		r = before
	}
	if r.Number != 1 {
		return nil
	}
	chain[0] = r
	return chain
}
