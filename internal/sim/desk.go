package sim

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/replica"
)

// desk is what people do at a machine beside pressing: staff behind the PIN, and
// visitors who scan a paper or a phone.
type desk struct {
	acts    map[queue.CommandID]time.Duration // on their way at the machine, since when
	papers  []queue.TicketID                  // that it printed
	serial  int
	said    queue.KioskReport // newest report that a server has taken
	reports int
}

func newDesk() desk { return desk{acts: map[queue.CommandID]time.Duration{}} }

// dark is the power failing: who stands there sees it.
func (k *kiosk) dark() {
	clear(k.acts)
	if k.told >= 0 && !k.knows(k.world.now) {
		k.told = -1 // it may not have made safe what it heard
	}
}

func (k *kiosk) commandOf(what string) queue.CommandID {
	k.serial++
	return queue.CommandID(fmt.Sprintf("%s-%s-boot%d-%d", what, k.name, k.clock.boots, k.serial))
}

// attend is a member of staff who goes from machine to machine.
func (b *branch) attend(c chance, until time.Duration) {
	b.world.after(c.span(2*time.Minute, 8*time.Minute), func() {
		if b.world.now > until {
			return
		}
		b.tendTo(c, pick(c, b.kiosks))
		b.attend(c, until)
	})
}

// giveUp lets holders of papers give them up at a machine that is alone, just when
// a counter has called them: neither knows of the other.
func (b *branch) giveUp(c chance, until time.Duration) {
	b.world.after(c.span(4*time.Second, 9*time.Second), func() {
		if b.world.now > until {
			return
		}
		for _, k := range b.kiosks {
			if k.up && !k.agent.Online() && c.in(0.5) {
				k.giveUp()
			}
		}
		b.giveUp(c, until)
	})
}

func (k *kiosk) giveUp() {
	state := k.at().shown(k.branch.id)
	if state == nil {
		return
	}
	for _, counter := range state.Counters() {
		t, ok := state.Ticket(counter.Ticket)
		if ok && t.Status == queue.Called && slices.Contains(k.papers, t.ID) {
			k.act(queue.ActKiosk{Action: queue.ActLeave, Ticket: t.ID})
			return
		}
	}
}

// tendTo is what staff do at a machine.
func (b *branch) tendTo(c chance, k *kiosk) {
	k.act(queue.ActKiosk{Action: queue.ActSignIn})
	switch n := c.IntN(10); {
	case n < 4 && len(k.papers) > 0:
		k.act(queue.ActKiosk{Action: queue.ActWithdraw, Ticket: k.papers[max(0, len(k.papers)-1-c.IntN(6))]})
	case n < 5 && len(k.papers) > 0:
		k.act(queue.ActKiosk{Action: queue.ActReprint, Ticket: pick(c, k.papers)})
	case n < 7:
		b.world.rare.reached(rareDesk)
		k.touch(wish{service: pick(c, service), priority: c.in(0.5)}, true)
	case n < 8:
		id := pick(c, service)
		k.act(queue.ActKiosk{Action: queue.ActServiceClose, Service: id, Detail: "check"})
		b.world.after(c.span(20*time.Second, 2*time.Minute), func() {
			b.lead.command(queue.RoleManager, queue.SetService{Service: id, State: queue.Accepting}, func(reply) {})
		})
	default:
		k.act(queue.ActKiosk{Action: pick(c, []queue.KioskAction{queue.ActPaperReplaced, queue.ActTestPrint})})
	}
}

// holder is a visitor with a paper of this machine, who may come back to it.
func (k *kiosk) holder(id queue.TicketID) {
	k.papers = append(k.papers, id)
	if !k.chance.in(0.06) {
		return
	}
	action := pick(k.chance, []queue.KioskAction{queue.ActLeave, queue.ActLeave, queue.ActLater})
	k.after(k.chance.span(30*time.Second, 10*time.Minute), func() { k.act(queue.ActKiosk{Action: action, Ticket: id}) })
}

// act is somebody's act at the machine: by the server while it answers, else by
// the machine alone under the same id.
func (k *kiosk) act(c queue.ActKiosk) {
	if !k.up || k.clone != nil {
		return
	}
	c.Kiosk = k.id
	id := k.commandOf("act")
	if !k.agent.Online() {
		k.alone(id, c)
		return
	}
	r := office.Request{ID: id, Actor: c.Action.ActorOf(k.id), Command: c}
	s, asked := k.at(), k.world.now
	exchange(k.world.net, &k.node, &s.node, commandDeadline, func(answer func(reply)) {
		if k.outlaw != "" {
			answer(reply{barred: k.outlaw})
			return
		}
		s.submit(k.branch.id, r, answer)
	}, func(got reply, ok bool) {
		k.heard(got.barred, ok, asked)
		switch {
		case !ok || got.unavailable != "" || got.barred != "":
			k.alone(id, c)
		case got.outcome != nil:
			k.world.audit.answered(k.branch.id, r, got)
			k.world.rare.reached(rareActOnline)
		}
	})
}

func (k *kiosk) alone(id queue.CommandID, c queue.ActKiosk) {
	k.acts[id] = k.world.now
	k.step(replica.Act{Command: id, Action: c.Action, Ticket: c.Ticket, Detail: c.Detail})
}

// actDone is what somebody at the machine is told: an act that is done must be on
// a file, unless the server did it.
func (k *kiosk) actDone(out replica.ActDone) {
	delete(k.acts, out.Command)
	if out.Code != "" {
		k.world.story.tell(k.name, "act %s is refused: %s", out.Command, out.Code)
		return
	}
	if date, held := k.holdsAct(out.Command); held {
		stream := day.Stream(k.branch.id, date)
		a := k.world.audit
		a.promise[stream] = append(a.promise[stream], promise{out.Command, k.origin()})
		return
	}
	today, _ := k.agent.Today(k.now())
	if _, known := today.State().Outcome(out.Command); !known {
		k.world.audit.fail("%s says that %s is done, and no file holds it", k.name, out.Command)
		return
	}
	k.world.rare.reached(rareActTwice)
}

// holdsAct returns the day of an act whose body is safe on one of the files.
func (k *kiosk) holdsAct(id queue.CommandID) (queue.Date, bool) {
	for _, f := range k.files {
		for _, m := range slices.Backward(f.synced[max(0, len(f.synced)-20):]) {
			if m.Kind != replica.MarkAct {
				continue
			}
			if b, err := eventlog.DecodeBody(m.Body); err == nil && b.Command == string(id) {
				return m.Date, true
			}
		}
	}
	return "", false
}

// scan is a visitor who shows a ticket from home.
func (k *kiosk) scan(secret string) {
	if !k.up {
		return
	}
	code, id := queue.CheckInCode(secret), k.commandOf("scan")
	s, asked := k.at(), k.world.now
	r := office.Request{ID: id, Actor: queue.KioskVisitor(k.id)}
	exchange(k.world.net, &k.node, &s.node, commandDeadline, func(answer func(reply)) {
		state := s.shown(k.branch.id)
		switch {
		case k.outlaw != "":
			answer(reply{barred: k.outlaw})
			return
		case state == nil:
			answer(reply{unavailable: "day_not_open"})
			return
		}
		t, err := state.TicketByCheckInCode(code)
		if err != nil {
			answer(reply{unavailable: err.Error()})
			return
		}
		r.Command = queue.ActKiosk{Kiosk: k.id, Action: queue.ActCheckIn, Ticket: t.ID}
		s.submit(k.branch.id, r, answer)
	}, func(got reply, ok bool) {
		k.heard(got.barred, ok, asked)
		if got.outcome != nil {
			k.world.audit.answered(k.branch.id, r, got)
			k.world.rare.reached(rareCheckIn)
		}
	})
}

// report tells the servers now and then how the machine is.
func (k *kiosk) report() {
	k.world.after(k.chance.span(40*time.Second, 80*time.Second), func() {
		if k.world.now > k.world.end() {
			return
		}
		if words := k.health(); k.up && !k.world.asleep() && (!words.SameWords(k.said) || k.chance.in(0.1)) {
			k.tell(words)
		}
		k.report()
	})
}

// health is what the machine knows of itself.
func (k *kiosk) health() queue.KioskReport {
	r := queue.KioskReport{
		Version: "sim", Printer: queue.WordOK, Paper: queue.WordOK, Link: queue.LinkOnline, Store: queue.WordOK, Clock: queue.WordOK,
	}
	if k.printer.gone {
		r.Printer, r.Paper = queue.PrinterOffline, queue.WordUnknown
	}
	if k.printer.empty {
		r.Paper = queue.PaperOut
	}
	if k.jumped {
		r.Clock = queue.ClockOff
	}
	if k.up && !k.agent.Online() {
		r.Link, r.Unsent = queue.LinkAlone, k.agent.Unsent()
	}
	return r
}

func (k *kiosk) tell(words queue.KioskReport) {
	r := office.Request{
		ID: k.commandOf("report"), Actor: queue.Actor{Role: queue.RoleKiosk, ID: string(k.id)}, Command: queue.ReportKiosk{Kiosk: k.id, Report: words},
	}
	s := k.at()
	exchange(k.world.net, &k.node, &s.node, commandDeadline, func(answer func(reply)) {
		if k.outlaw == "" {
			s.submit(k.branch.id, r, answer)
		}
	}, func(got reply, ok bool) {
		if !ok || got.unavailable != "" || got.refusal != nil {
			return
		}
		k.said = words
		if got.outcome != nil {
			k.world.audit.answered(k.branch.id, r, got)
			k.world.audit.reported(k, words, got)
			if k.reports++; k.reports > 1 {
				k.world.rare.reached(rareReport)
			}
		}
	})
}
