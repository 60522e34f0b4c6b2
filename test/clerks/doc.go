// Package clerks holds the tests of many clerks at once: 64 counters of one office,
// through two servers on a real Redis.
//
// TestSixtyFourClerksCallSixtyFourTickets lets them press at the same instant, round
// after round. Nobody is called twice and nobody is passed over; and the whole
// history, as clients saw it, could have come from one queue that does one thing at
// a time (linearizability, checked with porcupine).
//
// TestTheCheckerSeesWhatIsWrong is the checker's own test: histories with planted
// faults, such as one ticket called by two counters, must not pass.
package clerks
