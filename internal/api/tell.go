package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/notify"
	"machi/internal/office"
)

// Tell tells residents what they asked to be told of their tickets.
type Tell interface {
	// Channels returns the ways that are set up.
	Channels() notify.Channels
	// Rules returns the rules of the ticket of a secret's hash, the oldest first.
	Rules(ticket string) []notify.View
	// Add takes a rule in. The same request again answers with the same rule.
	Add(ctx context.Context, r notify.Request) (notify.View, error)
	// Remove forgets a rule of a ticket, or returns [notify.ErrUnknown].
	Remove(ctx context.Context, ticket, id string) error
	// Line takes in what LINE sends to its webhook.
	Line(ctx context.Context, signature string, body []byte) error
}

func (a *API) tellRoutes() []route {
	tell := base + "/tickets/:secret/tell"
	return []route{
		{"GET", tell, public, a.tellRules},
		{"POST", tell, public, a.addTellRule},
		{"DELETE", tell + "/:id", public, a.removeTellRule},
		{"POST", base + "/line/webhook", public, a.lineWebhook},
	}
}

// tellAnswer says how the holder of a ticket can be told, and will be.
type tellAnswer struct {
	Channels notify.Channels `json:"channels"`
	Rules    []notify.View   `json:"rules"`
	Limits   notify.Limits   `json:"limits"`
}

// tellRules answers for a ticket; where nothing is set up, every channel is off.
func (a *API) tellRules(c echo.Context) error {
	if _, _, err := a.ticketBySecret(c); err != nil {
		return err
	}
	out := tellAnswer{Rules: []notify.View{}, Limits: notify.TheLimits}
	if a.tell != nil {
		out.Channels = a.tell.Channels()
		out.Rules = append(out.Rules, a.tell.Rules(hashSecret(c.Param("secret")))...)
	}
	return a.sendJSON(c, http.StatusOK, out)
}

type tellBody struct {
	Channel notify.Channel       `json:"channel"`
	Push    *notify.Subscription `json:"push,omitempty"`
	Mail    string               `json:"mail,omitempty"`
	People  int                  `json:"people,omitempty"`
	Minutes int                  `json:"minutes,omitempty"`
	Called  bool                 `json:"called,omitempty"`
	Ready   bool                 `json:"ready,omitempty"`
	Lang    string               `json:"lang,omitempty"`
}

// addTellRule takes a rule in. Whoever asks again with the same key gets the same
// rule.
func (a *API) addTellRule(c echo.Context) error {
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	body, err := decode[tellBody](c, maxBody)
	if err != nil {
		return err
	}
	s, t, err := a.ticketBySecret(c)
	if err != nil {
		return err
	}
	switch {
	case a.tell == nil:
		return problem(codeChannelOff, "channel")
	case t.Status.Final():
		return problem(codeVisitOver, "secret")
	}
	view, err := a.tell.Add(c.Request().Context(), notify.Request{
		Key: string(id), Office: s.View.Office, Ticket: hashSecret(c.Param("secret")), Secret: c.Param("secret"),
		Channel: body.Channel, Push: body.Push, Mail: body.Mail, Lang: body.Lang,
		When: notify.When{People: body.People, Minutes: body.Minutes, Called: body.Called, Ready: body.Ready},
	})
	if err != nil {
		return tellProblem(err)
	}
	return a.sendJSON(c, http.StatusCreated, view)
}

// removeTellRule forgets a rule. What was told is told: then there is nothing to forget.
func (a *API) removeTellRule(c echo.Context) error {
	if _, _, err := a.ticketBySecret(c); err != nil {
		return err
	}
	if a.tell == nil {
		return problem(codeNotFound, "id")
	}
	if err := a.tell.Remove(c.Request().Context(), hashSecret(c.Param("secret")), c.Param("id")); err != nil {
		return tellProblem(err)
	}
	return c.NoContent(http.StatusNoContent)
}

// tellProblem explains why somebody cannot be told. What it does not know is a store
// that is away: nothing else can fail, and no text of it is shown.
func tellProblem(err error) error {
	var field *notify.FieldError
	switch {
	case errors.As(err, &field):
		return problemf(codeBadValue, field.Field, "%s", field.Text)
	case errors.Is(err, notify.ErrOff):
		return problem(codeChannelOff, "channel")
	case errors.Is(err, notify.ErrTooMany):
		return problem(codeTooManyRules, "rules")
	case errors.Is(err, notify.ErrAddress):
		return problem(codeAddressLimit, "address")
	case errors.Is(err, notify.ErrFull):
		return &Problem{Code: codeRateLimited, retryAfter: time.Hour}
	case errors.Is(err, notify.ErrOver):
		return problem(codeVisitOver, "secret")
	case errors.Is(err, notify.ErrKeyReused):
		return problem(codeKeyReused, headerKey)
	case errors.Is(err, notify.ErrUnknown):
		return problem(codeNotFound, "id")
	}
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
}

// lineWebhook takes in what LINE reports. Only the signature lets anybody in.
func (a *API) lineWebhook(c echo.Context) error {
	raw, err := io.ReadAll(io.LimitReader(c.Request().Body, maxBody+1))
	switch {
	case err != nil:
		return problem(codeBadJSON, "body")
	case len(raw) > maxBody:
		return problemf(codeBodyTooLarge, "body", "at most %d bytes", maxBody)
	case a.tell == nil:
		return problem(codeNotFound, "path")
	}
	switch err := a.tell.Line(c.Request().Context(), c.Request().Header.Get("X-Line-Signature"), raw); {
	case errors.Is(err, notify.ErrOff):
		return problem(codeNotFound, "path")
	case errors.Is(err, notify.ErrSignature):
		return problem(codeForbidden, "X-Line-Signature")
	case err != nil:
		return tellProblem(err)
	}
	return answer(c, http.StatusOK, map[string]any{})
}
