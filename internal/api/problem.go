package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"machi/internal/day"
	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
)

// Problem is an RFC 9457 problem. Code is what programs should look at.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"` // the request's id, for the log
	Code     string `json:"code"`
	// Field is what is to blame: a field of the body, a parameter of the path or
	// the query, or a header.
	Field string `json:"field,omitempty"`
	// Have is what the server has instead, such as a ticket's state.
	Have   string  `json:"have,omitempty"`
	Errors []Error `json:"errors,omitempty"`

	retryAfter time.Duration
}

// Error is one fault of a request, at a JSON pointer into its body where it is there.
type Error struct {
	Pointer string `json:"pointer,omitempty"`
	Field   string `json:"field,omitempty"`
	Code    string `json:"code"`
	Detail  string `json:"detail,omitempty"`
}

// Error returns the code with the field.
func (p *Problem) Error() string {
	if p.Field == "" {
		return p.Code
	}
	return p.Code + " (" + p.Field + ")"
}

func problem(code, field string) *Problem { return &Problem{Code: code, Field: field} }

func problemf(code, field, format string, args ...any) *Problem {
	return &Problem{Code: code, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// problemOf turns whatever a handler returned into a problem. What it does not
// know is an internal error, whose text stays in the log.
func problemOf(err error) *Problem {
	var p *Problem
	var refusal *queue.Refusal
	var unavailable *office.Unavailable
	var routing *echo.HTTPError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return &Problem{Code: string(refusal.Code), Field: refusal.Field, Have: refusal.Have}
	case errors.As(err, &unavailable):
		return &Problem{Code: unavailable.Code, retryAfter: max(time.Second, unavailable.RetryAfter)}
	case errors.Is(err, office.ErrUnknownOffice), errors.Is(err, live.ErrUnknownOffice):
		return problem(codeUnknownOffice, "office")
	case errors.Is(err, office.ErrKeyReused):
		return problem(codeKeyReused, headerKey)
	case errors.Is(err, office.ErrTooLate):
		return problem(codeArrivedLate, headerNotAfter)
	case errors.Is(err, live.ErrTooManyWatchers):
		return &Problem{Code: codeTooManyWatchers, retryAfter: 30 * time.Second}
	case errors.Is(err, live.ErrClosed):
		return &Problem{Code: codeShuttingDown, retryAfter: time.Second}
	case errors.Is(err, office.ErrBadPush):
		return problem(codeBadValue, "bodies")
	case errors.Is(err, day.ErrGap):
		return problem(codeOriginGap, "bodies")
	case errors.Is(err, day.ErrFork):
		return problem(codeOriginForked, "bodies")
	case errors.As(err, &routing):
		return routingProblem(routing)
	}
	return problem(codeInternal, "")
}

func routingProblem(e *echo.HTTPError) *Problem {
	switch e.Code {
	case http.StatusNotFound:
		return problem(codeNotFound, "path")
	case http.StatusMethodNotAllowed:
		return problem(codeMethod, "method")
	case http.StatusRequestEntityTooLarge:
		return problem(codeBodyTooLarge, "body")
	case http.StatusBadRequest:
		return problem(codeBadValue, "request")
	}
	return problem(codeInternal, "")
}

// writeProblem answers with a problem in the caller's language.
func (a *API) writeProblem(c echo.Context, p Problem) error {
	m := meaningOf(p.Code)
	lang, title := "ja", m.ja
	if prefersEnglish(c.Request()) {
		lang, title = "en", m.en
	}
	p.Type, p.Title, p.Status = "urn:machi:problem:"+p.Code, title, m.status
	p.Instance = "urn:machi:request:" + c.Response().Header().Get(echo.HeaderXRequestID)
	if len(p.Errors) == 0 && p.Field != "" {
		p.Errors = []Error{{Field: p.Field, Code: p.Code, Detail: p.Detail}}
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/problem+json")
	h.Set("Content-Language", lang)
	h.Set(echo.HeaderCacheControl, "no-store")
	if p.retryAfter > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set(echo.HeaderWWWAuthenticate, `Bearer realm="machi"`)
	}
	c.Response().WriteHeader(p.Status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	return json.NewEncoder(c.Response()).Encode(p)
}

// handleError is echo's last resort: every error of every handler ends here.
func (a *API) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := problemOf(err)
	if meaningOf(p.Code).status == http.StatusInternalServerError {
		a.logger.Error("request failed", "route", c.Path(), "method", c.Request().Method,
			"request", c.Response().Header().Get(echo.HeaderXRequestID), "error", err)
	}
	if a.pageError != nil && !isAPI(c.Request().URL.Path) {
		if a.pageError(c, meaningOf(p.Code).status, p.Code) == nil {
			return
		}
	}
	if err := a.writeProblem(c, *p); err != nil {
		a.logger.Debug("problem not sent", "error", err) // the caller has gone
	}
}

var spoken = language.NewMatcher([]language.Tag{language.Japanese, language.English})

// prefersEnglish reports whether the caller would rather read English, as whoever
// reads neither language does; Japanese is
// the first language of everything.
func prefersEnglish(r *http.Request) bool {
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return false
	}
	_, index, _ := spoken.Match(wanted...)
	return index == 1
}
