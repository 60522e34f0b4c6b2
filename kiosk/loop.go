package kiosk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"machi/internal/replica"
)

// drainWithin is how long a press that is on its way may take when the machine is
// told to stop.
const drainWithin = 5 * time.Second

// loop is the only goroutine that touches the agent.
func (k *Kiosk) loop(ctx context.Context, served <-chan error) error {
	exchanges, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	k.step(exchanges, replica.Start{})
	k.tidy(exchanges)
	// A context that cannot end has no channel, so that alone does not say "stopping".
	done, stopping, deadline := ctx.Done(), false, (<-chan time.Time)(nil)
	for {
		select {
		case <-done:
			done, stopping, deadline = nil, true, time.After(drainWithin)
		case <-deadline:
			return nil
		case err := <-served:
			if !errors.Is(err, http.ErrServerClosed) {
				return err
			}
		case e := <-k.inbox:
			if e.ask != nil {
				e.ask(exchanges)
				continue
			}
			k.step(exchanges, e.input)
		case <-tick.C:
			k.heed(exchanges)
			k.step(exchanges, replica.Tick{})
			k.tidy(exchanges)
			k.forget()
			k.follow()
		}
		if stopping && !k.agent.Busy() {
			return nil
		}
	}
}

// step feeds the agent and carries out what it wants. Marks are made safe here,
// and their fate is fed back before the next output is looked at.
func (k *Kiosk) step(ctx context.Context, in replica.Input) {
	now := k.watch.now()
	if pulled, is := in.(replica.PullDone); is && !pulled.Failed {
		k.heard = max(1, now.Timer)
	}
	todo := k.agent.Step(now, in)
	for len(todo) > 0 {
		o := todo[0]
		todo = todo[1:]
		if save, is := o.(replica.SaveMark); is {
			todo = append(todo, k.agent.Step(k.watch.now(), replica.MarkSaved{Err: k.save(save.Mark)})...)
			continue
		}
		k.carryOut(ctx, o)
	}
}

func (k *Kiosk) save(m replica.Mark) error {
	if m.Press == nil {
		return k.store.Save(m)
	}
	k.o.At("before:" + string(m.Press.State))
	err := k.store.Save(m)
	k.o.At("after:" + string(m.Press.State))
	if err == nil {
		k.own.put(*m.Press)
	}
	return err
}

func (k *Kiosk) carryOut(ctx context.Context, o replica.Output) {
	switch o := o.(type) {
	case replica.PressChanged:
		k.changed(o.Press)
	case replica.PrintTicket:
		k.print(ctx, o.Press)
	case replica.ActDone:
		k.acted(o)
	case replica.Alarm:
		k.alarm(o)
	default:
		k.exchange(ctx, o)
	}
}

// exchange talks to the server in a goroutine that reports back.
func (k *Kiosk) exchange(ctx context.Context, o replica.Output) {
	var do func() replica.Input
	switch o := o.(type) {
	case replica.AskServer:
		do = func() replica.Input { return k.client.ask(ctx, o.Press) }
		if k.client == nil {
			do = func() replica.Input { return replica.ServerSilent{Command: o.Press.Command} }
		}
	case replica.PullRecords:
		k.stopPull()
		pulling, stop := context.WithCancel(ctx)
		k.stopPull = stop
		do = func() replica.Input { return k.client.pull(pulling, o, k.watch.now) }
		if k.client == nil {
			do = func() replica.Input { return replica.PullDone{Turn: o.Turn, Failed: true, Date: o.Date} }
		}
	case replica.BindStore:
		do = func() replica.Input { return k.client.bind(ctx, o) }
	case replica.FetchPlan:
		do = func() replica.Input { return k.fetchPlan(ctx, o) }
	case replica.InquireCommands:
		do = func() replica.Input { return k.client.inquire(ctx, o) }
	case replica.PushBodies:
		do = func() replica.Input { return k.client.push(ctx, o) }
	}
	k.work.Go(func() { k.tell(ctx, do()) })
}

// tell hands an input to the loop, unless the loop is gone.
func (k *Kiosk) tell(ctx context.Context, in replica.Input) {
	select {
	case k.inbox <- event{input: in}:
	case <-k.done:
	case <-ctx.Done():
	}
}

// fetchPlan stores the plan and works from it. A plan that the disk does not take
// is as good as any until the machine is switched off.
func (k *Kiosk) fetchPlan(ctx context.Context, o replica.FetchPlan) replica.SendDone {
	done := replica.SendDone{Turn: o.Turn}
	raw, err := k.client.plan(ctx)
	if err != nil {
		return failed(done, err)
	}
	plan, err := parsePlan(raw)
	if err != nil {
		k.o.Logger.Error("the server's plan cannot be read", "error", err)
		done.Failed = true
		return done
	}
	if err := writePlan(k.o.Dir, raw); err != nil {
		k.alarm(replica.Alarm{Code: "plan_not_kept", Detail: err.Error()})
	} else {
		k.calm("plan_not_kept")
	}
	k.mu.Lock()
	k.plan = plan
	k.mu.Unlock()
	done.Plan = &plan.Settings
	return done
}

// alarm tells staff, on the screen's corner and in the log.
func (k *Kiosk) alarm(a replica.Alarm) {
	k.o.Logger.Error("the ticket machine needs staff", "code", a.Code, "detail", a.Detail)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !slices.Contains(k.alarms, a.Code) {
		k.alarms = append(k.alarms, a.Code)
	}
}

// calm takes an alarm back.
func (k *Kiosk) calm(code string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alarms = slices.DeleteFunc(k.alarms, func(c string) bool { return c == code })
}
