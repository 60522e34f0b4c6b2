package curve

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/history"
	"machi/internal/queue"
)

// Tally is what is published of one service in one half hour of a closed day. There
// is none of a half hour in which fewer than [Enough] came.
type Tally struct {
	Service queue.ServiceID
	From    time.Time
	Visits  int // numbers given
	// Called is how many of them were called. Half were within Middle and nine in ten
	// within Ninth, both rounded up to whole minutes; zero where fewer than [Enough]
	// were called.
	Called        int
	Middle, Ninth time.Duration
}

// Tallies counts a closed day, by service and half hour.
func Tallies(d history.Day) []Tally {
	if _, err := calendar.ParseDay(string(d.Date)); err != nil {
		return nil
	}
	type key struct {
		service queue.ServiceID
		from    int64
	}
	visits, waits := map[key]int{}, map[key][]time.Duration{}
	for _, v := range d.Visits {
		k := key{v.Service, v.Issued.Truncate(Slot).Unix()}
		visits[k]++
		if waited, ok := v.Waited(); ok {
			waits[k] = append(waits[k], waited)
		}
	}
	var list []Tally
	for k, n := range visits {
		if n < Enough {
			continue
		}
		t := Tally{Service: k.service, From: time.Unix(k.from, 0).In(queue.JST), Visits: n}
		if w := waits[k]; len(w) >= Enough {
			t.Called = len(w)
			t.Middle, _ = quantile(w, 50)
			t.Ninth, _ = quantile(w, 90)
			t.Middle, t.Ninth = wholeMinutes(t.Middle), wholeMinutes(t.Ninth)
		}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Tally) int { return cmp.Or(cmp.Compare(a.Service, b.Service), a.From.Compare(b.From)) })
	return list
}

func wholeMinutes(d time.Duration) time.Duration {
	return (d + time.Minute - 1) / time.Minute * time.Minute
}
