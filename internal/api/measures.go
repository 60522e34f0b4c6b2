package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/measure"
	"machi/internal/queue"
)

// Measures are the figures of closed days, from memory.
type Measures interface {
	Measures(ctx context.Context, q measure.Query) (measure.Answer, error)
}

// measuresUsual is how many days are answered unasked.
const measuresUsual = 28

func (a *API) measureRoutes() []route {
	return []route{
		{"GET", base + "/measures", managers, a.measuresJSON},
		{"GET", base + "/measures.csv", managers, a.measuresCSV},
	}
}

// measuresAnswer is the answer to a question. Rows have the keys of what it splits by.
type measuresAnswer struct {
	From      queue.Date          `json:"from"`
	To        queue.Date          `json:"to"`
	Offices   []queue.OfficeID    `json:"offices"`
	By        []measure.Dimension `json:"by"`
	Total     measured            `json:"total"`
	Rows      []measuresRow       `json:"rows"`
	Lacks     []measuresLack      `json:"lacks"`
	Reading   bool                `json:"reading"` // closed days are still being counted: ask again
	Rehearsal bool                `json:"rehearsal"`
}

// measuresLack is a day that should be in the answer and is not.
type measuresLack struct {
	Office queue.OfficeID `json:"office"`
	Date   queue.Date     `json:"date"`
	Why    measure.Why    `json:"why"`
}

type measuresRow struct {
	measuresKey
	measured
}

// measuresKey says what a row is of: only what the question splits by is there.
type measuresKey struct {
	Office  queue.OfficeID  `json:"office,omitempty"`
	Service queue.ServiceID `json:"service,omitempty"`
	Stage   queue.Stage     `json:"stage,omitempty"`
	Clock   string          `json:"from,omitempty"`    // 09:30: when the hour or half hour begins
	Weekday int             `json:"weekday,omitempty"` // 1, Monday, to 7
	Kind    string          `json:"kind,omitempty"`
	Date    queue.Date      `json:"date,omitempty"`
	Month   string          `json:"month,omitempty"`
	Year    int             `json:"year,omitempty"`
	Fiscal  int             `json:"fiscal_year,omitempty"`
}

// measured are the figures of a row. Those that nobody counted are null.
type measured struct {
	Days       int      `json:"day_count"`
	Arrivals   int      `json:"arrivals"`
	Called     int      `json:"called"`
	Served     int      `json:"served"`
	NoShow     int      `json:"no_shows"`
	Left       int      `json:"withdrawn"`
	Unseen     int      `json:"left_unseen"`
	Within15   *float64 `json:"within_15_minutes_share"`
	Within30   *float64 `json:"within_30_minutes_share"`
	Postponed  int      `json:"asked_for_more_time"`
	Absent     int      `json:"calls_unanswered"`
	Restored   *int     `json:"restored"`
	Recalls    *int     `json:"recalls"`
	Transfers  *int     `json:"transfers"`
	Alone      int      `json:"issued_offline"`
	Priority   int      `json:"priority"`
	Kiosk      int      `json:"by_kiosk"`
	Reception  int      `json:"by_reception"`
	Web        int      `json:"by_web"`
	Appoint    int      `json:"by_appointment"`
	Booked     int      `json:"appointments"`
	Kept       int      `json:"appointments_kept"`
	Missed     int      `json:"appointments_missed"`
	Offered    *int     `json:"offered"`
	Diverted   *int     `json:"diverted"`
	Offline    *int     `json:"kiosk_offline_seconds"`
	Open       *int     `json:"counters_open_seconds"`
	Busy       int      `json:"counters_busy_seconds"`
	Saved      int      `json:"staff_saved_seconds"`
	Peak       *float64 `json:"flattening"` // the busiest hour over the mean hour
	ToldPeople int      `json:"told"`
	ToldKept   int      `json:"told_kept"`
	ToldEarly  int      `json:"told_early"`
	ToldLate   int      `json:"told_late"`
	ToldBias   *int     `json:"told_mean_bias_seconds"`

	UntilCalled spread `json:"until_called"`
	Visit       spread `json:"until_leaving"`
	Counter     spread `json:"at_counter"`
	Processing  spread `json:"processing"`
	Delivery    spread `json:"delivery"`
	ToldError   spread `json:"told_error"`
}

// spread is how long something took; null where it never happened.
type spread struct {
	Count int  `json:"count"`
	Mean  *int `json:"mean_seconds"`
	P50   *int `json:"p50_seconds"`
	P90   *int `json:"p90_seconds"`
	Max   *int `json:"max_seconds"`
}

// measuresQuery reads ?from, ?to, ?office, ?service and ?by, of which the last three
// may stand several times or hold several names with commas. Whoever manages some
// offices only is answered of those.
func (a *API) measuresQuery(c echo.Context) (measure.Query, error) {
	q := measure.Query{}
	var err error
	if q.To, err = dateParam(c, "to", addDays(queue.BusinessDay(a.now()), -1)); err != nil {
		return q, err
	}
	if q.From, err = dateParam(c, "from", addDays(q.To, 1-measuresUsual)); err != nil {
		return q, err
	}
	mine := slices.DeleteFunc(slices.Clone(a.listOffices()), func(o queue.OfficeID) bool { return !identityOf(c).Has(RoleManager, o) })
	for _, id := range several(c, "office") {
		switch office := queue.OfficeID(id); {
		case !slices.Contains(a.listOffices(), office):
			return q, problem(codeUnknownOffice, "office")
		case !slices.Contains(mine, office):
			return q, problemf(codeForbidden, "office", "managers of %s needed", office)
		case !slices.Contains(q.Offices, office):
			q.Offices = append(q.Offices, office)
		}
	}
	if len(q.Offices) == 0 {
		q.Offices = mine
	}
	for _, id := range several(c, "service") {
		q.Services = append(q.Services, queue.ServiceID(id))
	}
	for _, by := range several(c, "by") {
		q.By = append(q.By, measure.Dimension(by))
	}
	return q, nil
}

// maxSeveral bounds the names of one parameter.
const maxSeveral = 200

func several(c echo.Context, name string) []string {
	var list []string
	for _, value := range c.QueryParams()[name] {
		for one := range strings.SplitSeq(value, ",") {
			if one != "" && len(list) < maxSeveral {
				list = append(list, one)
			}
		}
	}
	return list
}

func (a *API) ask(c echo.Context) (measure.Answer, error) {
	if a.measures == nil {
		return measure.Answer{}, problem(codeNotFound, "path")
	}
	q, err := a.measuresQuery(c)
	if err != nil {
		return measure.Answer{}, err
	}
	if len(q.Offices) == 0 { // manages none
		return measure.Answer{Query: q}, nil
	}
	found, err := a.measures.Measures(c.Request().Context(), q)
	if wrong := (*measure.QueryError)(nil); errors.As(err, &wrong) {
		return found, problemf(codeBadValue, wrong.Field, "%s", wrong.Why)
	}
	return found, err
}

func (a *API) measuresJSON(c echo.Context) error {
	found, err := a.ask(c)
	if err != nil {
		return err
	}
	q := found.Query
	out := measuresAnswer{
		From: q.From, To: q.To, Offices: append([]queue.OfficeID{}, q.Offices...), By: append([]measure.Dimension{}, q.By...),
		Total: measuredOf(q, found.Total, false), Rows: []measuresRow{}, Lacks: []measuresLack{}, Reading: found.Reading, Rehearsal: a.hub.Rehearsal(),
	}
	for _, r := range found.Rows {
		out.Rows = append(out.Rows, measuresRow{measuresKeyOf(q, r.Key), measuredOf(q, r.Figures, true)})
	}
	for _, l := range found.Lacks {
		out.Lacks = append(out.Lacks, measuresLack(l))
	}
	return a.private(c, out)
}

func measuresKeyOf(q measure.Query, k measure.Key) measuresKey {
	out := measuresKey{
		Office: k.Office, Service: k.Service, Stage: k.Stage, Weekday: k.Weekday, Kind: string(k.Kind), Date: k.Date, Month: k.Month, Year: k.Year, Fiscal: k.Fiscal,
	}
	if slices.Contains(q.By, measure.ByHour) || slices.Contains(q.By, measure.ByHalfHour) {
		out.Clock = fmt.Sprintf("%02d:%02d", k.Half/2, k.Half%2*30)
	}
	return out
}

// measuredOf writes the figures of a row, or of all. What the question asks for parts of
// that nobody counts by such parts is null in its rows; of lines only what is counted of
// lines is known.
func measuredOf(q measure.Query, f measure.Figures, row bool) measured {
	known := func(n, days int) *int {
		if days == 0 {
			return nil
		}
		return &n
	}
	m := measured{
		Days: f.Days, Arrivals: f.Arrivals, Called: f.Called, Served: f.Served, NoShow: f.NoShow, Left: f.Left, Unseen: f.Unseen,
		Within15: partOf(f.Within15, f.UntilCalled.Count), Within30: partOf(f.Within30, f.UntilCalled.Count), Postponed: f.Postponed,
		Absent: f.Absent, Restored: known(f.Restored, f.Logged), Recalls: known(f.Recalls, f.Logged), Transfers: known(f.Transfers, f.Logged),
		Alone: f.Alone, Priority: f.Priority, Kiosk: f.Channels.Kiosk, Reception: f.Channels.Reception, Web: f.Channels.Web, Appoint: f.Channels.Appointment,
		Booked: f.Appointments.Booked, Kept: f.Appointments.Kept, Missed: f.Appointments.Missed,
		Offered: known(f.Offered, f.Counted), Diverted: known(f.Diverted, f.Counted), Offline: known(wholeSeconds(f.Offline), f.Counted),
		Busy: wholeSeconds(f.Busy), Saved: wholeSeconds(f.Saved().Total()),
		ToldPeople: f.Told.People, ToldKept: f.Told.Kept, ToldEarly: f.Told.Early, ToldLate: f.Told.Late, ToldBias: known(wholeSeconds(f.Told.MeanBias()), f.Told.People),
		UntilCalled: spreadOf(f.UntilCalled), Visit: spreadOf(f.Visit), Counter: spreadOf(f.Service), Processing: spreadOf(f.Processing),
		Delivery: spreadOf(f.Delivery), ToldError: spreadOf(f.ToldError),
	}
	if len(q.Services) == 0 && !slices.Contains(q.By, measure.ByService) && !slices.Contains(q.By, measure.ByStage) {
		m.Open = known(wholeSeconds(f.Open), f.Days)
	}
	lines, timed := slices.Contains(q.By, measure.ByStage), slices.Contains(q.By, measure.ByHour) || slices.Contains(q.By, measure.ByHalfHour)
	if lines {
		m.Restored, m.Recalls, m.Transfers = nil, nil, nil
	}
	if lines || row && timed {
		m.Offered, m.Diverted = nil, nil
	}
	if lines || len(q.Services) > 0 || row && (timed || slices.Contains(q.By, measure.ByService)) {
		m.Offline = nil
	}
	if peak, ok := f.Peak(); ok {
		rounded := math.Round(peak*1000) / 1000
		m.Peak = &rounded
	}
	return m
}

func partOf(part, whole int) *float64 {
	share, ok := measure.Share(part, whole)
	if !ok {
		return nil
	}
	share = math.Round(share*1000) / 1000
	return &share
}

func spreadOf(d measure.Dist) spread {
	s := spread{Count: d.Count}
	if d.Count > 0 {
		s.Mean, s.P50, s.P90, s.Max = secondsOr(d.Mean, true), secondsOr(d.P50, true), secondsOr(d.P90, true), secondsOr(d.Max, true)
	}
	return s
}

// measuresCSV is the same as a table. Days that should be in it and are not are named
// in a header, so that nobody takes a part for the whole.
func (a *API) measuresCSV(c echo.Context) error {
	found, err := a.ask(c)
	if err != nil {
		return err
	}
	rows := []measuresRow{}
	for _, r := range found.Rows {
		rows = append(rows, measuresRow{measuresKeyOf(found.Query, r.Key), measuredOf(found.Query, r.Figures, true)})
	}
	h := c.Response().Header()
	h.Set("Machi-Lacks", lacksText(found.Lacks))
	if found.Reading {
		h.Set("Retry-After", strconv.Itoa(int(10*time.Second/time.Second)))
	}
	h.Set(echo.HeaderContentDisposition, a.attachment("measures.csv"))
	body := withMark(csvOf(measuresColumns, rows))
	return sendTagged(c, `"`+hashSecret(string(body))[:32]+`"`, "private, no-cache", csvType, body)
}

// lacksText names days in a header, at most a hundred of them.
func lacksText(lacks []measure.Lack) string {
	var names []string
	for _, l := range lacks[:min(100, len(lacks))] {
		names = append(names, fmt.Sprintf("%s/%s=%s", l.Office, l.Date, l.Why))
	}
	if n := len(lacks) - len(names); n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(names, ", ")
}
