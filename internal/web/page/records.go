package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/promise"
	"machi/internal/queue"
	"machi/internal/ui"
)

// Records are what people were told, compared with what became of it; false: no day
// of the office has been compared yet.
type Records interface {
	// Named lists the offices in the order in which they are shown.
	Named() []Named
	Record(office queue.OfficeID) (promise.Record, bool)
	Report(office queue.OfficeID) (promise.Report, bool)
}

// Named is an office with its name.
type Named struct {
	ID   queue.OfficeID
	Name board.Text
}

// NoRecords are those of a server that has none.
type NoRecords struct{}

// Named lists nothing.
func (NoRecords) Named() []Named { return nil }

// Record finds nothing.
func (NoRecords) Record(queue.OfficeID) (promise.Record, bool) { return promise.Record{}, false }

// Report finds nothing.
func (NoRecords) Report(queue.OfficeID) (promise.Report, bool) { return promise.Report{}, false }

// RenderTagged writes a page that is the same for everybody until what it shows has
// changed: with a tag of its content, or only that it has not changed. A page that
// sets a cookie is kept by its reader alone.
func RenderTagged(c echo.Context, t *template.Template, name string, data any) error {
	var buffer bytes.Buffer
	if err := t.ExecuteTemplate(&buffer, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	sum := sha256.Sum256(buffer.Bytes())
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	header := c.Response().Header()
	ui.Protect(header)
	header.Set("ETag", tag)
	header.Set("Cache-Control", "public, max-age=60")
	if header.Get("Set-Cookie") != "" {
		header.Set("Cache-Control", "private, no-cache")
	}
	if strings.Contains(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.HTMLBlob(http.StatusOK, buffer.Bytes())
}
