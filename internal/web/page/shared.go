package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
)

// How long a page that is the same for everybody may be shown again without asking:
// one of records, and one of waits, which says at what time it was so.
const (
	keepRecords = time.Minute
	keepWaits   = 5 * time.Second
)

// RenderTagged writes a page that is the same for everybody until what it shows has
// changed: with a tag of its content, or only that it has not changed. A page that
// sets a cookie is kept by its reader alone.
func RenderTagged(c echo.Context, t *template.Template, name string, data any) error {
	return renderShared(c, t, name, data, keepRecords)
}

// RenderNow is [RenderTagged] for a page of waits: whoever stands between may answer a
// crowd with it for a few seconds.
func RenderNow(c echo.Context, t *template.Template, name string, data any) error {
	return renderShared(c, t, name, data, keepWaits)
}

func renderShared(c echo.Context, t *template.Template, name string, data any, keep time.Duration) error {
	var buffer bytes.Buffer
	if err := t.ExecuteTemplate(&buffer, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	sum := sha256.Sum256(buffer.Bytes())
	tag := hex.EncodeToString(sum[:16])
	header := c.Response().Header()
	ui.Protect(header)
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(keep/time.Second)))
	if header.Get("Set-Cookie") != "" {
		header.Set("Cache-Control", "private, no-cache")
	}
	small := ui.TakesGzip(c.Request())
	header.Set("ETag", `"`+tag+`"`)
	if small {
		header.Set("ETag", `"`+tag+`-gz"`)
	}
	if strings.Contains(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	if small {
		packed := ui.Gzip(buffer.Bytes(), gzip.DefaultCompression)
		header.Set("Content-Encoding", "gzip")
		return c.HTMLBlob(http.StatusOK, packed)
	}
	return c.HTMLBlob(http.StatusOK, buffer.Bytes())
}
