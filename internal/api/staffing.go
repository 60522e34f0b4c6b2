package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/history"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/staffing"
)

// Staffing says how many counters days need. What it plays, it plays one at a time.
type Staffing interface {
	// Advice returns how many counters a day to come needs.
	Advice(ctx context.Context, office queue.OfficeID, date queue.Date) (staffing.Advice, error)
	// Live returns what to do about the rest of today. It answers from memory.
	Live(office queue.OfficeID) staffing.Live
	// Ask plays a day that would be run otherwise.
	Ask(ctx context.Context, office queue.OfficeID, q staffing.Question) (staffing.Answer, error)
}

func (a *API) staffingRoutes() []route {
	return []route{
		{"GET", base + "/offices/:office/staffing", managers, a.staffingOf},
		{"POST", base + "/offices/:office/what-if", managers, a.whatIf},
	}
}

// staffingAnswer is the advice for a day and, of today, for the rest of it.
type staffingAnswer struct {
	staffing.Advice
	Live *staffing.Live `json:"live"` // null: the day is not today
}

func (a *API) staffingOf(c echo.Context) error {
	if a.staffing == nil {
		return problem(codeNotFound, "path")
	}
	id := officeOf(c)
	if _, err := a.ward.View(id); err != nil {
		return err
	}
	today := queue.BusinessDay(a.now())
	date := queue.Date(c.QueryParam("date"))
	if date == "" {
		date = today
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), replayPatience)
	defer cancel()
	advice, err := a.staffing.Advice(ctx, id, date)
	if err != nil {
		return staffingProblem(err)
	}
	out := staffingAnswer{Advice: advice}
	if date == today {
		live := a.staffing.Live(id)
		out.Live = &live
	}
	return a.private(c, out)
}

// whatIf plays a day as it is expected, or a past one again, and the same otherwise.
// Nothing changes.
func (a *API) whatIf(c echo.Context) error {
	q, err := decode[staffing.Question](c, maxBody)
	if err != nil {
		return err
	}
	if a.staffing == nil {
		return problem(codeNotFound, "path")
	}
	if _, err := a.ward.View(officeOf(c)); err != nil {
		return err
	}
	if q.Date == "" {
		q.Date = queue.BusinessDay(a.now())
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), replayPatience)
	defer cancel()
	out, err := a.staffing.Ask(ctx, officeOf(c), q)
	if err != nil {
		return staffingProblem(err)
	}
	return answer(c, http.StatusOK, out)
}

func staffingProblem(err error) error {
	var fault *staffing.Fault
	switch {
	case errors.As(err, &fault):
		return problemf(codeBadValue, fault.Field, "%s", fault.Text)
	case errors.Is(err, staffing.ErrUnknown):
		return problem(codeUnknownOffice, "office")
	case errors.Is(err, staffing.ErrDate):
		return problem(codeBadValue, "date")
	case errors.Is(err, staffing.ErrLittle):
		return problem(codeTooFewDays, "date")
	case errors.Is(err, history.ErrDamaged):
		return problem(codeDayDamaged, "date")
	case errors.Is(err, context.DeadlineExceeded):
		return &Problem{Code: codeRateLimited, retryAfter: 2 * time.Second}
	}
	if problemOf(err).Code == codeInternal {
		return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
	}
	return err
}
