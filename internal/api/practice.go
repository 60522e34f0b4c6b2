package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
)

// School gives people counters to practise at.
type School interface {
	// Begin returns the id of a practice office after a real one. It returns
	// ErrSchoolFull when there is no room, and any other error for an office or a
	// counter that does not exist.
	Begin(pupil string, after queue.OfficeID, counter queue.CounterID) (queue.OfficeID, error)
	// End ends the pupil's practice, if there is one.
	End(pupil string)
}

// ErrSchoolFull says that as many people practise as can.
var ErrSchoolFull = errors.New("api: every practice room is taken")

// Pupil names a person for the school: one practice counter each.
func (id Identity) Pupil() string {
	if id.Account != "" {
		return id.Account
	}
	return id.ID
}

func (a *API) practiceRoutes() []route {
	return []route{
		{"POST", base + "/practice", receptionists, a.beginPractice},
		{"POST", base + "/practice/end", receptionists, a.endPractice},
	}
}

type (
	practiceBody struct {
		Office  queue.OfficeID  `json:"office"`
		Counter queue.CounterID `json:"counter"`
	}
	practiceAnswer struct {
		Office  queue.OfficeID  `json:"office"`
		Counter queue.CounterID `json:"counter"`
	}
)

// beginPractice gives whoever asks a practice office with a counter of its own. It
// changes nothing that is real.
func (a *API) beginPractice(c echo.Context) error {
	body, err := decode[practiceBody](c, maxBody)
	switch {
	case err != nil:
		return err
	case a.school == nil:
		return problem(codeNotFound, "")
	case body.Office == "":
		return problem(string(queue.MissingField), "office")
	case body.Counter == "":
		return problem(string(queue.MissingField), "counter")
	}
	settings, err := a.settings(body.Office, queue.BusinessDay(a.now()))
	if err != nil {
		return problem(codeUnknownOffice, "office")
	}
	if _, ok := settings.Counter(body.Counter); !ok {
		return problem(string(queue.UnknownCounter), "counter")
	}
	id, err := a.school.Begin(identityOf(c).Pupil(), body.Office, body.Counter)
	switch {
	case errors.Is(err, ErrSchoolFull):
		return problem(codePracticeFull, "")
	case err != nil:
		return err
	}
	return answer(c, http.StatusCreated, practiceAnswer{id, body.Counter})
}

func (a *API) endPractice(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	if a.school != nil {
		a.school.End(identityOf(c).Pupil())
	}
	return answer(c, http.StatusOK, emptyBody{})
}
