package sim

import (
	"errors"
	"time"

	"machi/internal/day"
	"machi/internal/office"
	"machi/internal/planted"
	"machi/internal/queue"
	"machi/internal/replica"
)

const (
	sendDeadline = 5 * time.Second
	probeWithin  = 2 * time.Second
)

// at returns the server that the machine speaks to; after a silence the next.
func (k *kiosk) at() *server { return k.world.servers[k.server%len(k.world.servers)] }

// ask asks the server for a number.
func (k *kiosk) ask(p replica.Press) {
	r := office.Request{
		ID: p.Command, Actor: queue.Actor{Role: queue.RoleKiosk, ID: string(k.id)},
		Command: queue.IssueTicket{
			Ticket: p.Ticket, Service: p.Service, Further: p.Further, Channel: channelOf(p),
			Language: p.Language, Priority: p.Priority, Secret: p.Secret, Quote: p.Quote,
		},
	}
	s, asked := k.at(), k.world.now
	if k.deaf {
		k.world.around(&k.node, k.world.nodes(), nil, &weather{cut: true})
	}
	exchange(k.world.net, &k.node, &s.node, replica.AskWithin, func(answer func(reply)) {
		if k.outlaw != "" {
			answer(reply{barred: k.outlaw})
			return
		}
		s.submit(k.branch.id, r, answer)
	}, func(got reply, ok bool) {
		k.heard(got.barred, ok && got.unavailable == "" && !got.unconfirmed, asked)
		switch {
		case got.barred != "":
		case !ok || got.unavailable != "" || got.unconfirmed:
			k.server++
			k.step(replica.ServerSilent{Command: p.Command})
		case got.refusal != nil:
			k.step(replica.ServerDenied{Command: p.Command, Code: string(got.refusal.Code)})
		default:
			k.world.audit.answered(k.branch.id, r, got)
			k.step(replica.ServerGave{Command: p.Command, Number: numberIn(got.outcome)})
		}
	})
}

func channelOf(p replica.Press) queue.Channel {
	if p.Desk {
		return queue.ChannelReception
	}
	return queue.ChannelKiosk
}

func numberIn(o *queue.Outcome) queue.Number {
	for _, e := range o.Events {
		if issued, is := e.(queue.TicketIssued); is {
			return issued.Number
		}
	}
	return ""
}

// pull asks for records, and probes.
func (k *kiosk) pull(out replica.PullRecords) {
	s, sent, asked := k.at(), k.now(), k.world.now
	exchange(k.world.net, &k.node, &s.node, out.Wait+probeWithin, func(answer func(pulled)) {
		if k.outlaw != "" {
			answer(pulled{barred: k.outlaw})
			return
		}
		c := s.core(k.branch.id, out.Date)
		c.records(pull{out.After, k.world.now + out.Wait, answer})
	}, func(got pulled, ok bool) {
		if !ok {
			k.server++
		}
		k.heard(got.barred, ok, asked)
		ok = ok && got.barred == ""
		server := got.server
		if out.Wait > 0 {
			server = time.Time{}
		}
		k.step(replica.PullDone{Turn: out.Turn, Failed: !ok, Date: out.Date, Records: got.records, Head: got.head, Sent: sent, Server: server})
		k.waitAt(out.Date)
	})
}

// sendAnswer is a server's answer to a send.
type sendAnswer struct {
	bound  bool
	code   string
	slot   int
	plan   *queue.Settings
	origin day.Origin
	failed bool
	barred string
}

// send is one exchange of the sending lane.
func (k *kiosk) send(turn int, date queue.Date, serve func(*server, func(sendAnswer))) {
	s, asked := k.at(), k.world.now
	exchange(k.world.net, &k.node, &s.node, sendDeadline,
		func(answer func(sendAnswer)) {
			if k.outlaw != "" {
				answer(sendAnswer{failed: true, barred: k.outlaw})
				return
			}
			serve(s, answer)
		},
		func(got sendAnswer, ok bool) {
			if !ok {
				k.server++
			}
			k.heard(got.barred, ok, asked)
			k.step(replica.SendDone{
				Turn: turn, Failed: !ok || got.failed, Code: got.code, Bound: got.bound, Slot: got.slot, Plan: got.plan, Date: date, Origin: got.origin,
			})
		})
}

func (k *kiosk) bind(out replica.BindStore) {
	k.send(out.Turn, "", func(s *server, answer func(sendAnswer)) {
		c := s.today(k.branch.id)
		r := office.Request{
			ID: queue.CommandID("bind-" + string(k.id) + "-" + k.store), Actor: queue.Actor{Role: queue.RoleKiosk, ID: string(k.id)},
			Command: queue.BindRange{Kiosk: k.id, Store: k.store},
		}
		c.submit(&office.Job{Request: r}, func(got office.Reply, err error) { answer(c.bound(k, err)) })
	})
}

// bound says which slot a store has after it was bound.
func (c *core) bound(k *kiosk, err error) sendAnswer {
	a := replyOf(office.Reply{}, err)
	if a.unavailable != "" {
		return sendAnswer{failed: true}
	}
	for _, b := range c.core.Day().State().Bindings(k.id) {
		if b.Store != k.store {
			continue
		}
		if k.newDisk && b.Slot > 0 {
			k.world.rare.reached(rareSecondSlot)
		}
		k.newDisk = false
		return sendAnswer{bound: true, slot: b.Slot}
	}
	return sendAnswer{failed: true, code: string(refusalCode(a))}
}

func refusalCode(a reply) queue.Code {
	if a.refusal != nil {
		return a.refusal.Code
	}
	return ""
}

// fetch brings today's settings; the kiosk keeps them on its disk.
func (k *kiosk) fetch(out replica.FetchPlan) {
	k.send(out.Turn, "", func(s *server, answer func(sendAnswer)) {
		if state := s.shown(k.branch.id); state != nil {
			plan := *state.Settings()
			k.plan = &plan
			answer(sendAnswer{plan: &plan})
			return
		}
		answer(sendAnswer{failed: true})
	})
}

func (k *kiosk) origin() string {
	return replica.Identity{Office: k.branch.id, Kiosk: k.id, Store: k.store}.Origin()
}

func (k *kiosk) inquire(out replica.InquireCommands) {
	k.send(out.Turn, out.Date, func(s *server, answer func(sendAnswer)) {
		c := s.core(k.branch.id, k.filed(s, out.Date))
		if c.core.Doubt() {
			answer(sendAnswer{failed: true})
			return
		}
		answer(sendAnswer{origin: c.core.Day().Origin(k.origin())})
	})
}

// filed returns the day into whose log the server puts what a kiosk sends.
func (k *kiosk) filed(s *server, date queue.Date) queue.Date {
	if planted.On(planted.LateIntoToday) {
		return queue.BusinessDay(s.wall())
	}
	return date
}

func (k *kiosk) push(out replica.PushBodies) {
	reached := false
	k.send(out.Turn, out.Date, func(s *server, answer func(sendAnswer)) {
		reached = true
		c := s.core(k.branch.id, k.filed(s, out.Date))
		c.submit(&office.Job{Facts: out.Bodies}, func(got office.Reply, err error) {
			answer(k.pushed(got, err))
		})
	})
	k.after(sendDeadline, func() {
		if r, ok := k.agent.Day(out.Date); reached && ok && r.Origin().Number > 0 && k.agent.Unsent() > 0 {
			k.world.rare.reached(rareMidBatch)
		}
	})
}

func (k *kiosk) pushed(got office.Reply, err error) sendAnswer {
	var unavailable *office.Unavailable
	switch {
	case err == nil:
		return sendAnswer{origin: got.Origin}
	case errors.Is(err, day.ErrGap):
		return sendAnswer{failed: true, code: "origin_gap", origin: got.Origin}
	case errors.Is(err, day.ErrFork):
		return sendAnswer{failed: true, code: "origin_forked", origin: got.Origin}
	case errors.As(err, &unavailable):
		return sendAnswer{failed: true}
	}
	k.world.audit.fail("the push of %s is refused: %v", k.name, err)
	return sendAnswer{failed: true, code: "push_refused"}
}
