// Package yearly makes up the business days of a ward's offices as they go through a
// year: how many people come for what and when (weekday, month start and end, moving
// season, tax certificates, marriage days, days around holidays), how clerks work and
// go to lunch, who is not there when called, who leaves, who is sent on.
//
// A day is made in one of two ways, by the same script and the same people: as a
// [history.Day] in a few milliseconds, for everything that reads closed days, or as the
// log that the queue decides, record by record.
//
// All of it is pretended: it is for demonstrations, tests and measurements. The same
// settings and options give the same day, to the bit.
package yearly
