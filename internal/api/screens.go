package api

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/signs"
)

// The acts of screens and emergencies.
const (
	ActScreen    = "screen."    // add, remove or reload follows
	ActEmergency = "emergency." // begin or end follows
)

func (a *API) screenRoutes() []route {
	return []route{
		{"GET", base + "/signage/:office", public, a.playlist},
		{"POST", base + "/signage/:office/alive", public, a.alive},
		{"GET", "/signage/media/:hash", public, a.media},
		{"GET", base + "/plays.csv", managers, a.playsCSV},
		{"GET", base + "/screens", managers, a.screens},
		{"POST", base + "/screens", managers, a.addScreen},
		{"POST", base + "/screens/:screen/remove", managers, a.removeScreen},
		{"POST", base + "/screens/:screen/reload", managers, a.reloadScreen},
		{"GET", base + "/emergencies", managers, a.emergencies},
		{"POST", base + "/emergencies", managers, a.beginEmergency},
		{"POST", base + "/emergencies/:emergency/end", managers, a.endEmergency},
	}
}

// screenView is a registered screen as managers see it.
type screenView struct {
	ID      string         `json:"id"`
	Office  queue.OfficeID `json:"office"`
	Name    string         `json:"name"`
	Made    time.Time      `json:"made"`
	State   string         `json:"state"` // alive, stale, trouble, silent, never
	Heard   *time.Time     `json:"heard"`
	Since   *time.Time     `json:"since"`
	Stale   *time.Time     `json:"stale_since"`
	Size    string         `json:"size,omitempty"`
	Showing string         `json:"showing,omitempty"`
	Title   board.Text     `json:"showing_title,omitempty"`
	Call    string         `json:"last_call,omitempty"`
	Version string         `json:"version,omitempty"`
	Trouble string         `json:"trouble,omitempty"`
	Token   string         `json:"token,omitempty"` // only of a screen that was just added
}

func (a *API) screenView(s signs.Standing) screenView {
	v := screenView{
		ID: s.ID, Office: s.Office, Name: s.Name, Made: s.Made, State: "alive", Size: s.Alive.Size, Showing: s.Alive.Showing, Call: s.Alive.LastCall,
		Version: s.Alive.Version, Trouble: s.Alive.Trouble, Heard: moment(s.Alive.Heard), Since: moment(s.Alive.Since), Stale: moment(s.Alive.Stale),
	}
	if i, ok := a.signs.Book.Item(v.Showing); ok {
		v.Title = i.Title
	}
	switch {
	case s.Silent && s.Never:
		v.State = "never"
	case s.Silent:
		v.State = "silent"
	case s.Never:
		v.State = "unknown" // the server has just begun
	case !s.Alive.Stale.IsZero():
		v.State = "stale"
	case s.Alive.Trouble != "":
		v.State = "trouble"
	}
	return v
}

type screensAnswer struct {
	Screens   []screenView `json:"screens"`
	Strangers int          `json:"unregistered"`
}

func (a *API) screens(c echo.Context) error {
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	out := screensAnswer{Screens: []screenView{}}
	wanted := queue.OfficeID(c.QueryParam("office"))
	var mine []signs.Screen
	for _, s := range a.signs.Book.Screens() {
		if (wanted == "" || s.Office == wanted) && identityOf(c).Has(RoleManager, s.Office) {
			mine = append(mine, s)
		}
	}
	for _, s := range a.signs.Roll.Standings(mine) {
		out.Screens = append(out.Screens, a.screenView(s))
	}
	for _, id := range a.listOffices() {
		if (wanted == "" || id == wanted) && identityOf(c).Has(RoleManager, id) {
			out.Strangers += a.signs.Roll.Strangers(id)
		}
	}
	return answer(c, http.StatusOK, out)
}

type screenBody struct {
	Office queue.OfficeID `json:"office"`
	Name   string         `json:"name"`
}

// addScreen registers a screen and answers its token, which is told only once. It
// derives from the command, so that a form sent twice tells the same.
func (a *API) addScreen(c echo.Context) error {
	act, err := a.signAct(c)
	if err != nil {
		return err
	}
	body, err := decode[screenBody](c, maxBody)
	if err != nil {
		return err
	}
	if body.Office == "" {
		return problem(string(queue.MissingField), "office")
	}
	if err := a.maySign(c, body.Office); err != nil {
		return err
	}
	token := a.deriveSecret("screen/" + act.By.ID + "/" + act.Command)
	s, err := a.signs.Book.Register(c.Request().Context(), act, body.Office, body.Name, hashSecret(token))
	if err != nil {
		return signProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActScreen + "add", Office: s.Office, Target: s.ID, Detail: s.Name})
	return answer(c, http.StatusCreated, screenView{ID: s.ID, Office: s.Office, Name: s.Name, Made: s.Made, State: "never", Token: token})
}

func (a *API) removeScreen(c echo.Context) error {
	act, s, err := a.screenOf(c)
	if err != nil {
		return err
	}
	if err := a.signs.Book.Remove(c.Request().Context(), act, s.ID); err != nil {
		return signProblem(err)
	}
	a.signs.Roll.Forget(s.ID)
	a.audit(c, AuditEntry{Action: ActScreen + "remove", Office: s.Office, Target: s.ID, Detail: s.Name})
	return c.NoContent(http.StatusNoContent)
}

func (a *API) reloadScreen(c echo.Context) error {
	act, s, err := a.screenOf(c)
	if err != nil {
		return err
	}
	if err := a.signs.Book.Reload(c.Request().Context(), act, s.ID); err != nil {
		return signProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActScreen + "reload", Office: s.Office, Target: s.ID, Detail: s.Name})
	return c.NoContent(http.StatusNoContent)
}

// screenOf returns the screen of the path if the asker manages its office.
func (a *API) screenOf(c echo.Context) (signs.Act, signs.Screen, error) {
	act, err := a.signAct(c)
	if err != nil {
		return act, signs.Screen{}, err
	}
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return act, signs.Screen{}, err
	}
	s, ok := a.signs.Book.Screen(c.Param("screen"))
	if !ok {
		return act, s, problem(codeNotFound, "path")
	}
	return act, s, a.maySign(c, s.Office)
}

// playsCSV answers how often each item was shown in full, a row for each item, day
// and office.
func (a *API) playsCSV(c echo.Context) error {
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	today := queue.BusinessDay(a.now())
	from, to := queue.Date(cmp.Or(c.QueryParam("from"), string(addDays(today, -30)))), queue.Date(cmp.Or(c.QueryParam("to"), string(today)))
	counts, err := a.signs.Plays.Counts(c.Request().Context(), from, to)
	if err != nil {
		return signProblem(err)
	}
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write([]string{"date", "item", "title", "kind", "sponsor", "office", "plays", "seconds", "screens"}) // a buffer does not fail
	rows := 0
	for _, n := range counts {
		if !identityOf(c).Has(RoleManager, n.Office) {
			continue
		}
		i, _ := a.signs.Book.Item(n.Item)
		_ = w.Write([]string{
			string(n.Date), cell(n.Item), cell(i.Title["ja"]), string(i.Kind), cell(i.Sponsor), cell(string(n.Office)),
			strconv.Itoa(n.Plays), strconv.Itoa(n.Seconds), strconv.Itoa(n.Screens),
		})
		rows++
	}
	w.Flush()
	a.audit(c, AuditEntry{Action: ActExport, Target: "plays", Detail: string(from) + " " + string(to) + " rows=" + strconv.Itoa(rows)})
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="plays.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
}
