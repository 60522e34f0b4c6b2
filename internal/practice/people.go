package practice

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"machi/internal/office"
	"machi/internal/queue"
)

// How the pretend people behave.
const (
	lobby       = 5                // as many wait for the pupil at least
	arriveEvery = 8 * time.Second  // somebody comes, if fewer wait
	workEvery   = 45 * time.Second // a colleague goes on to the next
	helpAt      = 4                // a colleague's turn at which help is asked for
	colleagues  = 2
)

// actor is who the pretend residents and colleagues are in the log.
var actor = queue.Actor{Role: queue.RoleStaff, ID: "練習"}

// names are those of the colleagues.
var names = []string{"佐藤（練習）", "鈴木（練習）"}

// do decides a command of a pretend person. What is refused did not happen: people
// who are not there do not complain.
func (r *room) do(ctx context.Context, c queue.Command) {
	_, err := r.ward.Do(ctx, r.id, office.Request{ID: queue.CommandID(fmt.Sprintf("%x", r.random())), Actor: actor, Command: c})
	var refused *queue.Refusal
	if err != nil && !errors.As(err, &refused) && ctx.Err() == nil {
		r.logger.Warn("a pretend person could not act", "error", err)
	}
}

// live lets pretend people come and colleagues work until the context ends.
func (r *room) live(ctx context.Context) {
	chance := rand.New(rand.NewPCG(uint64(r.began.UnixNano()), 1))
	desks := r.desks()
	for i, desk := range desks {
		r.do(ctx, queue.OpenCounter{Counter: desk, Staff: names[i]})
	}
	for n := range lobby + 1 {
		r.arrive(ctx, chance, n)
	}
	arrivals, work := time.NewTicker(arriveEvery), time.NewTicker(workEvery)
	defer arrivals.Stop()
	defer work.Stop()
	for came, turn := lobby+1, 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-arrivals.C:
			if r.waiting() < lobby {
				r.arrive(ctx, chance, came)
				came++
			}
		case <-work.C:
			turn++
			r.work(ctx, desks, turn)
		}
	}
}

// desks are the counters of the pretend colleagues.
func (r *room) desks() []queue.CounterID {
	var list []queue.CounterID
	for _, c := range r.settings.Counters {
		if c.ID != r.counter && len(list) < colleagues {
			list = append(list, c.ID)
		}
	}
	return list
}

// services are those that the pupil's counter receives people for.
func (r *room) services() []queue.ServiceID {
	c, _ := r.settings.Counter(r.counter)
	if len(c.Services) == 0 {
		return []queue.ServiceID{r.settings.Services[0].ID}
	}
	return c.Services
}

func (r *room) waiting() int {
	view, err := r.ward.View(r.id)
	if err != nil {
		return lobby
	}
	n := 0
	for _, t := range view.State.Tickets() {
		if t.Status == queue.Waiting && slices.Contains(r.services(), t.Line.Service) {
			n++
		}
	}
	return n
}

// arrive is one pretend resident. The first ones bring what there is to learn:
// another language, a priority, a second matter, somebody who pressed twice.
func (r *room) arrive(ctx context.Context, chance *rand.Rand, n int) {
	services := r.services()
	issue := queue.IssueTicket{
		Service: services[chance.IntN(len(services))], Channel: queue.ChannelReception, Language: "ja",
		Arrival: r.now().Add(-time.Duration(max(0, lobby-n)) * 4 * time.Minute),
	}
	switch n % 8 {
	case 1:
		issue.Language = "en"
	case 2:
		issue.Priority = true
	case 3:
		issue.Language = "zh"
	case 4:
		if other := services[(slices.Index(services, issue.Service)+1)%len(services)]; other != issue.Service {
			issue.Further = []queue.ServiceID{other}
		}
	}
	issue.Ticket, _ = r.ticketID()
	r.do(ctx, issue)
	if n%8 == 5 {
		r.do(ctx, queue.AddNote{Ticket: issue.Ticket, Text: "耳の聞こえにくい方。筆談をお願いします"})
	}
}

// work is one turn of the colleagues: one of them finishes and calls, and now and
// then asks for help.
func (r *room) work(ctx context.Context, desks []queue.CounterID, turn int) {
	if len(desks) == 0 {
		return
	}
	desk := desks[turn%len(desks)]
	if turn%helpAt == helpAt-1 {
		r.do(ctx, queue.AskHelp{Counter: desk, Text: "証明書の見方を教えてください"})
		return
	}
	view, err := r.ward.View(r.id)
	if err != nil {
		return
	}
	if c, ok := view.State.Counter(desk); ok && c.Ticket != "" {
		r.do(ctx, queue.Finish{Ticket: c.Ticket, Counter: desk})
	}
	if r.waiting() > lobby/2 {
		r.do(ctx, queue.CallNext{Counter: desk})
	}
}
