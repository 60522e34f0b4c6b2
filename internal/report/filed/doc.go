// Package filed keeps which reports were made: of which period and office, when, and
// which revision it is. A report is made when its period is over and the days in it were
// read, and again whenever late records change a figure in it, so that two sheets of
// paper that differ never bear the same number.
//
// The figures themselves are not kept, since they can be made again at any time; a print
// of them is, and tells whether they are still those of the revision.
//
// A Book is safe for concurrent use.
package filed
