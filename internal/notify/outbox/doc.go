// Package outbox keeps what several servers have to send, in a stream that all of
// them follow, so that each item is sent once.
//
// Its invariant: an item is sent only by the server whose claim of it is the newest
// record about it, and a claim is in the store before anything is sent. A claim whose
// server went away is taken over: by the same server's next run at once, by others
// when the lease is over, measured by their own clocks from when they saw it. What
// became of the first message is then unclear; such an item is tried once more and
// never a third time.
//
// The items themselves mean nothing to this package. A Box is safe for concurrent use.
package outbox
