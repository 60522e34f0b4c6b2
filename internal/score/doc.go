// Package score measures wait estimates against what happened: how far off the
// point was, how often the range held, and how plain methods would have done on
// the same tickets. It sees events in their order and never looks ahead.
package score
