package peakday_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"machi/internal/queue"
)

// clerk works at one counter until the context ends.
type clerk struct {
	lobby    *lobby
	counter  string
	settings queue.Settings
	rand     *rand.Rand
	undone   *atomic.Int64
}

func (c *clerk) do(path string, body any) (int, reply) {
	d := c.lobby.doors
	return d.send(c.rand.IntN(2), http.MethodPost, officePath+path, c.lobby.staff, d.key("clerk"+c.counter), body)
}

func (c *clerk) act(path string, body any) bool {
	status, _ := c.do(path, body)
	return status == http.StatusOK
}

func (c *clerk) at(action string) string { return "counters/" + c.counter + "/" + action }

func (c *clerk) run(ctx context.Context) {
	c.act(c.at("open"), map[string]any{"staff": "職員" + c.counter})
	for ctx.Err() == nil {
		switch status, got := c.do(c.at("call-next"), struct{}{}); {
		case status == http.StatusOK:
			c.deliver(ctx, got.Ticket)
		case got.Code == string(queue.CounterBusy): // an undo brought somebody back
			c.act("tickets/"+got.Have+"/finish", struct{}{})
		default:
			c.lobby.clock.pace(ctx, 3*time.Minute)
		}
		if c.rand.IntN(60) == 0 {
			c.act(c.at("pause"), map[string]any{"reason": "休憩"})
			c.lobby.clock.pace(ctx, 5*time.Minute)
			c.act(c.at("open"), map[string]any{"staff": "職員" + c.counter})
		}
	}
}

// deliver hands over papers, one visitor after another with one key, and leaves
// everything else to serve.
func (c *clerk) deliver(ctx context.Context, v visit) {
	for v.Stage == string(queue.StageDelivery) && c.rand.IntN(8) > 0 {
		status, got := c.do(c.at("finish-and-call-next"), struct{}{})
		if status != http.StatusOK {
			return // nobody waits
		}
		v = got.Ticket
	}
	c.serve(ctx, v)
}

// serve takes a visitor through whatever happens at a counter.
func (c *clerk) serve(ctx context.Context, v visit) {
	ticket := "tickets/" + v.Number + "/"
	switch c.rand.IntN(40) {
	case 0, 1:
		c.act(ticket+"recall", struct{}{})
		c.act(ticket+"no-show", struct{}{})
		return
	case 2: // a slip of the finger
		c.act(ticket+"no-show", struct{}{})
		if !c.undo() {
			return
		}
	case 3:
		c.act(ticket+"hold", map[string]any{"reason": "書類の確認"})
		return
	}
	c.act(ticket+"start", struct{}{})
	c.talk(ctx, v)
	switch c.rand.IntN(40) {
	case 0:
		c.act(ticket+"transfer", map[string]any{"service": services[c.rand.IntN(len(services))], "note": "追加の手続き"})
		return
	case 1:
		c.act(ticket+"transfer", map[string]any{"to": fmt.Sprint(1 + c.rand.IntN(10))})
		return
	case 2:
		c.finish(v)
		if c.undo() {
			c.finish(v)
		}
		return
	}
	c.finish(v)
}

func (c *clerk) undo() bool {
	if !c.act(c.at("undo"), struct{}{}) {
		return false
	}
	c.undone.Add(1)
	return true
}

func (c *clerk) finish(v visit) {
	service, _ := c.settings.Service(queue.ServiceID(v.Service))
	on := v.Stage == string(queue.StageReception) && service.HasStage(queue.StageProcessing)
	c.act("tickets/"+v.Number+"/finish", map[string]any{"processing": on})
}

// talk takes time while people still come, the longer the fewer they are, so that the
// lines are alike; afterwards everybody hurries home.
func (c *clerk) talk(ctx context.Context, v visit) {
	service, _ := c.settings.Service(queue.ServiceID(v.Service))
	if v.Stage == string(queue.StageReception) && !c.lobby.empty() {
		c.lobby.clock.pace(ctx, time.Duration(float64(service.Expected)*(80+240*c.rand.Float64())/float64(total())))
	}
}

// backOffice follows the log of one server and does what happens behind the
// counters: papers become ready, people who were missed come back.
type backOffice struct {
	lobby *lobby
	tape  *tape
	rand  *rand.Rand
}

func (b *backOffice) do(number queue.Number, verb string, body any) {
	d := b.lobby.doors
	d.send(0, http.MethodPost, officePath+"tickets/"+string(number)+"/"+verb, b.lobby.staff, d.key("back"), body)
}

// run works until nobody is in the office, or it is too late at night to go on.
func (b *backOffice) run(ctx context.Context, quiet func() bool) {
	for ctx.Err() == nil && b.lobby.clock.now().Before(at(26, 0)) {
		last := quiet() // asked before the look: what comes later is not in it
		b.tape.follow()
		if b.look() == 0 && last {
			return
		}
		b.lobby.clock.pace(ctx, time.Minute)
	}
}

// look does what is due and counts the visits that are not over.
func (b *backOffice) look() int {
	open := 0
	for _, t := range b.tape.day.State().Tickets() {
		switch {
		case t.Status.Final(), t.Status == queue.NoShow && gone(t):
			continue
		case t.Status == queue.Processing:
			b.do(t.Number, "ready", struct{}{})
		case t.Status == queue.Held:
			b.do(t.Number, "resume", struct{}{})
		case t.Status == queue.NoShow:
			b.do(t.Number, "restore", map[string]any{"place": []string{"keep", "back", "end"}[b.rand.IntN(3)]})
		}
		open++
	}
	return open
}

// gone says of a missed visitor, always alike, that he went home.
func gone(t *queue.Ticket) bool { return t.ID[len(t.ID)-1]%3 == 0 }
