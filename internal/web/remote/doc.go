// Package remote is what residents and managers look at for tickets that are taken
// from home: the page to take one, the page to say that one has come, the sheet and
// the screen at an office's door, and the manager's switch.
//
// Its one invariant: it decides nothing. Every page is drawn from what the API
// answers the same visitor, and every form is passed on to it.
package remote
