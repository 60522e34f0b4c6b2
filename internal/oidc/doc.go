// Package oidc signs people in at the city's own sign-in service by OpenID Connect:
// the code flow with PKCE (S256), state and nonce.
//
// The service is asked for its addresses when somebody first signs in, so that a
// server starts, and local accounts work, while it is away. What is under way is
// sealed into the browser's cookie: any server can finish what another began.
//
// An answer counts only if all of it fits: one state, which is ours and was not used;
// the issuer, where the service names it; a code that the service takes together with
// our verifier; an ID token of that issuer, for us alone, signed by one of its keys
// with an algorithm of the list, within its time (60 seconds of clocks), with our
// nonce. A person is issuer and "sub", never a name or an address. What somebody may
// do follows from the groups that the token names.
//
// A [Service] may be used by several goroutines.
package oidc
