package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
)

// headerKey names the header that holds the command id.
const headerKey = "Idempotency-Key"

// commandID returns the command id of a request.
func commandID(r *http.Request) (queue.CommandID, error) {
	values := r.Header.Values(headerKey)
	switch {
	case len(values) == 0 || values[0] == "":
		return "", problem(codeKeyMissing, headerKey)
	case len(values) > 1:
		return "", problemf(codeKeyBad, headerKey, "it is there twice")
	case !isName(values[0], maxKey):
		return "", problemf(codeKeyBad, headerKey, "1 to %d of A-Z a-z 0-9 . _ : -", maxKey)
	}
	return queue.CommandID(values[0]), nil
}

// maxKey bounds an idempotency key.
const maxKey = 100

// isName reports whether a text is 1 to limit letters, digits or any of . _ : -
func isName(text string, limit int) bool {
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '.' || c == '_' || c == ':' || c == '-':
		default:
			return false
		}
	}
	return text != "" && len(text) <= limit
}

// fingerprint identifies a request: what it does to what. Two spellings of one
// body are one request, so the decoded body is what counts.
func fingerprint(r *http.Request, body any) string {
	canonical, err := json.Marshal(body)
	if err != nil {
		// Bodies are plain structs that were just decoded from JSON.
		panic("api: a body that cannot be encoded: " + err.Error())
	}
	sum := sha256.Sum256([]byte(r.Method + "\n" + r.URL.RequestURI() + "\n" + string(canonical)))
	return hex.EncodeToString(sum[:16])
}

// derived returns the id of a second command that a request causes, so that a
// repetition of the request repeats that one, too.
func derived(id queue.CommandID, purpose string) queue.CommandID {
	sum := sha256.Sum256([]byte(purpose + "\n" + string(id)))
	return queue.CommandID(purpose + "-" + hex.EncodeToString(sum[:16]))
}

// do gives one command to the office of the path.
func (a *API) do(c echo.Context, body any, command queue.Command) (office.Result, error) {
	id, err := commandID(c.Request())
	if err != nil {
		return office.Result{}, err
	}
	late, err := a.late(c.Request())
	if err != nil {
		return office.Result{}, err
	}
	return a.ward.Do(c.Request().Context(), officeOf(c), office.Request{
		ID: id, Actor: actorOf(c), Personal: identityOf(c).Account != "",
		Fingerprint: fingerprint(c.Request(), body), Command: command, OnlyRepeat: late,
	})
}

// status is 200, or 202 while not every disk has the record: it counts, and is
// shown as unconfirmed.
func status(r office.Result, ok int) int {
	if r.Unconfirmed {
		return http.StatusAccepted
	}
	return ok
}

// answer sends JSON that only the caller may see.
func answer(c echo.Context, status int, body any) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(status, body)
}

func officeOf(c echo.Context) queue.OfficeID { return queue.OfficeID(c.Param("office")) }
