// Package arch holds the law of the code's shape as tests: who may import whom,
// where each third-party library lives, what a pure package may not do, and that
// every package says what it is. A folder that is missing from the table fails,
// so that a new folder is a decision.
package arch
