// Package redistest starts a real redis-server for a test, with every write
// synced to disk, and breaks it on demand.
//
// Its one invariant: it only ever signals processes that it started itself, and
// none of them outlives its test. A missing redis-server fails the test, it does
// not skip it.
package redistest
