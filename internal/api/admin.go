package api

import (
	"net/http"
	"net/http/pprof"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// healthz says that the process answers.
func (a *API) healthz(c echo.Context) error {
	return answer(c, http.StatusOK, map[string]any{"status": "ok"})
}

// readyz says that the server knows its offices and reaches its store; a load
// balancer sends nobody here while it does not.
func (a *API) readyz(c echo.Context) error {
	if err := a.ready(c.Request().Context()); err != nil {
		return err
	}
	return answer(c, http.StatusOK, map[string]any{"status": "ready"})
}

// Admin returns what the admin listener serves: metrics and profiles. It belongs on
// loopback: nothing of it asks who calls.
func Admin(g prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", exposition(g))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
