// Package curve draws the course of an office's day: how many people waited every
// five minutes, and what those were told who took a number; and how days of the same
// kind usually go.
//
// The day so far is folded from its log and the usual day from the tables of closed
// days. Nothing of either is kept anywhere else, so a server that has just started
// shows what one shows that never stopped, and two servers show the same.
//
// It is pure: the same records and tables give the same curves.
package curve
