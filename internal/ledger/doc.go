// Package ledger keeps a small stream of events that every server of an
// installation follows: what one of them writes, the others know within a second,
// and one that starts later reads it from the beginning.
//
// Its one invariant: an event is decided on everything that was written before
// it. Two writers at once are put in order by the log, and the later one is asked
// again. What a store forgets is put back from memory.
//
// A Ledger is safe for concurrent use.
package ledger
