package page

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/width"
)

// maxAnswer bounds what is kept of the API's answer to a form.
const maxAnswer = 64 << 10

// maxForm bounds a form's body.
const maxForm = 32 << 10

// numeric, truth and lists name the fields of commands that are not one text.
var (
	numeric = []string{"back", "for_seconds", "quantity", "people", "minutes"}
	truth   = []string{"priority", "processing", "unmeasured", "take_over", "called", "ready"}
	private = []string{"idempotency_key", "then", "expect"}
	// lists may stand in a form more than once, or name several with spaces between.
	lists = []string{"services", "numbers"}
)

// servedOf begins the name of a field that counts a service that was done:
// "served.moving".
const servedOf = "served."

// scanned is the field of a check-in: six digits that were typed, or the address
// of a ticket's page that a scanner read.
const scanned = "code"

// sixDigits and ticketPage match what is in the field, after its full-width
// letters have become ASCII.
var (
	sixDigits  = regexp.MustCompile(`^[0-9]{6}$`)
	ticketPage = regexp.MustCompile(`/t/([^/?#]+)`)
)

// checkIn names the field of the command that the text of a check-in belongs to.
func checkIn(text string) (field, value string) {
	text = strings.Join(strings.FieldsFunc(width.Narrow.String(text), unicode.IsSpace), "")
	if digits := strings.ReplaceAll(text, "-", ""); sixDigits.MatchString(digits) {
		return scanned, digits
	}
	if m := ticketPage.FindStringSubmatch(text); m != nil {
		return "secret", m[1]
	}
	return "secret", text
}

// Relay passes a form on to the API of the same server as the command it stands
// for, and returns the problem's code, empty when all went well. It carries the
// sender's cookie and origin, so the API decides as if the browser had asked it.
func Relay(c echo.Context, method, path string, form url.Values) string {
	return Ask(c, method, path, form, nil)
}

// Ask is [Relay] for an answer that is to be shown: it is read into what into
// points to.
func Ask(c echo.Context, method, path string, form url.Values, into any) string {
	body, err := json.Marshal(fields(form))
	if err != nil {
		return "bad_form"
	}
	answer := call(c, method, path, body, form.Get("idempotency_key"), maxAnswer)
	if code := answer.problem(); code != "" || into == nil {
		return code
	}
	if json.Unmarshal(answer.body.Bytes(), into) != nil {
		return "bad_answer"
	}
	return ""
}

// fields turns a form's fields into a command's: no empty ones, numbers as
// numbers. The browser's module does the same (staff/command.js).
func fields(form url.Values) map[string]any {
	out := map[string]any{}
	for name, values := range form {
		if len(values) == 0 || values[0] == "" || slices.Contains(private, name) {
			continue
		}
		switch {
		case slices.Contains(lists, name):
			out[name] = strings.Fields(strings.Join(values, " "))
		case strings.HasPrefix(name, servedOf):
			out["served"] = served(form)
		case slices.Contains(numeric, name):
			if n, err := strconv.Atoi(values[0]); err == nil {
				out[name] = n
			}
		case slices.Contains(truth, name):
			out[name] = values[0] == "true"
		case name == scanned:
			field, value := checkIn(values[0])
			out[field] = value
		default:
			out[name] = values[0]
		}
	}
	return out
}

// served gathers the services done and their counts, in the order of their names.
func served(form url.Values) []map[string]any {
	list := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		service, is := strings.CutPrefix(name, servedOf)
		if n, err := strconv.Atoi(form.Get(name)); is && err == nil && n > 0 {
			list = append(list, map[string]any{"service": service, "quantity": n})
		}
	}
	return list
}

// answer keeps the API's answer instead of sending it.
type answer struct {
	header http.Header
	status int
	most   int // bytes of the body that are kept
	body   bytes.Buffer
}

// Header returns the answer's header.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write keeps the beginning of the body; a problem is never long.
func (a *answer) Write(p []byte) (int, error) {
	if room := a.most - a.body.Len(); room > 0 {
		a.body.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (a *answer) problem() string {
	if a.status < http.StatusBadRequest {
		if a.status == http.StatusNoContent {
			return "nobody_waits"
		}
		return ""
	}
	var problem struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &problem); err != nil || problem.Code == "" {
		return "http_" + strconv.Itoa(a.status)
	}
	return problem.Code
}

// Form reads the form of a request, within its bound.
func Form(c echo.Context) (url.Values, error) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, echo.NewHTTPError(http.StatusBadRequest, "the form cannot be read")
	}
	return r.PostForm, nil
}
