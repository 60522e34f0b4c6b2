// Package server assembles Machi: a store, the offices that run over it, the live
// boards, the API and the pages, behind two listeners.
//
// Its invariant: what was opened is closed, in the reverse order, however far the
// start came. [New] opens and listens; [Server.Run] serves until its context ends,
// then lets requests under way finish, tells watchers to come back later, and
// closes the store last, when nothing can write to it any more.
//
// One data folder belongs to one running server. It holds the server's identity
// and the serials of the tickets it has issued, the side journal of every record it
// has seen and, without Redis, the log itself.
//
// The tests start real servers on loopback ports over real stores; two of them on
// one Redis must never give a number, or call a ticket, twice.
package server
