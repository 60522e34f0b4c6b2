// Package rulebook keeps the calling rules that managers set, office by office:
// who set which, when, why, and what was in force before. A rule of the book is
// laid over the one of the catalogue; what concerns the machinery alone (how many
// may wait, whether web tickets check in) stays the catalogue's.
//
// Its invariants: a rule is set on the version that its author looked at, so of
// two managers at once the second is told; nothing is ever taken out of the
// history, an undo is one more entry; a rule that could let somebody wait for ever
// is refused.
//
// A Book is safe for concurrent use.
package rulebook
