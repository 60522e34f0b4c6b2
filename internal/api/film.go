package api

import (
	"context"
	"errors"

	"github.com/labstack/echo/v4"

	"machi/internal/history"
	"machi/internal/queue"
	"machi/internal/replay"
)

// Films show closed days again.
type Films interface {
	// Film returns one closed day of an office; false: there is none. The error is
	// [history.ErrDamaged] where its table cannot be read, or the store's.
	Film(ctx context.Context, office queue.OfficeID, date queue.Date) (replay.Film, bool, error)
}

func (a *API) filmRoutes() []route {
	return []route{{"GET", base + "/offices/:office/replay", managers, a.film}}
}

// filmAnswer is a closed day; the moments are those of the office's clock.
type filmAnswer struct {
	replay.Film
	Rehearsal bool `json:"rehearsal"`
}

// film shows a closed day: ?date, without it the day before today.
func (a *API) film(c echo.Context) error {
	id := officeOf(c)
	if _, err := a.hub.Snapshot(id); err != nil {
		return err
	}
	today := queue.BusinessDay(a.now())
	date, err := dateParam(c, "date", addDays(today, -1))
	if err != nil {
		return err
	}
	if date >= today {
		return problemf(codeBadValue, "date", "a day before %s", today)
	}
	out := filmAnswer{Rehearsal: a.hub.Rehearsal()}
	ok := false
	if a.films != nil {
		out.Film, ok, err = a.films.Film(c.Request().Context(), id, date)
	}
	switch {
	case errors.Is(err, history.ErrDamaged):
		a.logger.Error("a closed day cannot be read", "office", id, "date", date, "error", err)
		return problem(codeDayDamaged, "date")
	case err != nil:
		return err
	case !ok:
		return problem(codeNoSuchDay, "date")
	}
	return a.private(c, out)
}
