package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/rulebook"
	"machi/internal/whatif"
)

// Rules are the calling rules that managers set.
type Rules interface {
	// Current returns the rule that an office is to be run by, and its version.
	Current(office queue.OfficeID) (rulebook.Rule, string, error)
	Catalogue(office queue.OfficeID) (rulebook.Rule, error)
	History(office queue.OfficeID) []rulebook.Entry
	Set(ctx context.Context, c rulebook.Change) error
	// Apply brings the running day in step with the rule.
	Apply(ctx context.Context, office queue.OfficeID) error
	// Days lists the days that can be played again, the newest first.
	Days(ctx context.Context, office queue.OfficeID, until queue.Date) ([]queue.Date, error)
}

// ActRule is the act of setting an office's rule.
const ActRule = "rule.set"

func (a *API) ruleRoutes() []route {
	rule := base + "/offices/:office/rule"
	return []route{
		{"GET", rule, managers, a.rule},
		{"PUT", rule, managers, a.setRule},
		{"GET", rule + "/history", managers, a.ruleHistory},
		{"POST", rule + "/replay", managers, a.replayRule},
	}
}

// ruleAnswer is an office's rule. Source says who set it: catalogue or manager.
type ruleAnswer struct {
	Office    queue.OfficeID   `json:"office"`
	Rule      rulebook.Rule    `json:"rule"`
	Version   string           `json:"version"`
	Source    string           `json:"source"`
	Catalogue rulebook.Rule    `json:"catalogue"`
	InForce   *rulebook.Rule   `json:"in_force"` // what today runs by; null before it is opened
	Applied   bool             `json:"applied"`
	Changed   *rulebook.Entry  `json:"changed"` // the newest change; null for none
	Limits    []rulebook.Limit `json:"limits"`
	Days      []queue.Date     `json:"days"` // that can be played again, the newest first
}

// rule tells the rule that an office is to be run by, and whether it is.
func (a *API) rule(c echo.Context) error {
	out, err := a.ruleOf(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", `"`+out.Version+`"`)
	return answer(c, http.StatusOK, out)
}

// shownDays bounds the days that are offered to be played again.
const shownDays = 14

func (a *API) ruleOf(c echo.Context) (ruleAnswer, error) {
	office := officeOf(c)
	view, err := a.ward.View(office)
	if err != nil {
		return ruleAnswer{}, err
	}
	if a.rules == nil {
		return ruleAnswer{}, problem(codeNotFound, "path")
	}
	out := ruleAnswer{Office: office, Source: "catalogue", Applied: true, Limits: rulebook.Limits, Days: []queue.Date{}}
	if out.Rule, out.Version, err = a.rules.Current(office); err != nil {
		return out, err
	}
	if out.Catalogue, err = a.rules.Catalogue(office); err != nil {
		return out, err
	}
	if history := a.rules.History(office); len(history) > 0 {
		out.Changed = &history[0]
		if !history[0].Catalogue {
			out.Source = "manager"
		}
	}
	if view.State.Opened() && !view.State.Closed() {
		day := view.State.Settings().Rule
		now := rulebook.Of(day)
		out.InForce, out.Applied = &now, out.Rule.RunBy(day)
	}
	days, err := a.rules.Days(c.Request().Context(), office, view.Date)
	if err == nil { // without a store the rule is told all the same
		out.Days = append(out.Days, days[:min(shownDays, len(days))]...)
	}
	return out, nil
}

type ruleBody struct {
	Rule *rulebook.Rule `json:"rule,omitempty"`
	// Catalogue goes back to the catalogue's rule; then there is no Rule.
	Catalogue bool   `json:"catalogue,omitempty"`
	Reason    string `json:"reason,omitempty"`
	// Version is the one that the manager looked at; or the If-Match header is.
	Version string `json:"version,omitempty"`
}

// setRule puts a rule in force: in the book first, then on the running day. A server
// that fails in between finishes that within a second.
func (a *API) setRule(c echo.Context) error {
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	body, err := decode[ruleBody](c, maxBody)
	if err != nil {
		return err
	}
	if body.Version == "" {
		body.Version = strings.Trim(c.Request().Header.Get("If-Match"), `"`)
	}
	switch {
	case a.rules == nil:
		return problem(codeNotFound, "path")
	case body.Rule == nil && !body.Catalogue:
		return problem(string(queue.MissingField), "rule")
	case body.Version == "":
		return problem(string(queue.MissingField), "version")
	}
	if _, err := a.ward.View(officeOf(c)); err != nil {
		return err
	}
	change := rulebook.Change{
		Office: officeOf(c), Command: string(id), By: actorOf(c).ID, Version: body.Version,
		Catalogue: body.Catalogue, Reason: body.Reason,
	}
	if body.Rule != nil {
		change.Rule = *body.Rule
	}
	ctx := c.Request().Context()
	if err := a.rules.Set(ctx, change); err != nil {
		err = a.ruleProblem(c, err)
		if problemOf(err).Code == codeInternal {
			err = &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
		}
		return err
	}
	a.audit(c, AuditEntry{Action: ActRule, Target: string(change.Office), Detail: body.Reason})
	if err := a.rules.Apply(ctx, change.Office); err != nil {
		a.logger.Warn("a new rule is not yet in force", "office", change.Office, "error", err)
	}
	return a.rule(c)
}

func (a *API) ruleProblem(c echo.Context, err error) error {
	var fault *rulebook.Fault
	switch {
	case errors.As(err, &fault):
		return problemf(codeBadValue, fault.Field, "%s", fault.Text)
	case errors.Is(err, rulebook.ErrVersion):
		_, version, _ := a.rules.Current(officeOf(c))
		return &Problem{Code: codeRuleChanged, Field: "version", Have: version}
	case errors.Is(err, whatif.ErrEmpty):
		return problem(codeNobodyCalled, "date")
	case errors.Is(err, whatif.ErrTooLong):
		return problem(codeDayTooLong, "date")
	}
	return err
}

// ruleHistory lists who changed an office's rule and how, the newest first.
func (a *API) ruleHistory(c echo.Context) error {
	if a.rules == nil {
		return problem(codeNotFound, "path")
	}
	if _, err := a.ward.View(officeOf(c)); err != nil {
		return err
	}
	entries := a.rules.History(officeOf(c))
	if entries == nil {
		entries = []rulebook.Entry{}
	}
	return answer(c, http.StatusOK, map[string]any{"office": officeOf(c), "entries": entries})
}

type replayBody struct {
	Date queue.Date     `json:"date,omitempty"` // empty: the newest day before today that somebody was called on, else today
	Rule *rulebook.Rule `json:"rule"`
}

type replayAnswer struct {
	Office queue.OfficeID `json:"office"`
	Date   queue.Date     `json:"date"`
	Rule   rulebook.Rule  `json:"rule"`
	whatif.Result
}

// replayPatience is how long a comparison waits for the one before it: they are
// made one at a time, so that they never slow the counters down.
const replayPatience = 5 * time.Second

// replayRule compares a day as it was with the same day under a rule.
func (a *API) replayRule(c echo.Context) error {
	body, err := decode[replayBody](c, maxBody)
	if err != nil {
		return err
	}
	switch {
	case a.rules == nil:
		return problem(codeNotFound, "path")
	case body.Rule == nil:
		return problem(string(queue.MissingField), "rule")
	}
	current, _, err := a.rules.Current(officeOf(c))
	if err != nil {
		return err
	}
	if err := body.Rule.Check(current); err != nil {
		return a.ruleProblem(c, err)
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), replayPatience)
	defer cancel()
	select {
	case a.replays <- struct{}{}:
		defer func() { <-a.replays }()
	case <-ctx.Done():
		return &Problem{Code: codeRateLimited, retryAfter: 2 * time.Second}
	}
	date, result, err := a.replay(c.Request().Context(), officeOf(c), body)
	if err != nil {
		return a.ruleProblem(c, err)
	}
	return answer(c, http.StatusOK, replayAnswer{officeOf(c), date, *body.Rule, result})
}

// replay plays the day that is asked for, or the newest that tells anything.
func (a *API) replay(ctx context.Context, office queue.OfficeID, body replayBody) (queue.Date, whatif.Result, error) {
	view, err := a.ward.View(office)
	if err != nil {
		return "", whatif.Result{}, err
	}
	if body.Date != "" {
		r, err := a.replayDay(ctx, office, body.Date, *body.Rule)
		return body.Date, r, err
	}
	days, err := a.rules.Days(ctx, office, addDays(view.Date, -1))
	if err != nil {
		return "", whatif.Result{}, err
	}
	for _, date := range append(days[:min(shownDays, len(days))], view.Date) {
		r, err := a.replayDay(ctx, office, date, *body.Rule)
		if !errors.Is(err, whatif.ErrEmpty) {
			return date, r, err
		}
	}
	return "", whatif.Result{}, whatif.ErrEmpty
}

func (a *API) replayDay(ctx context.Context, office queue.OfficeID, date queue.Date, rule rulebook.Rule) (whatif.Result, error) {
	records, _, err := a.ward.Records(ctx, office, date, 0, whatif.MaxEntries+1)
	if err != nil {
		return whatif.Result{}, err
	}
	entries := make([]queue.Entry, 0, len(records))
	for _, r := range records {
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			return whatif.Result{}, err
		}
		e, err := day.Entry(body, r.Fact)
		if err != nil {
			return whatif.Result{}, err
		}
		entries = append(entries, e)
	}
	settings, err := a.settings(office, date)
	if err != nil {
		return whatif.Result{}, err
	}
	return whatif.Replay(entries, rule.Over(settings.Rule), a.now())
}
