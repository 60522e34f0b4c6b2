package page

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// SendOnce is [Send] under a key: the same one sent again does nothing more.
func SendOnce(c echo.Context, path, key string, body, into any) string {
	raw, err := json.Marshal(body)
	if err != nil {
		return "bad_form"
	}
	return call(c, http.MethodPost, path, raw, key, maxAnswer).read(into)
}

// Delete deletes at the API of the same server in the sender's name.
func Delete(c echo.Context, path string) string {
	return call(c, http.MethodDelete, path, nil, "", maxAnswer).read(nil)
}
