package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/notify/outward"
)

// ErrInside says that an address lies inside a network that is not allowed.
var ErrInside = errors.New("webhook: an address inside a network")

// notPublic are the networks that no stranger's server can have: of this machine, of
// buildings, of providers, for examples and for translation between the two protocols,
// which could lead inside again (IANA's special-purpose registries).
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(list ...string) (all []netip.Prefix) {
	for _, text := range list {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// Guard lets requests out to public addresses, and to networks that are allowed. A name
// is resolved once, and what was looked at is what is connected to.
type Guard struct {
	// Allow are networks of one's own that may be reached.
	Allow []netip.Prefix
	// Lookup resolves names; nil: as this machine does.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

// may reports whether an address may be connected to.
func (g *Guard) may(a netip.Addr) bool {
	a = a.Unmap()
	if a.Zone() != "" || !a.IsValid() {
		return false
	}
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	return slices.ContainsFunc(g.Allow, holds) || !slices.ContainsFunc(notPublic, holds)
}

// inside reports whether a host is an address in a network that was allowed.
func (g *Guard) inside(host string) bool {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && slices.ContainsFunc(g.Allow, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// mayName finds what cannot be reached before anybody asks for its address. Numbers that
// some resolvers read as addresses (0x7f.1, 2130706433) are no names.
func (g *Guard) mayName(host string) bool {
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return g.may(a)
	}
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(host), "."), ".")
	last := labels[len(labels)-1]
	digit := last != "" && last[0] >= '0' && last[0] <= '9'
	return len(labels) > 1 && !digit && last != "" && last != "localhost" && last != "local" && last != "internal"
}

// dial connects to a name's addresses if all of them may be: one bad one spoils the name.
func (g *Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	list, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if !g.may(a) {
			return nil, ErrInside
		}
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	var failed error
	for _, a := range list[:min(len(list), 4)] {
		c, err := d.DialContext(ctx, network, netip.AddrPortFrom(a, uint16(n)).String())
		if err == nil {
			return c, nil
		}
		failed = err
	}
	return nil, failed
}

func (g *Guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	lookup := g.Lookup
	if lookup == nil {
		lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	list, err := lookup(ctx, host)
	if err == nil && len(list) == 0 {
		err = errors.New("webhook: the name has no address")
	}
	return list, err
}

// Client returns a client that is guarded. It takes no proxy, which would resolve names
// by itself, and follows no redirection.
func (g *Guard) Client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: g.dial, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 10 * time.Second, IdleConnTimeout: 30 * time.Second,
			MaxIdleConnsPerHost: 2, MaxResponseHeaderBytes: 16 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: outward.Stay,
	}
}
