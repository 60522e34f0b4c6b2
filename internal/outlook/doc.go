// Package outlook plays a day of an office, or the rest of one, many times over
// before it happens: who may come and which counters are open go in, what waits that
// would make comes out, as ranges. It says how many counters are needed, what one
// more would change, and what another plan would.
//
// One future is a discrete-event simulation of the same kind as that of the
// estimator, made of the same parts (package walk): the counter that is free first
// calls whoever comes first in the lines that it serves, visits last as long as
// visits there do, some leave and some do not come when called, and from one visitor
// to the next a clerk needs a moment. On a hall of plain lines both give the same
// waits to the second. Beyond the estimator's it knows the calling rule (priority by
// ratio, the longest wait, a counter's own services first), the stages of a visit,
// and the arrivals of a whole day with how unsure they are.
//
// Futures differ in how busy the day is, who comes when, and how long each visit
// takes. A visitor's draws are his own, whatever the counters do (common random
// numbers): two plans differ by what they change and not by chance.
//
// Approximate: appointments wait as walk-ins; nobody is put back into the line after
// a no-show; a counter finishes its visitor before a break; where the reception is
// over, the counters open at its end stay until nobody waits.
//
// Times of day are durations since midnight by the office's clock. It is pure: no
// clock, no input or output, no chance; the same Input gives the same Result to the
// bit.
package outlook
