package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/notify/webhook"
	"machi/internal/office"
	"machi/internal/queue"
)

// Webhooks are the addresses that events are sent to, and what is on its way to them.
type Webhooks interface {
	Endpoints() []webhook.Endpoint
	Add(ctx context.Context, key string, e webhook.Endpoint) (webhook.Endpoint, string, error)
	Rotate(ctx context.Context, id string) (secret string, err error)
	Remove(ctx context.Context, id string) error
	Deliveries(ctx context.Context, endpoint string) ([]webhook.Delivery, error)
	Retry(ctx context.Context, endpoint, delivery string) error
	Try(ctx context.Context, endpoint string) error
}

// The acts of administrators on webhooks.
const (
	ActWebhookAdd    = "webhook.add"
	ActWebhookRotate = "webhook.rotate"
	ActWebhookRemove = "webhook.remove"
)

// admins run the installation itself.
var admins = policy{"admin", []Role{RoleAdmin}, false}

func (a *API) webhookRoutes() []route {
	one := base + "/webhooks/:webhook"
	return []route{
		{"GET", base + "/webhooks", admins, a.listWebhooks},
		{"POST", base + "/webhooks", admins, a.addWebhook},
		{"DELETE", one, admins, a.removeWebhook},
		{"POST", one + "/rotate", admins, a.rotateWebhook},
		{"POST", one + "/test", admins, a.testWebhook},
		{"GET", one + "/deliveries", admins, a.webhookDeliveries},
		{"POST", one + "/deliveries/:delivery/retry", admins, a.retryDelivery},
	}
}

func (a *API) listWebhooks(c echo.Context) error {
	list := []webhook.Endpoint{}
	if a.webhooks != nil {
		list = a.webhooks.Endpoints()
	}
	return answer(c, http.StatusOK, map[string]any{"webhooks": list, "events": webhook.Types})
}

type webhookBody struct {
	URL    string         `json:"url"`
	Events []string       `json:"events"`
	Office queue.OfficeID `json:"office,omitempty"`
	Near   int            `json:"near,omitempty"`
	Level  string         `json:"level,omitempty"`
	Note   string         `json:"note,omitempty"`
}

// webhookAnswer is an endpoint; its secret is shown when it is new, and never again.
type webhookAnswer struct {
	webhook.Endpoint
	Secret string `json:"secret,omitempty"`
}

func (a *API) addWebhook(c echo.Context) error {
	id, err := commandID(c.Request())
	if err != nil {
		return err
	}
	body, err := decode[webhookBody](c, maxBody)
	if err != nil {
		return err
	}
	if a.webhooks == nil {
		return problem(codeNotFound, "path")
	}
	if body.Office != "" {
		if _, err := a.ward.View(body.Office); err != nil {
			return err
		}
	}
	made, secret, err := a.webhooks.Add(c.Request().Context(), string(id), webhook.Endpoint{
		URL: body.URL, Events: body.Events, Office: body.Office, Near: body.Near, Level: body.Level, Note: body.Note, By: actorOf(c).ID,
	})
	if err != nil {
		return webhookProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActWebhookAdd, Target: made.ID, Detail: made.URL})
	return answer(c, http.StatusCreated, webhookAnswer{made, secret})
}

func (a *API) removeWebhook(c echo.Context) error {
	if a.webhooks == nil {
		return problem(codeNotFound, "webhook")
	}
	if err := a.webhooks.Remove(c.Request().Context(), c.Param("webhook")); err != nil {
		return webhookProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActWebhookRemove, Target: c.Param("webhook")})
	return c.NoContent(http.StatusNoContent)
}

// rotateWebhook makes a new secret. The old one goes on signing for a day beside it.
func (a *API) rotateWebhook(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	if a.webhooks == nil {
		return problem(codeNotFound, "webhook")
	}
	secret, err := a.webhooks.Rotate(c.Request().Context(), c.Param("webhook"))
	if err != nil {
		return webhookProblem(err)
	}
	a.audit(c, AuditEntry{Action: ActWebhookRotate, Target: c.Param("webhook")})
	return answer(c, http.StatusOK, map[string]any{"secret": secret})
}

func (a *API) testWebhook(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	if a.webhooks == nil {
		return problem(codeNotFound, "webhook")
	}
	if err := a.webhooks.Try(c.Request().Context(), c.Param("webhook")); err != nil {
		return webhookProblem(err)
	}
	return answer(c, http.StatusAccepted, map[string]any{})
}

func (a *API) webhookDeliveries(c echo.Context) error {
	if a.webhooks == nil {
		return problem(codeNotFound, "webhook")
	}
	list, err := a.webhooks.Deliveries(c.Request().Context(), c.Param("webhook"))
	if err != nil {
		return webhookProblem(err)
	}
	if list == nil {
		list = []webhook.Delivery{}
	}
	return answer(c, http.StatusOK, map[string]any{"deliveries": list})
}

func (a *API) retryDelivery(c echo.Context) error {
	if _, err := decode[emptyBody](c, maxBody); err != nil {
		return err
	}
	if a.webhooks == nil {
		return problem(codeNotFound, "webhook")
	}
	if err := a.webhooks.Retry(c.Request().Context(), c.Param("webhook"), c.Param("delivery")); err != nil {
		return webhookProblem(err)
	}
	return answer(c, http.StatusAccepted, map[string]any{})
}

func webhookProblem(err error) error {
	var fault *webhook.Fault
	switch {
	case errors.As(err, &fault):
		return problemf(codeBadValue, fault.Field, "%s", fault.Text)
	case errors.Is(err, webhook.ErrUnknown):
		return problem(codeNotFound, "webhook")
	case errors.Is(err, webhook.ErrTooMany):
		return problemf(codeBadValue, "url", "at most %d endpoints", webhook.MaxEndpoints)
	}
	return &office.Unavailable{Code: office.StoreUnreachable, RetryAfter: time.Second, Err: err}
}
