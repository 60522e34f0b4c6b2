package api

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/queue"
)

// Auditor keeps who did what beside the offices' own logs.
type Auditor interface {
	Note(ctx context.Context, e AuditEntry) error
}

// AuditEntry is one act that somebody may ask about later.
type AuditEntry struct {
	At     time.Time      // the wall's clock, also in a rehearsal
	Who    string         // as the log names a person; a login name that was typed
	Role   Role           // empty: nobody yet
	Action string         // one of the Act constants
	Office queue.OfficeID // empty: none or all
	Target string         // what it was done to: an account's login, a session's id
	Result string         // "ok", or a problem's code
	Detail string
}

// The acts that are noted at the edge.
const (
	ActLogin          = "login"
	ActLogout         = "logout"
	ActPassword       = "password"
	ActTOTP           = "totp"
	ActAccountAdd     = "account.add"
	ActAccountDisable = "account.disable"
	ActAccountEnable  = "account.enable"
	ActAccountReset   = "account.reset"
	ActAccountGrants  = "account.grants"
	ActHelperAdd      = "helper.add"
	ActSessionRevoke  = "session.revoke"
	ActFirstAdmin     = "first-admin"
)

// audit notes an act of whoever asks. The act stands whether or not it can be noted.
func (a *API) audit(c echo.Context, e AuditEntry) {
	if a.auditor == nil {
		return
	}
	id := identityOf(c)
	if e.Who == "" {
		e.Who = actorOf(c).ID
	}
	if e.Role == "" {
		e.Role = id.Role
	}
	if e.Office == "" {
		e.Office = officeOf(c)
	}
	if e.Office == "" && id.Account != "" { // of a log-in: the person's own
		e.Office = id.Office
	}
	if e.Result == "" {
		e.Result = "ok"
	}
	e.At = a.wall()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), 5*time.Second)
	defer cancel()
	if err := a.auditor.Note(ctx, e); err != nil {
		a.logger.Error("an act was not noted", "action", e.Action, "error", err)
	}
}
