package measure_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"machi/internal/measure"
	"machi/internal/queue"
)

// yearOf counts a year of twelve offices: about 1.4 million visits.
func yearOf(b *testing.B) []*measure.Month {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var all []*measure.Month
	for o := range 12 {
		office := queue.OfficeID(fmt.Sprintf("office-%02d", o))
		months := map[queue.Date][]*measure.Sheet{}
		for n := range 365 {
			if n%7 > 4 {
				continue
			}
			s := measure.Of(tableOf(uint64(o*1000+n), office, dateOf(n), 450), measure.Extra{})
			months[s.Date[:7]] = append(months[s.Date[:7]], s)
		}
		for _, sheets := range months {
			all = append(all, measure.MonthOf(sheets...))
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	return all
}

// BenchmarkYear answers questions of a year of twelve offices.
func BenchmarkYear(b *testing.B) {
	all := yearOf(b)
	for _, by := range [][]measure.Dimension{
		{},
		{measure.ByOffice},
		{measure.ByMonth},
		{measure.ByDate},
		{measure.ByHalfHour},
		{measure.ByWeekday, measure.ByHalfHour},
		{measure.ByService},
		{measure.ByService, measure.ByStage},
		{measure.ByOffice, measure.ByDate},
		{measure.ByOffice, measure.ByMonth, measure.ByService},
	} {
		b.Run(fmt.Sprint(by), func(b *testing.B) {
			for b.Loop() {
				a, err := measure.Gather(measure.Query{From: dateOf(0), To: dateOf(364), By: by}, slices.Values(all))
				if err != nil || a.Total.Arrivals == 0 {
					b.Fatal(err)
				}
			}
		})
	}
}
