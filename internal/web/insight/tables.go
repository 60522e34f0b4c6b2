package insight

import (
	"machi/internal/chart"
	"machi/internal/measure"
)

// table is a table of the page.
type table struct {
	ID, Title string
	chart.Table
}

// tables list what stands in no picture.
func (p historyPage) tables() []table {
	list := []table{p.factTable()}
	if len(p.services) > 0 {
		list = append(list, p.rowTable("table.services", p.T("insight.service"), p.services, func(r measure.Row) string { return p.ServiceName(r.Key.Service) }))
	}
	if len(p.each) > 1 {
		list = append(list, p.rowTable("table.offices", p.T("insight.office"), p.inOrder(), func(r measure.Row) string { return p.officeName(r.Office) }))
	}
	return list
}

// inOrder are the offices' rows in the order of the ward.
func (p historyPage) inOrder() []measure.Row {
	var list []measure.Row
	for _, o := range p.offices {
		for _, r := range p.each {
			if r.Office == o.ID {
				list = append(list, r)
			}
		}
	}
	return list
}

func (p historyPage) rowTable(id, first string, rows []measure.Row, name func(measure.Row) string) table {
	t := table{ID: id, Title: p.T("insight." + id)}
	t.Caption = t.Title
	t.Head = []string{first, p.T("insight.name.arrivals"), p.T("insight.col.called"), p.T("insight.col.called90"), p.T("insight.name.within15"), p.T("insight.name.within30"), p.T("insight.col.visit"), p.T("insight.col.visit90"), p.T("insight.col.service"), p.T("insight.name.lost")}
	for _, r := range rows {
		f := r.Figures
		t.Rows = append(t.Rows, []string{
			name(r), p.Count(f.Arrivals), p.half(f.UntilCalled), p.most(f.UntilCalled), p.part(f.Within15, f.UntilCalled.Count), p.part(f.Within30, f.UntilCalled.Count),
			p.half(f.Visit), p.most(f.Visit), p.half(f.Service), p.part(lost(f), f.Arrivals),
		})
	}
	return t
}

// half is a median in a table; of few there is none.
func (p historyPage) half(d measure.Dist) string {
	if d.Count < fewest {
		return p.T("insight.unknown")
	}
	return p.Length(d.P50)
}

func (p historyPage) most(d measure.Dist) string {
	if d.Count < enough {
		return p.T("insight.unknown")
	}
	return p.Length(d.P90)
}

// part is a share in a table; of few there is none.
func (p historyPage) part(n, whole int) string {
	if whole < enough {
		return p.T("insight.unknown")
	}
	return p.Percent(share(n, whole))
}

// factTable lists further figures, beside those of the time before.
func (p historyPage) factTable() table {
	t := table{ID: "facts", Title: p.T("insight.facts")}
	t.Caption, t.Head = t.Title, []string{p.T("insight.fact"), p.T("insight.now")}
	if p.compares {
		t.Head = append(t.Head, p.T("insight.then"))
	}
	before := p.facts(p.before)
	for i, f := range p.facts(p.total) {
		row := []string{f.name, f.value}
		if p.compares {
			row = append(row, before[i].value)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

type fact struct{ name, value string }

func (p historyPage) facts(f measure.Figures) []fact {
	unless := func(known int, text string) string { // some days tell nothing of it
		switch {
		case known == 0:
			return p.T("insight.unknown")
		case known < f.Days:
			return text + p.T("insight.ofdays", "n", p.Count(known), "all", p.Count(f.Days))
		}
		return text
	}
	with := func(n, whole int) string {
		if whole < enough {
			return p.Count(n)
		}
		return p.Count(n) + p.T("insight.share", "share", p.Percent(share(n, whole)))
	}
	a, ch := f.Appointments, f.Channels
	return []fact{
		{p.T("insight.name.noshow"), with(f.NoShow, f.Arrivals)},
		{p.T("insight.name.left"), with(f.Left, f.Arrivals)},
		{p.T("insight.name.unseen"), with(f.Unseen, f.Arrivals)},
		{p.T("insight.name.absent"), p.Count(f.Absent)},
		{p.T("insight.name.restored"), unless(f.Logged, p.Count(f.Restored))},
		{p.T("insight.name.recalls"), unless(f.Logged, p.Count(f.Recalls))},
		{p.T("insight.name.transfers"), unless(f.Logged, p.Count(f.Transfers))},
		{p.T("insight.name.priority"), with(f.Priority, f.Arrivals)},
		{p.T("insight.name.kiosk"), with(ch.Kiosk, f.Arrivals)},
		{p.T("insight.name.reception"), with(ch.Reception, f.Arrivals)},
		{p.T("insight.name.web"), with(ch.Web, f.Arrivals)},
		{p.T("insight.name.appointments"), p.T("insight.appointments", "booked", p.Count(a.Booked), "kept", p.Count(a.Kept), "missed", p.Count(a.Missed))},
		{p.T("insight.name.diverted"), unless(f.Counted, p.T("insight.diverted", "taken", p.Count(f.Diverted), "shown", p.Count(f.Offered)))},
		{p.T("insight.name.offline"), unless(f.Counted, p.Length(f.Offline))},
		{p.T("insight.name.alone"), p.Count(f.Alone)},
		{p.T("insight.name.busy"), p.busy(f)},
	}
}

// busy says how much of the time in which counters were open they had somebody.
func (p historyPage) busy(f measure.Figures) string {
	if f.Open <= 0 {
		return p.T("insight.unknown")
	}
	return p.Percent(f.Busy.Hours()/f.Open.Hours()) + p.T("insight.busy.of", "h", p.number(f.Open.Hours()))
}
