// Package trouble lets ticket machines live through the days that a city has to
// expect: the line dead from opening to closing, over midnight, for three days; a
// clock without a battery; a full disk; a torn store; a printer that is unplugged;
// the same disk in two machines.
//
// The machines are the real ones, on clocks that the tests turn; the server is the
// real one, started and stopped as operators do; between them stands a wire that
// refuses, swallows, delays, loses and breaks off.
//
// The invariant: what left a printer is in the server's log once the wire is whole,
// under the number that people read, and no number is on two papers of one day.
//
// [Modes] names, for each failure mode that concerns a ticket machine, the test that
// shows what happens.
package trouble
