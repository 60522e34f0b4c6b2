// Package estimate answers how long it will take, as a range: for every waiting
// ticket and for somebody who would take one now, until called and until
// finished.
//
// A [Follower] reads the log of an office-day. It tells the office's memory (package
// place) what each record changed, and when it is asked, it plays out the calls to
// come as the office's rule will make them and lets the memory answer for that line:
// counters that are open, the time already spent on each visit, the stages and
// services still to come, machines that nobody hears of.
//
// It is pure: the same lessons and the same log, asked for the same moment under the
// same conditions, give the same answer to the last bit on the server, on a kiosk
// that works alone, in a file and in the simulator. An estimate is never negative,
// its low end never lies above its middle nor its middle above its high end, nobody
// later in a line is told less, and where nothing is known it says so instead of
// guessing. What breaks inside becomes "unknown", and [Office.Failed].
package estimate
