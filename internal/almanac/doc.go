// Package almanac keeps what staff know of days to come: that a day will be busier or
// calmer than the forecast says, and what takes place that brings people or keeps them
// away. Who said it, when and why stands beside it.
//
// Its invariants: whatever is said has a reason that residents may read; nothing is
// ever taken out of the history, taking a word back is one more entry; the same
// command sent again changes nothing.
//
// A Book is safe for concurrent use.
package almanac
