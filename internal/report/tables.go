package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"machi/internal/calendar"
	"machi/internal/measure"
	"machi/internal/queue"
)

// The figures of the tables whose rows are parts of the days.
var (
	flow  = []string{"arrivals", "served", "no_show", "left", "unseen", "wait_p50", "wait_p90", "wait_max", "within15", "within30", "visit_p50", "visit_p90"}
	brief = []string{"arrivals", "wait_p50", "wait_p90", "wait_max", "within15", "within30", "visit_p50", "visit_p90", "no_show_share"}
)

// tables makes the tables of a report, the ones that are looked at first before the
// others.
func (m *maker) tables(total measure.Figures) {
	p := m.order.Period
	if m.order.Office.ID == Ward {
		m.byOffice(p, total)
	}
	switch p.Kind {
	case Month:
		m.byDate(p, total)
	case Year:
		m.byMonth(p, total)
	}
	m.byService(p, total)
	m.byHour(p, total)
	if p.Kind != Day {
		m.byWeekday(p, total)
		m.busiest(p)
	}
	m.steps(total)
	m.ways(total)
	m.work(total)
}

func (m *maker) byOffice(p Period, total measure.Figures) {
	t := m.table("offices", Words{"窓口別", "By office"}, Words{"窓口", "Office"}, append(slices.Clone(flow), "peak")...)
	for _, r := range m.answer(p, measure.ByOffice).Rows {
		t.add(string(r.Office), m.officeName(r.Office), r.Figures)
	}
	t.sum(total)
	m.keep(t)
}

func (m *maker) byService(p Period, total measure.Figures) {
	t := m.table("services", Words{"業務別", "By service"}, Words{"業務", "Service"}, append(slices.Clone(flow), "talk_p50")...)
	rows := m.answer(p, measure.ByService).Rows
	slices.SortStableFunc(rows, func(a, b measure.Row) int { return cmp.Compare(b.Arrivals, a.Arrivals) })
	for _, r := range rows {
		t.add(string(r.Key.Service), m.serviceName(r.Key.Service), r.Figures)
	}
	t.sum(total)
	m.keep(t)
}

func (m *maker) byHour(p Period, total measure.Figures) {
	t := m.table("hours", Words{"時間帯別（来庁した時間）", "By hour of arrival"}, Words{"時間帯", "Hour"}, brief...)
	for _, r := range m.answer(p, measure.ByHour).Rows {
		h := r.Half / 2
		t.add(fmt.Sprintf("%02d:00", h), Words{strconv.Itoa(h) + "時台", fmt.Sprintf("%02d:00", h)}, r.Figures)
	}
	t.sum(total)
	m.keep(t)
}

func (m *maker) byWeekday(p Period, total measure.Figures) {
	t := m.table("weekdays", Words{"曜日別", "By weekday"}, Words{"曜日", "Weekday"}, append(slices.Clone(brief), "peak")...)
	for _, r := range m.answer(p, measure.ByWeekday).Rows {
		t.add(strconv.Itoa(r.Weekday), Weekday(r.Weekday), r.Figures)
	}
	t.sum(total)
	m.keep(t)
}

func (m *maker) byDate(p Period, total measure.Figures) {
	t := m.table("days", Words{"日別", "By day"}, Words{"日", "Day"}, flow...)
	for _, r := range m.answer(p, measure.ByDate).Rows {
		at := timeOf(r.Date)
		day := calendar.DayOf(at)
		name := Words{fmt.Sprintf("%d日（%s）", at.Day(), weekdays[at.Weekday()]), at.Format("Mon 2")}
		if holiday := calendar.Holiday(day); holiday != "" {
			name.JA += " " + holiday
		}
		t.add(string(r.Date), name, r.Figures).Rest = resting(r.Date)
	}
	t.sum(total)
	m.keep(t)
}

func (m *maker) byMonth(p Period, total measure.Figures) {
	t := m.table("months", Words{"月別", "By month"}, Words{"月", "Month"}, flow...)
	for _, r := range m.answer(p, measure.ByMonth).Rows {
		at := timeOf(queue.Date(r.Month + "-01"))
		t.add(r.Month, Words{strconv.Itoa(int(at.Month())) + "月", at.Format("Jan 2006")}, r.Figures)
	}
	t.sum(total)
	m.keep(t)
}

// busiest lists the days on which most came.
func (m *maker) busiest(p Period) {
	const listed = 10
	by := []measure.Dimension{measure.ByDate}
	if m.order.Office.ID == Ward {
		by = append(by, measure.ByOffice)
	}
	rows := m.answer(p, by...).Rows
	slices.SortStableFunc(rows, func(a, b measure.Row) int { return cmp.Compare(b.Arrivals, a.Arrivals) })
	t := m.table("busiest", Words{"来庁の多かった日", "Busiest days"}, Words{"日", "Day"}, brief...)
	for _, r := range rows[:min(listed, len(rows))] {
		name := DayWords(r.Date)
		if m.order.Office.ID == Ward {
			office := m.officeName(r.Office)
			name = Words{office.JA + " " + name.JA, office.EN + ", " + name.EN}
		}
		t.add(string(r.Date)+string(r.Office), name, r.Figures).Rest = resting(r.Date)
	}
	m.keep(t)
}

// steps says where the time goes: each step's number and times.
func (m *maker) steps(f measure.Figures) {
	t := &Table{Key: "steps", Title: Words{"段階別の所要時間", "Time by step"}, First: Words{"段階", "Step"}}
	for _, c := range []struct {
		key  string
		name Words
		unit Unit
	}{
		{"count", Words{"件数", "Times"}, Count},
		{"mean", Words{"平均", "Mean"}, Minutes},
		{"p50", Words{"中央値", "Median"}, Minutes},
		{"p90", Words{"9割", "90%"}, Minutes},
		{"max", Words{"最大", "Longest"}, Minutes},
	} {
		t.Columns = append(t.Columns, Column{Key: c.key, Name: c.name, Unit: c.unit})
	}
	for _, s := range []struct {
		key  string
		name Words
		of   measure.Dist
	}{
		{"visit", Words{"来庁から帰庁まで", "Arrival to leaving"}, f.Visit},
		{"wait", Words{"来庁から呼出まで", "Arrival to first call"}, f.UntilCalled},
		{"talk", Words{"受付窓口の応対", "Service at the counter"}, f.Service},
		{"processing", Words{"事務処理", "Processing"}, f.Processing},
		{"delivery", Words{"交付・会計（書類ができてからお渡しまで）", "Delivery (ready until handed over)"}, f.Delivery},
	} {
		if s.of.Count == 0 {
			continue
		}
		row := Row{Key: s.key, Name: s.name, Cells: []Cell{number(Count, float64(s.of.Count), s.of.Count)}}
		for _, d := range []float64{s.of.Mean.Minutes(), s.of.P50.Minutes(), s.of.P90.Minutes(), s.of.Max.Minutes()} {
			row.Cells = append(row.Cells, number(Minutes, d, s.of.Count))
		}
		t.Rows = append(t.Rows, row)
	}
	m.keep(t)
}

func number(u Unit, n float64, behind int) Cell {
	n = u.round(n)
	return Cell{Value: Value{Number: &n, Behind: behind, Few: u != Count && behind < Enough}}
}

// ways says how numbers were asked for.
func (m *maker) ways(f measure.Figures) {
	t := &Table{Key: "ways", Title: Words{"発券の方法", "How numbers were asked for"}, First: Words{"方法", "Way"}, Columns: []Column{
		{Key: "count", Name: Words{"件数", "Numbers"}, Unit: Count}, {Key: "share", Name: Words{"割合", "Share"}, Unit: Share},
	}}
	for _, key := range []string{"kiosk", "reception", "web", "appointment"} {
		d, _ := Look(key)
		v := d.Read(f)
		if v.Number == nil || *v.Number == 0 {
			continue
		}
		m.used[key] = true
		share, _ := measure.Share(int(*v.Number), f.Arrivals)
		t.Rows = append(t.Rows, Row{Key: key, Name: d.Name, Cells: []Cell{{Value: v}, number(Share, share, f.Arrivals)}})
	}
	m.keep(t)
}

// work lists what else is known, a row for each figure.
func (m *maker) work(f measure.Figures) {
	t := &Table{Key: "work", Title: Words{"運営", "Running the office"}, First: Words{"項目", "Figure"}, Columns: []Column{
		{Key: "value", Name: Words{"値", "Value"}, Unit: Plain}, {Key: "unit", Name: Words{"単位", "Unit"}, Unit: Plain},
	}}
	for _, key := range []string{
		"peak", "no_show_share", "left_share", "restored", "recalls", "transfers", "booked", "kept_share", "told_kept", "told_late", "told_error",
		"offered", "diverted", "offline", "open_hours", "busy_share", "saved_hours",
	} {
		d, _ := Look(key)
		v := d.Read(f)
		if v.Number == nil {
			continue
		}
		m.used[key] = true
		t.Rows = append(t.Rows, Row{Key: key, Name: d.Name, Cells: []Cell{{Value: v, Text: Words{d.Unit.Format(*v.Number), d.Unit.Format(*v.Number)}}, {Text: d.Unit.Name()}}})
	}
	m.keep(t)
}
