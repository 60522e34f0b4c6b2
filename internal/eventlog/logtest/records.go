package logtest

import (
	"fmt"
	"math/rand/v2"

	"machi/internal/eventlog"
)

// Records returns n records that chain onto head, with bodies that differ in
// content and length and are the same in every run. After the zero head they
// belong to the incarnation [Life].
func Records(head eventlog.Head, n int) []eventlog.Record {
	return Named(fmt.Sprintf("after %d", head.Number), head, n)
}

// Named returns n records like [Records] whose bodies carry name, so that two
// callers with one head write different records.
func Named(name string, head eventlog.Head, n int) []eventlog.Record {
	records := make([]eventlog.Record, 0, n)
	for i := range n {
		r := Next(head, []byte(fmt.Sprintf("%s #%d %s", name, i, noise(head.Number, i%97))))
		r.Fact = r.Number%7 == 0
		records = append(records, r)
		head = r.Head()
	}
	return records
}

// Next returns the record with this body that follows head.
func Next(head eventlog.Head, body []byte) eventlog.Record {
	life := head.Incarnation
	if head.Number == 0 {
		life = Life
	}
	return eventlog.Record{Number: head.Number + 1, Prev: head.Hash, Incarnation: life, Body: body}
}

// Life is the incarnation of all logs that the helpers begin.
var Life = eventlog.Incarnation{'l', 'o', 'g', 't', 'e', 's', 't', 0, 0xff, 1}

// noise returns size bytes, among them zero bytes, line ends and broken UTF-8.
func noise(seed int64, size int) []byte {
	random := rand.New(rand.NewPCG(uint64(seed), uint64(size)))
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(random.Uint32())
	}
	return out
}
