// Package demo is the whole system in one process, for somebody who sees it for
// the first time: a server on bbolt with the real offices, two ticket machines,
// and pretend residents and clerks who use the public HTTP API like anybody else.
//
// Nothing here has a way of its own into the queue: what the demo can do, every
// other program can.
package demo
