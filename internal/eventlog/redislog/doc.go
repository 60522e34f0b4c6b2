// Package redislog keeps logs in Redis Streams: the store that several server
// processes share.
//
// A stream lives under the key `machi:{<stream>}:log`. One entry is one commit:
// its id is `<number of its last record>-0`, its fields are the hash of that
// record (h), the incarnation (i) and the stored form of all its records in one
// blob (b). A short script compares the newest entry with the appender's head and
// adds; it is the only code of ours that runs in Redis.
//
// Its one invariant: Append never guesses. What Redis did not answer is looked up
// in the log before Append returns, after the connection that carried it was
// killed, so that nothing of it can arrive later; what cannot be looked up in time
// is [eventlog.ErrUnclear].
//
// One goroutine writes: it takes all appends that wait, of all streams, and sends
// them in one pipeline on one connection. A second goroutine listens for wake-ups,
// which are only hints: every waiting reader also looks for itself twice a second.
// All methods may be called from several goroutines.
//
// The user for Redis needs these commands: EVAL, EVALSHA, XADD, XRANGE, XREVRANGE,
// SCAN, PUBLISH, PSUBSCRIBE, WAIT, UNLINK, CLIENT INFO, CLIENT KILL and CONFIG GET. Without
// CLIENT KILL it works, but more outcomes stay unclear; without CONFIG GET the
// start check cannot be made.
//
// The tests run a real redis-server: the suite in logtest, kill -9 under load, and
// each kind of loss and damage that Redis does not report by itself.
package redislog
