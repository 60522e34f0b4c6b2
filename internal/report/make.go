package report

import (
	"fmt"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/measure"
	"machi/internal/queue"
)

// Order is what a report is to be made of.
type Order struct {
	Period Period
	Office Office   // whose report it is; its ID is [Ward] for all of Offices together
	All    []Office // of the ward's report: the offices, in the order in which they are listed
	Today  queue.Date
	Now    time.Time
}

// offices returns whose days are asked for.
func (o Order) offices() []queue.OfficeID {
	if o.Office.ID != Ward {
		return []queue.OfficeID{o.Office.ID}
	}
	ids := []queue.OfficeID{}
	for _, office := range o.All {
		ids = append(ids, office.ID)
	}
	return ids
}

// maker makes one report.
type maker struct {
	order Order
	ask   Ask
	out   Report
	err   error
	used  map[string]bool
}

// Make makes a report. The error is that of ask.
func Make(o Order, ask Ask) (Report, error) {
	m := &maker{order: o, ask: ask, used: map[string]bool{}}
	p := o.Period
	m.out = Report{
		Kind: p.Kind, Key: p.Key(), From: p.From, To: p.To, Title: Titles[p.Kind], Span: p.Words(), Office: o.Office,
		Standing: Final, Asked: o.Now, Lacks: []Lack{}, Cards: []Card{}, Parts: []Table{},
	}
	if !p.Over(o.Today) {
		m.out.Standing = Running
	}
	all := m.answer(p)
	m.lacks(all)
	m.out.Days = all.Total.Days
	if all.Reading {
		m.out.Standing = Reading
	}
	m.cards(all.Total)
	if all.Total.Days > 0 {
		m.tables(all.Total)
	}
	m.notes(all.Total)
	for _, d := range Dictionary {
		if m.used[d.Key] {
			m.out.Words = append(m.out.Words, d)
		}
	}
	return m.out, m.err
}

// Titles are what reports are called.
var Titles = map[Kind]Words{
	Day:   {"窓口業務日報", "Daily counter report"},
	Month: {"窓口業務月報", "Monthly counter report"},
	Year:  {"窓口業務年報", "Yearly counter report"},
}

// answer asks about the days of a period, up to yesterday.
func (m *maker) answer(p Period, by ...measure.Dimension) measure.Answer {
	to := min(p.To, dateOf(timeOf(m.order.Today).AddDate(0, 0, -1)))
	if m.err != nil || to < p.From || len(m.order.offices()) == 0 {
		return measure.Answer{}
	}
	a, err := m.ask(measure.Query{Offices: m.order.offices(), From: p.From, To: to, By: by})
	if err != nil {
		m.err = err
	}
	return a
}

func (m *maker) lacks(a measure.Answer) {
	for _, l := range a.Lacks {
		m.out.Lacks = append(m.out.Lacks, Lack{m.officeName(l.Office), l.Date, string(l.Why)})
	}
}

func (m *maker) officeName(id queue.OfficeID) Words {
	for _, o := range m.order.All {
		if o.ID == id {
			return o.Name
		}
	}
	if id == m.order.Office.ID {
		return m.order.Office.Name
	}
	return Words{string(id), string(id)}
}

// Headlines are the figures that one looks at first.
var Headlines = []string{"arrivals", "visit_p50", "wait_p50", "wait_p90", "within30", "no_show_share"}

func (m *maker) cards(now measure.Figures) {
	before := m.like(now, m.order.Period.Before())
	var ago measure.Figures
	if p, ok := m.order.Period.YearAgo(); ok {
		ago = m.like(now, p)
	}
	for _, key := range Headlines {
		d, _ := Look(key)
		m.used[key] = true
		m.out.Cards = append(m.out.Cards, Card{key, d.Name, d.Unit, d.Better, d.Read(now), d.Read(before), d.Read(ago)})
	}
}

// like returns the figures of a period that others are compared with: of one that is not
// over, as many days of it as have passed. Where far more or far fewer office-days are
// known of it there are none.
func (m *maker) like(now measure.Figures, p Period) measure.Figures {
	if own := m.order.Period; !own.Over(m.order.Today) {
		p.To = min(p.To, dateOf(timeOf(p.From).Add(timeOf(m.order.Today).Sub(timeOf(own.From))).AddDate(0, 0, -1)))
	}
	then := m.answer(p).Total
	if 10*min(now.Days, then.Days) < 7*max(now.Days, then.Days) {
		return measure.Figures{}
	}
	return then
}

func (m *maker) notes(f measure.Figures) {
	note := func(when bool, ja, en string) {
		if when {
			m.out.Notes = append(m.out.Notes, Words{ja, en})
		}
	}
	note(f.Days == 0, "この期間の記録はありません。", "There are no records of these days.")
	note(f.Days > f.Logged, "他の仕組みから取り込んだ日が含まれます。復帰・引継ぎ・再呼出はその日を除いた数です。", "Some days were imported from another system; restored, transfers and recalls leave them out.")
	note(f.Counted > 0 && f.Days > f.Counted, fmt.Sprintf("代替案内・代替の利用・単独運転は、発券機の報告がある%d日分の数です。", f.Counted), fmt.Sprintf("Ways offered, visits diverted and machines on their own are of the %d days of which machines reported.", f.Counted))
	note(m.out.Standing == Running && f.Days > 0, "期間の途中のため、前の期間とは経過した日数までを比べています。", "The period is not over: it is compared with as many days of the earlier ones.")
	note(f.Postponed > 0, "後で呼ぶよう希望した方は、呼出までの時間に含めていません。", "Who asked to be called later is in no wait until called.")
	note(f.Days > 0, "中央値・9割の値は誤差1％以内の推計で、期間の全件から求めています（日ごとの値の平均ではありません）。件数・最大は正確です。", "Medians and 90% figures are within 1% of exact ones and made of all visits, never averages of daily ones. Counts and longest times are exact.")
	note(f.Days > 0, "※は20件未満による値です。職員ごとの集計はしていません。", "※ marks figures of fewer than 20 visits. Nothing is counted by member of staff.")
}

// table makes a table of rows with the figures of some keys.
func (m *maker) table(key string, title, first Words, figures ...string) *Table {
	t := &Table{Key: key, Title: title, First: first, Rows: []Row{}}
	for _, f := range figures {
		d, _ := Look(f)
		m.used[f] = true
		t.Columns = append(t.Columns, Column{f, f, d.Name, d.Unit})
	}
	return t
}

// add appends a row of figures.
func (t *Table) add(key string, name Words, f measure.Figures) *Row {
	r := Row{Key: key, Name: name}
	for _, c := range t.Columns {
		d, _ := Look(c.Figure)
		r.Cells = append(r.Cells, Cell{Value: d.Read(f)})
	}
	t.Rows = append(t.Rows, r)
	return &t.Rows[len(t.Rows)-1]
}

func (t *Table) sum(f measure.Figures) { t.add("total", Words{"合計・全体", "All"}, f).Sum = true }

func (m *maker) keep(t *Table) {
	if len(t.Rows) > 0 {
		m.out.Parts = append(m.out.Parts, *t)
	}
}

// resting reports whether a day is a Saturday, a Sunday or a holiday.
func resting(d queue.Date) bool {
	day, err := calendar.ParseDay(string(d))
	return err == nil && !calendar.BusinessDay(day)
}

func (m *maker) serviceName(id queue.ServiceID) Words {
	for _, o := range append([]Office{m.order.Office}, m.order.All...) {
		if i := slices.IndexFunc(o.Services, func(s Service) bool { return s.ID == id }); i >= 0 {
			return o.Services[i].Name
		}
	}
	return Words{string(id), string(id)}
}
