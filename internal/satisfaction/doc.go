// Package satisfaction counts what residents say of their visit with one tap: good,
// fair or poor.
//
// Its one invariant: an answer counts once, and nothing that is kept leads from an
// answer to a ticket or a moment. What makes an answer count once is a mark that only
// the holder of the ticket's secret could make again; records bear their day's noon.
//
// A book is one small stream for each day, beside the logs of the offices. A [Book]
// may be used by several goroutines.
package satisfaction
