// Package account keeps people: who may sign in, what they may do where, and the
// sessions that they have begun.
//
// Accounts are a log of their own (the stream "accounts"). Sessions and attempts to
// sign in are one log for each day ("sessions@2026-11-21"): a session lives for less
// than a day, so a server reads two of them and keeps nothing older in memory. All
// servers follow both, so what is ended at one of them ends at all within a second.
//
// No log holds a password, a session's token, a recovery code or the name that a
// stranger typed: passwords are argon2id, the others SHA-256 of random bits or keyed
// hashes, and the secrets of authenticator apps are sealed with the installation's
// key. The clock is the wall's, also in a rehearsal.
package account
