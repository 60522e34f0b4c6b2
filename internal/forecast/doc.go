// Package forecast says how many people will come: arrivals per service and slot
// of the day, days and weeks ahead, as a median and an 80 % range, with a level
// and the reasons for it, from nothing but the counts of the past.
//
// It is pure and deterministic: the same counts give the same model and the same
// forecast on every machine.
package forecast
