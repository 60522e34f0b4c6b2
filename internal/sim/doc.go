// Package sim is the simulated world: offices, ticket machines, servers, a store
// that may forget, residents and staff, all in one goroutine on virtual time.
//
// It runs the real domain, the real step machines of the servers and of the
// ticket machines, and models only what surrounds them: networks, disks, clocks,
// printers, Redis and people. Everything that happens follows from a seed, so a
// day that went wrong can be repeated, told as a story and made smaller.
//
// Its one invariant is its purpose: whatever survivable faults happen, what was
// printed, called, served or confirmed is in the final log once, no number is on
// paper twice, and once the faults stop every copy of the day is the same.
//
// A world belongs to one goroutine. [Run] runs several worlds side by side; they
// share nothing. The simulator is itself tested with planted bugs (see package
// planted): each must be found within a set number of seeds.
package sim
