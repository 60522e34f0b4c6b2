package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"machi/internal/day"
	"machi/internal/queue"
)

// world is everything that a seed becomes.
type world struct {
	engine
	plan     Plan
	start    time.Time
	net      *network
	redis    *redis
	servers  []*server
	branches []*branch
	audit    *auditor
	rare     rare
	story    *story
	serials  int
	weather  chance
	active   map[int]func() // how to end each fault that lasts
}

func newWorld(p Plan, tell bool) *world {
	w := &world{plan: p, start: worldBegins, rare: rare{}, active: map[int]func(){}, weather: chanceFor(p.Seed, "chaos")}
	w.story = &story{world: w, all: tell}
	w.net = &network{world: w, chance: chanceFor(p.Seed, "network"), links: map[[2]*node]*weather{}}
	w.audit = newAuditor(w)
	w.redis = newRedis(w, p.Replicas)
	for i := range p.Offices {
		w.branches = append(w.branches, &branch{world: w, id: queue.OfficeID(fmt.Sprintf("office%d", i+1))})
	}
	for i := range p.Servers {
		w.servers = append(w.servers, newServer(w, i))
	}
	for _, b := range w.branches {
		b.furnish()
	}
	return w
}

// furnish puts machines and people into an office.
func (b *branch) furnish() {
	w := b.world
	for i := range w.plan.Kiosks {
		k := newKiosk(b, i)
		b.kiosks = append(b.kiosks, k)
		k.report()
	}
	for i := range w.plan.Counters {
		c := newConsole(b, fmt.Sprintf("%s/c%d", b.id, i+1), i)
		c.counter = queue.CounterID(fmt.Sprint(i + 1))
		b.consoles = append(b.consoles, c)
		c.work(w.end())
	}
	b.door = newConsole(b, string(b.id)+"/door", 0)
	b.lead = newConsole(b, string(b.id)+"/lead", 1)
	b.lead.lead(doorsClose)
	b.giveUp(chanceFor(w.plan.Seed, "gives up/"+string(b.id)), doorsClose)
	b.attend(chanceFor(w.plan.Seed, "attendant/"+string(b.id)), doorsClose)
	people := chanceFor(w.plan.Seed, "residents/"+string(b.id))
	b.arrivals(people, w.plan.Tickets, doorsOpen, doorsClose)
	if w.plan.Morning {
		b.arrivals(people, w.plan.Tickets/8, nextOpen, nextClose)
	}
}

func newConsole(b *branch, name string, server int) *console {
	c := &console{node: node{world: b.world, name: name}, branch: b, server: server, staff: name, chance: chanceFor(b.world.plan.Seed, "console/"+name)}
	c.clock.offset = c.chance.span(-1500*time.Millisecond, 1500*time.Millisecond)
	c.boot()
	return c
}

// end is when faults stop and the calm begins.
func (w *world) end() time.Duration {
	if w.plan.Morning {
		return nextClose + 5*time.Minute
	}
	return doorsClose + 5*time.Minute
}

// date returns the business day by an honest calendar, which shares no code with
// the one under test.
func (w *world) date(at time.Duration) queue.Date {
	days := int((at + 5*time.Hour) / (24 * time.Hour)) // the world begins five hours after a day does
	return queue.Date(fmt.Sprintf("2026-04-%02d", 1+days))
}

// asleep reports whether it is night and nobody waits for anything.
func (w *world) asleep() bool {
	return w.now > dayOver && w.now < nextOpen-time.Hour && (w.now < dayChanges-10*time.Minute || w.now > dayChanges+10*time.Minute)
}

func (w *world) serial() int {
	w.serials++
	return w.serials
}

// until runs the world to a moment, or to the first breach.
func (w *world) until(moment time.Duration) {
	for w.audit.breach == "" && w.step(moment) {
		if w.planned > mostEvents {
			w.audit.fail("the world runs wild: more than %d things happened by %s", mostEvents, clockText(w.now))
		}
	}
}

// mostEvents is several times what the longest day needs: beyond it somebody asks
// without end.
const mostEvents = 6_000_000

// run lives through the plan: faults, calm, and the reckoning.
func (w *world) run() {
	w.strikeAll()
	w.until(w.end())
	w.calm()
	w.audit.liveness(w.end() + calmWithin)
	w.until(w.end() + calmWithin + settleWithin)
	w.reckon()
}

const (
	// calmWithin is how soon after the last fault every copy must be the same.
	calmWithin = 30 * time.Second
	// settleWithin gives the messages on the way time to arrive.
	settleWithin = 15 * time.Second
)

// streams lists all office-days of the world.
func (w *world) streams() []string {
	var list []string
	for _, b := range w.branches {
		list = append(list, day.Stream(b.id, w.date(0)))
		if w.plan.Morning {
			list = append(list, day.Stream(b.id, w.date(nextOpen)))
		}
	}
	return list
}

func (w *world) reckon() {
	for _, stream := range w.streams() {
		if w.audit.breach == "" {
			w.audit.final(stream, w.redis.history(stream))
		}
	}
}

// hash is what two runs of one seed must have in common: all final logs.
func (w *world) hash() string {
	h := sha256.New()
	for _, stream := range w.streams() {
		head := headOf(w.redis.nodes[w.redis.newest].streams[stream])
		fmt.Fprintf(h, "%s %d %s\n", stream, head.Number, head.Hash)
	}
	fmt.Fprintf(h, "%d papers, %d messages, %s\n", len(w.audit.papers), w.net.counts.sent, w.audit.breach)
	return hex.EncodeToString(h.Sum(nil))[:16]
}
