// Package manager is what a manager looks at: all offices at once, those in
// trouble first, with what to do about it.
package manager
