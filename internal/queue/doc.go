// Package queue is the domain: one office, one business day.
//
// A day is a log of entries. [Decide] answers a command with the events that it
// causes, or with a [Refusal]; [State.Apply] folds an entry into the state. The
// same entries give the same state on every machine: time, ids and chance come
// in with the command, and nothing here reads a clock, a disk or a network.
//
// Two kinds of entry exist. A decided entry was decided on exactly the state
// before it, so its events must fit, and one that does not is a corrupt log. A
// fact happened elsewhere (a kiosk that worked alone, the lost tail of a store)
// and is merged by [State.Apply] whatever the state: paper that was printed,
// calls that were made and visits that were served are never refused, at most
// flagged.
//
// [Next] answers which ticket a counter calls next, and why. The call button,
// the estimator and the simulator all ask this one function.
//
// A State has one owner and is not safe for concurrent use; [State.Clone] is
// cheap because tickets and counters are replaced, never changed in place.
package queue
