// Package embed is what other sites show of an office: a small page for a frame, a
// custom element, and the page that says how to use them.
//
// Its one invariant: nothing else of the server may stand in a stranger's frame, and
// nothing here knows who looks: no cookie is set, and none is read.
package embed
