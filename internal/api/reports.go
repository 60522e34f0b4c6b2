package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/report"
	"machi/internal/report/filed"
	"machi/internal/report/files"
	"machi/internal/yearplan"
)

// Reports are the reports of closed days, of an office or of [report.Ward]. Errors
// are [office.ErrUnknownOffice], those of the context and those of the store.
type Reports interface {
	// Report makes a report of a period, over or not.
	Report(ctx context.Context, id filed.ID) (report.Report, error)
	// Issued lists the newest revision of every report of a fiscal year that was made.
	Issued(ctx context.Context, year int) ([]filed.Entry, error)
	// Revisions lists those of one report, the newest first.
	Revisions(ctx context.Context, id filed.ID) ([]filed.Entry, error)
	// Facts hands out the rows for business intelligence.
	Facts(ctx context.Context, office queue.OfficeID, from, to queue.Date, hourly bool, take func([]report.Fact) error) error
	// Plan is an office's table of measures of some fiscal years, with what became of it.
	Plan(ctx context.Context, office queue.OfficeID, years []int) (report.Plan, error)
	// Plans are what the tables say.
	Plans() *yearplan.Book
	// Measures answers a question about closed days.
	Measures(ctx context.Context, q measure.Query) (measure.Answer, error)
}

func (a *API) reportRoutes() []route {
	office := base + "/offices/:office"
	return []route{
		{"GET", base + "/reports", managers, a.reportList},
		{"GET", base + "/reports/definitions", managers, a.definitions},
		{"GET", office + "/reports/:kind/:file", managers, a.report},
		{"GET", office + "/reports/:kind/:file/revisions", managers, a.revisions},
		{"GET", office + "/figures.parquet", managers, a.figuresParquet},
	}
}

// reportEntry is a report that was made.
type reportEntry struct {
	filed.Entry
	Title report.Words `json:"title"`
	Span  report.Words `json:"span"`
}

// reportList lists the reports of a fiscal year that were made, of the offices that the
// asker manages. ?year, ?office and ?kind narrow it.
func (a *API) reportList(c echo.Context) error {
	if a.filings == nil {
		return problem(codeNotFound, "path")
	}
	year, err := a.fiscalParam(c, "year")
	if err != nil {
		return err
	}
	kind := report.Kind(c.QueryParam("kind"))
	if kind != "" && !slices.Contains(report.Kinds, kind) {
		return problemf(codeBadValue, "kind", "want day, month or year")
	}
	entries, err := a.filings.Issued(c.Request().Context(), year)
	if err != nil {
		return err
	}
	list, wanted := []reportEntry{}, queue.OfficeID(c.QueryParam("office"))
	for _, e := range entries {
		if kind != "" && e.Kind != kind || wanted != "" && e.Office != wanted || !identityOf(c).Has(RoleManager, wardless(e.Office)) {
			continue
		}
		p, err := report.ParsePeriod(e.Kind, e.Key)
		if err != nil {
			continue // of a later release
		}
		list = append(list, reportEntry{e, report.Titles[e.Kind], p.Words()})
	}
	return a.private(c, map[string]any{"year": year, "reports": list, "rehearsal": a.hub.Rehearsal()})
}

// wardless turns the ward's name into the office of those who may see all.
func wardless(id queue.OfficeID) queue.OfficeID {
	if id == report.Ward {
		return ""
	}
	return id
}

// fiscalParam reads a fiscal year from the query; the running one where none is named.
func (a *API) fiscalParam(c echo.Context, name string) (int, error) {
	text := c.QueryParam(name)
	if text == "" {
		text = report.PeriodOf(report.Year, queue.BusinessDay(a.now())).Key()
	}
	return fiscalYear(name, text)
}

func fiscalYear(name, text string) (int, error) {
	year, err := strconv.Atoi(text)
	if err != nil || year < yearplan.FirstYear || year > yearplan.LastYear {
		return 0, problemf(codeBadValue, name, "want a fiscal year, %d to %d", yearplan.FirstYear, yearplan.LastYear)
	}
	return year, nil
}

// definitions tells what every figure of reports and plans means.
func (a *API) definitions(c echo.Context) error {
	return a.private(c, map[string]any{"figures": report.Dictionary, "enough": report.Enough})
}

// reportID reads which report a path names, and in which form it is wanted.
func reportID(c echo.Context) (id filed.ID, form string, err error) {
	key, form, _ := strings.Cut(c.Param("file"), ".")
	id = filed.ID{Office: officeOf(c), Kind: report.Kind(c.Param("kind")), Key: key}
	if !slices.Contains(report.Kinds, id.Kind) {
		return id, form, problemf(codeBadValue, "kind", "want day, month or year")
	}
	if _, err := report.ParsePeriod(id.Kind, key); err != nil {
		return id, form, problemf(codeBadValue, "period", "want YYYY-MM-DD of a day, YYYY-MM of a month, YYYY of a fiscal year")
	}
	return id, form, nil
}

// report answers a report as JSON, or in the form that the path ends in: .json, .xlsx, or
// .csv with one of its tables as ?table.
func (a *API) report(c echo.Context) error {
	id, form, err := reportID(c)
	switch {
	case err != nil:
		return err
	case a.filings == nil:
		return problem(codeNotFound, "path")
	case !slices.Contains([]string{"", "json", "csv", "xlsx"}, form):
		return problemf(codeBadValue, "file", "want .json, .csv or .xlsx")
	}
	r, err := a.filings.Report(c.Request().Context(), id)
	if err != nil {
		return a.measureProblem(err)
	}
	switch form {
	case "csv":
		return a.reportCSV(c, id, r)
	case "xlsx":
		return a.reportXLSX(c, id, r)
	}
	return a.private(c, r)
}

// measureProblem names the field of a question that cannot be asked.
func (a *API) measureProblem(err error) error {
	var wrong *measure.QueryError
	if errors.As(err, &wrong) {
		return problemf(codeBadValue, wrong.Field, "%s", wrong.Why)
	}
	return err
}

func reportLang(c echo.Context) string {
	if lang := c.QueryParam("lang"); lang != "" {
		return lang
	}
	if prefersEnglish(c.Request()) {
		return "en"
	}
	return "ja"
}

func (a *API) reportCSV(c echo.Context, id filed.ID, r report.Report) error {
	tables := r.Parts
	if r.Plan != nil {
		tables = append(slices.Clone(tables), *r.Plan)
	}
	wanted := c.QueryParam("table")
	i := slices.IndexFunc(tables, func(t report.Table) bool { return wanted == "" || t.Key == wanted })
	if i < 0 {
		return problemf(codeBadValue, "table", "the report has no such table")
	}
	lang := reportLang(c)
	name := reportName(id, r, lang) + "-" + tables[i].Key + ".csv"
	return a.sendFile(c, id.Office, name, r.Title.In(lang)+"_"+tables[i].Title.In(lang)+"_"+r.Office.Name.In(lang)+"_"+id.Key+".csv", csvType, files.CSV(tables[i], lang))
}

func (a *API) reportXLSX(c echo.Context, id filed.ID, r report.Report) error {
	lang := reportLang(c)
	raw, err := files.XLSX(r, lang)
	if err != nil {
		return err
	}
	title := r.Title.In(lang) + "_" + r.Office.Name.In(lang) + "_" + id.Key + ".xlsx"
	return a.sendFile(c, id.Office, reportName(id, r, lang)+".xlsx", title, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", raw)
}

func reportName(id filed.ID, r report.Report, _ string) string {
	name := string(id.Kind) + "-" + string(id.Office) + "-" + id.Key
	if r.Revision > 1 {
		name += "-r" + strconv.Itoa(r.Revision)
	}
	return name
}

// sendFile answers with a file to keep, under a name for every program and one for
// people, and notes that it left the house.
func (a *API) sendFile(c echo.Context, office queue.OfficeID, name, title, kind string, raw []byte) error {
	a.audit(c, AuditEntry{Action: ActExport, Office: wardless(office), Target: name, Detail: "bytes=" + strconv.Itoa(len(raw))})
	h := c.Response().Header()
	if a.hub.Rehearsal() {
		title = "rehearsal-" + title
	}
	h.Set(echo.HeaderContentDisposition, a.attachment(name)+"; filename*=UTF-8''"+url.PathEscape(strings.NewReplacer("/", "-", `\`, "-").Replace(title)))
	h.Set(echo.HeaderCacheControl, "private, no-store")
	return c.Blob(http.StatusOK, kind, raw)
}

// revisions lists the revisions of a report, the newest first.
func (a *API) revisions(c echo.Context) error {
	id, _, err := reportID(c)
	if err != nil {
		return err
	}
	if a.filings == nil {
		return problem(codeNotFound, "path")
	}
	list, err := a.filings.Revisions(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if list == nil {
		list = []filed.Entry{}
	}
	return a.private(c, map[string]any{"office": id.Office, "kind": id.Kind, "period": id.Key, "revisions": list})
}

// Bounds of one file for business intelligence, in days.
const (
	factDays  = 800
	factHours = 93
)

// figuresParquet answers the figures of some days as columns: ?from, ?to, and ?by=date
// or hour.
func (a *API) figuresParquet(c echo.Context) error {
	today := queue.BusinessDay(a.now())
	to, err := dateParam(c, "to", addDays(today, -1))
	if err != nil {
		return err
	}
	from, err := dateParam(c, "from", addDays(to, -30))
	if err != nil {
		return err
	}
	most, hourly := factDays, c.QueryParam("by") == "hour"
	if hourly {
		most = factHours
	}
	switch by := c.QueryParam("by"); {
	case by != "" && by != "date" && by != "hour":
		return problemf(codeBadValue, "by", "want date or hour")
	case to < from || to > addDays(from, most-1):
		return problemf(codeBadValue, "to", "at most %d days from from", most)
	case a.filings == nil:
		return problem(codeNotFound, "path")
	}
	var out bytes.Buffer
	p := files.NewParquet(&out, string(officeOf(c))+" "+string(from)+" "+string(to))
	if err := a.filings.Facts(c.Request().Context(), officeOf(c), from, to, hourly, p.Add); err != nil {
		return a.measureProblem(err)
	}
	if err := p.Close(); err != nil {
		return err
	}
	name := "figures-" + string(officeOf(c)) + "-" + string(from) + "-" + string(to) + ".parquet"
	return a.sendFile(c, officeOf(c), name, name, "application/vnd.apache.parquet", out.Bytes())
}
