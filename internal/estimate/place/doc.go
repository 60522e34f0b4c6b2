// Package place is the memory of one office for wait estimates: what its events
// have taught about service times, counter hours, habits of calling and people
// who leave, and how it turns the line of this moment into a distribution of
// each wait.
//
// It is pure and deterministic: the same events give the same answers, to the
// bit, wherever they are played. A Model takes any stream of events and never
// fails on odd ones. It is not safe for concurrent use.
package place
