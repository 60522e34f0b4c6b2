package webtest

import (
	"math/rand/v2"
	"time"

	"machi/internal/history"
	"machi/internal/promise"
	"machi/internal/queue"
)

// Record returns what became of what people were told: of the first offices in
// plenty, of the last but one hardly anything, of the last nothing.
func (w *Ward) Record(id queue.OfficeID) (promise.Record, bool) {
	b, ok := w.book(id)
	return b.Record(), ok
}

// Report returns the same as managers see it.
func (w *Ward) Report(id queue.OfficeID) (promise.Report, bool) {
	b, ok := w.book(id)
	return b.Report(), ok
}

func (w *Ward) book(id queue.OfficeID) (*promise.Book, bool) {
	b := promise.NewBook(id)
	for i, known := range w.ids {
		switch {
		case known != id || i == len(w.ids)-1:
			continue
		case i == len(w.ids)-2:
			b.Add(closedDay(id, Now.AddDate(0, 0, -1), 12, i))
		default:
			for back := 40; back > 0; back-- {
				if at := Now.AddDate(0, 0, -back); at.Weekday() != time.Saturday && at.Weekday() != time.Sunday {
					b.Add(closedDay(id, at, 60+7*(back%9), i))
				}
			}
		}
		return b, true
	}
	return b, false
}

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
		leg := history.Leg{Service: v.Service, Joined: v.Issued, Called: v.Issued.Add(waited), Outcome: history.Served}
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
