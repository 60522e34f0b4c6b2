// Package kiosk is the ticket machine: the mind of package replica between a
// store of two files, a printer, a touch screen and a server that may be gone.
//
// A loop goroutine owns the [replica.Agent]; everything that happens is sent to it
// as an input, and what the agent wants is carried out around it: marks are made
// safe in the loop itself, before anything behind them goes out; the server is
// asked, and paper printed, by goroutines that report back.
//
// The invariant: a number is on paper or on the screen only after the mark that
// explains it is on the disk.
//
// A machine that was never connected has no plan and no range: it says so, on its
// screen and in its log, and gives no numbers until the server has answered once.
// From then on it works alone, from its stored plan, for as long as it must.
//
// What staff and visitors do at the machine goes to the server, or, while that does
// not answer, into the machine's own chain under the same command id. What the
// machine knows of its tickets, their words and their paper, is folded from the
// marks at every start. A ticket's secret lives in memory only, until the visitor has
// it, is followed by another, or has been away for a minute; staff can print a copy,
// but never its secret, unless the visitor shows it.
//
// The server hears how the machine is every 15 seconds and as soon as a word of that
// changes. Other offices' waits are asked for once a minute at most, and shown while
// they are fresh.
//
// The touch pages are served on a loopback address only, under a path that is
// random and kept secret; requests need a known Host, and those that change
// anything a matching Origin and a JSON body. A GET never prints.
//
// The methods of [Kiosk] may be called from several goroutines. The tests run the
// real agent as a process, kill it at every point of a press, and start it again.
package kiosk
