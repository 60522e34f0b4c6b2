package page

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/width"
)

// Post passes a command on to the API of the same server as the sender's own, under a
// key, with a JSON body, and reads the answer into what into points to; nil: there is
// none. It returns the problem's code, empty when all went well.
func Post(c echo.Context, path, key string, body, into any) string {
	raw, err := json.Marshal(body)
	if err != nil {
		return "bad_form"
	}
	return call(c, http.MethodPost, path, raw, key, maxAnswer).read(into)
}

// Digits returns a code that somebody typed, without spaces and in the letters that
// machines know.
func Digits(text string) string {
	return strings.Join(strings.FieldsFunc(width.Narrow.String(text), unicode.IsSpace), "")
}
