// Package audit keeps who did what beside the offices' own logs: log-ins,
// accounts, tokens, machines, rules, exports, repairs.
//
// Entries are records of a log of their own, one stream for each month
// ("audit:2026-11") beside the tokens. Every record names the hash of the one
// before it, and the first of a month the head of the month before: whoever
// changes, removes, inserts or swaps an entry breaks the chain, or has to make all
// that follow anew. The second is found by heads that are kept elsewhere: each
// server remembers the newest in a file of its own, writes one a day to its log, and
// shows and exports one for every day. [Verify] holds the chain against them.
//
// [Book.Search] also reads the acts of the offices' logs (calls, undo, take-overs,
// transfers), so that one question answers "who did what".
//
// A [Book] may be used by several goroutines, and several processes may write to
// one store.
package audit
