package api

import (
	"encoding/json"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/signs"
)

// The bounds of what a screen says of itself.
const (
	maxPlayed      = 200 // plays of one report
	maxSaid        = 80  // bytes of a text
	alivePerMinute = 1200
	aliveEvery     = 30 // seconds
)

// shownItem is an item as walls show it: nothing of who wrote it.
type shownItem struct {
	ID       string         `json:"id"`
	Kind     signs.Kind     `json:"kind"`
	Title    board.Text     `json:"title"`
	Body     board.Text     `json:"body,omitempty"`
	Sponsor  string         `json:"sponsor,omitempty"`
	Media    *shownMedia    `json:"media,omitempty"`
	Schedule signs.Schedule `json:"schedule"`
}

type shownMedia struct {
	URL    string `json:"url"`
	Type   string `json:"type"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

type playlistAnswer struct {
	Office  queue.OfficeID `json:"office"`
	Version int            `json:"version"`
	Items   []shownItem    `json:"items"`
}

// playlist tells walls what an office shows today and tomorrow.
func (a *API) playlist(c echo.Context) error {
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	if _, err := a.hub.Recent(officeOf(c)); err != nil {
		return err
	}
	today := queue.BusinessDay(a.now())
	items, version := a.signs.Book.Playlist(officeOf(c), today)
	out := playlistAnswer{Office: officeOf(c), Version: version, Items: []shownItem{}}
	for _, i := range items {
		if i.Schedule.From > addDays(today, 1) {
			continue // nobody reads before its time what is to be announced later
		}
		shown := shownItem{ID: i.ID, Kind: i.Kind, Title: i.Title, Body: i.Body, Sponsor: i.Sponsor, Schedule: i.Schedule}
		if m := i.Media; m != nil {
			shown.Media = &shownMedia{URL: "/signage/media/" + m.Hash, Type: m.Type, Width: m.Width, Height: m.Height}
		}
		out.Items = append(out.Items, shown)
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return sendTagged(c, `"`+hashSecret(string(body))[:32]+`"`, publicCache, echo.MIMEApplicationJSON, body)
}

// media serves a picture or a video to walls. The path names the content, so it may be
// kept for ever; nothing in it can act in our name.
func (a *API) media(c echo.Context) error {
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	m, path, err := a.signs.Served(c.Request().Context(), c.Param("hash"))
	if err != nil {
		return signProblem(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return signProblem(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, m.Type)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(echo.HeaderContentDisposition, "inline")
	h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+m.Hash[:32]+`"`)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, f)
	return nil
}

type aliveBody struct {
	Token    string       `json:"token,omitempty"` // of a registered screen
	Screen   string       `json:"screen"`          // the name that it gave itself
	Size     string       `json:"size,omitempty"`
	Showing  string       `json:"showing,omitempty"`
	LastCall string       `json:"last_call,omitempty"`
	LastSeq  uint64       `json:"last_seq,omitempty"`
	Version  string       `json:"version,omitempty"`
	Stale    int          `json:"stale_seconds,omitempty"` // since its boards ceased
	Trouble  string       `json:"trouble,omitempty"`       // an item that it cannot show
	Played   []signs.Play `json:"played,omitempty"`
}

func (b aliveBody) check() error {
	for name, text := range map[string]string{
		"token": b.Token, "screen": b.Screen, "size": b.Size, "showing": b.Showing, "version": b.Version, "trouble": b.Trouble,
	} {
		if len(text) > maxSaid || !isName(text, maxSaid) && text != "" {
			return problemf(codeBadValue, name, "at most %d of A-Z a-z 0-9 . _ : -", maxSaid)
		}
	}
	switch {
	case b.Screen == "":
		return problem(string(queue.MissingField), "screen")
	case len(b.LastCall) > maxSaid:
		return problem(codeBadValue, "last_call")
	case len(b.Played) > maxPlayed:
		return problemf(codeBadValue, "played", "at most %d", maxPlayed)
	case b.Stale < 0 || b.Stale > maxCount:
		return problem(string(queue.OutOfRange), "stale_seconds")
	}
	for _, p := range b.Played {
		if !isName(p.Item, maxSaid) {
			return problem(codeBadValue, "played")
		}
	}
	return nil
}

// aliveAnswer tells a screen who it is for us, which of its plays it may forget, and
// whether it is to load its page again: when Reloads is more than before.
type aliveAnswer struct {
	Registered bool   `json:"registered"`
	Name       string `json:"name,omitempty"`
	Kept       int64  `json:"kept"`
	Reloads    int    `json:"reloads"`
	Seconds    int    `json:"again_seconds"`
}

// alive takes what a screen says of itself. Only what registered screens prove counts;
// the others are counted, and limited.
func (a *API) alive(c echo.Context) error {
	body, err := decode[aliveBody](c, maxBody)
	if err != nil {
		return err
	}
	if a.signs == nil {
		return problem(codeNotFound, "path")
	}
	if err := body.check(); err != nil {
		return err
	}
	if _, err := a.hub.Recent(officeOf(c)); err != nil {
		return err
	}
	out := aliveAnswer{Seconds: aliveEvery}
	said := signs.Alive{
		Screen: body.Screen, Office: officeOf(c), Size: body.Size, Showing: body.Showing, LastCall: body.LastCall, Seq: body.LastSeq, Version: body.Version, Trouble: body.Trouble,
	}
	if body.Stale > 0 {
		said.Stale = a.wall().Add(-time.Duration(body.Stale) * time.Second)
	}
	screen, known := signs.Screen{}, false
	if body.Token != "" {
		screen, known = a.signs.Book.ScreenOf(hashSecret(body.Token))
	}
	if !known || screen.Office != officeOf(c) {
		if wait := a.strangers.blocked(c.RealIP(), a.wall()); wait > 0 {
			return &Problem{Code: codeRateLimited, retryAfter: wait}
		}
		a.strangers.count(c.RealIP(), a.wall())
		a.signs.Roll.Hear(said, false)
		return answer(c, http.StatusOK, out)
	}
	said.Screen = screen.ID
	a.signs.Roll.Hear(said, true)
	out.Registered, out.Name, out.Reloads = true, screen.Name, screen.Reloads
	out.Kept = a.signs.Plays.Take(screen, a.due(screen, body.Played))
	return answer(c, http.StatusOK, out)
}

// due passes over plays of what the screen's office does not have: they prove nothing.
func (a *API) due(s signs.Screen, plays []signs.Play) []signs.Play {
	var list []signs.Play
	for _, p := range plays {
		i, ok := a.signs.Book.Item(p.Item)
		if ok && (i.Office == "" || i.Office == s.Office) {
			list = append(list, p)
		}
	}
	return list
}
