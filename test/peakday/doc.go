// Package peakday holds the tests of the whole system at once, through its public
// doors only: HTTP for staff and residents, the buttons of real ticket machines,
// paper in a folder, records in a real Redis, and the operator's verify.
//
// TestPeakDay is one office on its busiest day: all counters, two servers
// on one Redis, two machines, one of which hears nothing of its server for four hours.
// 120 people come, and with -more 7 the 800 of the busiest day there was. TestPowerCuts
// kills a serving process and a printing one.
//
// The invariant: whatever left a printer or was answered with 201 is in the log,
// once, under the number that people read.
//
// People are counted, not timed, and the day's clock waits for them: on a slower
// machine the same day takes longer, and nothing else changes.
package peakday
