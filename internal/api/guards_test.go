package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/api"
	"machi/internal/live"
	"machi/internal/queue"
)

// bare returns an API of which only the edge is used.
func bare(change func(*api.Deps)) *api.API {
	d := api.Deps{
		Hub:     live.New(live.Options{Offices: func() []queue.OfficeID { return nil }}),
		Auth:    keeper{},
		Offices: func() []queue.OfficeID { return nil },
		Now:     time.Now, Random: func() [16]byte { return [16]byte{} },
		Ready: func(context.Context) error { return nil },
	}
	change(&d)
	return api.New(d)
}

// TestAddressesAreNotBelievedFromStrangers sends what a stranger may claim about
// the address, in many forms, and lets the limit of guesses tell whom it counted.
func TestAddressesAreNotBelievedFromStrangers(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, row := range []struct {
		name, remote string
		header       map[string]string
		proxies      []netip.Prefix
		counted      string // the address that the misses are counted for
	}{
		{"nothing", "192.0.2.1:1", nil, nil, "192.0.2.1"},
		{"forwarded for", "192.0.2.1:1", map[string]string{"X-Forwarded-For": "203.0.113.9"}, nil, "192.0.2.1"},
		{"a list", "192.0.2.1:1", map[string]string{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}, nil, "192.0.2.1"},
		{"real ip", "192.0.2.1:1", map[string]string{"X-Real-Ip": "203.0.113.9"}, nil, "192.0.2.1"},
		{"forwarded", "192.0.2.1:1", map[string]string{"Forwarded": "for=203.0.113.9"}, nil, "192.0.2.1"},
		{"client ip", "192.0.2.1:1", map[string]string{"Client-Ip": "203.0.113.9"}, nil, "192.0.2.1"},
		{"loopback claimed", "192.0.2.1:1", map[string]string{"X-Forwarded-For": "127.0.0.1"}, nil, "192.0.2.1"},
		{"loopback is no proxy", "127.0.0.1:1", map[string]string{"X-Forwarded-For": "203.0.113.9"}, nil, "127.0.0.1"},
		{"private is no proxy", "192.168.0.7:1", map[string]string{"X-Forwarded-For": "203.0.113.9"}, proxy, "192.168.0.7"},
		{"a proxy", "10.1.2.3:1", map[string]string{"X-Forwarded-For": "203.0.113.9"}, proxy, "203.0.113.9"},
		{"behind a proxy, spoofed", "10.1.2.3:1", map[string]string{"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}, proxy, "203.0.113.9"},
		{"two proxies", "10.1.2.3:1", map[string]string{"X-Forwarded-For": "203.0.113.9, 10.4.4.4"}, proxy, "203.0.113.9"},
		{"a proxy over IPv6", "[2001:db8::1]:1", map[string]string{"X-Forwarded-For": "203.0.113.9"}, proxy, "203.0.113.9"},
		{"a stranger beside the proxy", "192.0.2.1:1", map[string]string{"X-Forwarded-For": "203.0.113.9"}, proxy, "192.0.2.1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var counted string
			pages := page(func(c echo.Context) error { counted = c.RealIP(); return c.NoContent(http.StatusOK) })
			a := bare(func(d *api.Deps) { d.Proxies, d.Pages = row.proxies, []api.Pages{pages} })
			r := httptest.NewRequest(http.MethodGet, "/page", nil)
			r.RemoteAddr = row.remote
			for name, value := range row.header {
				r.Header.Set(name, value)
			}
			a.ServeHTTP(httptest.NewRecorder(), r)
			if counted != row.counted {
				t.Errorf("counted %s, want %s", counted, row.counted)
			}
		})
	}
}

// page is one page beside the API.
type page func(echo.Context) error

func (p page) Register(e *echo.Echo) { e.GET("/page", echo.HandlerFunc(p)) }

// TestEveryAnswerIsGuarded asks each route for the headers that keep browsers safe.
func TestEveryAnswerIsGuarded(t *testing.T) {
	w := newWorld(t)
	w.stop()
	for _, r := range w.api.Echo().Routes() {
		if r.Method == echo.RouteNotFound {
			continue
		}
		got := w.send(request{method: r.Method, path: strings.NewReplacer(":office", "o", ":counter", "1", ":number", "A001").Replace(r.Path)})
		h := got.Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Request-Id") == "" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s %s: %v", r.Method, r.Path, h)
		}
		if h.Get("Server") != "" || h.Get("X-Powered-By") != "" {
			t.Errorf("%s %s says what it is made of", r.Method, r.Path)
		}
	}
}

// TestFailuresSayNothingOfTheInside: what went wrong is for the log.
func TestFailuresSayNothingOfTheInside(t *testing.T) {
	const inside = "dial tcp 10.9.8.7:6379: secret-host refused"
	for name, handler := range map[string]page{
		"an error": func(echo.Context) error { return errors.New(inside) },
		"a panic":  func(echo.Context) error { panic(inside) },
	} {
		t.Run(name, func(t *testing.T) {
			a := bare(func(d *api.Deps) { d.Pages = []api.Pages{handler} })
			got := httptest.NewRecorder()
			a.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/page", nil))
			text := got.Body.String()
			if got.Code != http.StatusInternalServerError || object(t, got)["code"] != "internal_error" {
				t.Errorf("%d %s", got.Code, text)
			}
			if strings.Contains(text, "secret-host") || strings.Contains(text, ".go") || strings.Contains(text, "goroutine") {
				t.Errorf("the answer tells: %s", text)
			}
		})
	}
}
