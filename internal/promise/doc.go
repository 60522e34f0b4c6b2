// Package promise compares what people were told with what became of it.
//
// Whoever takes a ticket is told a range: the wait until the first call, rounded
// outward as it is shown. The promise was kept if the first call came within that
// range, both ends included. A call before it is early, one after it late. Later
// calls of the same visit (after the back office, after a transfer) are not
// compared: nobody is told a range for them when the ticket is taken.
//
// A number that was called is compared whether or not its holder came, since the
// moment of the call is known; those who did not come are counted beside it. Who left
// before any call is counted apart, and among them who had waited past the upper end:
// for them the range was certainly too short. Also apart stand those who were told
// no range, or one without an upper end, who asked for more time, and whose moments
// are not certain.
//
// It is pure: the same tables give the same figures.
package promise
