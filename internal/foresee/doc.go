// Package foresee keeps the forecasts of all offices: it reads closed days as they come
// in, fits each office's model once a day and whenever there is more to learn from,
// makes the days to come, writes down what was told of them, and compares what was
// told a month ago with what became of it.
//
// Every server does it for itself and comes to the same days, since all of it is made
// of the closed days and of what staff said; what was told is written down once, by
// whoever is first. Nothing that anybody asks is answered from a store.
package foresee
