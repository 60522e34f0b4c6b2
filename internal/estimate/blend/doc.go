// Package blend is the second stage of the wait estimates. It takes what the
// virtual queue and the plain methods say about one ticket, learns on line
// which of them is right at this office, and keeps the stated 80 % range at
// 80 % by looking at what came of its own words.
//
// It learns strictly afterwards (at the call, or when somebody leaves), draws
// nothing by lot and reads no clock: the same calls give the same figures,
// bit for bit. Predict changes nothing.
package blend
