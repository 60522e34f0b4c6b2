// Package api is Machi's HTTP edge: the fixed paths under /api/v1, the live
// channel as WebSocket and Server-Sent Events, the kiosk protocol, the probes and
// the admin listener.
//
// Its invariant: a request either becomes exactly one command to an office, or is
// answered without any effect. Whatever is wrong with a request is answered with
// an RFC 9457 problem that bears a code, and a field where one is to blame, before
// an office hears of it.
//
// The idempotency key of a request is the id of its command, so that "do not do it
// twice" is kept by the log itself and holds across servers, restarts and retries.
//
// openapi.yaml is the description of everything here. A test compares it with the
// routes in both directions, and other tests validate answers against it. Every
// route stands in one table with the roles that may use it (routes.go); the test of
// the role matrix is made from that table and the router, so that a route without
// a row fails.
package api
