// Package powercut cuts the power of a ticket machine's store in the middle of a
// write, many times over, and looks what the next start finds.
//
// A cut leaves each file as it was at its last sync, plus any part of the 512-byte
// sectors that were written since: some of them, torn, out of order. The ordinary
// test builds such files from what the real store wrote to a real disk before and
// during one Save, in the order of syncs that bbolt and the journal have (data, then
// the page that points to it). Nothing needs to be mounted for that. The deep test
// runs the store as a process on a FUSE file system that sees every sync itself.
//
// The invariant: what Save returned nil for is there after every cut, even where
// the disk lies about the syncs of one of the two files. Where it lies about both,
// marks must be lost: the tests fail if they cannot see that.
package powercut
