package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// The classes of routes, and who may use them at office o.
var (
	anyone = []string{"", "reception", "staff", "staff-p", "manager", "admin", "kiosk", "kiosk-2", "signage", "web"}
	desks  = []string{"reception", "staff", "manager", "admin"}
	people = []string{"reception", "staff", "staff-p", "manager", "admin"}
	bosses = []string{"manager", "admin"}
	// everyDesk may use what is of no office.
	everyDesk = append([]string{"staff-p"}, desks...)
	clerks    = []string{"staff", "manager", "admin"}
	chiefs    = []string{"manager", "admin"}
	devices   = []string{"kiosk", "kiosk-2", "admin"}
	own       = []string{"kiosk", "admin"} // routes that name kiosk K1
	helpers   = []string{"reception", "staff", "manager", "admin", "kiosk", "kiosk-2"}
	issuers   = []string{"reception", "staff", "manager", "admin", "kiosk", "kiosk-2", "web"}
)

// matrix says for every route who may use it. A route without a row fails.
var matrix = map[string][]string{
	"GET /api/v1/offices":                                       anyone,
	"GET /api/v1/offices/:office":                               anyone,
	"GET /api/v1/offices/:office/forecast":                      anyone,
	"GET /api/v1/offices/:office/spoken":                        anyone,
	"GET /api/v1/offices/:office/voice":                         anyone,
	"GET /api/v1/live":                                          anyone,
	"GET /api/v1/live/sse":                                      anyone,
	"GET /api/v1/tickets/:secret":                               anyone,
	"DELETE /api/v1/tickets/:secret":                            anyone,
	"GET /api/v1/tickets/:secret/tell":                          anyone,
	"POST /api/v1/tickets/:secret/back":                         anyone,
	"POST /api/v1/tickets/:secret/satisfaction":                 anyone,
	"GET /api/v1/offices/:office/satisfaction":                  chiefs,
	"POST /api/v1/tickets/:secret/tell":                         anyone,
	"DELETE /api/v1/tickets/:secret/tell/:id":                   anyone,
	"GET /api/v1/alerts":                                        bosses,
	"GET /api/v1/measures":                                      bosses,
	"GET /api/v1/measures.csv":                                  bosses,
	"POST /api/v1/offices/:office/alerts/:alert/take":           chiefs,
	"POST /api/v1/offices/:office/alerts/:alert/release":        chiefs,
	"POST /api/v1/offices/:office/alerts/:alert/snooze":         chiefs,
	"GET /api/v1/webhooks":                                      {"admin"},
	"POST /api/v1/webhooks":                                     {"admin"},
	"DELETE /api/v1/webhooks/:webhook":                          {"admin"},
	"POST /api/v1/webhooks/:webhook/rotate":                     {"admin"},
	"POST /api/v1/webhooks/:webhook/test":                       {"admin"},
	"GET /api/v1/webhooks/:webhook/deliveries":                  {"admin"},
	"POST /api/v1/webhooks/:webhook/deliveries/:delivery/retry": {"admin"},
	"POST /api/v1/line/webhook":                                 anyone,
	"GET /api/v1/open-data/congestion.json":                     anyone,
	"GET /api/v1/open-data/congestion.csv":                      anyone,
	"GET /api/v1/open-data/record.json":                         anyone,
	"GET /api/v1/open-data/record.csv":                          anyone,
	"GET /api/v1/open-data/history.json":                        anyone,
	"GET /api/v1/open-data/history.csv":                         anyone,
	"GET /api/v1/open-data/offices.json":                        anyone,
	"GET /api/v1/open-data/offices.csv":                         anyone,
	"GET /api/v1/open-data/datapackage.json":                    anyone,
	"GET /api/v1/offices/:office/curve":                         anyone,

	"GET /api/v1/reports":                                       chiefs,
	"GET /api/v1/reports/definitions":                           chiefs,
	"GET /api/v1/offices/:office/reports/:kind/:file":           chiefs,
	"GET /api/v1/offices/:office/reports/:kind/:file/revisions": chiefs,
	"GET /api/v1/offices/:office/figures.parquet":               chiefs,
	"GET /api/v1/offices/:office/plan":                          chiefs,
	"GET /api/v1/offices/:office/plan/history":                  chiefs,
	"POST /api/v1/offices/:office/plan/items":                   chiefs,
	"PUT /api/v1/offices/:office/plan/items/:item":              chiefs,
	"POST /api/v1/offices/:office/plan/items/:item/remove":      chiefs,
	"POST /api/v1/offices/:office/plan/items/:item/restore":     chiefs,
	"PUT /api/v1/offices/:office/plan/items/:item/years/:year":  chiefs,
	"GET /api/v1/open-data/days.json":                           anyone,
	"GET /api/v1/open-data/days.csv":                            anyone,
	"GET /api/v1/open-data/months.json":                         anyone,
	"GET /api/v1/open-data/months.csv":                          anyone,
	"GET /api/v1/open-data/plan.json":                           anyone,
	"GET /api/v1/open-data/plan.csv":                            anyone,

	"GET /api/v1/offices/:office/record":                                  chiefs,
	"GET /api/v1/offices/:office/replay":                                  chiefs,
	"GET /api/v1/offices/:office/lessons":                                 {"kiosk", "kiosk-2", "manager", "admin"},
	"GET /offices/:office/closures.ics":                                   anyone,
	"GET /offices/:office/feed.json":                                      anyone,
	"GET /feed.json":                                                      anyone,
	"GET /asyncapi.yaml":                                                  anyone,
	"GET /robots.txt":                                                     anyone,
	"GET /.well-known/security.txt":                                       anyone,
	"GET /openapi.yaml":                                                   anyone,
	"GET /healthz":                                                        anyone,
	"GET /readyz":                                                         anyone,
	"POST /api/v1/enrol":                                                  anyone,
	"POST /api/v1/offices/:office/kiosks/:kiosk/start":                    own,
	"POST /api/v1/offices/:office/kiosks/:kiosk/enrol-code":               chiefs,
	"POST /api/v1/offices/:office/kiosks/:kiosk/revoke":                   chiefs,
	"POST /api/v1/offices/:office/kiosks/pin":                             chiefs,
	"GET /api/v1/offices/:office/kiosks":                                  chiefs,
	"GET /staff/oidc/start":                                               anyone,
	"GET /staff/oidc/callback":                                            anyone,
	"POST /api/v1/media":                                                  bosses,
	"GET /api/v1/signs":                                                   bosses,
	"POST /api/v1/signs":                                                  bosses,
	"PUT /api/v1/signs/:sign":                                             bosses,
	"POST /api/v1/signs/:sign/:move":                                      bosses,
	"PUT /api/v1/signs-rule":                                              bosses,
	"GET /api/v1/signage/:office":                                         anyone,
	"POST /api/v1/signage/:office/alive":                                  anyone,
	"GET /signage/media/:hash":                                            anyone,
	"GET /api/v1/plays.csv":                                               bosses,
	"GET /api/v1/screens":                                                 bosses,
	"POST /api/v1/screens":                                                bosses,
	"POST /api/v1/screens/:screen/remove":                                 bosses,
	"POST /api/v1/screens/:screen/reload":                                 bosses,
	"GET /api/v1/emergencies":                                             bosses,
	"POST /api/v1/emergencies":                                            bosses,
	"POST /api/v1/emergencies/:emergency/end":                             bosses,
	"GET /api/v1/audit":                                                   chiefs,
	"GET /api/v1/audit.csv":                                               chiefs,
	"POST /staff/first":                                                   anyone,
	"GET /api/v1/me":                                                      people,
	"POST /api/v1/me/seen":                                                people,
	"POST /api/v1/me/password":                                            people,
	"POST /api/v1/me/totp":                                                people,
	"POST /api/v1/me/totp/confirm":                                        people,
	"POST /api/v1/me/sessions/revoke":                                     people,
	"GET /api/v1/accounts":                                                bosses,
	"POST /api/v1/accounts":                                               bosses,
	"POST /api/v1/accounts/:account/disable":                              bosses,
	"POST /api/v1/accounts/:account/enable":                               bosses,
	"POST /api/v1/accounts/:account/reset":                                bosses,
	"POST /api/v1/accounts/:account/grants":                               bosses,
	"POST /api/v1/accounts/:account/sessions/revoke":                      bosses,
	"POST /api/v1/offices/:office/helpers":                                chiefs,
	"GET /api/v1/sessions":                                                bosses,
	"POST /api/v1/sessions/:session/revoke":                               bosses,
	"POST /staff/login":                                                   anyone,
	"POST /staff/logout":                                                  anyone,
	"POST /api/v1/offices/:office/tickets":                                issuers,
	"POST /api/v1/offices/:office/commands":                               devices,
	"GET /api/v1/offices/:office/records":                                 devices,
	"POST /api/v1/offices/:office/kiosks/:kiosk/bind":                     own,
	"GET /api/v1/offices/:office/kiosks/:kiosk/plan":                      own,
	"POST /api/v1/offices/:office/kiosks/:kiosk/health":                   own,
	"POST /api/v1/offices/:office/kiosks/:kiosk/acts":                     own,
	"GET /api/v1/offices/:office/kiosks/:kiosk/tickets":                   own,
	"POST /api/v1/practice":                                               everyDesk,
	"POST /api/v1/practice/end":                                           everyDesk,
	"GET /api/v1/offices/:office/from-home":                               anyone,
	"POST /api/v1/offices/:office/from-home":                              anyone,
	"POST /api/v1/offices/:office/arrive":                                 anyone,
	"POST /api/v1/offices/:office/door":                                   anyone,
	"GET /api/v1/offices/:office/from-home/today":                         chiefs,
	"POST /api/v1/offices/:office/from-home/state":                        chiefs,
	"POST /api/v1/offices/:office/check-in":                               helpers,
	"POST /api/v1/tickets/:secret/later":                                  anyone,
	"GET /api/v1/offices/:office/console":                                 clerks,
	"GET /api/v1/offices/:office/dashboard":                               chiefs,
	"POST /api/v1/offices/:office/state":                                  chiefs,
	"POST /api/v1/offices/:office/services/:service/state":                chiefs,
	"GET /api/v1/offices/:office/counters/:counter/preview":               clerks,
	"POST /api/v1/offices/:office/counters/:counter/call-next":            clerks,
	"POST /api/v1/offices/:office/counters/:counter/quick-serve":          clerks,
	"POST /api/v1/offices/:office/counters/:counter/open":                 clerks,
	"POST /api/v1/offices/:office/counters/:counter/pause":                clerks,
	"POST /api/v1/offices/:office/counters/:counter/close":                clerks,
	"POST /api/v1/offices/:office/counters/:counter/ask-help":             clerks,
	"POST /api/v1/offices/:office/counters/:counter/answer-help":          clerks,
	"POST /api/v1/offices/:office/counters/:counter/undo":                 clerks,
	"POST /api/v1/offices/:office/counters/:counter/finish-and-call-next": clerks,
	"GET /api/v1/offices/:office/tickets/:number":                         desks,
	"POST /api/v1/offices/:office/tickets/:number/call":                   clerks,
	"POST /api/v1/offices/:office/tickets/:number/recall":                 clerks,
	"POST /api/v1/offices/:office/tickets/:number/start":                  clerks,
	"POST /api/v1/offices/:office/tickets/:number/finish":                 clerks,
	"POST /api/v1/offices/:office/tickets/:number/ready":                  desks,
	"POST /api/v1/offices/:office/tickets/:number/no-show":                clerks,
	"POST /api/v1/offices/:office/tickets/:number/restore":                desks,
	"POST /api/v1/offices/:office/tickets/:number/hold":                   desks,
	"POST /api/v1/offices/:office/tickets/:number/resume":                 desks,
	"POST /api/v1/offices/:office/tickets/:number/transfer":               desks,
	"POST /api/v1/offices/:office/tickets/:number/add-service":            desks,
	"POST /api/v1/offices/:office/tickets/:number/change-service":         desks,
	"POST /api/v1/offices/:office/tickets/:number/priority":               desks,
	"POST /api/v1/offices/:office/tickets/:number/defer":                  clerks,
	"POST /api/v1/offices/:office/tickets/:number/withdraw":               desks,
	"POST /api/v1/offices/:office/tickets/:number/serve":                  clerks,
	"POST /api/v1/offices/:office/tickets/:number/hand-over":              clerks,
	"POST /api/v1/offices/:office/counters/:counter/announce":             clerks,
	"POST /api/v1/offices/:office/counters/:counter/skip":                 clerks,
	"POST /api/v1/offices/:office/tickets/:number/merge":                  desks,
	"GET /api/v1/offices/:office/tickets/:number/slip":                    desks,
	"GET /api/v1/offices/:office/delivery":                                desks,
	"GET /api/v1/offices/:office/reception":                               desks,
	"GET /api/v1/offices/:office/triage":                                  desks,
	"POST /api/v1/offices/:office/tickets/:number/note":                   desks,
	"GET /offices/:office/forecast.ics":                                   anyone,
	"GET /api/v1/offices/:office/staffing":                                chiefs,
	"POST /api/v1/offices/:office/what-if":                                chiefs,
	"GET /api/v1/offices/:office/almanac":                                 chiefs,
	"PUT /api/v1/offices/:office/almanac/days/:date":                      chiefs,
	"DELETE /api/v1/offices/:office/almanac/days/:date":                   chiefs,
	"PUT /api/v1/offices/:office/almanac/events/:event":                   chiefs,
	"DELETE /api/v1/offices/:office/almanac/events/:event":                chiefs,
	"GET /api/v1/offices/:office/rule":                                    chiefs,
	"PUT /api/v1/offices/:office/rule":                                    chiefs,
	"GET /api/v1/offices/:office/rule/history":                            chiefs,
	"POST /api/v1/offices/:office/rule/replay":                            chiefs,
}

// TestEveryRouteAdmitsExactlyItsRoles sends each role to each route of the router.
// What is asked for is nonsense wherever it can be: only whether the door opens
// counts, and a door that should stay shut must do so before anything is looked at.
func TestEveryRouteAdmitsExactlyItsRoles(t *testing.T) {
	w := newWorld(t)
	w.stop() // event streams end at once; nothing here needs an answer from the store
	seen := map[string]bool{}
	for _, r := range w.api.Echo().Routes() {
		if r.Method == http.MethodOptions || r.Method == echo.RouteNotFound {
			continue
		}
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		name := method + " " + r.Path
		row, ok := matrix[name]
		if !ok {
			t.Errorf("%s has no row in the matrix", name)
			continue
		}
		seen[name] = true
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			for _, token := range anyone {
				checkDoor(t, w, r, token, slices.Contains(row, token))
			}
		})
	}
	for name := range matrix {
		if !seen[name] {
			t.Errorf("%s is in the matrix and not in the router", name)
		}
	}
}

func checkDoor(t *testing.T, w *world, r *echo.Route, token string, open bool) {
	t.Helper()
	path := strings.NewReplacer(":office", "o", ":kiosk", "K1", ":counter", "zz", ":number", "Z9", ":service", "zz", ":secret", "zz").Replace(r.Path)
	q := request{method: r.Method, path: path, token: token, header: map[string]string{"Sec-Fetch-Site": "same-origin"}}
	if r.Method == http.MethodPost {
		q.body = `{"no such field":1}`
		if strings.HasSuffix(path, "/bind") { // the body is read before the kiosk is compared
			q.body = `{"store":"aa"}`
		}
	}
	got := w.send(q)
	shut := got.Code == http.StatusUnauthorized || got.Code == http.StatusForbidden
	if path == "/staff/login" || path == "/staff/first" {
		shut = got.Code == http.StatusForbidden // 401 there is about what was typed
	}
	if shut == open {
		t.Errorf("token %q: status %d, admitted: want %v", token, got.Code, open)
	}
	if token == "" && !open && got.Code != http.StatusUnauthorized {
		t.Errorf("nobody: status %d, want 401", got.Code)
	}
}

// TestReadsChangeNothing calls every GET, as everybody, and compares states.
func TestReadsChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	before := w.stateHash()
	for name := range matrix {
		method, path, _ := strings.Cut(name, " ")
		if method != http.MethodGet || path == "/api/v1/live" || path == "/api/v1/live/sse" {
			continue
		}
		path = strings.NewReplacer(":office", "o", ":kiosk", "K1", ":counter", "1", ":number", "A001", ":secret", "zz").Replace(path)
		for _, token := range anyone {
			w.send(request{method: method, path: path, token: token})
		}
	}
	if after := w.stateHash(); after != before {
		t.Errorf("a GET changed the state: %s, was %s", after, before)
	}
}
