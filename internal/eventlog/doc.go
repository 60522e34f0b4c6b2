// Package eventlog is the one storage contract: a stream of records that is
// only ever appended to, after a head that the appender knows.
//
// A record holds all events of one command, so a command is atomic in any
// store. Each record carries the hash of the record before it: two copies with
// the same head have had the same day. The body of a record carries a second
// chain, that of the machine which wrote it, so that it can be put back at
// another place of the log, or of another log, and still be recognised.
//
// The implementations live in the packages below this one: memlog (memory, with
// switchable faults), boltlog (bbolt), redislog (Redis Streams) and journal
// (append-only files). Package logtest is the suite that all of them pass; bell
// wakes readers inside one process, redistest starts a real redis-server.
package eventlog
