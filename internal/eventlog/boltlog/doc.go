// Package boltlog keeps logs in one bbolt file: the embedded store of a single
// server and of every kiosk.
//
// One bucket holds one stream; the key is the record's number, the value its
// stored form with a checksum of its own, because bbolt hands back damaged values
// without an error. Its one invariant: when Append returns, the transaction with
// all its records is on the disk.
//
// Only one process may have the file open; a second one gets [ErrLocked]. All
// methods may be called from several goroutines. Readers are never handed memory
// of the file, so no read transaction outlives a call.
//
// A torn file can kill or hang whoever opens it: bbolt maps the file into memory
// and panics on pages it does not understand. Run [Verify] in a child process with
// a time limit before opening a file that may have been torn.
//
// The suite in logtest and this package's damage tests test it.
package boltlog
