// Package calendar knows which days an office works: Japan's national holidays
// by rule, the closure over the new year, business days, and an office's
// reception hours with their exceptions.
//
// It is pure: a date goes in, an answer comes out, the same on every machine.
package calendar
