// Package yearplan keeps a ward's table of measures (年次別計画・実績): what an office, or
// the whole ward, means to do and to reach in each fiscal year, what became of it, and
// what was tried. The figures that were reached are computed elsewhere; what is entered
// here is the plan, and results that only people can tell.
//
// Its invariants: a change is decided on the version of the row that its author looked
// at, so of two managers at once the second is told; nothing is ever taken out of the
// history, a row that is removed can be put back.
//
// A Book is safe for concurrent use.
package yearplan
