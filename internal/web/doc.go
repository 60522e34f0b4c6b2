// Package web is every page that a person looks at in a browser, apart from the
// ticket machine's: one folder per reader, with its Go, templates, styles and
// modules side by side.
//
// Its one invariant: pages change nothing. What a form asks for is passed on to
// the API, with the reader's own rights and the key that makes a repeat
// harmless; the rules live there and nowhere else.
//
// Pages hold only what was read at start and are safe for concurrent use.
package web
