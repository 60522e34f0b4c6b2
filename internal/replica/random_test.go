package replica_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/replica"
)

// story is a random run of one machine: everything it wants done waits here, and
// chance decides when it happens, whether it arrives, and when the power fails.
type story struct {
	*machine
	ward    *ward
	roll    *rand.Rand
	saving  *replica.Mark
	waiting []replica.Output // exchanges and papers on their way
	link    bool
	boots   int
	fates   map[queue.CommandID]*fate
	papers  map[string]queue.CommandID
	acts    map[queue.CommandID]queue.TicketID // withdrawals that were asked for
	gone    map[queue.TicketID]bool            // and that the machine said are safe
}

// fate is what a visitor saw of one press.
type fate struct {
	tickets, refusals int
	dark              bool // the power failed before the end was seen
	press             replica.Press
}

func newStory(t *testing.T, seed uint64) *story {
	m := newMachine(t, settings())
	return &story{
		machine: m, waiting: m.outs, ward: newWard(t), roll: rand.New(rand.NewPCG(seed, 1)),
		link: true, fates: map[queue.CommandID]*fate{}, papers: map[string]queue.CommandID{},
		acts: map[queue.CommandID]queue.TicketID{}, gone: map[queue.TicketID]bool{},
	}
}

// feed steps the agent and puts what it wants aside.
func (s *story) feed(in replica.Input) {
	for _, o := range s.agent.Step(s.now, in) {
		switch o := o.(type) {
		case replica.SaveMark:
			if s.saving != nil {
				s.t.Fatal("two marks on their way")
			}
			s.saving = &o.Mark
		case replica.PressChanged:
			s.seen(o.Press)
		case replica.PrintTicket:
			s.printed(o.Press)
			s.waiting = append(s.waiting, o)
		case replica.ActDone:
			if o.Code == "" {
				s.gone[s.acts[o.Command]] = true
			}
		case replica.Alarm:
			if o.Code != "many_tickets" && o.Code != "device_revoked" {
				s.t.Fatalf("alarm %s: %s", o.Code, o.Detail)
			}
		default:
			s.waiting = append(s.waiting, o)
		}
	}
}

func (s *story) seen(p replica.Press) {
	f, ok := s.fates[p.Command]
	if !ok {
		s.t.Fatalf("the screen shows a press that nobody made: %+v", p)
	}
	f.press = p
	if p.State == replica.Refused {
		f.refusals++
	}
}

// printed is the first byte on its way to paper.
func (s *story) printed(p replica.Press) {
	s.fates[p.Command].tickets++
	safe := slices.ContainsFunc(s.marks, func(m replica.Mark) bool {
		return m.Press != nil && m.Press.Command == p.Command && m.Press.Number == p.Number && m.Press.State == replica.Starting
	})
	body := p.Pool != queue.PoolKiosk || slices.ContainsFunc(s.marks, func(m replica.Mark) bool {
		return m.Press != nil && m.Press.Command == p.Command && len(m.Body) > 0
	})
	if !safe || !body {
		s.t.Fatalf("%s is printed, but its mark is not safe (%v) or its body is not (%v)", p.Number, safe, body)
	}
	key := string(p.Date) + " " + string(p.Number)
	if strings.HasPrefix(string(p.Number), "K1-") {
		key = string(p.Number) // for life
	}
	if other, twice := s.papers[key]; twice {
		s.t.Fatalf("%s and %s were both printed as %s", other, p.Command, key)
	}
	s.papers[key] = p.Command
}

// next does one thing by chance.
func (s *story) next() {
	switch n := s.roll.IntN(100); {
	case n < 2:
		s.barrier()
	case n < 5:
		s.giveUp()
	case n < 14:
		s.visitor()
	case n < 40:
		s.save()
	case n < 75:
		s.arrive()
	case n < 90:
		s.advance(time.Duration(s.roll.IntN(1200)) * time.Millisecond)
	case n < 92:
		s.advance(time.Duration(s.roll.IntN(600)) * time.Second)
	case n < 95:
		s.link = !s.link
	case n < 97:
		s.powerFails()
	case n < 98:
		s.clockJumps()
	case n < 99:
		s.clerk()
	default:
		s.ward.n++
		_ = s.ward.decide(queue.BusinessDay(s.ward.at), queue.CommandID(fmt.Sprint("web-", s.ward.n)), queue.IssueTicket{
			Ticket: queue.TicketID(fmt.Sprint("web-", s.ward.n)), Service: "moving", Channel: queue.ChannelWeb,
		})
	}
}

func (s *story) advance(d time.Duration) {
	s.pass(d)
	s.ward.at = s.ward.at.Add(d)
	s.feed(replica.Tick{})
}

// clockJumps sets the wall clock wrong: so that it is believed after a restart, or
// by so much that it cannot be. A wrong date that is believed is beyond this
// story, because then machine and server mean two days.
func (s *story) clockJumps() {
	by := []time.Duration{0, -time.Minute, -3 * time.Hour, 3 * time.Hour, 72 * time.Hour, -20 * 365 * 24 * time.Hour}
	s.now.Wall = s.ward.at.Add(by[s.roll.IntN(len(by))])
}

// clerk does something to tickets from home, as clerks do whose link was cut and
// those of a delivery desk: the machine's copy must follow all of it. What is
// refused is of no interest.
func (s *story) clerk() {
	date := queue.BusinessDay(s.ward.at)
	late := s.ward.at.Add(-time.Duration(s.roll.IntN(600)) * time.Second)
	a, b := queue.TicketID(fmt.Sprint("web-", s.roll.IntN(s.ward.n+1))), queue.TicketID(fmt.Sprint("web-", s.roll.IntN(s.ward.n+1)))
	for _, c := range []queue.Command{
		queue.OpenCounter{Counter: "1"},
		queue.Merge{Ticket: a, Into: b},
		queue.Skip{Ticket: b, Counter: "1"},
		queue.Serve{Ticket: b, Counter: "1", Started: late, Clicked: late, Processing: true},
		queue.MarkReady{Ticket: b},
		queue.Announce{Counter: "1", Tickets: []queue.TicketID{b}},
		queue.HandOver{Ticket: b, Counter: "1"},
	}[:s.roll.IntN(8)] {
		s.ward.n++
		_ = s.ward.decide(date, queue.CommandID(fmt.Sprint("clerk-", s.ward.n)), c)
	}
}

func (s *story) visitor() {
	touch := s.touch()
	if s.roll.IntN(8) == 0 {
		touch.Session = fmt.Sprint("session", s.presses-1) // a nervous finger
	}
	if s.roll.IntN(4) == 0 {
		touch.Service = "cert"
	}
	touch.Desk = s.roll.IntN(6) == 0
	s.fates[touch.Command] = &fate{}
	s.feed(touch)
}

// barrier bars the machine, or admits it again.
func (s *story) barrier() {
	if s.roll.IntN(3) > 0 {
		s.feed(replica.Admitted{})
		return
	}
	s.feed(replica.Barred{Code: "device_revoked"})
}

// giveUp is staff who withdraw a ticket that somebody holds.
func (s *story) giveUp() {
	for _, f := range s.fates { // any, but the same in every run: the map has no order
		if f.tickets == 1 && f.press.State.Final() && s.oldest(f) {
			id := queue.CommandID(fmt.Sprint("act-", f.press.Serial))
			s.acts[id] = f.press.Ticket
			s.feed(replica.Act{Command: id, Action: queue.ActWithdraw, Ticket: f.press.Ticket})
			return
		}
	}
}

// oldest reports whether a ticket is the oldest that nobody has given up.
func (s *story) oldest(f *fate) bool {
	for _, o := range s.fates {
		if o.tickets == 1 && o.press.State.Final() && !s.gone[o.press.Ticket] && o.press.Serial < f.press.Serial {
			return false
		}
	}
	return !s.gone[f.press.Ticket]
}

func (s *story) save() {
	if s.saving == nil {
		return
	}
	s.marks = append(s.marks, *s.saving)
	s.saving = nil
	s.feed(replica.MarkSaved{})
}

// arrive lets one of the things on their way happen. A question may reach the
// server and its answer be lost.
func (s *story) arrive() {
	if len(s.waiting) == 0 {
		return
	}
	i := s.roll.IntN(len(s.waiting))
	o := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	if p, is := o.(replica.PrintTicket); is {
		event := []replica.PressEvent{replica.PaperOut, replica.PaperOut, replica.PaperFailed, replica.PaperUnknown}[s.roll.IntN(4)]
		s.feed(replica.PaperReport{Command: p.Press.Command, Event: event, Code: "paper_out"})
		return
	}
	if !s.link && s.roll.IntN(3) > 0 {
		s.feed(silence(o))
		return
	}
	in := s.ward.answer(o, s.now)
	if !s.link || s.roll.IntN(10) == 0 {
		in = silence(o)
	}
	s.feed(in)
}

// silence is what a machine hears of an exchange that was lost.
func silence(o replica.Output) replica.Input {
	switch o := o.(type) {
	case replica.AskServer:
		return replica.ServerSilent{Command: o.Press.Command}
	case replica.PullRecords:
		return replica.PullDone{Turn: o.Turn, Date: o.Date, Failed: true}
	case replica.BindStore:
		return replica.SendDone{Turn: o.Turn, Failed: true}
	case replica.FetchPlan:
		return replica.SendDone{Turn: o.Turn, Failed: true}
	case replica.InquireCommands:
		return replica.SendDone{Turn: o.Turn, Date: o.Date, Failed: true}
	case replica.PushBodies:
		return replica.SendDone{Turn: o.Turn, Date: o.Date, Failed: true}
	}
	return replica.Tick{}
}

// powerFails loses everything that is not safe, and perhaps the mark that was on
// its way; then the machine boots.
func (s *story) powerFails() {
	if s.saving != nil && s.roll.IntN(2) == 0 {
		s.marks = append(s.marks, *s.saving)
	}
	s.saving = nil
	for _, o := range s.waiting { // what was on its way to the server may arrive
		switch o.(type) {
		case replica.AskServer, replica.PushBodies:
			if s.link && s.roll.IntN(2) == 0 {
				s.ward.answer(o, s.now)
			}
		}
	}
	s.waiting = nil
	for _, f := range s.fates {
		f.dark = f.dark || f.tickets+f.refusals == 0
	}
	s.boots++
	down := time.Duration(s.roll.IntN(90)) * time.Second
	s.pass(down)
	s.ward.at = s.ward.at.Add(down)
	s.now.Boot, s.now.Monotonic = fmt.Sprint("boot", s.boots+1), time.Second
	agent, err := replica.New(replica.Options{Identity: identity, Plan: s.plan, Marks: slices.Clone(s.marks)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.agent = agent
	s.feed(replica.Start{})
}

// rest brings the link back and lets everything end.
func (s *story) rest() {
	s.link = true
	s.feed(replica.Admitted{})
	for range 200 {
		for s.saving != nil || len(s.waiting) > 0 {
			s.save()
			if len(s.waiting) == 0 {
				continue
			}
			o := s.waiting[0]
			s.waiting = s.waiting[1:]
			if p, is := o.(replica.PrintTicket); is {
				s.feed(replica.PaperReport{Command: p.Press.Command, Event: replica.PaperOut})
				continue
			}
			s.feed(s.ward.answer(o, s.now))
		}
		if s.agent.Slot() >= 0 && s.agent.Unsent() == 0 && s.agent.Online() && !s.agent.Busy() {
			return
		}
		s.advance(time.Second)
	}
	s.t.Fatalf("after the link came back: %d unsent, online %v, busy %v, refused %q", s.agent.Unsent(), s.agent.Online(), s.agent.Busy(), s.agent.Refused())
}

// audit looks at what became of every press, at the machine and at the server.
func (s *story) audit() {
	for id, f := range s.fates {
		if seen := f.tickets + f.refusals; seen > 1 || seen == 0 && !f.dark {
			s.t.Errorf("press %s ended in %d tickets and %d refusals: %+v", id, f.tickets, f.refusals, f.press)
		}
		if f.tickets == 0 {
			s.unseen(id, f)
			continue
		}
		ticket := s.filed(f.press.Ticket)
		asked := slices.Contains(slices.Collect(maps.Values(s.acts)), f.press.Ticket)
		if s.gone[f.press.Ticket] && (ticket == nil || ticket.Status != queue.Withdrawn) {
			s.t.Errorf("the ticket of press %s was given up at the machine, and is %+v at the server", id, ticket)
		}
		if ticket == nil || ticket.Number != f.press.Number || ticket.Status == queue.Withdrawn && !asked {
			s.t.Errorf("the paper %s of press %s is %+v at the server", f.press.Number, id, ticket)
		}
		if f.press.State == replica.Unknown && ticket != nil && !ticket.Has(queue.FlagPrintUnknown) {
			s.t.Errorf("nobody knows of the paper of press %s, and the server is not told: %v", id, ticket.Flags)
		}
	}
}

// unseen checks that the server calls nobody who has not seen a number. A press
// of which not even the first mark was safe asked nobody.
func (s *story) unseen(id queue.CommandID, f *fate) {
	if f.press.Ticket == "" || f.press.State == replica.Unknown {
		return
	}
	if ticket := s.filed(f.press.Ticket); ticket != nil && ticket.Status != queue.Withdrawn {
		s.t.Errorf("press %s of %s ended as %s, but %s waits at the server: %s since %s", id, f.press.At, f.press.State, ticket.Number, ticket.Status, ticket.IssuedAt)
	}
}

func (s *story) filed(id queue.TicketID) *queue.Ticket {
	ticket, _ := s.ward.day(today).State().Ticket(id)
	return ticket
}

func TestRandomDays(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := newStory(t, seed)
			s.rest() // a machine is set up with its server in reach, which tells it the date
			for range 800 {
				s.next()
			}
			s.rest()
			s.audit()
			if len(s.papers) == 0 || len(s.acts) == 0 {
				t.Errorf("%d tickets, %d given up", len(s.papers), len(s.acts))
			}
		})
	}
}
