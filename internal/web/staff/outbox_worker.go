package staff

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
)

// worker serves the service worker from the clerks' own folder: a worker may only
// answer for pages below its own path. Browsers look for a newer one at each visit.
func (p *Pages) worker(c echo.Context) error {
	code, err := Files.ReadFile("sw.js")
	if err != nil {
		return fmt.Errorf("staff worker: %w", err)
	}
	header := c.Response().Header()
	ui.Protect(header)
	header.Set("Cache-Control", "no-cache")
	header.Set(echo.HeaderContentType, "text/javascript; charset=utf-8")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", code)
}
