package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"machi/internal/ui"
	"machi/internal/web/page"
)

// familyPage shows several tickets at once. The server knows nothing of them: their
// secrets stay in the browser, and in the fragment of a link, which no browser sends.
type familyPage struct{ ui.View }

func (p *Pages) family(c echo.Context) error {
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	data := familyPage{p.view(c)}
	data.Title = data.T("family.title") + " | " + data.T("site.title")
	data.Style, data.Script, data.Part, data.NoIndex = "public/ticket.css", "public/family.js", "ticket", true
	return page.Render(c, http.StatusOK, p.pages, "family", data)
}
