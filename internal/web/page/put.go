package page

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Put passes a change on to the API of the same server as the sender's own, under a
// key, with a JSON body. It returns the problem's code, empty when all went well.
func Put(c echo.Context, path, key string, body any) string {
	raw, err := json.Marshal(body)
	if err != nil {
		return "bad_form"
	}
	return call(c, http.MethodPut, path, raw, key, maxAnswer).read(nil)
}
