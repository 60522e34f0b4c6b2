// Package page is what the pages of all readers are built on: the site they
// belong to, what they are drawn from, and how a form reaches the API.
//
// Its one invariant: a form is passed on with the sender's own cookie and
// origin, never with rights of the pages' own.
package page
