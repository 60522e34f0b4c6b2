package measure

import (
	"cmp"
	"maps"
	"slices"

	"machi/internal/queue"
)

// Month is the sheets of one office's month, with roll-ups that answer the usual
// questions from fewer cells. It is not changed once it is made.
type Month struct {
	sheets  []*Sheet // by date
	days    []*Sheet // each day without services and hours
	service *Sheet   // the whole month, by service
	hours   []*Sheet // by weekday and kind of day, without services
}

// MonthOf puts together the sheets of one office and month, each date once.
func MonthOf(sheets ...*Sheet) *Month {
	m := &Month{sheets: slices.SortedFunc(slices.Values(sheets), func(a, b *Sheet) int { return cmp.Compare(a.Date, b.Date) })}
	alike := map[Key][]*Sheet{}
	for _, s := range m.sheets {
		m.days = append(m.days, rolled([]*Sheet{s}, s.day, true, true))
		key := Key{Weekday: s.day.Weekday, Kind: s.day.Kind, Month: s.day.Month, Year: s.day.Year, Fiscal: s.day.Fiscal}
		alike[key] = append(alike[key], s)
	}
	if len(m.sheets) == 0 {
		return m
	}
	day := m.sheets[0].day
	m.service = rolled(m.sheets, Key{Month: day.Month, Year: day.Year, Fiscal: day.Fiscal}, false, true)
	for _, key := range slices.SortedFunc(maps.Keys(alike), Key.compare) {
		m.hours = append(m.hours, rolled(alike[key], key, true, false))
	}
	return m
}

// Sheets returns the days of the month, by date.
func (m *Month) Sheets() []*Sheet { return m.sheets }

// of returns the sheets that answer a question with the fewest cells.
func (m *Month) of(q Query, a asks) []*Sheet {
	if len(m.sheets) == 0 || len(q.Offices) > 0 && !slices.Contains(q.Offices, m.sheets[0].Office) {
		return nil
	}
	whole := q.From <= m.sheets[0].Date && m.sheets[len(m.sheets)-1].Date <= q.To
	services := a.service || len(q.Services) > 0
	switch {
	case !a.timed && !services:
		return between(m.days, q)
	case !a.timed && whole && !a.daily:
		return []*Sheet{m.service}
	case a.timed && whole && !services && !a.date:
		return m.hours
	}
	return between(m.sheets, q)
}

func between(sheets []*Sheet, q Query) []*Sheet {
	find := func(d queue.Date) int {
		i, _ := slices.BinarySearchFunc(sheets, d, func(s *Sheet, d queue.Date) int { return cmp.Compare(s.Date, d) })
		return i
	}
	to := find(q.To)
	if to < len(sheets) && sheets[to].Date == q.To {
		to++
	}
	return sheets[min(find(q.From), to):to]
}

// rolled returns the sum of some sheets of an office: without services, or without
// hours, or without both.
func rolled(sheets []*Sheet, day Key, services, hours bool) *Sheet {
	sum := &Sheet{Office: sheets[0].Office, Date: sheets[0].Date, tables: tables{day: day}}
	ids := map[queue.ServiceID]uint16{}
	if services {
		ids[""] = 0
	} else {
		for _, s := range sheets {
			for _, id := range s.services {
				ids[id] = 0
			}
		}
	}
	sum.services = slices.Sorted(maps.Keys(ids))
	for i, id := range sum.services {
		ids[id] = uint16(i)
	}
	ofVisits, ofLines := visitForm, lineForm
	ofVisits.hours, ofLines.hours = hours, hours
	visits, lines := map[place]*tally{}, map[place]*tally{}
	for _, s := range sheets {
		sum.days, sum.logged, sum.counted = sum.days+s.days, sum.logged+s.logged, sum.counted+s.counted
		sum.extra = sum.extra.plus(s.extra)
		for half, ms := range s.open {
			sum.open[half] += ms
		}
		at := func(p place) place {
			if !services {
				p.service = ids[s.services[p.service]]
			} else {
				p.service = 0
			}
			if hours {
				p.half = 0
			}
			return p
		}
		s.visits.addTo(visits, at, hours)
		s.lines.addTo(lines, at, hours)
	}
	sum.visits, sum.lines = slabOf(visits, ofVisits), slabOf(lines, ofLines)
	return sum
}

// addTo adds all cells to the tallies of other places.
func (s *slab) addTo(all map[place]*tally, at func(place) place, hourly bool) {
	for cell, from := range s.at {
		to := at(from)
		t := all[to]
		if t == nil {
			t = &tally{}
			all[to] = t
		}
		for i, n := range s.counted(cell) {
			t.counts[i] += int(n)
		}
		if hourly {
			s.addHours(&t.hourly, cell)
		}
		t.more += int64(s.more[cell])
		for i := range s.dists {
			s.into(&t.piles[i], cell, i)
		}
	}
}
