package estimate

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

var more = flag.Uint64("more", 1, "run the random tests with this many times as many seeds")

// lasting are talks of a fixed length for each line.
func lasting(line queue.Line, spent time.Duration) time.Duration {
	whole := 4*time.Minute + time.Duration(len(line.Service)+len(line.Stage))*7*time.Second
	return max(whole-spent, 30*time.Second)
}

func everybody(*queue.Ticket) bool        { return true }
func whoeverOpened(c *queue.Counter) bool { return c.State == queue.CounterOpen }

// crowded returns the state of a random day of which many still wait.
func crowded(seed uint64) (*queue.State, time.Time) {
	l := crowdedLog(seed)
	return l.State, l.At
}

func crowdedLog(seed uint64) *queuetest.Log {
	r := rand.New(rand.NewPCG(seed, 5))
	settings := queuetest.Settings()
	rule := &settings.Rule
	rule.Ratio, rule.MaxOvertaken = r.IntN(4), []int{0, 3, 6, 30}[r.IntN(4)]
	rule.MaxWait = time.Duration(r.IntN(3)) * 12 * time.Minute
	if seed%5 == 4 {
		*rule = rule.In(0)
	}
	settings.Counters = append(settings.Counters, queue.CounterSettings{
		ID: "4", Services: []queue.ServiceID{"moving", "cert"}, Own: []queue.ServiceID{"moving"}, Stages: []queue.Stage{queue.StageDelivery, queue.StageReception},
	})
	l := queuetest.New(settings, "s0")
	for range r.IntN(200) {
		_, _ = l.Wander(r.IntN)
	}
	for i := range 10 + r.IntN(40) {
		l.At = l.At.Add(time.Duration(r.IntN(50)) * time.Second)
		issue := queue.IssueTicket{
			Ticket: queue.TicketID(fmt.Sprintf("late-%03d", i)), Service: []queue.ServiceID{"moving", "cert"}[r.IntN(2)],
			Channel: []queue.Channel{queue.ChannelKiosk, queue.ChannelWeb}[r.IntN(2)], Priority: r.IntN(4) == 0,
		}
		if r.IntN(3) == 0 {
			issue.Appointment = l.At.Add(time.Duration(r.IntN(60)-15) * time.Minute)
		}
		_, _ = l.Do(queuetest.Staff("x"), issue)
		switch r.IntN(6) {
		case 0:
			_, _ = l.Do(queuetest.Staff("x"), queue.Transfer{Ticket: issue.Ticket, To: []queue.CounterID{"1", "2", "3", "4"}[r.IntN(4)]})
		case 1:
			_, _ = l.Do(queuetest.Staff("x"), queue.Defer{Ticket: issue.Ticket, For: time.Duration(1+r.IntN(20)) * time.Minute})
		case 2:
			_, _ = l.Do(queuetest.Staff("x"), queue.OpenCounter{Counter: []queue.CounterID{"1", "2", "3", "4"}[r.IntN(4)], TakeOver: true})
		}
	}
	return l
}

// played is a call: "ticket at counter".
type played struct {
	ticket  queue.TicketID
	counter queue.CounterID
	at      time.Duration
}

// reasons counts why the rule called whom.
type reasons map[queue.ReasonCode]int

// playNext plays the office out with [queue.Next] itself, on a state that every
// call is applied to.
func playNext(t *testing.T, s *queue.State, at time.Time, newcomer Newcomer, why reasons, talk talks) []played {
	t.Helper()
	s = s.Clone()
	n := 0
	apply := func(at time.Time, e queue.Event) {
		n++
		m := queue.Meta{Command: queue.CommandID(fmt.Sprint("play", n)), At: at, Actor: queue.Actor{Role: queue.RoleSystem, ID: "play"}}
		if err := s.Apply(queue.Entry{Meta: m, Events: []queue.Event{e}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, ticket := range s.Tickets() {
		if ticket.Away {
			apply(at, queue.TicketArrived{Ticket: ticket.ID})
		}
	}
	if newcomer.Service != "" {
		apply(at, queue.TicketIssued{
			Ticket: "~new", Number: "~1", Service: newcomer.Service, Priority: newcomer.Priority, Appointment: newcomer.Appointment,
			IssuedAt: at, Arrival: at,
		})
	}
	free := map[queue.CounterID]time.Duration{}
	var open []queue.CounterID
	for _, c := range s.Counters() {
		if c.State == queue.CounterOpen {
			open = append(open, c.ID)
			if ticket, busy := s.Ticket(c.Ticket); busy {
				free[c.ID] = talk(ticket.Line, at.Sub(ticket.CalledAt))
			}
		}
	}
	var made []played
	for {
		open = slices.DeleteFunc(open, func(id queue.CounterID) bool { return free[id] == never })
		if len(open) == 0 {
			return made
		}
		id := slices.MinFunc(open, func(a, b queue.CounterID) int { return int(free[a] - free[b]) })
		now := at.Add(free[id])
		if c, _ := s.Counter(id); c.Ticket != "" {
			apply(now, queue.ServiceFinished{Ticket: c.Ticket, Counter: id, Status: queue.Done})
		}
		next, ok := queue.Next(s, id, "", now)
		if !ok {
			free[id] = nextChange(s, at, now)
			continue
		}
		apply(now, queue.TicketCalled{Ticket: next.Ticket.ID, Number: next.Ticket.Number, Counter: id, Reason: next.Reason})
		why[next.Reason.Code]++
		made = append(made, played{next.Ticket.ID, id, free[id]})
		free[id] += talk(next.Ticket.Line, 0)
	}
}

// nextChange is when time alone next changes who may be called.
func nextChange(s *queue.State, at, now time.Time) time.Duration {
	next := never
	for _, line := range s.Lines() {
		for _, ticket := range s.Line(line) {
			for _, m := range []time.Time{ticket.NotBefore, ticket.Appointment} {
				if m.After(now) {
					next = min(next, m.Sub(at))
				}
			}
		}
	}
	return next
}

// TestTheOrderIsThatOfNext plays out many offices with the rule itself and wants
// the same calls, at the same counters, in the same order.
func TestTheOrderIsThatOfNext(t *testing.T) {
	why := reasons{}
	for seed := range 30 * *more {
		s, at := crowded(seed)
		want := playNext(t, s, at, Newcomer{}, why, lasting)
		o := newOrder(s, at, lasting, everybody, whoeverOpened)
		var got []played
		for _, c := range o.calls() {
			got = append(got, played{o.places[c.place].id, o.chairs[c.chair].counter.ID, c.at})
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: the estimator calls\n%v, the rule\n%v", seed, got, want)
		}
	}
	t.Log(why)
	for _, code := range []queue.ReasonCode{
		queue.ReasonOvertaken, queue.ReasonAppointment, queue.ReasonMaxWait, queue.ReasonOwnService, queue.ReasonPriority, queue.ReasonTurn, queue.ReasonLongest,
	} {
		if why[code] < 5 {
			t.Errorf("%d calls for the reason %s: too few to prove anything", why[code], code)
		}
	}
}

// newcomers are those of every kind whom the rule may treat differently.
func newcomers(s *queue.State, at time.Time) []Newcomer {
	var all []Newcomer
	for _, v := range s.Settings().Services {
		for _, slot := range []time.Duration{never, -20 * time.Minute, -5 * time.Minute, 0, 10 * time.Minute, 40 * time.Minute} {
			n := Newcomer{Service: v.ID, Priority: slot == 10*time.Minute}
			if slot != never {
				n.Appointment = at.Add(slot)
			}
			all = append(all, n)
		}
		all = append(all, Newcomer{Service: v.ID, Priority: true})
	}
	return all
}

// TestANewcomersPlaceIsThatOfNext: who takes a ticket now is called after as many
// as the estimator says.
func TestANewcomersPlaceIsThatOfNext(t *testing.T) {
	last := 0
	for seed := range 5 * *more {
		s, at := crowded(seed)
		o := newOrder(s, at, lasting, everybody, whoeverOpened)
		for i, n := range newcomers(s, at) {
			want := playNext(t, s, at, n, reasons{}, lasting)
			place := slices.IndexFunc(want, func(p played) bool { return p.ticket == "~new" })
			if place < 0 {
				place = len(want)
			}
			if got := o.after(n); got != place {
				t.Fatalf("seed %d: newcomer %d %+v comes after %d calls, by the rule after %d", seed, i, n, got, place)
			}
			if place == len(want)-1 {
				last++
			} else if n.Walks() && o.plain() && place < len(want) {
				t.Fatalf("seed %d: newcomer %+v is said to be the last", seed, n)
			}
		}
	}
	if last == 0 {
		t.Error("no newcomer was the last")
	}
}

// TestTheOrderHoldsForOtherTalks measures how far an order that was played out with
// talks of expected length is the order of days whose talks are all alike in nothing:
// of two of a line, how often the one said to be later is called first.
func TestTheOrderHoldsForOtherTalks(t *testing.T) {
	pairs, turned := 0, 0
	for seed := range 20 * *more {
		s, at := crowded(seed)
		r := rand.New(rand.NewPCG(seed, 9))
		random := func(line queue.Line, spent time.Duration) time.Duration {
			return time.Duration(r.ExpFloat64() * float64(lasting(line, 0)))
		}
		rank := map[queue.TicketID]int{}
		o := newOrder(s, at, lasting, everybody, whoeverOpened)
		for i, c := range o.calls() {
			rank[o.places[c.place].id] = i
		}
		lines := map[queue.Line][]queue.TicketID{}
		for _, p := range playNext(t, s, at, Newcomer{}, reasons{}, random) {
			ticket, _ := s.Ticket(p.ticket)
			for _, before := range lines[ticket.Line] {
				pairs++
				if rank[before] > rank[p.ticket] {
					turned++
				}
			}
			lines[ticket.Line] = append(lines[ticket.Line], p.ticket)
		}
	}
	share := float64(turned) / float64(pairs)
	t.Logf("%.1f %% of %d pairs are called the other way round", share*100, pairs)
	if share > 0.1 {
		t.Errorf("%.1f %% of the pairs of a line are called the other way round", share*100)
	}
}
