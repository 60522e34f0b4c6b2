package manager

import (
	"github.com/labstack/echo/v4"

	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

// faces is what residents said of their visits in the last four weeks.
type faces struct {
	Answers int `json:"answers"`
	All     *struct {
		Good int `json:"good"`
		Fair int `json:"fair"`
		Poor int `json:"poor"`
	} `json:"all"` // nil: too few to be told apart
}

// facesOf asks the API in the manager's name; where it cannot answer, nobody did.
func facesOf(c echo.Context, office queue.OfficeID) faces {
	var f faces
	_ = page.Fetch(c, "/api/v1/offices/"+string(office)+"/satisfaction", &f)
	return f
}

// Line says it in one line.
func (f faces) Line(v ui.View) string {
	switch {
	case f.Answers == 0:
		return v.T("faces.none")
	case f.All == nil:
		return v.T("faces.few", "n", f.Answers)
	}
	n := f.All.Good + f.All.Fair + f.All.Poor // those of services with too few may be left out
	return v.T("faces.line", "n", n, "good", f.All.Good, "fair", f.All.Fair, "poor", f.All.Poor, "percent", 100*f.All.Good/n)
}
