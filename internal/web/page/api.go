package page

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// maxFetched bounds an answer that a page is drawn from.
const maxFetched = 4 << 20

// Fetch reads from the API of the same server what a page is drawn from, into what
// into points to. The API decides as if the sender of the request had asked it. It
// returns the problem's code, empty when all went well.
func Fetch(c echo.Context, path string, into any) string {
	return call(c, http.MethodGet, path, nil, "", maxFetched).read(into)
}

// Send passes a command on to the API of the same server as the sender's own, with a
// JSON body, and reads the answer into what into points to; nil: there is none.
func Send(c echo.Context, path string, body, into any) string {
	raw, err := json.Marshal(body)
	if err != nil {
		return "bad_form"
	}
	return call(c, http.MethodPost, path, raw, "", maxAnswer).read(into)
}

// call asks the API in the name of a request's sender: with the same cookie, address
// and origin.
func call(c echo.Context, method, path string, body []byte, key string, most int) *answer {
	from := c.Request()
	a := &answer{header: http.Header{}, status: http.StatusOK, most: most}
	r, err := http.NewRequestWithContext(from.Context(), method, path, bytes.NewReader(body))
	if err != nil {
		a.status = http.StatusBadRequest
		return a
	}
	r.RemoteAddr, r.Host, r.TLS = from.RemoteAddr, from.Host, from.TLS
	r.RequestURI = path
	for _, name := range []string{"Cookie", "Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Accept-Language", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto"} {
		if value := from.Header.Get(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	c.Echo().ServeHTTP(a, r)
	for _, cookie := range a.header.Values("Set-Cookie") { // a session that was renewed
		c.Response().Header().Add("Set-Cookie", cookie)
	}
	return a
}

// read returns the problem's code of an answer, or reads it.
func (a *answer) read(into any) string {
	if a.status >= http.StatusBadRequest {
		return a.problem()
	}
	if into != nil && json.Unmarshal(a.body.Bytes(), into) != nil {
		return "bad_answer"
	}
	return ""
}
