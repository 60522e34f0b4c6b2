package api

import (
	"context"
	"errors"

	"github.com/labstack/echo/v4"

	"machi/internal/estimate/place"
	"machi/internal/history"
	"machi/internal/queue"
)

// Lessons are what closed days taught the wait estimates.
type Lessons interface {
	// Lessons returns what an office's day is estimated with; false: nothing is known.
	// The error is a [history.ErrDamaged], or the store's.
	Lessons(ctx context.Context, office queue.OfficeID, date queue.Date) (history.Lessons, bool, error)
}

func (a *API) lessonRoutes() []route {
	return []route{{"GET", base + "/offices/:office/lessons", estimators, a.officeLessons}}
}

// lessonsAnswer is the lessons of one day. Lessons are null, and the hash is empty,
// while nothing is known.
type lessonsAnswer struct {
	Office  queue.OfficeID `json:"office"`
	Date    queue.Date     `json:"date"`
	Through queue.Date     `json:"through,omitempty"`
	Hash    string         `json:"hash"`
	Lessons *place.Lessons `json:"lessons"`
}

// officeLessons tells a machine what to estimate a day with: today's, or those of the
// date that it asks for.
func (a *API) officeLessons(c echo.Context) error {
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	out := lessonsAnswer{Office: view.Office, Date: view.Date}
	if date := c.QueryParam("date"); date != "" {
		if _, _, err := queue.Date(date).Bounds(); err != nil {
			return problem(codeBadValue, "date")
		}
		out.Date = queue.Date(date)
	}
	if a.lessons == nil {
		return a.private(c, out)
	}
	l, ok, err := a.lessons.Lessons(c.Request().Context(), out.Office, out.Date)
	switch {
	case errors.Is(err, history.ErrDamaged):
		a.logger.Error("lessons cannot be read", "error", err)
		return problem(codeLessonsDamaged, "date")
	case err != nil:
		return err
	case ok && l.Taught != nil:
		out.Through, out.Hash, out.Lessons = l.Through, l.Hash.String(), l.Taught
	}
	return a.private(c, out)
}
