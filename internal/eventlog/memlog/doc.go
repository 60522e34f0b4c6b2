// Package memlog keeps logs in memory: a real implementation of
// [eventlog.Store] for tests and for the simulated world.
//
// Its one invariant: it does what it is told in the order of the calls, with no
// goroutine, clock or chance of its own, so that a run repeats exactly. Faults
// come from a function the caller sets with [Store.SetFaults]; [Store.Truncate]
// and [Store.Replace] turn a stream into what a store shows that forgot its tail
// or woke up with another history.
//
// All methods may be called from several goroutines. The suite in logtest and the
// fault table in this package test it.
package memlog
