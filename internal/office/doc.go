// Package office is the one door to an office's business day.
//
// A [Ward] runs the days of all offices over one [eventlog.Store]. [Ward.Do]
// decides a command on the newest state, appends its record to the log, makes it
// safe in the server's own journal and only then answers. Several Wards, in
// several processes, may run over one store: an append that lost the race follows
// the log and decides again.
//
// [Core] is the part that decides: a step machine of one office-day without
// goroutines, clock or I/O. It is told what happened ([Input]) and answers what is
// to be done ([Output]). The simulator runs the same Core; the Ward adds nothing
// but goroutines, timers and calls.
//
// The one invariant: nothing is decided while the position is in doubt. A store
// that stands elsewhere than it was left (a lost tail, another history) is
// repaired first: the same chain is put back record by record; into another
// history everything that was known goes in again as facts, whose outcome is
// pinned. Nothing that was answered is ever decided anew.
//
// A Core has one owner. All methods of a Ward may be called from several
// goroutines; the states it hands out are never changed.
//
// The tests drive the Core by hand through every outcome of every call, and Wards
// on the memory store with its faults and on a real redis-server.
package office
