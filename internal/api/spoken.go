package api

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/live"
	"machi/internal/ui"
)

const plainText = "text/plain; charset=utf-8"

func (a *API) spokenRoutes() []route {
	return []route{{"GET", base + "/offices/:office/spoken", public, a.spoken}}
}

// spoken says how an office stands in one sentence, for a telephone. An office whose
// state cannot be read is answered with 503 and a sentence all the same: somebody is
// on the line.
func (a *API) spoken(c echo.Context) error {
	lang := ui.Lang(c.QueryParam("lang"))
	if lang == "" {
		lang = ui.Japanese
	}
	if !ui.PublicTexts.Has(lang) {
		return problemf(codeBadValue, "lang", "one of ja, ja-x-easy, en, zh, ko")
	}
	prefix := ""
	if a.hub.Rehearsal() {
		prefix = ui.PublicTexts.Say(lang, "spoken.rehearsal")
	}
	s, err := a.hub.Snapshot(officeOf(c))
	switch {
	case errors.Is(err, live.ErrUnknownOffice):
		return err
	case err != nil:
		a.logger.Warn("the telephone has no wait to tell", "office", officeOf(c), "error", err)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return c.Blob(http.StatusServiceUnavailable, plainText, []byte(prefix+ui.PublicTexts.SpokenNothing(lang)))
	}
	o, purpose := s.Frame.Board, c.QueryParam("purpose")
	if purpose != "" && !slices.ContainsFunc(o.Services, func(v board.Service) bool { return ui.PurposeOf(v) == purpose }) {
		return problemf(codeBadValue, "purpose", "the office has no service for it")
	}
	text := []byte(prefix + ui.PublicTexts.Spoken(lang, o, purpose))
	return sendTagged(c, `"`+hashSecret(string(text))[:32]+`"`, publicCache, plainText, text)
}
