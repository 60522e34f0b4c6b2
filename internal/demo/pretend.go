package demo

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"machi/internal/day"
	"machi/internal/estimate"
	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// errShut says that an office takes nobody on a day.
var errShut = errors.New("the office is shut")

// pretended is a day with pretend people that takes no time: what happens next
// happens at once.
type pretended struct {
	day      *day.Day
	follower *estimate.Follower
	settings queue.Settings
	chance   *rand.Rand
	agenda   agenda
	at       time.Time
	opens    time.Time
	closes   time.Time
	floor    *floor
	serial   int
	tickets  int
	idle     map[queue.CounterID]bool // free, and nobody to call
	breaks   map[queue.CounterID]time.Time
	failed   error
}

// next is something that will happen.
type next struct {
	at  time.Time
	seq int
	do  func()
}

type agenda []next

func (a agenda) Len() int      { return len(a) }
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a agenda) Less(i, j int) bool {
	return cmp.Or(a[i].at.Compare(a[j].at), cmp.Compare(a[i].seq, a[j].seq)) < 0
}

// Push is [heap.Interface]'s.
func (a *agenda) Push(x any) { *a = append(*a, x.(next)) }

// Pop takes the last one off.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// pretend makes a whole day: opened, visited, closed.
func pretend(settings queue.Settings, lessons *place.Lessons, chance *rand.Rand) (*pretended, error) {
	p := &pretended{
		day: day.New(), follower: estimate.NewFollower(lessons), settings: settings, chance: chance,
		floor: newFloor(settings.Office, settings, nil, nil), idle: map[queue.CounterID]bool{}, breaks: map[queue.CounterID]time.Time{},
	}
	for _, v := range settings.Services {
		if v.Opens.Before(v.Closes) {
			if p.opens.IsZero() || v.Opens.Before(p.opens) {
				p.opens = v.Opens
			}
			if v.Closes.After(p.closes) {
				p.closes = v.Closes
			}
		}
	}
	if p.opens.IsZero() || p.floor.busy == 0 {
		return nil, errShut
	}
	p.at = p.opens.Add(-30 * time.Minute)
	p.do(queue.RoleSystem, queue.OpenDay{Settings: settings})
	p.staff()
	p.plan(p.opens.Add(p.gap()), p.arrive)
	p.plan(p.closes.Add(150*time.Minute), func() { p.do(queue.RoleSystem, queue.CloseDay{}) })
	for len(p.agenda) > 0 && p.failed == nil {
		n := heap.Pop(&p.agenda).(next)
		p.at = n.at
		n.do()
	}
	return p, p.failed
}

func (p *pretended) plan(at time.Time, do func()) {
	p.serial++
	heap.Push(&p.agenda, next{at, p.serial, do})
}

func (p *pretended) after(d time.Duration, do func()) { p.plan(p.at.Add(d), do) }

// do decides a command and keeps what it did. A refusal is part of the day.
func (p *pretended) do(role string, c queue.Command) []queue.Event {
	p.serial++
	m := queue.Meta{
		Command: queue.CommandID(fmt.Sprintf("past-%s-%s-%d", p.settings.Office, p.settings.Date, p.serial)), At: p.at,
		Actor: queue.Actor{Role: role, ID: "demo"}, Origin: "demo",
	}
	var first eventlog.Incarnation
	copy(first[:], fmt.Sprintf("%s%s", p.settings.Date, p.settings.Office))
	record, err := p.day.Decide(m, c, first)
	var no *queue.Refusal
	if errors.As(err, &no) || err == nil && record == nil {
		return nil
	}
	var entry queue.Entry
	if err == nil {
		entry, err = p.keep(*record)
	}
	if err != nil {
		p.failed = err
		return nil
	}
	return entry.Events
}

func (p *pretended) keep(r eventlog.Record) (queue.Entry, error) {
	if err := p.day.Apply(r); err != nil {
		return queue.Entry{}, err
	}
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return queue.Entry{}, err
	}
	entry, err := day.Entry(body, false)
	if err != nil {
		return queue.Entry{}, err
	}
	return entry, p.follower.Apply(entry)
}

// staff opens the counters, the last ones a little late, and sends every clerk to
// lunch.
func (p *pretended) staff() {
	for i, c := range p.settings.Counters {
		if i > 0 && p.chance.Float64() < 0.12 {
			continue // not staffed today
		}
		p.plan(p.opens.Add(-time.Minute+time.Duration(p.chance.IntN(8))*time.Minute), func() {
			p.do(queue.RoleStaff, queue.OpenCounter{Counter: c.ID})
			p.call(c.ID)
		})
		p.breaks[c.ID] = p.opens.Add(time.Duration(3*60+45*(i%3)+p.chance.IntN(10)) * time.Minute)
	}
}

// gap is the time to the next visitor: most come in the late morning and after lunch.
func (p *pretended) gap() time.Duration {
	hour := float64(p.at.In(queue.JST).Hour())
	share := 0.48
	switch {
	case hour >= 9 && hour < 12:
		share = 0.7
	case hour >= 13 && hour < 15:
		share = 0.6
	}
	if p.at.In(queue.JST).Weekday() == time.Monday {
		share *= 1.1
	}
	return time.Duration(p.chance.ExpFloat64() / (p.floor.busy * share) * float64(time.Minute))
}

// arrive is one visitor; the next one is on the way.
func (p *pretended) arrive() {
	if !p.at.Before(p.closes) {
		return
	}
	service := queue.ServiceID(p.floor.pick(p.chance))
	p.tickets++
	c := queue.IssueTicket{
		Ticket: queue.TicketID(fmt.Sprintf("past.%s-%d", p.settings.Office, p.tickets)), Service: service, Channel: queue.ChannelKiosk, Language: "ja",
	}
	role := queue.RoleKiosk
	if p.chance.Float64() < 0.2 {
		c.Channel, c.Priority, role = queue.ChannelReception, p.chance.Float64() < 0.3, queue.RoleStaff
	}
	n := estimate.Newcomer{Service: service, Priority: c.Priority}
	c.Quote = told(p.follower.Ask(p.day.State(), p.at, estimate.Conditions{}, n))
	if len(p.do(role, c)) > 0 {
		p.after(time.Duration(p.chance.ExpFloat64()*float64(4*time.Hour)), func() { p.leave(c.Ticket) })
		p.wake()
	}
	p.after(p.gap(), p.arrive)
}

// leave gives up, if nobody has called yet.
func (p *pretended) leave(id queue.TicketID) {
	if t, ok := p.day.State().Ticket(id); ok && t.Status == queue.Waiting && t.FirstCall.IsZero() {
		p.do(queue.RoleHolder, queue.Withdraw{Ticket: id})
	}
}

// wake lets free counters look who waits, in a fixed order.
func (p *pretended) wake() {
	for _, c := range p.settings.Counters {
		if p.idle[c.ID] {
			p.idle[c.ID] = false
			p.after(p.between(3*time.Second, 20*time.Second), func() { p.call(c.ID) })
		}
	}
}

func (p *pretended) between(low, high time.Duration) time.Duration {
	return low + time.Duration(p.chance.Int64N(int64(high-low)))
}

// call calls the next at a counter, unless its clerk is due for lunch.
func (p *pretended) call(counter queue.CounterID) {
	c, ok := p.day.State().Counter(counter)
	if !ok || c.State != queue.CounterOpen || c.Ticket != "" || p.idle[counter] {
		return
	}
	if lunch := p.breaks[counter]; !lunch.IsZero() && !p.at.Before(lunch) {
		p.breaks[counter] = time.Time{}
		p.do(queue.RoleStaff, queue.PauseCounter{Counter: counter, Reason: "昼休み"})
		p.after(p.between(40*time.Minute, 50*time.Minute), func() {
			p.do(queue.RoleStaff, queue.OpenCounter{Counter: counter})
			p.call(counter)
		})
		return
	}
	for _, e := range p.do(queue.RoleStaff, queue.CallNext{Counter: counter}) {
		if called, is := e.(queue.TicketCalled); is {
			p.after(p.between(15*time.Second, 45*time.Second), func() { p.serve(counter, called.Ticket) })
			return
		}
	}
	p.idle[counter] = true
}

// serve is a visitor at the counter, or one who did not come.
func (p *pretended) serve(counter queue.CounterID, id queue.TicketID) {
	free := func() { p.after(p.between(10*time.Second, 50*time.Second), func() { p.call(counter) }) }
	t, ok := p.day.State().Ticket(id)
	if !ok {
		return
	}
	if p.chance.Float64() < noShowShare {
		p.after(time.Minute, func() {
			p.do(queue.RoleStaff, queue.MarkNoShow{Ticket: id, Counter: counter})
			free()
		})
		return
	}
	p.do(queue.RoleStaff, queue.Start{Ticket: id, Counter: counter})
	service := p.floor.services[string(t.Line.Service)]
	talk := time.Duration(float64(service.expected) * (0.4 + p.chance.ExpFloat64()*0.6))
	if t.Line.Stage == queue.StageDelivery {
		talk = p.between(time.Minute, 3*time.Minute)
	}
	p.after(talk, func() {
		back := service.processing && t.Line.Stage != queue.StageDelivery
		p.do(queue.RoleStaff, queue.Finish{Ticket: id, Counter: counter, Processing: back})
		if back {
			p.after(p.between(5*time.Minute, 20*time.Minute), func() {
				p.do(queue.RoleStaff, queue.MarkReady{Ticket: id})
				p.wake()
			})
		}
		free()
	})
}
