// Package journal keeps records in append-only files, in two shapes.
//
// [Store] is an [eventlog.Store] with one file for each stream. Several processes
// may append: a lock on the file covers comparing and appending, and whoever takes
// it first reads what others have added.
//
// [Side] is a server's side journal: every record that it has seen, of any number
// and any history, of all streams in one series of segment files, so that one
// fsync makes the records of all offices safe. It is what a lost tail is put back
// from.
//
// A file is a row of frames. One frame is one commit: magic, length, checksum of
// the content, checksum of the header, then the content. The invariant of both
// shapes: a frame counts only whole, and no call returns before the frame, and for
// a new file its name, is on the disk.
//
// What a crash leaves behind the last whole frame is cut off when the file is next
// written to. Such a torn end is told from damage: a frame is torn if it reaches
// past the end of the file or has a whole 512-byte sector of zero bytes, which is
// what a sector that never reached the disk reads as, and if no whole frame comes
// behind it. Everything else that fails its checksum is [eventlog.ErrCorrupt] and
// stops appends: bytes that may have been confirmed are never cut.
//
// After a failed fsync nothing is known about the file any more; the log refuses
// further appends until it is opened again.
//
// All methods may be called from several goroutines. The tests tear a file at every
// byte of its last frame, flip every bit of it, kill appenders, and run the suite
// in logtest over two stores on one directory.
package journal
