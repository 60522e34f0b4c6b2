package api

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// contentPolicy allows our own files and nothing inline.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// headers sets what every answer bears.
func (a *API) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := a.random()
		h := c.Response().Header()
		h.Set(echo.HeaderXRequestID, hex.EncodeToString(id[:8]))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Add("Vary", "Accept-Language")
		if a.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if a.hub.Rehearsal() {
			h.Set("Machi-Rehearsal", "true")
		}
		return next(c)
	}
}

// protect turns a panic into an internal error with a trace in the log: one bad
// request must not end the process that serves all offices.
func (a *API) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler {
					panic(r)
				}
				a.logger.Error("panic", "route", c.Path(), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				err = problem(codeInternal, "")
			}
		}()
		return next(c)
	}
}

// measure counts requests by route pattern, never by path: a path may hold a secret.
func (a *API) measure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err) // so that the status below is the one that is sent
		}
		a.metrics.observe(c.Request().Method, c.Path(), c.Response().Status, time.Since(began))
		return nil
	}
}

// guardSecrets limits guesses at the pages of tickets like those at the API: what
// such a page does not find counts as a miss.
func (a *API) guardSecrets(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !strings.HasPrefix(c.Path(), "/t/:secret") {
			return next(c)
		}
		if wait := a.misses.blocked(c.RealIP(), a.wall()); wait > 0 {
			return &Problem{Code: codeRateLimited, retryAfter: wait}
		}
		err := next(c)
		if c.Response().Status == http.StatusNotFound || err != nil && meaningOf(problemOf(err).Code).status == http.StatusNotFound {
			a.misses.count(c.RealIP(), a.wall())
		}
		return err
	}
}

// shared lets pages of every site read an answer.
func shared(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderAccessControlAllowOrigin, "*")
		h.Set("Access-Control-Expose-Headers", "ETag, Retry-After")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		return next(c)
	}
}

func preflight(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	h.Set(echo.HeaderAccessControlAllowMethods, "GET, HEAD")
	h.Set(echo.HeaderAccessControlAllowHeaders, "If-None-Match, Accept-Language")
	h.Set(echo.HeaderAccessControlMaxAge, "86400")
	return c.NoContent(http.StatusNoContent)
}

// extractor believes X-Forwarded-For from the listed networks only. Limits hang on
// the address, so a stranger must not choose it.
func extractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = p.Masked()
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// wantsPage reports whether a person's browser asks.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }
