package queue_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
	"machi/internal/quota"
)

// morning is a simulated office: two counters, a visitor every three minutes, five
// minutes for each. Some of the visitors may take their number at home and travel.
type morning struct {
	bots   int                                // that ask all the time
	remote float64                            // share of visitors who take a number at home
	travel func(rng *rand.Rand) time.Duration // from the number to the door
}

// outcome is what a simulated morning came to.
type outcome struct {
	walkIns  []time.Duration // waits of those who came without a number
	bots     int             // tickets that bots got
	perSlot  map[time.Time]int
	remote   int // visitors who got a number at home
	refused  int // visitors who did not, and came without
	overtook int // calls of who came from home before a walk-in who was there before the number was taken
}

func (m morning) run(seed uint64) outcome {
	settings := homeSettings()
	settings.Series[0].Main, settings.Series[0].Next, settings.Series[0].Desk, settings.Series[0].Kiosks = queue.Range{First: 1, Last: 4000}, queue.Range{}, queue.Range{}, nil
	settings.Rule.MaxWaiting = 5000
	settings.Rule.Home.Rule = quota.Rule{PerSlot: 3, Share: 30, PerNetwork: 3}
	l := queuetest.New(settings, "s0")
	clerk := queuetest.Staff("x")
	for _, counter := range []queue.CounterID{"1", "2"} {
		if _, err := l.Do(clerk, queue.OpenCounter{Counter: counter}); err != nil {
			panic(err)
		}
	}
	s := &simulated{Log: l, rng: chance(seed, 1), bot: chance(seed, 2), who: chance(seed, 3), work: chance(seed, 4), clerk: clerk, free: map[queue.CounterID]time.Time{"1": l.At, "2": l.At}, out: outcome{perSlot: map[time.Time]int{}}}
	next := l.At
	for step := range 3 * 3600 / 10 {
		l.At = queuetest.Opening.Add(time.Duration(step) * 10 * time.Second)
		if l.At.Sub(queuetest.Opening) < 10*time.Minute {
			s.botsAsk(m.bots)
		}
		for !next.After(l.At) {
			s.visitor(m)
			next = next.Add(time.Duration(s.rng.ExpFloat64() * float64(3*time.Minute)))
		}
		s.arrivals()
		s.serve()
		if tick, ok := l.State.NextTick(); ok && !tick.After(l.At) {
			_, _ = l.Do(clerk, queue.Tick{})
		}
	}
	return s.out
}

func chance(seed, of uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, of)) }

// simulated is a morning that runs.
type simulated struct {
	*queuetest.Log
	rng    *rand.Rand // arrivals; the others have chances of their own, so that worlds can be compared
	bot    *rand.Rand
	who    *rand.Rand
	work   *rand.Rand
	clerk  queue.Actor
	serial int
	free   map[queue.CounterID]time.Time
	coming []coming
	out    outcome
}

type coming struct {
	ticket queue.TicketID
	at     time.Time
}

// botsAsk lets each of a thousand bots in 64 networks ask once in a while.
func (s *simulated) botsAsk(bots int) {
	for i := range bots / 10 {
		bot := s.bot.IntN(bots)
		id := fmt.Sprintf("bot-%d-%d", s.serial, i)
		s.serial++
		c := wish(id, nil)
		c.Marks = queue.Marks{Device: id, Network: fmt.Sprint("net", bot%64)} // each forgets its cookie
		if _, err := s.Do(atHome, c); err == nil {
			s.out.bots++
			s.out.perSlot[s.At.Truncate(quota.Slot)]++
		}
	}
}

// visitor takes a number at home, or comes.
func (s *simulated) visitor(m morning) {
	s.serial++
	id := queue.TicketID(fmt.Sprint("v", s.serial))
	if s.who.Float64() < m.remote {
		c := wish(string(id), s.quote())
		if _, err := s.Do(atHome, c); err == nil {
			s.out.remote++
			s.coming = append(s.coming, coming{id, s.At.Add(m.travel(s.who))})
			return
		}
		s.out.refused++
	}
	if _, err := s.Do(s.clerk, queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk}); err != nil {
		panic(err)
	}
}

// quote tells what a simple counter of heads would.
func (s *simulated) quote() *queue.Quote {
	here := 0
	for _, t := range s.State.Tickets() {
		if t.Status == queue.Waiting && !t.Away {
			here++
		}
	}
	mid := time.Duration(here) * 150 * time.Second
	return &queue.Quote{Ahead: here, Low: mid / 2, P50: mid, High: mid*3/2 + 5*time.Minute}
}

func (s *simulated) arrivals() {
	later := s.coming[:0]
	for _, c := range s.coming {
		if c.at.After(s.At) {
			later = append(later, c)
			continue
		}
		_, _ = s.Do(s.clerk, queue.CheckIn{Ticket: c.ticket}) // one that has lapsed comes to nothing
	}
	s.coming = later
}

func (s *simulated) serve() {
	for _, counter := range []queue.CounterID{"1", "2"} {
		if s.free[counter].After(s.At) {
			continue
		}
		if c, _ := s.State.Counter(counter); c.Ticket != "" {
			_, _ = s.Do(s.clerk, queue.Finish{Ticket: c.Ticket})
		}
		if _, err := s.Do(s.clerk, queue.CallNext{Counter: counter}); err != nil {
			continue
		}
		c, _ := s.State.Counter(counter)
		s.called(c.Ticket)
		s.free[counter] = s.At.Add(time.Duration(180+s.work.IntN(240)) * time.Second)
	}
}

// called notes a walk-in's wait, and who of them was there before a number was taken
// at home that is called now.
func (s *simulated) called(id queue.TicketID) {
	t, _ := s.State.Ticket(id)
	if t.Channel == queue.ChannelKiosk {
		s.out.walkIns = append(s.out.walkIns, s.At.Sub(t.IssuedAt))
		return
	}
	for _, o := range s.State.Tickets() {
		if o.Status == queue.Waiting && o.Channel == queue.ChannelKiosk && o.Arrival.Before(t.IssuedAt) {
			s.out.overtook++
		}
	}
}

func mean(list []time.Duration) time.Duration {
	var sum time.Duration
	for _, d := range list {
		sum += d
	}
	return sum / time.Duration(max(1, len(list)))
}

// TestBotsTakeNoMoreThanTheirShareAndNobodyWaitsForThem lets a thousand bots in 64
// networks ask for ten minutes.
func TestBotsTakeNoMoreThanTheirShareAndNobodyWaitsForThem(t *testing.T) {
	for seed := range uint64(3) {
		quiet, stormy := morning{}.run(seed), morning{bots: 1000}.run(seed)
		for slot, n := range stormy.perSlot {
			if n > 3 {
				t.Errorf("seed %d: %d tickets in the slot of %v, the cap is 3", seed, n, slot)
			}
		}
		if stormy.bots == 0 || stormy.bots > 6 {
			t.Errorf("seed %d: bots got %d tickets in ten minutes", seed, stormy.bots)
		}
		if a, b := mean(quiet.walkIns), mean(stormy.walkIns); b > a+a/10 {
			t.Errorf("seed %d: walk-ins waited %v, without bots %v", seed, b, a)
		}
	}
}

// TestWalkInsDoNotWaitLongerForThoseWhoTookTheirNumberAtHome has the same number of
// people come, a third of them with a number from home: some early, some late.
func TestWalkInsDoNotWaitLongerForThoseWhoTookTheirNumberAtHome(t *testing.T) {
	all := morning{}
	third := morning{remote: 0.34, travel: func(rng *rand.Rand) time.Duration { return time.Duration(5+rng.IntN(70)) * time.Minute }}
	var before, after []time.Duration
	for seed := range uint64(24) {
		a, b := all.run(seed), third.run(seed)
		before, after = append(before, a.walkIns...), append(after, b.walkIns...)
		if b.overtook > 0 {
			t.Errorf("seed %d: %d walk-ins who had come before a number was taken at home were called after it", seed, b.overtook)
		}
		if b.remote == 0 {
			t.Errorf("seed %d: nobody took a number at home", seed)
		}
	}
	t.Logf("walk-ins waited %v, with a third from home %v", mean(before), mean(after))
	if mean(after) > mean(before)*11/10 {
		t.Errorf("walk-ins waited %v, with a third from home %v", mean(before), mean(after))
	}
}
