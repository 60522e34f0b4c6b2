// Package board says what may be seen: by everybody ([Office]), by the holder of
// a ticket ([TicketStatus]), at a counter ([Console]) and by a manager
// ([Dashboard]).
//
// Everything here is a pure projection of a day's state and its estimate onto
// types that hold nothing else. What is not a field of these types cannot leave
// the server: they are the allow-list of public data.
package board
