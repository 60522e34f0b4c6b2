// Package peakday holds the peak-day test: one office, one whole peak day, through
// the public doors only. Two servers share one Redis, two kiosks press, one of them
// is cut off for four hours, and at the end every paper that left a printer must be
// in the log under its own number.
package peakday
