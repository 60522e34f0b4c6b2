// Package screens is where staff look after the walls: which screens are alive and
// what they show, the playlist with its approvals and proofs, and emergency messages.
package screens
