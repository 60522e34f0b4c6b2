// Package public is what residents look at: the congestion of all offices, one
// office, their own ticket, and the screen on the office's wall.
//
// Its one invariant: a page is complete as it is sent; the modules only make it
// move. It shows nothing that is not in board's public types.
package public
