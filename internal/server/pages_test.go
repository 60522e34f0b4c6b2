package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"machi/internal/api"
	"machi/internal/auth"
	"machi/internal/server"
)

// pagesFor says who may see each page: everybody, clerks or managers. A page of the
// assembled server without a row fails. The API's own routes have their matrix there.
var pagesFor = map[string]string{
	"GET /":                                       "all",
	"GET /offices/:office":                        "all",
	"GET /t/:secret":                              "all",
	"POST /t/:secret/withdraw":                    "all",
	"GET /signage/worker.js":                      "all",
	"GET /signage/:office":                        "all",
	"GET /ui/*":                                   "all",
	"GET /staff/login":                            "all",
	"GET /staff":                                  "clerks",
	"GET /staff/":                                 "clerks",
	"GET /staff/:office":                          "clerks",
	"GET /staff/:office/:counter":                 "clerks",
	"POST /staff/:office/:counter/do/*":           "clerks",
	"GET /staff/practice":                         "clerks",
	"POST /staff/practice":                        "clerks",
	"POST /staff/practice/end":                    "clerks",
	"GET /staff/keys":                             "clerks",
	"GET /manager":                                "managers",
	"POST /t/:secret/later":                       "all",
	"GET /manager/:office/machines":               "managers",
	"POST /manager/:office/machines/:kiosk/:verb": "managers",
	"POST /manager/:office/pin":                   "managers",
}

func TestEveryPageHasItsReaders(t *testing.T) {
	s := start(t, server.Options{})
	tokens := map[string]string{"": ""}
	for _, role := range []string{"kiosk", "signage", "web", "staff", "manager", "admin"} {
		tokens[role] = s.grant(auth.Role(role))
	}
	handler := s.Handler().(*api.API)
	for _, r := range handler.Echo().Routes() {
		if r.Method == http.MethodHead || r.Method == http.MethodOptions || r.Method == echo.RouteNotFound || own(r) {
			continue
		}
		readers, ok := pagesFor[r.Method+" "+r.Path]
		if !ok {
			t.Errorf("%s %s has no row", r.Method, r.Path)
		}
		for role, token := range tokens {
			checkPage(t, handler, r, role, token, mayRead(readers, role))
		}
	}
}

// own reports whether a route is the API's.
func own(r *echo.Route) bool {
	path := r.Path
	return r.Method == http.MethodPost && path == "/staff/login" || strings.HasPrefix(path, "/api/") || path == "/openapi.yaml" || path == "/healthz" || path == "/readyz" || path == "/staff/logout"
}

func mayRead(readers, role string) bool {
	manager := role == "manager" || role == "admin"
	return readers == "all" || manager || readers == "clerks" && role == "staff"
}

// checkPage asks for a page. Whoever may not see it is sent to the door or refused;
// nobody is shown an error of the server's.
func checkPage(t *testing.T, handler http.Handler, route *echo.Route, role, token string, may bool) {
	t.Helper()
	path := strings.NewReplacer(":office", "km-setagaya", ":counter", "1", ":secret", "none", ":kiosk", "K1", ":verb", "revoke", "*", "call-next").Replace(route.Path)
	r := httptest.NewRequest(route.Method, path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if token != "" {
		r.AddCookie(&http.Cookie{Name: api.SessionCookie, Value: token})
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	to := w.Header().Get("Location")
	door := w.Code == http.StatusSeeOther && (strings.HasPrefix(to, "/staff/login") || to == "/staff")
	if w.Code >= 500 || may && (door || w.Code == http.StatusForbidden) || !may && !door && w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized {
		t.Errorf("%s %s as %q: %d to %q, may see it: %v", route.Method, route.Path, role, w.Code, to, may)
	}
}
