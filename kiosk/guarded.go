package kiosk

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// policy lets the pages load nothing but themselves.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// listenLoopback takes a loopback address. With 127.0.0.1 it takes [::1] at the
// same port as well, so that "localhost" is nobody else's whatever it resolves to;
// a machine without IPv6 does without.
func listenLoopback(address string) ([]net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("kiosk: listen address: %w", err)
	}
	first, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	if at.Addr() != netip.AddrFrom4([4]byte{127, 0, 0, 1}) {
		return []net.Listener{first}, nil
	}
	twin := net.JoinHostPort("::1", strconv.Itoa(portOf(first)))
	second, err := net.Listen("tcp", twin)
	if err != nil {
		return []net.Listener{first}, nil // no IPv6, or no such port there
	}
	return []net.Listener{first, second}, nil
}

func portOf(l net.Listener) int {
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return 0
	}
	return int(at.Port())
}

// gate keeps everything but the machine's own browser out: another page on this
// machine, a page of a foreign name that was made to point here, a guess at the path.
type gate struct {
	hosts map[string]bool // what the Host header may say
	token string          // first element of every path
}

func newGate(listeners []net.Listener, token string) *gate {
	g := &gate{hosts: map[string]bool{}, token: token}
	for _, l := range listeners {
		g.hosts[l.Addr().String()] = true
		g.hosts["localhost:"+strconv.Itoa(portOf(l))] = true
	}
	return g
}

// guard lets through what [gate.refuses] has nothing against, without the token in
// its path. Refusals: 421 for a foreign Host, 404 for a path without the token, 403
// for another site's page or a missing Origin, 415 for a body that is not JSON.
func (g *gate) guard(next http.Handler) http.Handler {
	next = http.StripPrefix("/"+g.token, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		if status, code := g.refuses(r); status != 0 {
			refuse(w, status, code)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuses says what is wrong with a request, or 0.
func (g *gate) refuses(r *http.Request) (status int, code string) {
	switch {
	case !g.hosts[r.Host]:
		return http.StatusMisdirectedRequest, "wrong_host"
	case !strings.HasPrefix(r.URL.Path, "/"+g.token+"/"):
		return http.StatusNotFound, "not_found"
	case foreign(r):
		return http.StatusForbidden, "wrong_site"
	case r.Header.Get("Upgrade") != "":
		return http.StatusForbidden, "no_upgrade" // nothing here speaks anything but HTTP
	case r.Method == http.MethodGet:
		return 0, ""
	case !oneHeader(r, "Origin", "http://"+r.Host):
		return http.StatusForbidden, "wrong_origin"
	case !isJSON(r):
		return http.StatusUnsupportedMediaType, "not_json"
	}
	return 0, ""
}

// foreign reports whether a browser says that a page of another site asks. An
// address that staff typed, or the browser's own start, has no site.
func foreign(r *http.Request) bool {
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return true
		}
	}
	origins := r.Header.Values("Origin")
	return len(origins) > 0 && !oneHeader(r, "Origin", "http://"+r.Host)
}

// oneHeader reports whether a header was sent once, with exactly a value.
func oneHeader(r *http.Request, name, value string) bool {
	all := r.Header.Values(name)
	return len(all) == 1 && all[0] == value
}

func isJSON(r *http.Request) bool {
	all := r.Header.Values("Content-Type")
	if len(all) != 1 {
		return false
	}
	kind, _, err := mime.ParseMediaType(all[0])
	return err == nil && kind == "application/json"
}
