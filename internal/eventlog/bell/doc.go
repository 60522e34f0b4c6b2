// Package bell wakes goroutines of one process that wait for a log to grow.
//
// Its one invariant: whoever looked at the log before a ring and found nothing is
// woken by that ring, because the channel to wait on is taken before the look.
//
// All methods may be called from several goroutines. The package starts none.
package bell
