package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/signs"
)

type emergencyView struct {
	ID     string         `json:"id"`
	Office queue.OfficeID `json:"office,omitempty"` // none: all offices
	Kind   string         `json:"kind"`
	Detail board.Text     `json:"detail,omitempty"`
	Since  time.Time      `json:"since"`
	Until  *time.Time     `json:"until"`
	By     string         `json:"by"`
	Force  bool           `json:"in_force"`
	Ended  *time.Time     `json:"ended"`
}

func (a *API) emergencyView(e signs.Emergency) emergencyView {
	return emergencyView{
		ID: e.ID, Office: e.Office, Kind: e.Kind, Detail: e.Detail, Since: e.Since, Until: moment(e.Until), By: e.By.Name, Force: e.InForce(a.now()), Ended: e.Ended,
	}
}

// emergencies lists the messages of the asker's offices, the newest first.
func (a *API) emergencies(c echo.Context) error {
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	list := []emergencyView{}
	for _, e := range a.signs.Book.Emergencies() {
		if e.Office == "" || identityOf(c).Has(RoleManager, e.Office) {
			list = append(list, a.emergencyView(e))
		}
	}
	return answer(c, http.StatusOK, map[string]any{"emergencies": list})
}

type emergencyBody struct {
	Office  queue.OfficeID    `json:"office,omitempty"` // none: all offices
	Kind    string            `json:"kind"`
	Detail  map[string]string `json:"detail,omitempty"`
	Minutes int               `json:"minutes,omitempty"` // none: until it is ended
}

// beginEmergency puts a message over everything else, at one office or at all.
func (a *API) beginEmergency(c echo.Context) error {
	act, err := a.signAct(c)
	if err != nil {
		return err
	}
	body, err := decode[emergencyBody](c, maxBody)
	if err != nil {
		return err
	}
	if err := a.maySign(c, body.Office); err != nil {
		return err
	}
	if body.Minutes < 0 || body.Minutes > int(signs.MaxEmergency/time.Minute) {
		return problem(string(queue.OutOfRange), "minutes")
	}
	e, err := a.signs.Book.Begin(c.Request().Context(), act, signs.Alarm{
		Office: body.Office, Kind: body.Kind, Detail: body.Detail, For: time.Duration(body.Minutes) * time.Minute,
	})
	if err != nil {
		return signProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActEmergency + "begin", Office: e.Office, Target: e.ID, Detail: e.Kind + " " + e.Detail["ja"]})
	return answer(c, http.StatusCreated, a.emergencyView(e))
}

// endEmergency takes a message down.
func (a *API) endEmergency(c echo.Context) error {
	act, err := a.signAct(c)
	if err != nil {
		return err
	}
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	for _, e := range a.signs.Book.Emergencies() {
		if e.ID != c.Param("emergency") {
			continue
		}
		if err := a.maySign(c, e.Office); err != nil {
			return err
		}
		e, err := a.signs.Book.Finish(c.Request().Context(), act, e.ID)
		if err != nil {
			return signProblem(err)
		}
		a.audit(c, AuditEntry{Action: ActEmergency + "end", Office: e.Office, Target: e.ID, Detail: e.Kind})
		return answer(c, http.StatusOK, a.emergencyView(e))
	}
	return problem(codeNotFound, "path")
}
