package api

import (
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/live"
	"machi/internal/office"
	"machi/internal/queue"
)

// maxSecret bounds what is hashed for a stranger.
const maxSecret = 128

// ticketBySecret finds the ticket of a status secret. Every miss is answered
// alike, and an address that misses too often is not answered at all.
func (a *API) ticketBySecret(c echo.Context) (*live.Snapshot, *queue.Ticket, error) {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Robots-Tag", "noindex")
	if wait := a.misses.blocked(c.RealIP(), a.wall()); wait > 0 {
		return nil, nil, &Problem{Code: codeRateLimited, retryAfter: wait}
	}
	secret := c.Param("secret")
	if len(secret) <= maxSecret {
		if s, t, ok := a.hub.TicketBySecret(hashSecret(secret)); ok {
			return s, t, nil
		}
	}
	a.misses.count(c.RealIP(), a.wall())
	return nil, nil, problem(codeUnknownSecret, "secret")
}

func (a *API) holderStatus(c echo.Context) error {
	s, t, err := a.ticketBySecret(c)
	if err != nil {
		return err
	}
	return a.sendJSON(c, http.StatusOK, a.mine(c, s, t))
}

// withdraw gives a ticket up. To do so again is no error: the holder sees the
// ticket as it is.
func (a *API) withdraw(c echo.Context) error {
	id, err := a.holderCommand(c)
	if err != nil {
		return err
	}
	s, t, err := a.ticketBySecret(c)
	if err != nil {
		return err
	}
	if t.Status == queue.Withdrawn {
		return a.sendJSON(c, http.StatusOK, a.mine(c, s, t))
	}
	_, err = a.ward.Do(c.Request().Context(), s.View.Office, office.Request{
		ID: id, Actor: queue.Actor{Role: queue.RoleHolder, ID: string(t.ID)},
		Fingerprint: "withdraw " + string(t.ID), Command: queue.Withdraw{Ticket: t.ID},
	})
	if err != nil {
		return err
	}
	return a.holderStatus(c)
}

// later gives the holder more time: the ticket is not called for a while, and
// keeps its place after that.
func (a *API) later(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	s, t, err := a.ticketBySecret(c)
	if err != nil {
		return err
	}
	_, err = a.ward.Do(c.Request().Context(), s.View.Office, office.Request{
		ID: id, Actor: queue.Actor{Role: queue.RoleHolder, ID: string(t.ID)},
		Fingerprint: "later " + string(t.ID), Command: queue.Defer{Ticket: t.ID, For: queue.LaterFor},
	})
	if err != nil {
		return err
	}
	return a.holderStatus(c)
}

// holderCommand returns the command id of a withdrawal. DELETE can be repeated as
// it is, so a browser that sends no key gets one.
func (a *API) holderCommand(c echo.Context) (queue.CommandID, error) {
	if len(c.Request().Header.Values(headerKey)) > 0 {
		return commandID(c.Request())
	}
	random := a.random()
	return queue.CommandID("withdraw-" + hex.EncodeToString(random[:])), nil
}

// staffTicket shows a ticket by its number to staff.
func (a *API) staffTicket(c echo.Context) error {
	t, err := a.ticketOfPath(c)
	if err != nil {
		return err
	}
	s, err := a.hub.Snapshot(officeOf(c))
	if err != nil {
		return err
	}
	if now, ok := s.View.State.Ticket(t.ID); ok {
		t = now
	}
	return answer(c, http.StatusOK, ticketAnswer{Ticket: staffView(s.View.State, t)})
}

func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || path == "/healthz" || path == "/readyz" || path == "/openapi.yaml" || path == "/asyncapi.yaml"
}
