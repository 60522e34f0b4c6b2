// Package counted keeps what ticket machines count beside their log: ways not to wait
// that they showed and that were taken, and how long they worked without a server.
//
// Its one invariant: what is kept of a machine's day only grows, so that reports which
// come twice, late or to several servers count once. A book is one small stream for
// each month, beside the tokens. It may be used by several goroutines.
package counted
