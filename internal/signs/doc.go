// Package signs keeps what walls show beside calls: the playlist of each office and
// of the whole ward with who wrote and who approved every item, the bytes of its
// pictures and videos, emergency messages, and the screens that show all of it.
//
// Facts live in a small stream that every server of an installation follows
// (package ledger); bytes lie on a [Shelf]. Its one invariant: nothing that needs a
// second person is ever shown before another person than its writers approved it.
//
// A Book, a Shelf and a Roll are safe for concurrent use.
package signs
