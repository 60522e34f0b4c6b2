// Package webhook tells programs of others what happens: a turn is near, a number is
// called, a service became or is no more congested, a manager should act. Messages are CloudEvents 1.0, signed
// as Standard Webhooks says, and hold no name, secret or private service.
//
// Its invariants: of several servers one sends an event, every try of it bears the same
// webhook-id, and what cannot be delivered ends in a list that an administrator sees. An
// endpoint is an address that somebody typed: no request goes to the inside of a network
// unless the operator allowed that network, whatever the name resolves to (see [Guard]).
package webhook
