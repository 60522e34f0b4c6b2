package demo

import (
	"context"
	"math/rand/v2"
	"net/url"
	"time"
)

// clerk works at one counter: opens it, calls, serves, sometimes waits for
// nobody, sometimes makes a slip and undoes it.
type clerk struct {
	floor   *floor
	counter string
	rand    *rand.Rand
}

// ticket is what a call answers with.
type ticket struct {
	Number  string `json:"number"`
	Service string `json:"service"`
	State   string `json:"state"`
	Stage   string `json:"stage"`
}

type called struct {
	Ticket ticket `json:"ticket"`
}

// Chances of what happens at a counter, per call.
const (
	noShowShare   = 0.05
	holdShare     = 0.02
	slipShare     = 0.02
	transferShare = 0.02
)

func (c *clerk) run(ctx context.Context) {
	if !c.act(ctx, "counters/"+c.counter+"/open", map[string]any{"staff": "職員" + c.counter}) {
		return
	}
	for ctx.Err() == nil {
		var next called
		some, err := c.floor.client.post(ctx, c.path("counters/"+c.counter+"/call-next"), struct{}{}, &next)
		if err != nil || !some {
			c.floor.clock.sleep(ctx, c.between(20*time.Second, 60*time.Second))
			continue
		}
		c.serve(ctx, next.Ticket)
	}
}

// serve takes a called ticket through whatever happens to it at the counter.
func (c *clerk) serve(ctx context.Context, t ticket) {
	c.floor.clock.sleep(ctx, c.between(15*time.Second, 45*time.Second)) // walking to the counter
	switch chance := c.rand.Float64(); {
	case chance < noShowShare:
		c.missed(ctx, t)
		return
	case chance < noShowShare+slipShare:
		c.act(ctx, c.ticket(t, "no-show"), struct{}{})
		c.act(ctx, "counters/"+c.counter+"/undo", struct{}{})
	case chance < noShowShare+slipShare+holdShare:
		c.act(ctx, c.ticket(t, "hold"), map[string]any{"reason": "書類の確認"})
		c.floor.later(ctx, 10*time.Minute, func() { c.act(ctx, c.ticket(t, "resume"), struct{}{}) })
		return
	}
	c.act(ctx, c.ticket(t, "start"), struct{}{})
	c.floor.clock.sleep(ctx, c.talk(t.Service))
	c.finish(ctx, t)
}

// missed recalls once, gives up, and most come back.
func (c *clerk) missed(ctx context.Context, t ticket) {
	c.act(ctx, c.ticket(t, "recall"), struct{}{})
	c.floor.clock.sleep(ctx, time.Minute)
	c.act(ctx, c.ticket(t, "no-show"), struct{}{})
	if c.rand.Float64() < 0.6 {
		c.floor.later(ctx, 8*time.Minute, func() { c.act(ctx, c.ticket(t, "restore"), map[string]any{"place": "back"}) })
	}
}

// finish ends the talk: into the back office where the service has one.
func (c *clerk) finish(ctx context.Context, t ticket) {
	service := c.floor.services[t.Service]
	if t.Stage != "delivery" && service.processing && c.act(ctx, c.ticket(t, "finish"), map[string]any{"processing": true}) {
		c.floor.later(ctx, c.between(5*time.Minute, 20*time.Minute), func() { c.act(ctx, c.ticket(t, "ready"), struct{}{}) })
		return
	}
	if c.rand.Float64() < transferShare {
		if c.act(ctx, c.ticket(t, "transfer"), map[string]any{"service": c.floor.anyService(c.rand), "note": "追加の手続き"}) {
			return
		}
	}
	c.act(ctx, c.ticket(t, "finish"), struct{}{})
}

// talk draws how long a visit takes: around what the ward expects, with the
// long tail that real counters have.
func (c *clerk) talk(service string) time.Duration {
	expected := c.floor.services[service].expected
	return time.Duration(float64(expected) * (0.4 + c.rand.ExpFloat64()*0.6))
}

func (c *clerk) between(low, high time.Duration) time.Duration {
	return low + time.Duration(c.rand.Int64N(int64(high-low)))
}

// act sends one command and reports whether it was done. A refusal is part of
// the day: another clerk was faster, or the visitor has left.
func (c *clerk) act(ctx context.Context, path string, body any) bool {
	_, err := c.floor.client.post(ctx, c.path(path), body, nil)
	return err == nil
}

func (c *clerk) path(rest string) string { return c.floor.office + "/" + rest }

func (c *clerk) ticket(t ticket, verb string) string {
	return "tickets/" + url.PathEscape(t.Number) + "/" + verb
}
