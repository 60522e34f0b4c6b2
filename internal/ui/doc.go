// Package ui is what all pages share: design tokens and browser modules, the
// words in every language, and the frame that a page is set in.
//
// Its one invariant: the words a page is drawn with on the server and the words
// the browser redraws it with come from the same catalogues and follow the same
// cases (told/testdata/told.json is run by Go and by node).
//
// Everything here is read once at start and never changed afterwards, so all of
// it is safe for concurrent use. Tests demand equal keys in every language.
package ui
