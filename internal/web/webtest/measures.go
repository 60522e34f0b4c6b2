package webtest

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/replay"
)

// pastDays is how far back the first offices' closed days reach: two springs.
const pastDays = 430

// Measures answers of the first two offices' last fourteen months.
func (w *Ward) Measures(_ context.Context, q measure.Query) (measure.Answer, error) {
	answer, err := measure.Gather(q, slices.Values(months()))
	if err == nil && q.To >= "2026-03-10" && q.From <= "2026-03-10" {
		answer.Lacks = []measure.Lack{{Office: names[0].office(), Date: "2026-03-10", Why: measure.Damaged}}
	}
	return answer, err
}

// Film shows a closed day of the first two offices again.
func (w *Ward) Film(_ context.Context, id queue.OfficeID, date queue.Date) (replay.Film, bool, error) {
	if date == "2026-03-10" {
		return replay.Film{}, false, history.ErrDamaged
	}
	at, err := calendar.ParseDay(string(date))
	i := slices.IndexFunc(names[:2], func(n name) bool { return n.office() == id })
	if err != nil || i < 0 || !calendar.BusinessDay(at) {
		return replay.Film{}, false, nil
	}
	film, ok := replay.Of(livelyDay(id, time.Date(at.Year, at.Month, at.Day, 8, 30, 0, 0, queue.JST), i))
	return film, ok, nil
}

// Dates lists the days that can be shown again.
func (w *Ward) Dates(_ context.Context, id queue.OfficeID, from, to queue.Date) ([]queue.Date, error) {
	var list []queue.Date
	if !slices.ContainsFunc(names[:2], func(n name) bool { return n.office() == id }) {
		return nil, nil
	}
	for back := pastDays; back > 0; back-- {
		at := Now.AddDate(0, 0, -back)
		if date := queue.BusinessDay(at); calendar.BusinessDay(calendar.DayOf(at)) && date >= from && date <= to {
			list = append(list, date)
		}
	}
	return list, nil
}

// months is the same in every ward, so it is made once.
var months = sync.OnceValue(func() []*measure.Month {
	var all []*measure.Month
	for i, n := range names[:2] {
		sheets := map[queue.Date][]*measure.Sheet{}
		for back := pastDays; back > 0; back-- {
			at := Now.AddDate(0, 0, -back)
			date := queue.BusinessDay(at)
			if !calendar.BusinessDay(calendar.DayOf(at)) || i == 0 && date == "2026-03-10" {
				continue
			}
			d := livelyDay(n.office(), time.Date(at.Year(), at.Month(), at.Day(), 8, 30, 0, 0, queue.JST), i)
			sheets[date[:7]] = append(sheets[date[:7]], measure.Of(d, measure.Extra{Known: true, Offers: []measure.Offer{{Service: "certificate", Shown: 14, Taken: 3}}, Offline: 4 * time.Minute}))
		}
		for _, month := range sheets {
			all = append(all, measure.MonthOf(month...))
		}
	}
	return all
})

// livelyDay is a closed day with a morning and an afternoon, busy behind days off and in
// spring, that goes through all stages.
func livelyDay(id queue.OfficeID, opens time.Time, seed int) history.Day {
	chance := rand.New(rand.NewPCG(uint64(seed)+3, uint64(opens.Unix())))
	d := history.Day{Office: id, Date: queue.BusinessDay(opens), Source: history.FromLog, Made: history.Making}
	load := busyness(opens)
	for n := range int(70 * load) {
		morning := chance.IntN(5) < 3
		minute := 95 + 70*chance.NormFloat64()
		if !morning {
			minute = 330 + 75*chance.NormFloat64()
		}
		minute = min(max(0, minute), 508)
		wait := (5 + 26*load*math.Exp(-math.Pow((minute-150)/70, 2)) + 18*load*math.Exp(-math.Pow((minute-350)/60, 2))) * (0.6 + 0.8*chance.Float64())
		d.Visits = append(d.Visits, livelyVisit(chance, "A"+pad(n+1), opens.Add(time.Duration(minute*float64(time.Minute))), time.Duration(wait*float64(time.Minute))))
	}
	slices.SortFunc(d.Visits, func(a, b history.Visit) int { return a.Issued.Compare(b.Issued) })
	for c := range 5 {
		counter := queue.CounterID(strconv.Itoa(c + 3))
		d.Spells = append(d.Spells, history.Spell{Counter: counter, From: opens, To: opens.Add(time.Duration(205+10*c) * time.Minute)}, history.Spell{Counter: counter, From: opens.Add(time.Duration(265+10*c) * time.Minute), To: opens.Add(520 * time.Minute)})
	}
	return d
}

func pad(n int) string {
	text := strconv.Itoa(n)
	return "000"[min(3, len(text)):] + text
}

// busyness is how much more people come on a day than on others.
func busyness(at time.Time) float64 {
	load := 1 + 0.1*float64(at.Year()-2025)
	if !calendar.BusinessDay(calendar.DayOf(at).Add(-1)) {
		load *= 1.35
	}
	if at.Month() == time.March && at.Day() >= 16 || at.Month() == time.April && at.Day() <= 10 {
		load *= 1.8
	}
	return load
}

func livelyVisit(chance *rand.Rand, number string, issued time.Time, wait time.Duration) history.Visit {
	v := history.Visit{Number: queue.Number(number), Service: queue.ServiceID(services[min(chance.IntN(4), chance.IntN(5))].id), Channel: queue.Channels[chance.IntN(len(queue.Channels))], Issued: issued, Outcome: history.Served}
	v.Told = &history.Told{Low: wait * 7 / 10, P50: wait * 11 / 10, High: wait*13/10 + 4*time.Minute}
	called := issued.Add(wait)
	counter := queue.CounterID(strconv.Itoa(3 + chance.IntN(5)))
	leg := history.Leg{Service: v.Service, Stage: queue.StageReception, Joined: issued, Called: called, Counter: counter, Outcome: history.Served}
	switch chance.IntN(30) {
	case 0:
		leg.Outcome, leg.Finished = history.NoShow, called.Add(2*time.Minute)
	case 1:
		leg.Called, leg.Counter, leg.Outcome, leg.Finished = time.Time{}, "", history.Left, called
	default:
		leg.Started = called.Add(30 * time.Second)
		leg.Finished = leg.Started.Add(time.Duration(3+chance.ExpFloat64()*6) * time.Minute)
	}
	v.Legs, v.Ended, v.Outcome = []history.Leg{leg}, leg.Finished, leg.Outcome
	if leg.Outcome == history.Served && (v.Service == "moving" || v.Service == "certificate") {
		ready := leg.Finished.Add(time.Duration(6+chance.ExpFloat64()*9) * time.Minute)
		out := history.Leg{Service: v.Service, Stage: queue.StageDelivery, Joined: ready, Called: ready.Add(2 * time.Minute), Started: ready.Add(2 * time.Minute), Finished: ready.Add(5 * time.Minute), Counter: "7", Outcome: history.Served}
		v.Legs, v.Ended = append(v.Legs, out), out.Finished
	}
	return v
}
