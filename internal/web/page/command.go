package page

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Command passes a command with a key on to the API of the same server as the sender's
// own, and reads the answer into what into points to; nil: nothing is wanted of it. It
// returns the problem's code and the field that is to blame, empty when all went well.
func Command(c echo.Context, method, path, key string, body, into any) (code, field string) {
	raw, err := json.Marshal(body)
	if err != nil {
		return "bad_form", ""
	}
	return call(c, method, path, raw, key, maxAnswer).blame(into)
}

// Upload passes a file on to the API of the same server as the sender's own.
func Upload(c echo.Context, path string, raw []byte, into any) (code, field string) {
	return call(c, http.MethodPost, path, raw, "", maxAnswer).blame(into)
}

func (a *answer) blame(into any) (code, field string) {
	code = a.read(into)
	var problem struct {
		Field string `json:"field"`
	}
	if code != "" && json.Unmarshal(a.body.Bytes(), &problem) == nil {
		field = problem.Field
	}
	return code, field
}
