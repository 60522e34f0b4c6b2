package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"machi/internal/api"
	"machi/internal/eventlog"
)

var description = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.Description)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

func loadDescription(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := description()
	if err != nil {
		t.Fatalf("openapi.yaml: %v", err)
	}
	return doc
}

// jsonSchema reads schemas as OpenAPI 3.1 does.
var jsonSchema = openapi3.EnableJSONSchema2020()

var parameter = regexp.MustCompile(`:([a-z_]+)`)

// pattern turns a path of the router into one of the description.
func pattern(path string) string { return parameter.ReplaceAllString(path, "{$1}") }

// TestDescriptionListsExactlyTheRoutes compares both directions. HEAD and OPTIONS
// follow from GET and are not described.
func TestDescriptionListsExactlyTheRoutes(t *testing.T) {
	w := newWorld(t)
	var routed, described []string
	for _, r := range w.api.Echo().Routes() {
		if r.Method != http.MethodHead && r.Method != http.MethodOptions && r.Method != echo.RouteNotFound {
			routed = append(routed, r.Method+" "+pattern(r.Path))
		}
	}
	for path, item := range loadDescription(t).Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(routed)
	slices.Sort(described)
	if diff := cmp.Diff(routed, described); diff != "" {
		t.Errorf("routes (-) and description (+) differ:\n%s", diff)
	}
}

// TestCommandsDemandAKey finds commands whose description forgets the key.
func TestCommandsDemandAKey(t *testing.T) {
	without := map[string]bool{
		"pushCommands": true, "bindKiosk": true, "reportKiosk": true, "login": true, "logout": true,
		"enrolMachine": true, "startMachine": true, "makeEnrolCode": true, "revokeMachine": true, "setPin": true, "replayRule": true, "askWhatIf": true,
		"addFirstAdmin": true, "seeMe": true, "changePassword": true, "beginTotp": true, "confirmTotp": true, "revokeOwnSessions": true,
		"addAccount": true, "disableAccount": true, "enableAccount": true, "revokeSessions": true, "resetAccount": true, "setGrants": true,
		"addHelper": true, "revokeSession": true, "beginPractice": true, "putMedia": true, "reportScreen": true, "showDoor": true, "endPractice": true,
		"rotateWebhook": true, "testWebhook": true, "retryDelivery": true, "lineWebhook": true,
	}
	for path, item := range loadDescription(t).Paths.Map() {
		if item.Post == nil {
			continue
		}
		key := item.Post.Parameters.GetByInAndName("header", "Idempotency-Key")
		if (key == nil) != without[item.Post.OperationID] {
			t.Errorf("POST %s: has a key: %v", path, key != nil)
		}
	}
}

// conform checks an answer of the API against the description: status, content
// type and, for JSON, the schema, which allows no field that it does not name.
func conform(t testing.TB, a *api.API, r *http.Request, got *httptest.ResponseRecorder) {
	t.Helper()
	method := r.Method
	if method == http.MethodHead || method == http.MethodOptions {
		return
	}
	c := a.Echo().NewContext(r, httptest.NewRecorder())
	a.Echo().Router().Find(method, r.URL.EscapedPath(), c)
	item := loadDescription(t).Paths.Value(pattern(c.Path()))
	if item == nil || item.GetOperation(method) == nil {
		if got.Code < 400 {
			t.Errorf("%s %s: answered with %d and is not described", method, r.URL.Path, got.Code)
		}
		return
	}
	responses := item.GetOperation(method).Responses
	response := responses.Value(strconv.Itoa(got.Code))
	if response == nil {
		if got.Code < 400 {
			t.Errorf("%s %s: status %d is not described", method, c.Path(), got.Code)
			return
		}
		response = responses.Default()
	}
	checkBody(t, method+" "+c.Path(), response.Value, got)
}

func checkBody(t testing.TB, name string, response *openapi3.Response, got *httptest.ResponseRecorder) {
	t.Helper()
	if got.Body.Len() == 0 {
		return
	}
	kind, _, _ := strings.Cut(got.Header().Get("Content-Type"), ";")
	media := response.Content.Get(kind)
	if media == nil {
		t.Errorf("%s: content type %q is not described for %d", name, kind, got.Code)
		return
	}
	if !strings.HasSuffix(kind, "json") {
		return
	}
	var value any
	if err := json.NewDecoder(bytes.NewReader(got.Body.Bytes())).Decode(&value); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if err := media.Schema.Value.VisitJSON(value, jsonSchema); err != nil {
		t.Errorf("%s: status %d does not fit the description: %v\n%s", name, got.Code, err, got.Body)
	}
}

func hashOf(raw []byte) eventlog.Hash { return eventlog.BodyHash(raw) }
