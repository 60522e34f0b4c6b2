// Package auth knows the tokens of programs and people: who a token stands for,
// what role it has, and at which office.
//
// Tokens are kept as a log of their own (the stream "auth"), so that every server
// on one store sees a token within a second of its creation or revocation, and
// so that the same storage contract serves here as well. The log holds no token:
// only its SHA-256, which suffices because a token is 256 random bits. It also
// holds the installation's key, from which the status secrets of tickets are
// derived; the auth log is therefore itself a secret, unlike the logs of offices.
//
// A [Keeper] may be used by several goroutines.
package auth
