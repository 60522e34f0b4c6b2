// Package estimate answers how long it will take, as a range: for every waiting
// ticket and for somebody who would take one now, until called and until
// finished.
//
// It is pure: the same state at the same moment gives the same answer on the
// server, on a kiosk that works alone and in the simulator. An estimate is never
// negative, its low end never lies above its middle nor its middle above its
// high end, and where nothing is known it says so instead of guessing.
package estimate
