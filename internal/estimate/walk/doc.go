// Package walk plays a hall of waiting people and counters out into the future,
// many times over: numbers in, waits out. It knows nothing of offices, names or
// what an answer looks like.
//
// One future is a discrete-event simulation: the counter that is free first
// calls whoever comes first in the order of those it serves. Futures differ in
// how long each service takes, who leaves or does not come, and what the
// counters do. The draws are the same for every walk (common random numbers),
// so that two moments or two places in a line differ by what happened and not
// by chance, and they are stratified over the futures (a Latin hypercube: McKay,
// Beckman and Conover 1979), so that few futures do for many.
//
// The walk's numbers belong to one goroutine at a time, whose owner holds the lock.
// The race detector does not look at each of them, here and where place makes them
// ready (go:norace): a test of a whole day would wait ten times as long for figures.
package walk
