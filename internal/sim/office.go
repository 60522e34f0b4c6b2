package sim

import (
	"fmt"
	"time"

	"machi/internal/queue"
)

// worldBegins is the morning of the busiest day of the year.
var worldBegins = time.Date(2026, 4, 1, 8, 0, 0, 0, queue.JST)

// branch is one office of the world: its people and its machines.
type branch struct {
	world    *world
	id       queue.OfficeID
	kiosks   []*kiosk
	consoles []*console
	door     *console // web pages and the reception desk
	lead     *console // the manager
}

var (
	moving  = queue.ServiceID("moving")
	tax     = queue.ServiceID("tax")
	mynum   = queue.ServiceID("mynumber")
	seals   = queue.ServiceID("seal")
	service = []queue.ServiceID{moving, tax, mynum, seals}
)

// settings returns what an office's day is run with.
func (w *world) settings(office queue.OfficeID, date queue.Date) (queue.Settings, error) {
	from, _, err := date.Bounds()
	if err != nil {
		return queue.Settings{}, err
	}
	closes := from.Add(8*time.Hour + 50*time.Minute) // ten to twelve
	all := []queue.Stage{queue.StageReception, queue.StageProcessing, queue.StageDelivery}
	talk := []queue.Stage{queue.StageReception}
	s := queue.Settings{
		Office: office, Date: date, Version: "sim",
		Services: []queue.ServiceSettings{
			{ID: moving, Series: "A", Stages: all, Closes: closes, Expected: 8 * time.Minute},
			{ID: tax, Series: "B", Stages: talk, Closes: closes, Expected: 4 * time.Minute},
			{ID: mynum, Series: "C", Stages: all, Closes: closes, Expected: 10 * time.Minute},
			{ID: seals, Series: "B", Stages: talk, Closes: closes, Expected: 3 * time.Minute},
		},
		Rule: queue.DefaultRule(),
	}
	s.Rule.NoShowClose, s.Rule.CheckIn = 25*time.Minute, w.plan.CheckIn
	if w.plan.Seed%2 == 0 {
		s.Rule.MaxOvertaken = 6 // reached often, so that it is seen to hold
	}
	for k := range w.plan.Kiosks {
		s.Kiosks = append(s.Kiosks, queue.KioskSettings{ID: kioskID(k)})
	}
	for _, id := range []queue.SeriesID{"A", "B", "C"} {
		s.Series = append(s.Series, w.series(id))
	}
	for n := range w.plan.Counters {
		s.Counters = append(s.Counters, counterSettings(n))
	}
	return s, nil
}

// series gives a letter's numbers to their owners. The main range is short in
// worlds with short ranges, so that the next band is reached as well.
func (w *world) series(id queue.SeriesID) queue.SeriesSettings {
	main := 400
	if w.plan.Range < 10 {
		main = 60
	}
	s := queue.SeriesSettings{
		ID: id, Main: queue.Range{First: 1, Last: main}, Next: queue.Range{First: 8000, Last: 8000 + main/2},
		Desk: queue.Range{First: 700, Last: 790}, Kiosks: map[queue.KioskID][]queue.Range{},
	}
	first := 1000
	for k := range w.plan.Kiosks {
		for range kioskSlots {
			s.Kiosks[kioskID(k)] = append(s.Kiosks[kioskID(k)], queue.Range{First: first, Last: first + w.plan.Range - 1})
			first += w.plan.Range
		}
	}
	return s
}

const kioskSlots = 3

func kioskID(n int) queue.KioskID { return queue.KioskID(fmt.Sprintf("K%d", n+1)) }

func counterSettings(n int) queue.CounterSettings {
	c := queue.CounterSettings{
		ID: queue.CounterID(fmt.Sprint(n + 1)), Services: service,
		Stages: []queue.Stage{queue.StageReception, queue.StageDelivery},
	}
	switch n % 3 {
	case 1:
		c.Own = []queue.ServiceID{moving}
	case 2:
		c.Services = []queue.ServiceID{tax, seals, mynum}
	}
	return c
}
