package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"machi/internal/board"
	"machi/internal/curve"
	"machi/internal/history"
	"machi/internal/promise"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// promises are what closed days of the last weeks show: what people were told and
// what became of it, how busy it usually is, and what is published of each day. They
// are made again when a day was closed, and answered from memory.
type promises struct {
	days    history.Store
	changed func() <-chan struct{} // closed when a day was closed
	offices func() []queue.OfficeID
	info    func(queue.OfficeID) (board.Info, bool)
	today   func() queue.Date
	look    time.Duration
	fault   func(office queue.OfficeID, err error)

	mu sync.RWMutex
	of map[queue.OfficeID]compared
}

// compared is what is known of one office.
type compared struct {
	record promise.Record
	report promise.Report
	dates  []queue.Date // of the tables behind it
	usual  curve.Usuals
	counts map[queue.Date][]curve.Tally
}

const (
	// promisesRest is what the days that are closed together are given.
	promisesRest = time.Second
	// promisesLook is how often days are looked for that another server closed.
	promisesLook = time.Minute
	// promisesAgain is when all is made again, so that corrections show.
	promisesAgain = 6 * time.Hour
)

func (s *Server) openPromises() error {
	s.promises = &promises{
		days: s.archive, changed: s.history.Changed, offices: s.offices, info: s.infos.of, today: s.today, look: s.options.pace(promisesLook), of: map[queue.OfficeID]compared{},
		fault: func(office queue.OfficeID, err error) {
			s.options.Logger.Warn("what people were told cannot be compared", "office", office, "error", err)
		},
	}
	return nil
}

// Run keeps the records up to date until the context ends.
func (p *promises) Run(ctx context.Context) {
	var full time.Time
	for ctx.Err() == nil {
		changed := p.changed()
		again := time.Since(full) >= promisesAgain
		if again {
			full = time.Now()
		}
		for _, office := range p.offices() {
			if err := p.compare(ctx, office, again); err != nil && ctx.Err() == nil {
				p.fault(office, err)
			}
		}
		if !rest(ctx, promisesRest, nil) || !rest(ctx, p.look, changed) {
			return
		}
	}
}

// rest waits for a while, or for less if something happens; false: the context ended.
func rest(ctx context.Context, while time.Duration, until <-chan struct{}) bool {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-until:
	}
	return true
}

// compare makes an office's record again if there are other days in it than before.
// A damaged day is left out.
func (p *promises) compare(ctx context.Context, office queue.OfficeID, again bool) error {
	from, to := shifted(p.today(), -7*promise.Weeks), shifted(p.today(), -1)
	dates, err := p.days.Dates(ctx, office, from, to)
	if err != nil {
		return err
	}
	p.mu.RLock()
	known, ok := p.of[office]
	p.mu.RUnlock()
	if ok && !again && slices.Equal(known.dates, dates) {
		return nil
	}
	book := promise.NewBook(office)
	days := curve.NewBook()
	made := compared{dates: dates, counts: map[queue.Date][]curve.Tally{}}
	var damaged error
	for d, err := range p.days.Days(ctx, office, from, to) {
		if err != nil {
			damaged = err
			continue
		}
		book.Add(d)
		days.Add(d)
		made.counts[d.Date] = curve.Tallies(d)
	}
	made.record, made.report, made.usual = book.Record(), book.Report(), days.Usuals()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of[office] = made
	return damaged
}

func shifted(d queue.Date, days int) queue.Date {
	from, _, err := d.Bounds()
	if err != nil {
		return d
	}
	return queue.BusinessDay(from.AddDate(0, 0, days))
}

// Named lists the catalogue's offices, whatever the state they are in.
func (p *promises) Named() []page.Named {
	var list []page.Named
	for _, id := range p.offices() {
		if info, ok := p.info(id); ok {
			list = append(list, page.Named{ID: id, Name: info.Name})
		}
	}
	return list
}

// Record returns what residents are told of an office; false: nothing is known.
func (p *promises) Record(office queue.OfficeID) (promise.Record, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	c, ok := p.of[office]
	return c.record, ok && c.record.Days > 0
}

// Report returns what an office's managers are told; false: nothing is known.
func (p *promises) Report(office queue.OfficeID) (promise.Report, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	c, ok := p.of[office]
	return c.report, ok && c.record.Days > 0
}

// usual returns how days like a date usually go at an office.
func (p *promises) usual(office queue.OfficeID, date queue.Date) curve.Usual {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.of[office].usual.For(date)
}

// Tallies returns what is published of an office's closed days, from one to another,
// by date. There are those of the last [promise.Weeks] weeks.
func (p *promises) Tallies(office queue.OfficeID, from, to queue.Date) map[queue.Date][]curve.Tally {
	p.mu.RLock()
	defer p.mu.RUnlock()
	found := map[queue.Date][]curve.Tally{}
	for date, list := range p.of[office].counts {
		if from <= date && date <= to {
			found[date] = list
		}
	}
	return found
}
