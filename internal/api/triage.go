package api

import (
	"net/http"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"machi/internal/guide"
	"machi/internal/queue"
	"machi/internal/triage"
)

// Guide finds what a visitor needs by the words that people use.
type Guide interface {
	// Find returns what a query means at an office, or false where there is none.
	Find(office queue.OfficeID, query string) (guide.Answer, bool)
}

// triageRoutes are the search of the reception desk.
func (a *API) triageRoutes() []route {
	return []route{{"GET", base + "/offices/:office/triage", receptionists, a.triage}}
}

// triage answers what the words of ?q= mean here: whose ticket, which forms, which
// papers. No words mean nothing.
func (a *API) triage(c echo.Context) error {
	query := c.QueryParam("q")
	if !utf8.ValidString(query) || utf8.RuneCountInString(query) > triage.MaxQuery {
		return problemf(codeBadValue, "q", "at most %d characters", triage.MaxQuery)
	}
	if a.guide == nil {
		return problem(codeUnknownOffice, "office")
	}
	found, ok := a.guide.Find(officeOf(c), query)
	if !ok {
		return problem(codeUnknownOffice, "office")
	}
	return answer(c, http.StatusOK, found)
}
