// Package webpush tells browsers, by their makers' push services: encrypted for the one
// browser (RFC 8291), signed with this installation's key (VAPID, RFC 8292), and only to
// the hosts of known push services, because an endpoint is an address that a stranger
// names and this server calls.
package webpush
