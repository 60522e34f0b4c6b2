// Package store keeps a ticket machine's marks in two files: a bbolt file and an
// append-only journal. A mark is safe when at least one of them has it on the
// disk; both are written at once, and a file that fell behind or was damaged is
// filled up from the other one at the next start.
//
// The invariant: what Save returned nil for is among the marks of the next Open,
// in order, as long as one of the two files survives.
//
// The store's id is the first record of the log, so it lives and dies with the
// data: a machine with a new disk is a new store, with a new range of numbers.
//
// [Store.Tidy] writes both files anew when most of what they hold is not needed any
// more, as the next generation of the same log. Each new file is whole on the disk
// before it takes the old one's name, so a crash leaves a generation in each file;
// the older one is begun anew from the newer.
//
// The journal takes its room on the disk ahead of its end, so that a disk that
// fills up stops the bbolt file, but no ticket.
//
// A Store has one writer; Health may be called from anywhere. The tests damage and
// swap the files, one at a time and both, cut the power at every point of a
// rotation and, in test/powercut, at every sector of a write.
package store
