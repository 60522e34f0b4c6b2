package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/office"
	"machi/internal/queue"
)

type bindBody struct {
	Store string `json:"store"`
}

type bindAnswer struct {
	Slot  int    `json:"slot"`
	Store string `json:"store"`
}

// bind ties a store to a slot of its kiosk's ranges. The command id follows from
// kiosk and store, so that a machine that asks again gets what it has.
func (a *API) bind(c echo.Context) error {
	body, err := decode[bindBody](c, maxBody)
	if err != nil {
		return err
	}
	kiosk := queue.KioskID(c.Param("kiosk"))
	if err := identityOf(c).isKiosk(kiosk); err != nil {
		return err
	}
	if !isName(body.Store, maxStore) {
		return problem(codeBadValue, "store")
	}
	id := derived(queue.CommandID(string(kiosk)+"/"+body.Store), "bind")
	result, err := a.ward.Do(c.Request().Context(), officeOf(c), office.Request{
		ID: id, Actor: actorOf(c), Command: queue.BindRange{Kiosk: kiosk, Store: body.Store},
	})
	if err != nil && problemOf(err).Code != string(queue.AlreadyDone) {
		return err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	if result.View.State != nil {
		view = result.View
	}
	for _, b := range view.State.Bindings(kiosk) {
		if b.Store == body.Store {
			return answer(c, http.StatusOK, bindAnswer(b))
		}
	}
	return problem(string(queue.NoRangeLeft), "store")
}

// plan is what a kiosk stores to work from when it boots without a network.
func (a *API) plan(c echo.Context) error {
	if err := identityOf(c).isKiosk(queue.KioskID(c.Param("kiosk"))); err != nil {
		return err
	}
	view, err := a.ward.View(officeOf(c))
	if err != nil {
		return err
	}
	settings, err := a.settingsNow(view)
	if err != nil {
		return err
	}
	if _, ok := settings.Kiosk(queue.KioskID(c.Param("kiosk"))); !ok {
		return problem(string(queue.UnknownKiosk), "kiosk")
	}
	plan, err := a.planOf(officeOf(c), settings)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, plan)
}

// settingsNow returns what a day is run with, with the bindings made so far, so
// that a machine which boots alone knows its slot.
func (a *API) settingsNow(view office.View) (queue.Settings, error) {
	if !view.State.Opened() {
		return a.settings(view.Office, view.Date)
	}
	settings := *view.State.Settings()
	settings.Kiosks = slices.Clone(settings.Kiosks)
	for i, k := range settings.Kiosks {
		settings.Kiosks[i].Bindings = view.State.Bindings(k.ID)
	}
	return settings, nil
}
