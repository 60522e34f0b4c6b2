package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const issuePath = "/api/v1/offices/o/tickets"

// bad is one request that must come to nothing.
type bad struct {
	name   string
	send   request
	status int
	code   string
	field  string
}

// staffPost is a command of a clerk of office o.
func staffPost(path, body string) request {
	return request{method: "POST", path: "/api/v1/offices/o/" + path, token: "staff", body: body}
}

func with(q request, header, value string) request {
	q.header = map[string]string{header: value}
	return q
}

func as(q request, token string) request {
	q.token = token
	return q
}

var (
	long    = strings.Repeat("x", 501)
	deep    = strings.Repeat(`{"quote":`, 20) + "1" + strings.Repeat("}", 20)
	good    = `{"service":"moving","channel":"kiosk"}`
	manager = func(path, body string) request { return as(staffPost(path, body), "manager") }
	kiosk   = func(path, body string) request { return as(staffPost(path, body), "kiosk") }
	read    = func(path, token string) request { return request{method: "GET", path: path, token: token} }
)

// badBodies are faults of a body as such.
var badBodies = []bad{
	{"not JSON", staffPost("tickets", `{service`), 400, "bad_json", "body"},
	{"cut off", staffPost("tickets", `{"service":"moving"`), 400, "bad_json", "body"},
	{"not UTF-8", staffPost("tickets", "{\"service\":\"\xff\"}"), 400, "bad_json", "body"},
	{"an array", staffPost("tickets", `[]`), 400, "wrong_type", "body"},
	{"a string", staffPost("tickets", `"x"`), 400, "wrong_type", "body"},
	{"null", staffPost("tickets", `null`), 400, "wrong_type", "body"},
	{"two values", staffPost("tickets", good+good), 400, "trailing_data", "body"},
	{"text behind", staffPost("tickets", good+" x"), 400, "trailing_data", "body"},
	{"unknown field", staffPost("tickets", `{"service":"moving","channel":"kiosk","name":"Yamada"}`), 400, "unknown_field", "name"},
	{"unknown inner field", staffPost("tickets", `{"service":"moving","channel":"kiosk","quote":{"x":1}}`), 400, "unknown_field", "x"},
	{"field in capitals", staffPost("tickets", `{"Service":"moving","channel":"kiosk"}`), 400, "unknown_field", "Service"},
	{"field twice", staffPost("tickets", `{"service":"moving","service":"cert","channel":"kiosk"}`), 400, "duplicate_field", "service"},
	{"number for text", staffPost("tickets", `{"service":1,"channel":"kiosk"}`), 400, "wrong_type", "service"},
	{"text for bool", staffPost("tickets", `{"service":"moving","channel":"kiosk","priority":"yes"}`), 400, "wrong_type", "priority"},
	{"text for list", staffPost("tickets", `{"service":"moving","channel":"kiosk","further":"cert"}`), 400, "wrong_type", "further"},
	{"fraction for number", staffPost("counters/1/quick-serve", `{"service":"cert","quantity":1.5}`), 400, "wrong_type", "quantity"},
	{"huge number", staffPost("counters/1/quick-serve", `{"service":"cert","quantity":99999999999999999999}`), 400, "wrong_type", "quantity"},
	{"deep", staffPost("tickets", deep), 400, "too_deep", "quote"},
	{"large", staffPost("tickets", `{"service":"`+strings.Repeat("x", 64<<10)+`"}`), 413, "body_too_large", "body"},
	{"form", with(staffPost("tickets", good), "Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_media_type", "Content-Type"},
	{"text", with(staffPost("tickets", good), "Content-Type", "text/plain"), 415, "unsupported_media_type", "Content-Type"},
	{"no type", with(staffPost("tickets", good), "Content-Type", ""), 415, "unsupported_media_type", "Content-Type"},
}

// badHeaders are faults of the request around a body.
var badHeaders = []bad{
	{"no key", request{method: "POST", path: issuePath, token: "staff", body: good, noKey: true}, 400, "idempotency_key_missing", "Idempotency-Key"},
	{"empty key", with(staffPost("tickets", good), "Idempotency-Key", ""), 400, "idempotency_key_missing", "Idempotency-Key"},
	{"key with space", with(staffPost("tickets", good), "Idempotency-Key", "a b"), 400, "idempotency_key_bad", "Idempotency-Key"},
	{"key with kana", with(staffPost("tickets", good), "Idempotency-Key", "あ"), 400, "idempotency_key_bad", "Idempotency-Key"},
	{"long key", with(staffPost("tickets", good), "Idempotency-Key", strings.Repeat("k", 101)), 400, "idempotency_key_bad", "Idempotency-Key"},
	{"no token", as(staffPost("tickets", good), ""), 401, "unauthenticated", "Authorization"},
	{"wrong token", as(staffPost("tickets", good), "nobody"), 401, "unauthenticated", "Authorization"},
	{"basic", with(as(staffPost("tickets", good), ""), "Authorization", "Basic c3RhZmY6"), 401, "unauthenticated", "Authorization"},
	{"other office", as(staffPost("tickets", good), "staff-p"), 403, "forbidden", "office"},
	{"signage issues", as(staffPost("tickets", good), "signage"), 403, "forbidden", "role"},
	{"kiosk calls", kiosk("counters/1/call-next", ""), 403, "forbidden", "role"},
	{"cookie from elsewhere", request{method: "POST", path: issuePath, body: good, header: map[string]string{"Cookie": "machi_session=staff", "Origin": "https://evil.example"}}, 403, "cross_site", "Origin"},
	{"cookie from nowhere", request{method: "POST", path: issuePath, body: good, header: map[string]string{"Cookie": "machi_session=staff"}}, 403, "cross_site", "Origin"},
	{"cross-site fetch", request{method: "POST", path: issuePath, body: good, header: map[string]string{"Cookie": "machi_session=staff", "Sec-Fetch-Site": "cross-site"}}, 403, "cross_site", "Origin"},
	{"unknown path", read("/api/v1/nothing", ""), 404, "not_found", "path"},
	{"wrong method", request{method: "PUT", path: issuePath, token: "staff", body: good}, 405, "method_not_allowed", "method"},
	{"TRACE", request{method: "TRACE", path: "/api/v1/offices"}, 405, "method_not_allowed", "method"},
	{"unknown office", as(request{method: "POST", path: "/api/v1/offices/x/tickets", body: good}, "admin"), 404, "unknown_office", "office"},
	{"GET a command", read("/api/v1/offices/o/counters/1/call-next", "staff"), 405, "method_not_allowed", "method"},
	{"live without upgrade", read("/api/v1/live", ""), 426, "upgrade_required", "Upgrade"},
}

// badIssues are tickets that cannot be.
var badIssues = []bad{
	{"empty", staffPost("tickets", ""), 422, "missing_field", "service"},
	{"no channel", staffPost("tickets", `{"service":"moving"}`), 422, "missing_field", "channel"},
	{"unknown service", staffPost("tickets", `{"service":"x","channel":"kiosk"}`), 422, "unknown_service", "service"},
	{"unknown channel", staffPost("tickets", `{"service":"moving","channel":"fax"}`), 422, "unknown_channel", "channel"},
	{"unknown further", staffPost("tickets", `{"service":"moving","channel":"kiosk","further":["x"]}`), 422, "unknown_service", "further"},
	{"too many further", staffPost("tickets", `{"service":"moving","channel":"kiosk","further":["cert","cert","cert","cert","cert","cert","cert","cert","cert"]}`), 422, "out_of_range", "further"},
	{"language", staffPost("tickets", `{"service":"moving","channel":"kiosk","language":"<script>"}`), 422, "bad_value", "language"},
	{"appointment", staffPost("tickets", `{"service":"moving","channel":"appointment","appointment":"10:30"}`), 422, "bad_value", "appointment"},
	{"secret hash", kiosk("tickets", `{"service":"moving","channel":"kiosk","secret_hash":"zz"}`), 422, "bad_value", "secret_hash"},
	{"ticket id", kiosk("tickets", `{"service":"moving","channel":"kiosk","ticket":"a b"}`), 422, "bad_value", "ticket"},
	{"staff make a ticket id", staffPost("tickets", `{"service":"moving","channel":"kiosk","ticket":"K1.aa-1"}`), 403, "forbidden", "ticket"},
	{"ticket id of another kiosk", kiosk("tickets", `{"service":"moving","channel":"kiosk","ticket":"K2.aa-1"}`), 403, "forbidden", "ticket"},
	{"kiosk as the web", kiosk("tickets", `{"service":"moving","channel":"web"}`), 403, "forbidden", "channel"},
	{"web as a kiosk", as(staffPost("tickets", good), "web"), 403, "forbidden", "channel"},
	{"web with priority", as(staffPost("tickets", `{"service":"moving","channel":"web","priority":true}`), "web"), 403, "forbidden", "priority"},
	{"kiosk at the desk", kiosk("tickets", `{"service":"cert","channel":"kiosk","desk":true}`), 403, "forbidden", "desk"},
	{"no desk numbers", staffPost("tickets", `{"service":"moving","channel":"reception","desk":true}`), 409, "numbers_used_up", "pool"},
	{"quote backwards", kiosk("tickets", `{"service":"moving","channel":"kiosk","quote":{"ahead":1,"low_seconds":9,"p50_seconds":5,"high_seconds":1}}`), 422, "bad_value", "quote"},
	{"quote below zero", kiosk("tickets", `{"service":"moving","channel":"kiosk","quote":{"ahead":-1,"low_seconds":0,"p50_seconds":0,"high_seconds":0}}`), 422, "bad_value", "quote"},
}

// badCommands are commands that do not fit the state: A001 waits, counter 1 is open.
var badCommands = []bad{
	{"unknown counter", staffPost("counters/99/open", ""), 404, "unknown_counter", "counter"},
	{"unknown service at counter", staffPost("counters/2/open", `{"services":["x"]}`), 422, "unknown_service", "services"},
	{"call at a closed counter", staffPost("counters/2/call-next", ""), 409, "counter_not_open", "counter"},
	{"call what is not served", staffPost("counters/1/call-next", `{"service":"x"}`), 422, "not_served_here", "service"},
	{"pause without reason", staffPost("counters/1/pause", ""), 422, "missing_field", "reason"},
	{"long reason", staffPost("counters/1/pause", `{"reason":"`+long+`"}`), 422, "too_long", "reason"},
	{"finish with nobody", staffPost("counters/1/finish-and-call-next", ""), 409, "counter_free", "counter"},
	{"quick serve of nothing", staffPost("counters/1/quick-serve", ""), 422, "unknown_service", "service"},
	{"quick serve below zero", staffPost("counters/1/quick-serve", `{"service":"cert","quantity":-1}`), 422, "out_of_range", "quantity"},
	{"help without text", staffPost("counters/1/ask-help", ""), 422, "missing_field", "text"},
	{"help nobody asked for", staffPost("counters/1/answer-help", ""), 409, "no_help_asked", "counter"},
	{"undo of nothing", staffPost("counters/2/undo", ""), 409, "nothing_to_undo", "command"},
	{"close a closed counter", staffPost("counters/2/close", ""), 409, "counter_not_open", "counter"},
	{"unknown number", staffPost("tickets/Z999/call", `{"counter":"1"}`), 404, "unknown_ticket", "number"},
	{"number that is none", staffPost("tickets/%3Cscript%3E/call", `{"counter":"1"}`), 404, "unknown_ticket", "number"},
	{"call without counter", staffPost("tickets/A001/call", ""), 422, "missing_field", "counter"},
	{"recall of one who waits", staffPost("tickets/A001/recall", ""), 409, "wrong_status", "ticket"},
	{"start of one who waits", staffPost("tickets/A001/start", ""), 409, "wrong_status", "ticket"},
	{"finish of one who waits", staffPost("tickets/A001/finish", ""), 409, "wrong_status", "ticket"},
	{"ready of one who waits", staffPost("tickets/A001/ready", ""), 409, "wrong_status", "ticket"},
	{"no-show of one who waits", staffPost("tickets/A001/no-show", ""), 409, "wrong_status", "ticket"},
	{"restore of one who waits", staffPost("tickets/A001/restore", ""), 409, "wrong_status", "ticket"},
	{"resume of one who waits", staffPost("tickets/A001/resume", ""), 409, "wrong_status", "ticket"},
	{"hold without reason", staffPost("tickets/A001/hold", ""), 422, "missing_field", "reason"},
	{"transfer to nowhere", staffPost("tickets/A001/transfer", ""), 422, "missing_field", "service"},
	{"transfer to no service", staffPost("tickets/A001/transfer", `{"service":"x"}`), 422, "unknown_service", "service"},
	{"transfer to no counter", staffPost("tickets/A001/transfer", `{"to":"99"}`), 404, "unknown_counter", "to"},
	{"transfer to no office", staffPost("tickets/A001/transfer", `{"office":"x"}`), 404, "unknown_office", "office"},
	{"transfer to an office's counter", staffPost("tickets/A001/transfer", `{"office":"p","to":"1"}`), 422, "bad_value", "to"},
	{"transfer to an office without the service", staffPost("tickets/A001/transfer", `{"office":"p","service":"x"}`), 422, "unknown_service", "service"},
	{"add no service", staffPost("tickets/A001/add-service", `{"service":"x"}`), 422, "unknown_service", "service"},
	{"change to no service", staffPost("tickets/A001/change-service", ""), 422, "unknown_service", "service"},
	{"priority of what", staffPost("tickets/A001/priority", ""), 422, "missing_field", "priority"},
	{"defer for nothing", staffPost("tickets/A001/defer", ""), 422, "out_of_range", "for_seconds"},
	{"defer for a day", staffPost("tickets/A001/defer", `{"for_seconds":80000}`), 422, "out_of_range", "for"},
	{"empty note", staffPost("tickets/A001/note", ""), 422, "missing_field", "text"},
	{"clicked at no moment", staffPost("tickets/A001/note", `{"text":"x","clicked_at":"soon"}`), 422, "bad_value", "clicked_at"},
	{"clicked in an hour", staffPost("tickets/A001/note", `{"text":"x","clicked_at":"2026-04-01T10:00:00+09:00"}`), 422, "out_of_range", "clicked_at"},
	{"clicked two days ago", staffPost("tickets/A001/note", `{"text":"x","clicked_at":"2026-03-30T09:00:00+09:00"}`), 422, "out_of_range", "clicked_at"},
	{"clicked at a number", staffPost("tickets/A001/start", `{"clicked_at":1}`), 400, "wrong_type", "clicked_at"},
	{"serve at no counter", staffPost("tickets/A001/serve", ""), 422, "missing_field", "counter"},
	{"serve at an unknown counter", staffPost("tickets/A001/serve", `{"counter":"99"}`), 404, "unknown_counter", "counter"},
	{"serve an unknown number", staffPost("tickets/Z999/serve", `{"counter":"1"}`), 404, "unknown_ticket", "number"},
	{"serve in the past of nobody", staffPost("tickets/A001/serve", `{"counter":"1","started_at":"x"}`), 422, "bad_value", "started_at"},
	{"announce nothing", staffPost("counters/1/announce", ""), 422, "missing_field", "numbers"},
	{"announce an empty number", staffPost("counters/1/announce", `{"numbers":[""]}`), 422, "missing_field", "numbers"},
	{"announce an unknown number", staffPost("counters/1/announce", `{"numbers":["Z1"]}`), 404, "unknown_ticket", "numbers"},
	{"announce one who waits for reception", staffPost("counters/1/announce", `{"numbers":["A001"]}`), 422, "not_served_here", "numbers"},
	{"announce too many", staffPost("counters/1/announce", `{"numbers":[`+strings.Repeat(`"A001",`, 50)+`"A001"]}`), 422, "out_of_range", "numbers"},
	{"announce at a closed counter", staffPost("counters/2/announce", `{"numbers":["A001"]}`), 409, "counter_not_open", "counter"},
	{"hand over at reception", staffPost("tickets/A001/hand-over", `{"counter":"1"}`), 422, "no_such_stage", "ticket"},
	{"hand over at no counter", staffPost("tickets/A001/hand-over", ""), 422, "missing_field", "counter"},
	{"merge into nothing", staffPost("tickets/A001/merge", ""), 422, "missing_field", "into"},
	{"merge into an unknown number", staffPost("tickets/A001/merge", `{"into":"Z1"}`), 404, "unknown_ticket", "into"},
	{"merge into itself", staffPost("tickets/A001/merge", `{"into":"a1"}`), 422, "out_of_range", "into"},
	{"skip nobody", staffPost("counters/1/skip", ""), 422, "missing_field", "number"},
	{"skip an unknown number", staffPost("counters/1/skip", `{"number":"Z1"}`), 404, "unknown_ticket", "number"},
	{"skip at a closed counter", staffPost("counters/2/skip", `{"number":"A001"}`), 409, "counter_not_open", "counter"},
	{"served what is not there", staffPost("tickets/A001/finish", `{"served":[{"what":1}]}`), 400, "unknown_field", "what"},
	{"reception calls", as(staffPost("counters/1/call-next", ""), "reception"), 403, "forbidden", "role"},
	{"reception finishes", as(staffPost("tickets/A001/finish", ""), "reception"), 403, "forbidden", "role"},
	{"look for a whole sentence", read("/api/v1/offices/o/reception?q=aaaaaaaaaaaaaaaaaaaaa", "staff"), 422, "bad_value", "q"},
	{"slip of no number", read("/api/v1/offices/o/tickets/Z1/slip", "staff"), 404, "unknown_ticket", "number"},
	{"slip for a machine", read("/api/v1/offices/o/tickets/A001/slip", "kiosk"), 403, "forbidden", "role"},
	{"unknown ticket id", staffPost("tickets/A001/note?ticket=s9-9", `{"text":"x"}`), 404, "unknown_ticket", "number"},
	{"unknown state", manager("state", `{"state":"party"}`), 422, "unknown_state", "state"},
	{"unknown service's state", manager("services/x/state", `{"state":"paused"}`), 422, "unknown_service", "service"},
	{"service state of a clerk", staffPost("services/moving/state", `{"state":"paused"}`), 403, "forbidden", "role"},
	{"withdraw with a bad key", request{method: "DELETE", path: "/api/v1/tickets/none", header: map[string]string{"Idempotency-Key": "a b"}}, 400, "idempotency_key_bad", "Idempotency-Key"},
	{"withdraw nothing", request{method: "DELETE", path: "/api/v1/tickets/none"}, 404, "unknown_secret", "secret"},
}

// badMachines are faults in the kiosk protocol and in what is asked for.
var badMachines = []bad{
	{"no kiosk", kiosk("commands", `{"store":"aa"}`), 422, "bad_value", "kiosk"},
	{"no store", kiosk("commands", `{"kiosk":"K1"}`), 422, "bad_value", "store"},
	{"another kiosk", kiosk("commands", `{"kiosk":"K2","store":"aa"}`), 403, "forbidden", "kiosk"},
	{"bodies without date", kiosk("commands", `{"kiosk":"K1","store":"aa","bodies":["e30="]}`), 422, "missing_field", "date"},
	{"a bad date", kiosk("commands", `{"kiosk":"K1","store":"aa","date":"1 April"}`), 422, "bad_value", "date"},
	{"a far date", kiosk("commands", `{"kiosk":"K1","store":"aa","date":"2031-04-01","inquire":[]}`), 422, "out_of_range", "date"},
	{"no base64", kiosk("commands", `{"kiosk":"K1","store":"aa","date":"2026-04-01","bodies":["%"]}`), 400, "bad_json", "body"},
	{"no record", kiosk("commands", `{"kiosk":"K1","store":"aa","date":"2026-04-01","bodies":["e30="]}`), 422, "bad_value", "bodies"},
	{"bind nothing", kiosk("kiosks/K1/bind", ""), 422, "bad_value", "store"},
	{"bind for another", kiosk("kiosks/K2/bind", `{"store":"aa"}`), 403, "forbidden", "kiosk"},
	{"bind an unknown kiosk", as(staffPost("kiosks/K9/bind", `{"store":"aa"}`), "admin"), 404, "unknown_kiosk", "kiosk"},
	{"plan of another", read("/api/v1/offices/o/kiosks/K2/plan", "kiosk"), 403, "forbidden", "kiosk"},
	{"plan of none", read("/api/v1/offices/o/kiosks/K9/plan", "admin"), 404, "unknown_kiosk", "kiosk"},
	{"health of another", kiosk("kiosks/K2/health", `{}`), 403, "forbidden", "kiosk"},
	{"health of none", as(staffPost("kiosks/K9/health", `{}`), "admin"), 404, "unknown_kiosk", "kiosk"},
	{"health by a clerk", staffPost("kiosks/K1/health", `{}`), 403, "forbidden", "role"},
	{"health in an unknown word", kiosk("kiosks/K1/health", `{"paper":"wet"}`), 422, "unknown_state", "paper"},
	{"a printer's word for paper", kiosk("kiosks/K1/health", `{"printer":"near_end"}`), 422, "unknown_state", "printer"},
	{"health with a name in it", kiosk("kiosks/K1/health", `{"visitor":"Yamada"}`), 400, "unknown_field", "visitor"},
	{"a long version", kiosk("kiosks/K1/health", `{"version":"`+long+`"}`), 422, "too_long", "version"},
	{"fewer than none unsent", kiosk("kiosks/K1/health", `{"unsent":-1}`), 422, "out_of_range", "unsent"},
	{"printed without end", kiosk("kiosks/K1/health", `{"printed_today":1000001}`), 422, "out_of_range", "printed_today"},
	{"an offer of no service", kiosk("kiosks/K1/health", `{"offers":[{"service":"","kind":"online"}]}`), 422, "bad_value", "offers"},
	{"an offer of an unknown kind", kiosk("kiosks/K1/health", `{"offers":[{"service":"cert","kind":"bribe"}]}`), 422, "bad_value", "offers"},
	{"an offer taken back", kiosk("kiosks/K1/health", `{"offers":[{"service":"cert","kind":"online","taken":-1}]}`), 422, "out_of_range", "offers"},
	{"offers without end", kiosk("kiosks/K1/health", `{"offers":[`+strings.Repeat(`{"service":"cert","kind":"online"},`, 200)+`{"service":"cert","kind":"online"}]}`), 422, "out_of_range", "offers"},
	{"act at another", kiosk("kiosks/K2/acts", `{"action":"sign_in"}`), 403, "forbidden", "kiosk"},
	{"act at none", as(staffPost("kiosks/K9/acts", `{"action":"sign_in"}`), "admin"), 404, "unknown_kiosk", "kiosk"},
	{"act of a clerk", staffPost("kiosks/K1/acts", `{"action":"sign_in"}`), 403, "forbidden", "role"},
	{"no act", kiosk("kiosks/K1/acts", ""), 422, "missing_field", "action"},
	{"an act that is none", kiosk("kiosks/K1/acts", `{"action":"dance"}`), 422, "unknown_action", "action"},
	{"an act without key", request{method: "POST", path: "/api/v1/offices/o/kiosks/K1/acts", token: "kiosk", body: `{"action":"sign_in"}`, noKey: true}, 400, "idempotency_key_missing", "Idempotency-Key"},
	{"withdraw no ticket", kiosk("kiosks/K1/acts", `{"action":"withdraw"}`), 404, "unknown_ticket", "ticket"},
	{"withdraw an unknown number", kiosk("kiosks/K1/acts", `{"action":"withdraw","number":"Z999"}`), 404, "unknown_ticket", "number"},
	{"reprint an unknown ticket", kiosk("kiosks/K1/acts", `{"action":"reprint","ticket":"s9-9"}`), 404, "unknown_ticket", "ticket"},
	{"close no service", kiosk("kiosks/K1/acts", `{"action":"service_close","service":"x"}`), 422, "unknown_service", "service"},
	{"an act in too many words", kiosk("kiosks/K1/acts", `{"action":"sign_in","detail":"`+long+`"}`), 422, "too_long", "detail"},
	{"tickets of another machine", read("/api/v1/offices/o/kiosks/K2/tickets", "kiosk"), 403, "forbidden", "kiosk"},
	{"tickets of no machine", read("/api/v1/offices/o/kiosks/K9/tickets", "admin"), 404, "unknown_kiosk", "kiosk"},
	{"tickets after nothing", read("/api/v1/offices/o/kiosks/K1/tickets?after=s9-9", "kiosk"), 422, "bad_value", "after"},
	{"check in nothing", staffPost("check-in", ""), 422, "missing_field", "code"},
	{"check in twice over", staffPost("check-in", `{"code":"123456","secret":"x"}`), 422, "bad_value", "code"},
	{"check in by five digits", staffPost("check-in", `{"code":"12345"}`), 422, "bad_value", "code"},
	{"check in by full-width digits", staffPost("check-in", `{"code":"１２３４５６"}`), 422, "bad_value", "code"},
	{"check in by an unknown code", staffPost("check-in", `{"code":"123456"}`), 404, "unknown_code", "code"},
	{"check in by an unknown secret", kiosk("check-in", `{"secret":"nothing"}`), 404, "unknown_code", "secret"},
	{"check in by a long secret", kiosk("check-in", `{"secret":"`+long+`"}`), 404, "unknown_code", "secret"},
	{"check in by the web", as(staffPost("check-in", `{"code":"123456"}`), "web"), 403, "forbidden", "role"},
	{"check in without key", request{method: "POST", path: "/api/v1/offices/o/check-in", token: "staff", body: `{"code":"123456"}`, noKey: true}, 400, "idempotency_key_missing", "Idempotency-Key"},
	{"later for nobody", request{method: "POST", path: "/api/v1/tickets/none/later"}, 404, "unknown_secret", "secret"},
	{"later without key", request{method: "POST", path: "/api/v1/tickets/none/later", noKey: true}, 400, "idempotency_key_missing", "Idempotency-Key"},
	{"later by an hour", request{method: "POST", path: "/api/v1/tickets/none/later", body: `{"for_seconds":3600}`}, 400, "unknown_field", "for_seconds"},
	{"records after nothing", read("/api/v1/offices/o/records?after=x", "kiosk"), 422, "bad_value", "after"},
	{"records below zero", read("/api/v1/offices/o/records?after=-1", "kiosk"), 422, "bad_value", "after"},
	{"too many records", read("/api/v1/offices/o/records?limit=501", "kiosk"), 422, "bad_value", "limit"},
	{"a long wait", read("/api/v1/offices/o/records?wait=60", "kiosk"), 422, "bad_value", "wait"},
	{"records of no day", read("/api/v1/offices/o/records?date=x", "kiosk"), 422, "bad_value", "date"},
	{"console of no counter", read("/api/v1/offices/o/console?counter=99", "staff"), 404, "unknown_counter", "counter"},
	{"console of which counter", read("/api/v1/offices/o/console", "staff"), 422, "missing_field", "counter"},
	{"preview at no counter", read("/api/v1/offices/o/counters/99/preview", "staff"), 404, "unknown_counter", "counter"},
	{"forecast of no day", read("/api/v1/offices/o/forecast?from=tomorrow", ""), 422, "bad_value", "from"},
	{"forecast backwards", read("/api/v1/offices/o/forecast?from=2026-04-02&to=2026-04-01", ""), 422, "bad_value", "to"},
	{"forecast of a year", read("/api/v1/offices/o/forecast?from=2026-04-02&to=2027-04-01", ""), 422, "bad_value", "to"},
	{"forecast of no office", read("/api/v1/offices/x/forecast", ""), 404, "unknown_office", "office"},
	{"no office", read("/api/v1/offices/x", ""), 404, "unknown_office", "office"},
	{"follow no office", read("/api/v1/live/sse?office=x", ""), 404, "unknown_office", "office"},
	{"follow a console as nobody", read("/api/v1/live/sse?office=o&console=1", ""), 401, "unauthenticated", "Authorization"},
	{"follow a console elsewhere", read("/api/v1/live/sse?office=p&console=1", "staff"), 403, "forbidden", "office"},
	{"follow no console", read("/api/v1/live/sse?office=o&console=99", "staff"), 404, "unknown_counter", "console"},
	{"a console of two offices", read("/api/v1/live/sse?office=o&office=p&console=1", "admin"), 422, "bad_value", "office"},
	{"log in with nothing", with(request{method: "POST", path: "/staff/login"}, "Sec-Fetch-Site", "same-origin"), 422, "missing_field", "login"},
	{"log in from elsewhere", with(request{method: "POST", path: "/staff/login"}, "Sec-Fetch-Site", "cross-site"), 403, "cross_site", "Origin"},
}

func TestBadInputIsNamedAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.issue("moving")
	w.post(200, "staff", "o/counters/1/open", "")
	before := w.stateHash()
	for _, rows := range [][]bad{badBodies, badHeaders, badIssues, badCommands, badMachines} {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) { checkProblem(t, w.send(row.send), row) })
		}
	}
	if after := w.stateHash(); after != before {
		t.Errorf("bad input changed the state: %s, was %s", after, before)
	}
}

func checkProblem(t *testing.T, got *httptest.ResponseRecorder, want bad) {
	t.Helper()
	var p struct {
		Type, Title, Code, Field, Instance string
		Status                             int
	}
	if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil {
		t.Fatalf("status %d, no problem: %s", got.Code, got.Body)
	}
	if got.Code != want.status || p.Status != want.status || p.Code != want.code || p.Field != want.field {
		t.Errorf("got %d %s (%s), want %d %s (%s): %s", got.Code, p.Code, p.Field, want.status, want.code, want.field, got.Body)
	}
	if kind := got.Header().Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("content type %q", kind)
	}
	if p.Type != "urn:machi:problem:"+want.code || p.Title == "" || !strings.HasPrefix(p.Instance, "urn:machi:request:") {
		t.Errorf("incomplete problem: %s", got.Body)
	}
}

// TestProblemsSpeakTheCallersLanguage asks in several ways for one problem.
func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	w := newWorld(t)
	for accept, want := range map[string]string{
		"": "ja", "ja": "ja", "en-GB,en;q=0.9": "en", "fr": "en", "en;q=0.2,ja": "ja", "\x00": "ja",
	} {
		got := w.send(with(read("/api/v1/offices/x", ""), "Accept-Language", accept))
		if lang := got.Header().Get("Content-Language"); lang != want || got.Code != http.StatusNotFound {
			t.Errorf("Accept-Language %q: answered %d in %q, want %q", accept, got.Code, lang, want)
		}
	}
}
