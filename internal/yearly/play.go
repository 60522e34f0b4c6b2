package yearly

import (
	"cmp"
	"container/heap"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"machi/internal/queue"
)

// ErrShut says that an office takes nobody on a day.
var ErrShut = errors.New("yearly: the office is shut on that day")

// Options say how days go. The zero value is good.
type Options struct {
	Seed uint64
	// Brisk is how many times as fast as the catalogue expects visitors are served.
	// As many times more of them come. Zero means 1.
	Brisk float64
}

func (o Options) withDefaults() Options {
	if o.Brisk == 0 {
		o.Brisk = 1
	}
	return o
}

// line is where a visitor waits: a service, for the reception or for the delivery.
type line struct {
	service  int
	delivery bool
}

// book is what keeps a day: the table of it, or the queue with its log. Visitors,
// counters and services are named by their place in the settings and the crowd.
type book interface {
	open(counter int)
	pause(counter int)
	shut(counter int)
	issue(v int, told queue.Quote) bool // false: is not let in
	// call calls the next for a counter; false: nobody waits for it.
	call(counter int) (v int, at line, ok bool)
	start(v, counter int)
	finish(v, counter int, processing bool)
	send(v, counter, service int)
	ready(v int)
	miss(v, counter int)
	restore(v int)
	withdraw(v int) bool // false: waits no more
	end() error
}

// play is a day that takes no time: what happens next happens at once.
type play struct {
	settings queue.Settings
	chance   *rand.Rand
	people   []visitor
	book     book
	agenda   agenda
	doings   []func() // that were planned, in that order; nil: done
	at       time.Time
	opens    time.Time
	closes   time.Time
	counters []desk
	serves   [][]line // of each counter
	waiting  [][2]int // by service: for the reception, for the delivery
	present  []int    // by service: visitors who have not left yet
	expected []time.Duration
}

// desk is a counter and its clerk.
type desk struct {
	open  bool
	busy  bool
	idle  bool // and nobody to call
	lunch time.Time
	shut  bool // went home
}

// next is something that will happen: when, and the how manieth that was planned.
type next struct {
	at  int64 // Unix nanoseconds
	seq int
}

type agenda []next

func (a agenda) Len() int      { return len(a) }
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a agenda) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(a[i].at, a[j].at), cmp.Compare(a[i].seq, a[j].seq)) < 0
}

// Push is [heap.Interface]'s.
func (a *agenda) Push(x any) { *a = append(*a, x.(next)) }

// Pop takes the last one off.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// newPlay draws a day's people and clerks.
func newPlay(s queue.Settings, o Options) (*play, error) {
	p := &play{
		settings: s, chance: source(o.Seed, s.Office, s.Date), counters: make([]desk, len(s.Counters)), waiting: make([][2]int, len(s.Services)), present: make([]int, len(s.Services)),
	}
	for _, v := range s.Services {
		p.expected = append(p.expected, talkOf(v, o)+2*between)
		if !v.Opens.Before(v.Closes) {
			continue
		}
		if p.opens.IsZero() || v.Opens.Before(p.opens) {
			p.opens = v.Opens
		}
		if v.Closes.After(p.closes) {
			p.closes = v.Closes
		}
	}
	if p.opens.IsZero() || len(s.Counters) == 0 {
		return nil, ErrShut
	}
	for _, c := range s.Counters {
		var lines []line
		for i, v := range s.Services {
			for _, stage := range c.Stages {
				if slices.Contains(c.Services, v.ID) && v.HasStage(stage) {
					lines = append(lines, line{i, stage == queue.StageDelivery})
				}
			}
		}
		p.serves = append(p.serves, lines)
	}
	p.people = crowd(s, o, p.chance)
	return p, nil
}

// crowded is how many in one line make clerks hurry.
const crowded = 12

// latest is how long after the doors close the last clerks go home, whoever waits.
const latest = 6 * time.Hour

// run plays the day.
func (p *play) run() error {
	p.at = p.opens.Add(-30 * time.Minute)
	p.staff()
	p.expect(0)
	p.plan(p.closes, p.home)
	for last := p.closes.Add(latest).UnixNano(); len(p.agenda) > 0 && p.agenda[0].at < last; {
		n := heap.Pop(&p.agenda).(next)
		p.at = time.Unix(0, n.at).In(queue.JST)
		do := p.doings[n.seq]
		p.doings[n.seq] = nil
		do()
	}
	for c := range p.counters {
		if p.counters[c].open && !p.counters[c].busy {
			p.shut(c)
		}
	}
	return p.book.end()
}

// expect has a visitor come, and those behind.
func (p *play) expect(v int) {
	if v < len(p.people) {
		p.plan(p.people[v].at, func() {
			p.expect(v + 1)
			p.arrive(v)
		})
	}
}

func (p *play) plan(at time.Time, do func()) {
	heap.Push(&p.agenda, next{at.UnixNano(), len(p.doings)})
	p.doings = append(p.doings, do)
}

func (p *play) after(d time.Duration, do func()) { p.plan(p.at.Add(d), do) }

// staff opens the counters and sends every clerk to lunch, in three turns. Now and
// then one is away whose colleagues serve all that he does.
func (p *play) staff() {
	away := make([]bool, len(p.counters))
	for c := range p.counters {
		away[c] = p.chance.Float64() < 0.08 && p.covered(c, away)
		late := span(-time.Minute, 5*time.Minute, p.chance)
		lunch := p.opens.Add(3*time.Hour + time.Duration(45*(c%3))*time.Minute + span(0, 10*time.Minute, p.chance))
		if away[c] {
			continue
		}
		if p.closes.Sub(p.opens) > 5*time.Hour {
			p.counters[c].lunch = lunch
		}
		p.plan(p.opens.Add(late), func() { p.open(c) })
	}
}

// covered reports whether others serve every line of a counter.
func (p *play) covered(counter int, away []bool) bool {
	for _, l := range p.serves[counter] {
		others := 0
		for c, lines := range p.serves {
			if c != counter && !away[c] && slices.Contains(lines, l) {
				others++
			}
		}
		if others == 0 {
			return false
		}
	}
	return true
}

func (p *play) open(c int) {
	p.counters[c].open = true
	p.book.open(c)
	p.call(c)
}

func (p *play) shut(c int) {
	p.counters[c] = desk{shut: true}
	p.book.shut(c)
}

func (p *play) arrive(v int) {
	who := &p.people[v]
	q := p.quote(who.service)
	if q.P50 > who.patience {
		return // another day
	}
	if !p.book.issue(v, q) {
		return
	}
	p.present[who.service]++
	p.join(line{service: who.service})
	p.after(who.patience, func() {
		if !who.sent && p.book.withdraw(v) {
			p.queued(line{service: who.service}, -1)
			p.gone(v)
		}
	})
}

// join is one more in a line; a clerk who has nobody to call takes notice.
func (p *play) join(l line) {
	p.queued(l, 1)
	for c := range p.counters {
		if p.counters[c].idle && slices.Contains(p.serves[c], l) {
			p.counters[c].idle = false
			p.call(c)
			if p.queued(l, 0) == 0 {
				return
			}
		}
	}
}

// queued counts a change of a line, and returns how many wait in it.
func (p *play) queued(l line, change int) int {
	n := &p.waiting[l.service][0]
	if l.delivery {
		n = &p.waiting[l.service][1]
	}
	*n += change
	return *n
}

// call calls the next at a counter, unless its clerk is due for lunch.
func (p *play) call(c int) {
	d := &p.counters[c]
	if !d.open || d.busy {
		return
	}
	if !d.lunch.IsZero() && !p.at.Before(d.lunch) {
		d.lunch, d.open, d.idle = time.Time{}, false, false
		p.book.pause(c)
		p.after(span(42*time.Minute, 52*time.Minute, p.chance), func() { p.open(c) })
		return
	}
	v, l, ok := p.book.call(c)
	if !ok {
		d.idle = true
		p.perhapsHome(c)
		return
	}
	d.busy, d.idle = true, false
	p.queued(l, -1)
	who := &p.people[v]
	if who.missed && !l.delivery {
		who.missed = false
		p.after(75*time.Second, func() { p.miss(v, c) })
		return
	}
	p.after(who.walk, func() { p.serve(v, c, l) })
}

func (p *play) miss(v, c int) {
	p.book.miss(v, c)
	who := &p.people[v]
	if who.returns > 0 {
		p.after(who.returns, func() {
			p.book.restore(v)
			p.join(line{service: p.lineOf(v)})
		})
	} else {
		p.gone(v)
	}
	p.free(c)
}

// lineOf is the service that a visitor waits for.
func (p *play) lineOf(v int) int {
	if p.people[v].sent {
		return p.people[v].onward
	}
	return p.people[v].service
}

func (p *play) serve(v, c int, l line) {
	who := &p.people[v]
	p.book.start(v, c)
	talk := who.talk
	switch {
	case l.delivery:
		talk = who.delivery
	case who.sent:
		talk = spread(p.expected[l.service]-2*between, 0.6, p.chance)
	}
	if p.queued(l, 0) > crowded {
		talk = talk * 9 / 10 // clerks hurry
	}
	p.after(talk, func() { p.part(v, c, l) })
}

// part is the end of a talk.
func (p *play) part(v, c int, l line) {
	who := &p.people[v]
	service := p.settings.Services[l.service]
	switch {
	case !l.delivery && !who.sent && who.onward >= 0 && p.at.Before(p.closes):
		who.sent = true
		p.book.send(v, c, who.onward)
		p.present[l.service]--
		p.present[who.onward]++
		p.join(line{service: who.onward})
	case !l.delivery && service.HasStage(queue.StageProcessing):
		p.book.finish(v, c, true)
		p.after(who.back, func() {
			p.book.ready(v)
			p.join(line{l.service, true})
		})
	default:
		p.book.finish(v, c, false)
		p.gone(v)
	}
	p.free(c)
}

// free has a clerk clear the desk and call.
func (p *play) free(c int) {
	p.after(spread(between, 0.4, p.chance), func() {
		p.counters[c].busy = false
		p.call(c)
	})
}

// gone is a visitor who has left the office.
func (p *play) gone(v int) {
	p.present[p.lineOf(v)]--
	if !p.at.Before(p.closes) {
		p.home()
	}
}

// home lets clerks go once the doors are closed and nobody will need them.
func (p *play) home() {
	for c := range p.counters {
		p.perhapsHome(c)
	}
}

func (p *play) perhapsHome(c int) {
	d := p.counters[c]
	if p.at.Before(p.closes) || !d.open || d.busy || d.shut {
		return
	}
	for _, l := range p.serves[c] {
		if p.present[l.service] > 0 {
			return
		}
	}
	p.shut(c)
}

// quote is what somebody is told who takes a number for a service now: the work in
// the lines before it, over the counters that share in it.
func (p *play) quote(service int) queue.Quote {
	q := queue.Quote{Ahead: p.queued(line{service: service}, 0)}
	clerks, work := 0.0, 0.0
	for c, d := range p.counters {
		if !d.open && p.at.After(p.opens) || !slices.Contains(p.serves[c], line{service: service}) {
			continue
		}
		clerks++
		if d.busy {
			work += float64(p.expected[service]) / 2
		}
	}
	for other, n := range p.waiting {
		l := line{service: other}
		if n[0] == 0 {
			continue
		}
		sharing, all := 0.0, 0.0
		for c, lines := range p.serves {
			if slices.Contains(lines, l) && (p.counters[c].open || !p.at.After(p.opens)) {
				all++
				if slices.Contains(lines, line{service: service}) {
					sharing++
				}
			}
		}
		if sharing > 0 {
			work += float64(n[0]) * float64(p.expected[l.service]) * sharing / all
		}
	}
	wait := time.Duration(work / max(1, clerks))
	if p.at.Before(p.opens) {
		wait += p.opens.Sub(p.at)
	}
	const round = 5 * time.Minute
	q.P50 = wait.Truncate(time.Second)
	q.Low = (wait * 6 / 10).Truncate(round)
	q.High = (wait*3/2 + 3*time.Minute).Truncate(round) + round
	return q
}
