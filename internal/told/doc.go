// Package told is what people are told of a wait: the rounding, the limit above
// which no upper end is promised, and the steadiness of a figure that is looked at
// for a while.
//
// It is pure. Its one invariant: nothing in Machi shows a wait by another rule. The
// browsers' twin is ui/assets/told.js; both run testdata/told.json.
package told
