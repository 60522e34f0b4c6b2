// Package triage finds what somebody needs by the words that people use: the search
// of the reception desk, over the guide of the catalogue.
//
// Spelling does not count: full and half width, hiragana and katakana, small and
// large kana, long vowels, capital letters and the usual okurigana fall together
// ([Fold]). Several words may be given, with or without spaces; what knows more of
// them stands higher, and a slip of one letter is forgiven where nothing else was
// found.
//
// Its one invariant: an index is never changed after [New], and the same query has
// the same answer.
package triage
