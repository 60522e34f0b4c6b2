// Package alert says what a manager should act on, before people ask: nobody calls a
// line, a wait is too long or is about to be, visits suddenly take longer, a machine or
// a screen is down. Each comes with one next step.
//
// [Find] looks at an office at a moment. It keeps nothing between two looks: what lies
// in the past it reads from the day's own state, so every server, and one that has just
// started, finds the same. What cannot be known now is neither begun nor ended.
//
// A [Book] folds what became of the findings: an alert begins once per trouble, may be
// taken over, put off or raised to the next level, and ends by itself. [Book.Next]
// decides, and the shell (package duty) writes it down.
//
// It is pure: the same state and book give the same alerts.
package alert
