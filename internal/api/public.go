package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/live"
)

// publicCache lets a proxy in front answer for a moment, and keep answering while
// the server is away.
const publicCache = "public, max-age=5, stale-if-error=60"

// offices lists all offices with their newest boards.
func (a *API) offices(c echo.Context) error {
	frames, err := a.frames()
	if err != nil {
		return err
	}
	tag := sha256.New()
	body := []byte(`{"offices":[`)
	for i, f := range frames {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, f.Data...)
		tag.Write([]byte(f.ETag))
	}
	body = append(body, `]}`...)
	return sendTagged(c, `"`+hex.EncodeToString(tag.Sum(nil)[:16])+`"`, publicCache, echo.MIMEApplicationJSON, body)
}

func (a *API) frames() ([]*live.Frame, error) {
	var frames []*live.Frame
	for _, id := range a.listOffices() {
		s, err := a.hub.Snapshot(id)
		if err != nil {
			return nil, err
		}
		frames = append(frames, s.Frame)
	}
	return frames, nil
}

// office shows one office.
func (a *API) office(c echo.Context) error {
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	return sendTagged(c, s.Frame.ETag, publicCache, echo.MIMEApplicationJSON, s.Frame.Data)
}

// private sends JSON that is its reader's alone, tagged by what it says: machines
// change between two frames.
func (a *API) private(c echo.Context, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	return sendTagged(c, `"`+hex.EncodeToString(sum[:16])+`"`, "private, no-cache", echo.MIMEApplicationJSON, raw)
}

// sendTagged answers with bytes, or with 304 to somebody who has them already.
func sendTagged(c echo.Context, tag, cache, kind string, body []byte) error {
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set(echo.HeaderCacheControl, cache)
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, kind, body)
}

// matches compares weakly, as RFC 9110 asks for If-None-Match.
func matches(header, tag string) bool {
	for wanted := range strings.SplitSeq(header, ",") {
		wanted = strings.TrimPrefix(strings.TrimSpace(wanted), "W/")
		if wanted == tag || wanted == "*" {
			return true
		}
	}
	return false
}

// sendJSON sends JSON and leaves caching to headers that are set already.
func (a *API) sendJSON(c echo.Context, status int, body any) error { return c.JSON(status, body) }
