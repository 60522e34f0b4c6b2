// Command preview serves every page with a filled day and no server behind it,
// for looking at how pages are drawn.
//
//	go run ./test/browser/preview -listen 127.0.0.1:8090
package main

import (
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/web"
	"machi/internal/web/page"
	"machi/internal/web/webtest"
	"machi/signage"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "address")
	rehearsal := flag.Bool("rehearsal", false, "show the rehearsal banner")
	flag.Parse()
	w := webtest.New()
	pages, err := web.New(web.Deps{
		City: board.Text{"ja": "世田谷区", "en": "Setagaya City"}, Rehearsal: *rehearsal, Now: func() time.Time { return webtest.Now },
		Boards: w, Tickets: w, Consoles: w, Dashboards: w, Lives: w, Alerts: w, Aheads: w, Records: w, Measures: w, Films: w, Curves: w, Timetables: w, Signage: signage.Files,
		Identify: func(echo.Context) (page.Identity, bool) {
			return page.Identity{Name: "preview", Manager: true}, true
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.HideBanner = true
	pages.Register(e)
	e.GET("/api/v1/offices/:office/replay", func(c echo.Context) error {
		film, ok, err := w.Film(c.Request().Context(), queue.OfficeID(c.Param("office")), queue.Date(c.QueryParam("date")))
		if err != nil || !ok {
			return echo.ErrNotFound
		}
		return c.JSON(http.StatusOK, film)
	})
	log.Fatal(e.Start(*listen))
}
