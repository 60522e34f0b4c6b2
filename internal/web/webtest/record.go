package webtest

import (
	"math/rand/v2"
	"sync"
	"time"

	"machi/internal/history"
	"machi/internal/promise"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// Named lists the offices.
func (w *Ward) Named() []page.Named {
	var list []page.Named
	for _, id := range w.ids {
		list = append(list, page.Named{ID: id, Name: w.infos[id].Name})
	}
	return list
}

// Record returns what became of what people were told: of the first offices in
// plenty, of the last but one hardly anything, of the last nothing.
func (w *Ward) Record(id queue.OfficeID) (promise.Record, bool) {
	c, ok := past()[id]
	return c.record, ok
}

// Report returns the same as managers see it.
func (w *Ward) Report(id queue.OfficeID) (promise.Report, bool) {
	c, ok := past()[id]
	return c.report, ok
}

// compared is what became of an office's promises.
type compared struct {
	record promise.Record
	report promise.Report
}

// past is the same in every ward, so it is made once.
var past = sync.OnceValue(func() map[queue.OfficeID]compared {
	all := map[queue.OfficeID]compared{}
	for i, n := range names[:len(names)-1] {
		id := queue.OfficeID(n.id)
		b := promise.NewBook(id)
		if i == len(names)-2 {
			b.Add(closedDay(id, Now.AddDate(0, 0, -1), 12, i))
		}
		for back := 40; back > 0 && i < len(names)-2; back-- {
			if at := Now.AddDate(0, 0, -back); at.Weekday() != time.Saturday && at.Weekday() != time.Sunday {
				b.Add(closedDay(id, at, 60+7*(back%9), i))
			}
		}
		all[id] = compared{b.Record(), b.Report()}
	}
	return all
})

// closedDay is a day of visits that were told a range around a wait which came out a
// little different.
func closedDay(id queue.OfficeID, at time.Time, n, seed int) history.Day {
	chance := rand.New(rand.NewPCG(uint64(seed), uint64(at.YearDay())))
	d := history.Day{Office: id, Date: queue.BusinessDay(at)}
	opens := time.Date(at.Year(), at.Month(), at.Day(), 8, 30, 0, 0, queue.JST)
	for range n {
		v := history.Visit{Service: queue.ServiceID(services[chance.IntN(4)].id), Channel: queue.ChannelKiosk, Outcome: history.Served}
		v.Issued = opens.Add(time.Duration(chance.IntN(510)) * time.Minute)
		middle := time.Duration(chance.ExpFloat64()*18*60) * time.Second
		v.Told = &history.Told{Low: middle * 7 / 10, P50: middle, High: middle*13/10 + 3*time.Minute}
		waited := max(0, middle+time.Duration(chance.NormFloat64()*(90+0.25*middle.Seconds()))*time.Second)
		leg := history.Leg{Service: v.Service, Stage: queue.StageReception, Joined: v.Issued, Called: v.Issued.Add(waited), Outcome: history.Served}
		switch chance.IntN(25) {
		case 0:
			leg.Outcome = history.NoShow
		case 1:
			leg.Called, leg.Outcome = time.Time{}, history.Left
		case 2:
			v.Told = nil
		}
		v.Ended = v.Issued.Add(waited + 5*time.Minute)
		v.Legs = []history.Leg{leg}
		d.Visits = append(d.Visits, v)
	}
	return d
}
