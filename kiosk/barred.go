package kiosk

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync/atomic"

	"machi/internal/replica"
)

// bars are the codes with which the server takes nothing more from a machine. One
// that it does not know any more, after a restore from a backup, goes on alone.
var bars = map[string]bool{"device_revoked": true, "store_copied": true}

// verdict is what the server's newest answer says of the machine: a code of bars,
// "" for one that it takes; nil before the first answer.
type verdict struct{ newest atomic.Pointer[string] }

// notice looks at the answer of an exchange, and returns its error. Only the
// office's own resources say anything: the others are open to everybody. An exchange
// that began before the machine was barred does not admit it.
func (c *client) notice(u *url.URL, before *string, err error) error {
	if !strings.HasPrefix(u.Path, c.base.Path+"/") {
		return err
	}
	code := ""
	var no *objection
	if errors.As(err, &no) {
		if !bars[no.Code] {
			return err
		}
		code = no.Code
	} else if err != nil {
		return err
	}
	if code == "" {
		c.verdict.newest.CompareAndSwap(before, &code)
	} else {
		c.verdict.newest.Store(&code)
	}
	return err
}

// heed tells the agent what the server thinks of the machine, when that changed.
// The loop runs it at every tick.
func (k *Kiosk) heed(ctx context.Context) {
	if k.client == nil {
		return
	}
	newest := k.client.verdict.newest.Load()
	switch {
	case newest == nil || *newest == k.agent.Barred():
	case *newest == "":
		k.calm(k.agent.Barred())
		k.step(ctx, replica.Admitted{})
	default:
		k.step(ctx, replica.Barred{Code: *newest})
	}
}
