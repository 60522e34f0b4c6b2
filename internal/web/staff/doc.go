// Package staff is what a clerk works with: the choice of a counter, and the console
// with its outbox.
//
// Its one invariant: every button is a form that works without script. The
// module only sends the same command without leaving the page, and takes over
// what the server draws next.
package staff
