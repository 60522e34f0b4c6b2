package server

import (
	"cmp"
	"context"
	"path/filepath"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/measure/counted"
	"machi/internal/measure/keep"
	"machi/internal/queue"
)

// measures are the figures of all closed days that are kept.
type measures struct {
	*keep.Keeper
	book    *counted.Book
	heard   func() []counted.Count // what machines have counted today
	changed func() <-chan struct{} // closed when a day was closed
	look    time.Duration
	fault   func(error)
}

const (
	// measuresLook is how often days are looked for that another server closed, and
	// each measuresDeep-th time days of long ago as well.
	measuresLook = time.Minute
	measuresDeep = 60
	// measuresNote is each how many looks what machines count is written down.
	measuresNote = 10
	// measuresLast is what that may take when the server stops.
	measuresLast = 2 * time.Second
)

func (s *Server) openMeasures() error {
	book := counted.New(counted.Options{Store: s.beside, Now: s.now, KeepDays: s.options.KeepDays})
	keeper, err := keep.New(keep.Options{
		Extra: book.Extra, Tables: s.archive, Offices: s.offices, Today: s.today, KeepDays: cmp.Or(s.options.KeepDays, history.KeepDays),
		Opens: schedules{s.source}.opens, Folder: filepath.Join(s.options.Data, "measures"), Logger: s.options.Logger,
	})
	s.measures = &measures{
		Keeper: keeper, book: book, heard: s.counts, changed: s.history.Changed, look: s.options.pace(measuresLook),
		fault: func(err error) { s.options.Logger.Warn("figures of closed days are not up to date", "error", err) },
	}
	return err
}

// opens reports whether an office was to be open on a date, by the catalogue in force.
func (s schedules) opens(office queue.OfficeID, date queue.Date) bool {
	day, err := calendar.ParseDay(string(date))
	if err != nil {
		return false
	}
	t, ok := s.Timetable(office)
	return ok && !t.On(day).Closed()
}

// counts returns what machines have counted today, as far as this server heard them.
func (s *Server) counts() []counted.Count {
	var list []counted.Count
	today := s.today()
	for _, office := range s.offices() {
		for kiosk, h := range s.hub.Heard(office, today) {
			c := counted.Count{Office: office, Date: today, Kiosk: kiosk, Alone: int64(h.Alone / time.Second)}
			for _, o := range h.Offers {
				c.Offers = append(c.Offers, counted.Offer(o))
			}
			list = append(list, c)
		}
	}
	return list
}

// count writes down what machines have counted, and reads what other servers wrote.
func (m *measures) count(ctx context.Context, look int) error {
	if look%measuresNote == 0 {
		if err := m.book.Note(ctx, m.heard()...); err != nil {
			return err
		}
	}
	return m.book.Load(ctx)
}

// last writes down what machines have counted before the server stops.
func (m *measures) last() {
	ctx, cancel := context.WithTimeout(context.Background(), measuresLast)
	defer cancel()
	if err := m.book.Note(ctx, m.heard()...); err != nil {
		m.fault(err)
	}
}

// Run keeps the figures up to date until the context ends.
func (m *measures) Run(ctx context.Context) {
	defer m.last()
	for look, round := 1, 0; ctx.Err() == nil; look++ {
		changed := m.changed()
		if err := m.count(ctx, look); err != nil && ctx.Err() == nil {
			m.fault(err)
		}
		if err := m.Round(ctx, round%measuresDeep == 0); err == nil {
			round++
		} else if ctx.Err() == nil {
			m.fault(err)
		}
		if !rest(ctx, promisesRest, nil) || !rest(ctx, m.look, changed) {
			return
		}
	}
}
