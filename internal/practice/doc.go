// Package practice lets a member of staff work at a counter that is not real: an
// office of their own, in memory, with the services and counters of a real one,
// pretend residents and pretend colleagues. The pages and the API are the real
// ones, so what is learned here holds at the counter.
//
// Nothing of it can reach a real office: a practice office has a name of its own
// ([Prefix]), a log of its own and a server of its own inside this process, and
// requests are told apart by that name alone.
//
// A [School] may be used by several goroutines.
package practice
