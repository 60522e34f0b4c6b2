// Package replica is the mind of a ticket machine: a copy of an office's days
// that keeps working when nobody answers.
//
// [Replica] is one office-day as a machine knows it: the records that the server
// confirmed, with the machine's own bodies merged on top as facts. [Press] is one
// touch of a button on its way to paper, [Link] what the machine believes about
// the server, [Clock] what it believes about the time, and [Agent] the whole of
// them: inputs in, outputs out, no goroutines, no clock, no disk and no network.
// The kiosk drives an Agent with the real world, the simulator with a made-up one.
//
// The invariant is durable first: nothing that a visitor can see or hold leaves
// an Agent before the [Mark] that explains it after a crash was reported as safe.
//
// Nothing here is safe for concurrent use; an Agent has one owner. The tests walk
// through every state and every restart point, and through random days.
package replica
