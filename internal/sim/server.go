package sim

import (
	"errors"
	"fmt"
	"time"

	"machi/internal/day"
	"machi/internal/estimate/follow"
	"machi/internal/eventlog"
	"machi/internal/office"
	"machi/internal/planted"
	"machi/internal/queue"
)

// server is a server process around the real [office.Core] of each office-day.
// It does what the real shell does, without its goroutines.
type server struct {
	node
	chance   chance
	cores    map[string]*core
	order    []string // of cores, so that nothing depends on the order of a map
	journal  map[string]*disk[eventlog.Record]
	conflict int // appends in a row that lost their race
}

// core is one office-day of one life of a server.
type core struct {
	server  *server
	office  queue.OfficeID
	date    queue.Date
	stream  string
	core    *office.Core
	answers map[*office.Job]func(office.Reply, error)
	pulls   []pull
	shown   eventlog.Head
	checks  int
	stats   office.Stats
	waits   follow.Office
}

// pull is a kiosk's question for records that waits for news.
type pull struct {
	after  int64
	until  time.Duration
	answer func(pulled)
}

// pulled is its answer.
type pulled struct {
	records []eventlog.Record
	head    eventlog.Head
	server  time.Time
	barred  string
}

// reply is what a person's program is told.
type reply struct {
	outcome     *queue.Outcome
	refusal     *queue.Refusal
	unavailable string // code; sending the same command again is safe
	barred      string // code: the servers take nothing from this machine
	unconfirmed bool
}

var errDayBefore = errors.New("sim: the day before is not known yet")

func newServer(w *world, i int) *server {
	s := &server{
		node: node{world: w, name: fmt.Sprintf("server%d", i+1)}, journal: map[string]*disk[eventlog.Record]{},
		chance: chanceFor(w.plan.Seed, fmt.Sprintf("server%d", i+1)),
	}
	s.clock.drift = (s.chance.Float64() - 0.5) * 4e-5
	s.clock.offset = s.chance.span(-300*time.Millisecond, 300*time.Millisecond)
	s.start()
	return s
}

// start begins a new life; a server that is up goes on with its old one.
func (s *server) start() {
	if s.up {
		return
	}
	s.boot()
	s.cores, s.order = map[string]*core{}, nil
	for _, stream := range s.world.streams() {
		if id, date, ok := day.SplitStream(stream); ok && s.journal[stream] != nil {
			s.core(id, date) // an earlier day may have to be put back as well
		}
	}
	for _, b := range s.world.branches {
		s.today(b.id)
	}
	s.tick()
	s.world.story.tell(s.name, "starts")
}

func (s *server) kill() {
	if !s.up {
		return
	}
	s.crash()
	for _, d := range s.world.streams() {
		if j := s.journal[d]; j != nil {
			j.crash(s.chance.IntN(3))
		}
	}
	s.world.story.tell(s.name, "is killed")
}

// tick tells the cores that a second has passed; at night it is a long one, but
// for the hour in which the day changes.
func (s *server) tick() {
	pause := time.Second
	if s.world.asleep() {
		pause = 20 * time.Second
	}
	s.after(pause, func() {
		s.second()
		s.tick()
	})
}

func (s *server) second() {
	for _, b := range s.world.branches {
		s.today(b.id)
	}
	for _, stream := range s.order {
		s.cores[stream].step(office.Second{})
	}
}

// rung is the store's hint that a log may be longer.
func (s *server) rung(stream string, after int64) {
	if c := s.cores[stream]; c != nil {
		c.step(office.Rung{After: after})
	}
}

// today returns the core of the business day that the server's clock shows.
func (s *server) today(id queue.OfficeID) *core { return s.core(id, queue.BusinessDay(s.wall())) }

func (s *server) core(id queue.OfficeID, date queue.Date) *core {
	stream := day.Stream(id, date)
	if c, open := s.cores[stream]; open {
		return c
	}
	if s.journal[stream] == nil {
		s.journal[stream] = &disk[eventlog.Record]{}
	}
	c := &core{server: s, office: id, date: date, stream: stream, answers: map[*office.Job]func(office.Reply, error){}}
	c.core = office.NewCore(office.CoreOptions{
		Office: id, Date: date, Server: s.name, Random: s.chance.bytes, Journal: s.journal[stream].lines(),
		Replicated: s.world.plan.Replicas > 0, OpenNow: true,
	})
	s.cores[stream] = c
	s.order = append(s.order, stream)
	c.step(office.Second{})
	return c
}

// step tells the core what happened and carries out what it wants.
func (c *core) step(in office.Input) {
	before := c.core.Day()
	for _, out := range c.core.Step(c.server.wall(), in) {
		c.carryOut(out)
	}
	if c.core.Day() != before {
		c.moved()
	}
	c.count()
}

// count notes what the core met since the last time.
func (c *core) count() {
	now, rare := c.core.Stats(), c.server.world.rare
	if now.PutBack > c.stats.PutBack {
		rare.reached(rarePutBack)
	}
	if now.Facts > c.stats.Facts && now.Forks > 0 {
		rare.reached(rareFork)
	}
	c.stats = now
}

func (c *core) carryOut(out office.Output) {
	s, r := c.server, c.server.world.redis
	switch out := out.(type) {
	case office.AskHead:
		r.head(&s.node, c.stream, func(h eventlog.Head, err error) { c.step(office.HeadSeen{Head: h, Err: err}) })
	case office.Read:
		r.read(&s.node, c.stream, out.After, out.Limit, func(records []eventlog.Record, err error) {
			c.step(office.Followed{Records: records, Err: err})
		})
	case office.Append:
		r.append(&s.node, c.stream, out.After, out.Records, c.appended)
	case office.Keep:
		c.keep(out.Records)
	case office.BringSettings:
		s.after(time.Millisecond, func() {
			settings, err := c.bring()
			c.step(office.Settings{Settings: settings, Err: err})
		})
	case office.Answer:
		if done := c.answers[out.Job]; done != nil {
			delete(c.answers, out.Job)
			done(out.Reply, out.Err)
		}
	case office.Notice:
		s.world.story.tell(s.name, "%s: %s, %d records %v", c.stream, out.What, out.Records, textOf(out.Err))
		if out.What == "a decision does not fit" {
			s.world.audit.fail("%s: %v", s.name, out.Err)
		}
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (c *core) appended(err error) {
	if errors.Is(err, eventlog.ErrConflict) {
		if c.server.conflict++; c.server.conflict >= 2 {
			c.server.world.rare.reached(rareConflicts)
		}
	} else {
		c.server.conflict = 0
	}
	c.step(office.Appended{Err: err})
}

// keep makes records safe in the server's journal.
func (c *core) keep(records []eventlog.Record) {
	s, j := c.server, c.server.journal[c.stream]
	j.write(records...)
	if planted.On(planted.NoJournal) {
		s.after(0, func() { c.step(office.Kept{}) })
		s.after(30*time.Second, j.sync)
		return
	}
	s.after(s.chance.span(time.Millisecond, 12*time.Millisecond), func() {
		j.sync()
		c.step(office.Kept{})
	})
}

// bring returns the settings of a day that is to be opened. Which store owns
// which range goes on from the day before.
func (c *core) bring() (queue.Settings, error) {
	settings, err := c.server.world.settings(c.office, c.date)
	if err != nil {
		return settings, err
	}
	for _, stream := range c.server.order {
		other := c.server.cores[stream]
		if other.office != c.office || other.date >= c.date {
			continue
		}
		if !other.core.Day().State().Opened() {
			return settings, errDayBefore
		}
		for i := range settings.Kiosks {
			settings.Kiosks[i].Bindings = other.core.Day().State().Bindings(settings.Kiosks[i].ID)
		}
	}
	return settings, nil
}

// moved is called when the day that is safe to show is another one.
func (c *core) moved() {
	w, d := c.server.world, c.core.Day()
	head := d.Head()
	from := c.shown.Number
	if known := d.Records(from-1, 1); from > 0 && (len(known) == 0 || known[0].Head() != c.shown) {
		w.rare.reached(rareHistory)
		from = 0
	}
	w.audit.shown(c.server.name, c.stream, d.Records(from, 0))
	c.shown = head
	w.audit.moved(c)
	waiting := c.pulls
	c.pulls = nil
	for _, p := range waiting {
		c.serve(p)
	}
}

// shown returns the state that a server shows of an office, or nil when it has
// not opened the day.
func (s *server) shown(id queue.OfficeID) *queue.State {
	c := s.today(id)
	if state := c.core.Day().State(); state.Opened() {
		return state
	}
	return nil
}

// submit hands a request to today's core.
func (s *server) submit(id queue.OfficeID, r office.Request, answer func(reply)) {
	c := s.today(id)
	c.submit(&office.Job{Request: r}, func(got office.Reply, err error) {
		answer(replyOf(got, err))
	})
}

func replyOf(got office.Reply, err error) reply {
	var refusal *queue.Refusal
	var unavailable *office.Unavailable
	switch {
	case errors.As(err, &refusal):
		return reply{refusal: refusal}
	case errors.As(err, &unavailable):
		return reply{unavailable: unavailable.Code}
	case err != nil:
		return reply{unavailable: err.Error()}
	}
	return reply{outcome: got.Outcome, unconfirmed: got.Unconfirmed}
}

func (c *core) submit(j *office.Job, answer func(office.Reply, error)) {
	c.answers[j] = answer
	c.step(office.Submit{Jobs: []*office.Job{j}})
}

// records answers a kiosk's pull, at once or when there is news.
func (c *core) records(p pull) {
	if c.core.Day().Head().Number > p.after || p.until <= c.server.world.now {
		c.serve(p)
		return
	}
	c.pulls = append(c.pulls, p)
	c.server.after(p.until-c.server.world.now, func() {
		for i, waiting := range c.pulls {
			if waiting.after == p.after && waiting.until == p.until {
				c.pulls = append(c.pulls[:i:i], c.pulls[i+1:]...)
				c.serve(p)
				return
			}
		}
	})
}

func (c *core) serve(p pull) {
	d := c.core.Day()
	p.answer(pulled{records: d.Records(p.after, storePage), head: d.Head(), server: c.server.wall()})
}
