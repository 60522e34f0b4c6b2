package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/account"
	"machi/internal/audit"
	"machi/internal/queue"
)

// Trail finds who did what, in the audit trail and in the offices' logs.
type Trail interface {
	Search(ctx context.Context, q audit.Query) (audit.Answer, error)
}

// The acts that are noted beside those of accounts.
const (
	ActExport      = "export"
	ActKioskCode   = "kiosk.code"
	ActKioskEnrol  = "kiosk.enrol"
	ActKioskRevoke = "kiosk.revoke"
	ActKioskPIN    = "kiosk.pin"
	ActTokenCreate = "token.create"
	ActTokenRevoke = "token.revoke"
	ActCatalogue   = "catalogue.reload"
	ActRepair      = "store.repair"
)

const (
	auditPage    = 100
	maxAuditPage = 500
	maxSearch    = 200 // bytes of a text that is looked for
)

func (a *API) auditRoutes() []route {
	return []route{
		{"GET", base + "/audit", managers, a.auditPage},
		{"GET", base + "/audit.csv", managers, a.auditCSV},
	}
}

// auditPage answers a search, a page at a time.
func (a *API) auditPage(c echo.Context) error {
	q, err := a.auditQuery(c)
	if err != nil {
		return err
	}
	q.Before, q.Limit = c.QueryParam("before"), auditPage
	if text := c.QueryParam("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > maxAuditPage {
			return problemf(codeBadValue, "limit", "1 to %d", maxAuditPage)
		}
	}
	found, err := a.searchTrail(c, q)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, found)
}

// auditCSV answers a search as a table: a row for each entry and, below them, one
// for each day's head of the trail, by which the table can be held against it later.
// The export is an act itself.
func (a *API) auditCSV(c echo.Context) error {
	q, err := a.auditQuery(c)
	if err != nil {
		return err
	}
	q.Limit = audit.MaxFound
	found, err := a.searchTrail(c, q)
	if err != nil {
		return err
	}
	a.audit(c, AuditEntry{
		Action: ActExport, Target: "audit", Office: queue.OfficeID(c.QueryParam("office")),
		Detail: q.From.Format(time.RFC3339) + " " + q.To.Format(time.RFC3339) + " rows=" + strconv.Itoa(len(found.Entries)),
	})
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="audit.csv"`)
	return c.Blob(http.StatusOK, csvType, auditTable(found))
}

var auditHeader = []string{"at", "source", "who", "role", "action", "office", "target", "result", "detail", "number", "hash"}

func auditTable(found audit.Answer) []byte {
	var lines [][]string
	for _, e := range found.Entries {
		lines = append(lines, []string{
			e.At.In(queue.JST).Format(time.RFC3339), e.Source, e.Who, e.Role, e.Action, string(e.Office),
			e.Target, e.Result, e.Detail, strconv.FormatInt(e.Number, 10), e.Hash.String(),
		})
	}
	for _, h := range found.Heads {
		lines = append(lines, []string{h.Date, "head", "", "", "daily_head", "", h.Stream, "", "", strconv.FormatInt(h.Number, 10), h.Hash.String()})
	}
	if found.Truncated || found.Next != "" {
		lines = append(lines, []string{"", "incomplete", "", "", "", "", "", "", "more was found than one table holds: ask for a shorter time", "", ""})
	}
	return withMark(csvTable(auditHeader, lines))
}

func (a *API) searchTrail(c echo.Context, q audit.Query) (audit.Answer, error) {
	if a.trail == nil {
		return audit.Answer{}, problem(codeNotFound, "path")
	}
	found, err := a.trail.Search(c.Request().Context(), q)
	if errors.Is(err, audit.ErrPlace) {
		return found, problem(codeBadValue, "before")
	}
	return found, err
}

// auditQuery reads what is looked for. Managers find what happened at their offices;
// what belongs to no office is for those who manage all.
func (a *API) auditQuery(c echo.Context) (audit.Query, error) {
	q := audit.Query{
		Who: c.QueryParam("who"), Action: c.QueryParam("action"), Text: c.QueryParam("q"), Source: c.QueryParam("source"),
		Everybody: c.QueryParam("everybody") == "true",
	}
	for name, text := range map[string]string{"who": q.Who, "action": q.Action, "q": q.Text} {
		if len(text) > maxSearch {
			return q, problemf(codeBadValue, name, "at most %d bytes", maxSearch)
		}
	}
	if q.Source != "" && q.Source != audit.FromTrail && q.Source != audit.FromOffice {
		return q, problemf(codeBadValue, "source", "%s or %s", audit.FromTrail, audit.FromOffice)
	}
	var err error
	if q.Offices, err = a.auditOffices(identityOf(c), queue.OfficeID(c.QueryParam("office"))); err != nil {
		return q, err
	}
	if q.To, err = auditMoment(c.QueryParam("to"), 24*time.Hour); err != nil {
		return q, problem(codeBadValue, "to")
	}
	if q.From, err = auditMoment(c.QueryParam("from"), 0); err != nil {
		return q, problem(codeBadValue, "from")
	}
	wall, now := a.wall(), a.now()
	if q.From.IsZero() && q.To.IsZero() { // in a rehearsal the offices live at another time
		if now.After(wall) {
			wall, now = now, wall
		}
		q.From, q.To = now.AddDate(0, 0, -7), wall.Add(time.Minute)
		return q, nil
	}
	if q.To.IsZero() {
		q.To = wall.Add(time.Minute)
	}
	if q.From.IsZero() {
		q.From = q.To.AddDate(0, 0, -7)
	}
	if !q.From.Before(q.To) || q.To.Sub(q.From) > audit.MaxSpan {
		return q, problemf(codeBadValue, "from", "before to, and at most %d days", audit.MaxSpan/(24*time.Hour))
	}
	return q, nil
}

// auditOffices returns the offices whose entries somebody may see; nil: all.
func (a *API) auditOffices(id Identity, wanted queue.OfficeID) ([]queue.OfficeID, error) {
	if wanted != "" {
		if !id.Has(RoleManager, wanted) {
			return nil, problem(codeForbidden, "office")
		}
		return []queue.OfficeID{wanted}, nil
	}
	if id.Has(RoleManager, "") {
		return nil, nil
	}
	own := []queue.OfficeID{}
	for _, office := range a.listOffices() {
		if id.Has(RoleManager, office) {
			own = append(own, office)
		}
	}
	return own, nil
}

// auditMoment reads a moment or a date, which stands for its beginning plus after.
func auditMoment(text string, after time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, queue.JST); err == nil {
		return day.Add(after), nil
	}
	return time.Parse(time.RFC3339, text)
}

// officeOfGrants returns the one office that an account belongs to, whose managers may
// read of it; empty: none or several.
func officeOfGrants(grants []account.Grant) queue.OfficeID {
	var found queue.OfficeID
	for i, g := range grants {
		if g.Office == "" || i > 0 && g.Office != found {
			return ""
		}
		found = g.Office
	}
	return found
}

// audited notes what became of a handler's act: its target is the machine of the
// path, its result the problem's code.
func (a *API) audited(action string, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		e := AuditEntry{Action: action, Target: c.Param("kiosk")}
		if err != nil {
			e.Result = problemOf(err).Code
		}
		a.audit(c, e)
		return err
	}
}
