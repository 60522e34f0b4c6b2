// Package signature signs HTTP requests and checks them: one strict profile of
// RFC 9421 (HTTP Message Signatures) with Ed25519 keys.
//
// A signature covers the method, the authority (Host), the path, the query, the
// digest of the body (RFC 9530) and, where there is one, the Idempotency-Key. It
// says when it was made, bears a nonce of 128 bits and names its key. The profile
// allows one spelling only: what is sent in another order, twice, or with other
// parameters is refused, so that two readers cannot understand one request in two
// ways. The scheme is not covered, because TLS may end in front of the server.
//
// [Parse] reads what a request claims; [Claim.Verify] holds it against a key;
// [Nonces] refuses to hear the same request again. A [Signer] may be used by
// several goroutines, and so may Nonces.
package signature
