package foresee

import (
	"context"
	"math"
	"time"

	"machi/internal/board"
	"machi/internal/expect"
	"machi/internal/forecast"
	"machi/internal/foretold"
	"machi/internal/queue"
)

// dayTold is a day as it is written down.
func dayTold(d expect.Day, ahead int) foretold.Day {
	t := foretold.Day{Date: d.Date, Ahead: ahead, Level: string(d.Level), Arrivals: tenths(d.Arrivals), ByStaff: d.Override != nil, Halves: []foretold.Half{}}
	if d.Waits.Known {
		t.Waits = []int{minutes(d.Waits.P50), minutes(d.Waits.P80), minutes(d.Waits.P90)}
	}
	for _, h := range d.Halves {
		at := h.From.In(queue.JST)
		t.Halves = append(t.Halves, foretold.Half{At: at.Hour()*60 + at.Minute(), Arrivals: tenths(h.Arrivals)})
	}
	return t
}

func tenths(r expect.Range) [3]float64 {
	return [3]float64{math.Round(r.P10*10) / 10, math.Round(r.P50*10) / 10, math.Round(r.P90*10) / 10}
}

func minutes(d time.Duration) int { return int(math.Round(d.Minutes())) }

// toldOf reads it again.
func toldOf(d foretold.Day) expect.Told {
	t := expect.Told{Date: d.Date, Level: board.Level(d.Level), Arrivals: rangeOf(d.Arrivals), Halves: map[int]expect.Range{}, ByStaff: d.ByStaff}
	if len(d.Waits) == 3 {
		minute := func(i int) time.Duration { return time.Duration(d.Waits[i]) * time.Minute }
		t.Waits = expect.Waits{Known: true, P50: minute(0), P80: minute(1), P90: minute(2)}
	}
	for _, h := range d.Halves {
		t.Halves[h.At/30] = rangeOf(h.Arrivals)
	}
	return t
}

func rangeOf(r [3]float64) expect.Range { return expect.Range{P10: r[0], P50: r[1], P90: r[2]} }

// compare makes the records of the last month. Where too little was told, the forecasts
// are made afterwards of what was known in time, once a day, and are named so.
func (r *round) compare(ctx context.Context, id queue.OfficeID, o *office) error {
	if o.model == nil || o.scale != 0 {
		return nil
	}
	was := map[queue.Date]expect.Was{}
	for date, p := range o.past {
		was[date] = p.was
	}
	records := map[int]expect.Record{}
	for _, ahead := range foretold.Leads {
		days, err := r.o.Told.Told(ctx, id, ahead, shifted(r.today, -expect.Month), shifted(r.today, -1))
		if err != nil {
			return err
		}
		var told []expect.Told
		for _, d := range days {
			told = append(told, toldOf(d))
		}
		record := expect.Compare(ahead, told, was)
		if ahead == rehearsed && !record.Enough() {
			record = r.rehearse(ctx, id, o, ahead, was)
		}
		records[ahead] = record
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o.records = records
	return nil
}

// rehearsed is how many days ahead forecasts are made afterwards.
const rehearsed = 7

// stride is how many days one model of the past is asked about: it is then older than
// it would have been, never younger.
const stride = 7

// learnFrom is how many days a model of the past must have.
const learnFrom = 20

// rehearse makes the record of a month on which nothing was told.
func (r *round) rehearse(ctx context.Context, id queue.OfficeID, o *office, ahead int, was map[queue.Date]expect.Was) expect.Record {
	if kept, made := o.records[ahead]; made && kept.Rehearsed && o.on == r.today && o.rehearsed == len(o.past) {
		return kept
	}
	place, _ := r.o.Place(id)
	specials := r.specials(id, place)
	var told []expect.Told
	for back := expect.Month; back > 0 && ctx.Err() == nil; back -= stride {
		began := time.Now()
		first := shifted(r.today, -back)
		then := &office{past: o.past}
		if dates := before(o.fitted, shifted(first, 1-ahead)); len(dates) >= learnFrom {
			then.usual, _ = r.usual(ctx, id, dates) // of damaged days nothing is learnt
			then.model = forecast.Fit(o.counts(dates), r.special(place, specials), nil)
			for n := range min(stride, back) {
				if d, ok := r.make(id, then, place, specials, shifted(first, n)); ok && was[d.Date].Came > 0 {
					told = append(told, expect.ToldOf(d))
				}
			}
		}
		r.breathe(ctx, time.Since(began))
	}
	record := expect.Compare(ahead, told, was)
	record.Rehearsed = true
	o.rehearsed = len(o.past)
	return record
}

func before(dates []queue.Date, until queue.Date) []queue.Date {
	n := 0
	for n < len(dates) && dates[n] < until {
		n++
	}
	return dates[:n]
}
