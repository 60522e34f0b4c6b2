package promise

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"machi/internal/queue"
)

// Report is how good an office's estimates were, for those who run it.
type Report struct {
	Office                                 queue.OfficeID
	From, To                               queue.Date
	Total                                  Figures
	Services, Hours, Weekdays, Days, Weeks []Row
}

// Row is one part of a report. Key names it: a service, the hour of the day from 0
// to 23, the weekday from 1, Monday, to 7, the date, or the date of a week's Monday.
type Row struct {
	Key string
	Figures
}

// Figures are the errors of a number of promises that were compared. Error is how
// far the middle of the estimate lay from the wait, on the mean; Bias the same with
// its sign: above zero people waited longer than it.
type Figures struct {
	Sample
	Error, Bias time.Duration
	Apart       Apart
}

func figuresOf(list []Told) Figures {
	f := Figures{Sample: sampleOf(list), Apart: apartOf(list)}
	for _, t := range list {
		if !t.Compared() {
			continue
		}
		off := t.Waited - t.Middle
		f.Bias += off
		f.Error += max(off, -off)
	}
	if n := time.Duration(f.People); n > 0 {
		f.Error, f.Bias = f.Error/n, f.Bias/n
	}
	return f
}

// Report returns what managers are told.
func (b *Book) Report() Report {
	r := Report{Office: b.office, Total: figuresOf(b.told)}
	if len(b.dates) > 0 {
		r.From, r.To = b.dates[0], b.dates[len(b.dates)-1]
	}
	r.Services = rowsOf(b.told, func(t Told) string { return string(t.Service) })
	r.Hours = rowsOf(b.told, func(t Told) string { return strconv.Itoa(t.At.In(queue.JST).Hour()) })
	r.Weekdays = rowsOf(b.told, func(t Told) string { return strconv.Itoa(weekday(t.At)) })
	r.Days = rowsOf(b.told, func(t Told) string { return string(queue.BusinessDay(t.At)) })
	r.Weeks = rowsOf(b.told, func(t Told) string { return string(queue.BusinessDay(t.At.AddDate(0, 0, 1-weekday(t.At)))) })
	slices.SortStableFunc(r.Services, func(a, b Row) int { return cmp.Compare(b.People, a.People) })
	return r
}

// weekday counts from 1, Monday, to 7.
func weekday(at time.Time) int { return (int(at.In(queue.JST).Weekday())+6)%7 + 1 }

// rowsOf splits promises by a key, in the order of the keys: numbers by their value.
func rowsOf(list []Told, key func(Told) string) []Row {
	by := map[string][]Told{}
	for _, t := range list {
		by[key(t)] = append(by[key(t)], t)
	}
	keys := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	rows := []Row{}
	for _, k := range keys {
		rows = append(rows, Row{k, figuresOf(by[k])})
	}
	return rows
}
