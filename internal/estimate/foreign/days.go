package foreign

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
)

// longestVisit is how far the end of a ticket may lie behind its issue.
const longestVisit = 24 * time.Hour

// stub is one ticket of a foreign log.
type stub struct {
	number   string
	visit    string
	priority bool
	line     int
	leg      history.Leg
}

// book collects the tickets and counters of a log by day.
type book struct {
	days map[queue.Date]*page
}

type page struct {
	stubs []*stub
	open  map[string]*stub // of layout events: tickets that are not over; nil: left out
	hours map[queue.CounterID]time.Time
	all   []history.Spell
	last  time.Time
}

func (b *book) page(at time.Time) *page {
	date := queue.BusinessDay(at)
	p := b.days[date]
	if p == nil {
		p = &page{open: map[string]*stub{}, hours: map[queue.CounterID]time.Time{}}
		b.days[date] = p
	}
	p.seen(at)
	return p
}

func (p *page) seen(at time.Time) {
	if at.After(p.last) {
		p.last = at
	}
}

// Days reads a foreign log and makes tables of its days, the oldest first. Rows
// that it cannot understand are returned; the tables are made of the others.
func (m *Mapping) Days(office queue.OfficeID, r io.Reader) ([]history.Day, []*LineError, error) {
	b := &book{days: map[queue.Date]*page{}}
	take := b.ticket
	if m.Layout == layoutEvents {
		take = b.event
	}
	bad, err := m.eachRow(r, take)
	if err != nil {
		return nil, bad, err
	}
	var days []history.Day
	for _, date := range slices.Sorted(maps.Keys(b.days)) {
		if p := b.days[date]; len(p.stubs) > 0 {
			days = append(days, p.table(office, date))
		}
	}
	return days, bad, nil
}

// table makes the table of one day.
func (p *page) table(office queue.OfficeID, date queue.Date) history.Day {
	d := history.Day{Office: office, Date: date, Source: history.FromImport}
	for _, c := range slices.Sorted(maps.Keys(p.hours)) {
		p.all = append(p.all, history.Spell{Counter: c, From: p.hours[c], To: p.last})
	}
	slices.SortFunc(p.all, func(a, b history.Spell) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Counter, b.Counter))
	})
	d.Spells = p.all
	slices.SortStableFunc(p.stubs, func(a, b *stub) int {
		return cmp.Or(a.leg.Joined.Compare(b.leg.Joined), cmp.Compare(a.number, b.number))
	})
	rows := map[string]int{}
	for _, s := range p.stubs {
		p.settle(s)
		if i, is := rows[s.visit]; is && s.visit != "" {
			v := &d.Visits[i]
			v.Legs = append(v.Legs, s.leg)
			v.Outcome, v.Ended, v.Priority = s.leg.Outcome, s.leg.Finished, v.Priority || s.priority
			continue
		}
		rows[s.visit] = len(d.Visits)
		d.Visits = append(d.Visits, history.Visit{
			Number: queue.Number(s.number), Service: s.leg.Service, Channel: queue.ChannelKiosk, Priority: s.priority,
			Issued: s.leg.Joined, Legs: []history.Leg{s.leg}, Outcome: s.leg.Outcome, Ended: s.leg.Finished,
		})
	}
	return d
}

// settle ends a ticket whose end the log does not tell.
func (p *page) settle(s *stub) {
	l := &s.leg
	switch {
	case l.Called.IsZero() && l.Outcome == "":
		l.Outcome = history.Left
		if l.Finished.IsZero() {
			l.Outcome = history.Expired
		}
	case l.Outcome == "":
		l.Outcome = history.Served
	}
	if l.Called.IsZero() {
		if l.Finished.IsZero() {
			l.Finished = p.last
		}
		return
	}
	if l.Started.IsZero() && l.Outcome == history.Served {
		l.Started = l.Called
	}
	if l.Finished.IsZero() {
		l.Finished, l.Unmeasured = l.Called, true
	}
}

// ticket takes a row of layout tickets.
func (b *book) ticket(r row) error {
	c := r.m.Columns
	s := &stub{number: r.get(c.Ticket), visit: r.get(c.Visit), priority: r.priority(), line: r.line}
	if s.number == "" {
		return r.wrong(c.Ticket, "is empty")
	}
	service, wanted, err := r.service()
	if err != nil || !wanted {
		return err
	}
	outcome, err := r.outcome()
	if err != nil {
		return err
	}
	s.leg = history.Leg{Service: service, Stage: queue.StageReception, Outcome: outcome}
	if err := s.moments(r); err != nil {
		return err
	}
	l := &s.leg
	if !l.Called.IsZero() {
		l.Counter = r.counter()
	}
	switch {
	case (outcome == history.Served || outcome == history.NoShow) && l.Called.IsZero():
		return r.wrong(c.Called, "is empty, but the outcome is "+string(outcome))
	case outcome == history.Left && !l.Called.IsZero():
		l.Outcome = history.NoShow // called, and gone
	case outcome == history.Expired && !l.Called.IsZero():
		l.Outcome, l.Finished, l.Unmeasured = history.Served, l.Called, true
	}
	p := b.page(l.Joined)
	p.seen(l.Finished)
	p.seen(l.Called)
	p.stubs = append(p.stubs, s)
	return nil
}

// moments reads the times of a ticket, which must not go back.
func (s *stub) moments(r row) error {
	c, l := r.m.Columns, &s.leg
	var before time.Time
	for _, step := range []struct {
		column string
		to     *time.Time
	}{{c.Issued, &l.Joined}, {c.Called, &l.Called}, {c.Started, &l.Started}, {c.Finished, &l.Finished}} {
		at, err := r.moment(step.column)
		switch {
		case err != nil:
			return err
		case at.IsZero() && step.to == &l.Joined:
			return r.wrong(step.column, "is empty")
		case at.IsZero():
			continue
		case at.Before(before):
			return r.wrong(step.column, "is before the moment in the column before")
		case at.Sub(l.Joined) > longestVisit && step.to != &l.Joined:
			return r.wrong(step.column, "is more than a day behind the issue")
		}
		*step.to, before = at, at
	}
	return nil
}

// event takes a row of layout events.
func (b *book) event(r row) error {
	c := r.m.Columns
	word, ok := r.m.Events[r.get(c.Event)]
	if !ok {
		return r.wrong(c.Event, "is not among the events of the mapping")
	}
	if word == leaveOut {
		return nil
	}
	at, err := r.moment(c.Time)
	if err != nil {
		return err
	}
	if at.IsZero() {
		return r.wrong(c.Time, "is empty")
	}
	if word == "open" || word == "close" {
		return b.hours(r, at, word)
	}
	ticket := r.get(c.Ticket)
	if ticket == "" {
		return r.wrong(c.Ticket, "is empty")
	}
	if word == "issue" {
		return b.issue(r, at, ticket)
	}
	service, wanted, err := optional(r)
	if err != nil || !wanted {
		return err
	}
	s, issued := b.page(at).open[ticket]
	if issued && s == nil {
		return nil
	}
	if s == nil {
		return r.wrong(c.Ticket, "was not issued on this day, or is over")
	}
	return s.happen(r, b.page(at), at, word, service)
}

// optional reads the service of an event that need not name it.
func optional(r row) (queue.ServiceID, bool, error) {
	if r.get(r.m.Columns.Service) == "" {
		return "", true, nil
	}
	return r.service()
}

func (b *book) hours(r row, at time.Time, word string) error {
	counter := r.counter()
	if counter == "" {
		return r.wrong(r.m.Columns.Counter, "is empty")
	}
	p := b.page(at)
	from, open := p.hours[counter]
	switch {
	case word == "open" && !open:
		p.hours[counter] = at
	case word == "close" && open:
		p.all = append(p.all, history.Spell{Counter: counter, From: from, To: at})
		delete(p.hours, counter)
	}
	return nil
}

func (b *book) issue(r row, at time.Time, ticket string) error {
	service, wanted, err := r.service()
	if err != nil {
		return err
	}
	p := b.page(at)
	if !wanted {
		p.open[ticket] = nil
		return nil
	}
	if p.open[ticket] != nil {
		return r.wrong(r.m.Columns.Ticket, "is issued a second time before it is over")
	}
	s := &stub{
		number: ticket, visit: r.get(r.m.Columns.Visit), priority: r.priority(), line: r.line,
		leg: history.Leg{Service: service, Stage: queue.StageReception, Joined: at},
	}
	p.open[ticket] = s
	p.stubs = append(p.stubs, s)
	return nil
}

// happen takes what follows the issue. A second call is the same one again.
func (s *stub) happen(r row, p *page, at time.Time, word string, service queue.ServiceID) error {
	l := &s.leg
	called := !l.Called.IsZero()
	switch {
	case at.Before(l.Joined):
		return r.wrong(r.m.Columns.Time, "is before the issue")
	case service != "" && service != l.Service:
		return r.wrong(r.m.Columns.Service, "is not the service of the issue, "+string(l.Service))
	case word != "call" && word != "cancel" && !called:
		return r.wrong(r.m.Columns.Event, "comes before the call")
	}
	switch word {
	case "call":
		if !called {
			l.Called = at
		}
		l.Counter = r.counter()
		return nil
	case "start":
		l.Started = at
		return nil
	case "finish":
		l.Outcome = history.Served
	case "noshow":
		l.Outcome = history.NoShow
	case "cancel":
		l.Outcome = history.Left
		if called {
			l.Outcome = history.NoShow
		}
	}
	l.Finished = at
	delete(p.open, s.number)
	return nil
}
