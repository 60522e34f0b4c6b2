package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// The headers by which a page that keeps commands while its link is cut, and the
// server, understand each other.
const (
	// headerNow tells the offices' clock, by which a page says when a button was
	// pressed. An answer without it is not this server's but that of something between.
	headerNow = "Machi-Now"
	// headerPerson names whoever pressed, as GET /api/v1/me tells it. Where somebody
	// else has signed in meanwhile, nothing is done in that person's name.
	headerPerson = "Machi-Person"
	// headerNotAfter is the moment, by the clock of the header Date, from which on the
	// command is not done any more: nobody stands at the counter for a call that comes
	// half an hour late. A command that was done in time is answered as ever.
	headerNotAfter = "Machi-Not-After"
)

// tellNow lets a page measure the offices' clock.
func (a *API) tellNow(c echo.Context) {
	c.Response().Header().Set(headerNow, a.now().UTC().Format(time.RFC3339Nano))
}

// samePerson refuses what one person pressed and another would be recorded for.
func samePerson(r *http.Request, id Identity) error {
	if person := r.Header.Get(headerPerson); person != "" && person != id.ID {
		return problem(codeOtherPerson, headerPerson)
	}
	return nil
}

// late reports whether a command comes too late to be done.
func (a *API) late(r *http.Request) (bool, error) {
	text := r.Header.Get(headerNotAfter)
	if text == "" {
		return false, nil
	}
	until, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return false, problemf(codeBadValue, headerNotAfter, "a moment is written like 2026-04-01T08:30:00+09:00")
	}
	return a.wall().After(until), nil
}
