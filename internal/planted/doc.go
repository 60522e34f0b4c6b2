// Package planted holds the bugs that the simulated world must be able to find.
//
// A place where a careless hand could break a promise asks [On]; without the
// build tag "planted" the answer is a constant false and the compiler removes
// the bug, so no released program contains one. A test looks for the marker of
// the tagged build in an ordinary one. The package is pure; in a tagged build
// [Plant] chooses one bug before the worlds start, and is not for several
// goroutines at once.
package planted
