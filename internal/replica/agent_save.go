package replica

import "machi/internal/day"

// keep queues a press's mark, together with an own body where there is one.
func (a *Agent) keep(p Press, waits bool, body func() ([]byte, error)) {
	a.enqueue(waits, func() (Mark, error) {
		m := Mark{Kind: MarkPress, Press: &p}
		if body == nil {
			return m, nil
		}
		raw, err := body()
		m.Date, m.Body = p.Date, raw
		return m, err
	})
}

func (a *Agent) note(m Mark) {
	a.enqueue(false, func() (Mark, error) { return m, nil })
}

func (a *Agent) enqueue(waits bool, build func() (Mark, error)) {
	a.queue = append(a.queue, save{build: build, waits: waits})
}

// flush hands out the next mark. One is on its way at a time, so that what is on
// disk is always a beginning of what happened.
func (a *Agent) flush() {
	for a.flying == nil && len(a.queue) > 0 && !a.broken {
		next := a.queue[0]
		a.queue = a.queue[1:]
		mark, err := next.build()
		if err != nil && next.denied != nil {
			next.denied(err)
			continue
		}
		if err != nil {
			// A body of the machine's own that cannot be encoded: nothing that comes
			// behind it could be trusted.
			a.queue = append([]save{next}, a.queue...)
			a.fail(err)
			return
		}
		next.mark = mark
		a.flying = &next
		a.emit(SaveMark{mark})
	}
}

// saved takes the fate of the mark that was on its way.
func (a *Agent) saved(in MarkSaved) {
	if a.flying == nil {
		return
	}
	done := *a.flying
	a.flying = nil
	if in.Err == nil {
		in.Err = a.effect(done.mark)
	}
	if in.Err != nil {
		a.queue = append([]save{done}, a.queue...) // whoever waits for it is told
		a.fail(in.Err)
		return
	}
	if done.act != "" {
		a.emit(ActDone{Command: done.act})
	}
	if done.waits && a.press != nil {
		a.move(a.press, PressInput{Kind: Saved})
	}
}

// fail takes the machine out of service: what is on disk is not known any more,
// so nothing may be decided on it before it was read again. Whoever waits for what
// is in the queue is told.
func (a *Agent) fail(err error) {
	left := a.queue
	a.broken, a.queue, a.flying = true, nil, nil
	a.emit(Alarm{Code: OutOfService, Detail: err.Error()})
	for _, s := range left {
		switch {
		case s.act != "":
			a.emit(ActDone{s.act, OutOfService})
		case s.waits && a.press != nil && a.press.State == Issuing:
			a.move(a.press, PressInput{Kind: Denied, Code: OutOfService})
		case s.waits && a.press != nil:
			a.move(a.press, PressInput{Kind: Unsaved})
		}
	}
}

// acknowledge keeps how far the server knows a day's chain.
func (a *Agent) acknowledge(r *Replica, o day.Origin) {
	if err := r.Acknowledged(o); err != nil {
		a.foundCopy(err.Error())
		return
	}
	if len(r.Pending()) == 0 {
		a.note(Mark{Kind: MarkAcknowledged, Date: r.Date(), Origin: &o})
	}
}
