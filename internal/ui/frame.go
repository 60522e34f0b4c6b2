package ui

import (
	"embed"
	"net/http"
)

//go:embed templates
var frameFiles embed.FS

// policy is the content security policy of every page: nothing inline, nothing
// from elsewhere, in nobody's frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Protect sets the headers that every page is sent with.
func Protect(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if h.Get("Referrer-Policy") == "" {
		h.Set("Referrer-Policy", "same-origin")
	}
	if h.Get("Permissions-Policy") == "" {
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	}
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
}

// Private marks a page that nobody but its reader may keep, find or be sent
// from: its address is a secret, or its content is staff's.
func Private(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}
