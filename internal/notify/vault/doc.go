// Package vault seals what must be forgotten when a business day ends: whom to tell.
//
// Its invariant: what was sealed on a day can be read by nobody after [Ring.Destroy]
// of every server, wherever copies of the sealed bytes went (a store, its append-only
// file, a backup), because no key was ever there. Each server makes a private key for
// the day, in a file of its own. Keys that seal are made as they are needed, and reach
// the other servers wrapped for those private keys (HPKE, RFC 9180), through the same
// store as everything else. A backup of a server must leave the vault's folder out.
package vault
