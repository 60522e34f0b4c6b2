package report_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"machi/internal/history/profile"
	"machi/internal/measure"
	"machi/internal/queue"
	"machi/internal/report"
)

// figures are those of n visits, who waited a minute, two, and so on.
func figures(n int) measure.Figures {
	var waits, visits []time.Duration
	for i := range n {
		waits, visits = append(waits, time.Duration(i+1)*time.Minute), append(visits, time.Duration(i+11)*time.Minute)
	}
	f := measure.Figures{
		Days: 1, Logged: 1, Arrivals: n + 2, Called: n + 1, Served: n, NoShow: 1, Left: 1, Channels: measure.Channels{Kiosk: n, Web: 2},
		Within15: min(15, n), Within30: min(30, n), UntilCalled: measure.DistOf(waits...), Visit: measure.DistOf(visits...), Service: measure.DistOf(waits...),
		Open: 10 * time.Hour, Busy: 4 * time.Hour,
	}
	f.ByHour[9], f.ByHour[10] = n, 2
	return f
}

// world answers questions of days that are all alike: n visits on each working day.
func world(n int) report.Ask {
	return func(q measure.Query) (measure.Answer, error) {
		a := measure.Answer{Query: q}
		if err := q.Check(); err != nil {
			return a, err
		}
		from, _, _ := q.From.Bounds()
		for d := from; queue.BusinessDay(d) <= q.To; d = d.AddDate(0, 0, 1) {
			if d.Weekday() == time.Sunday || d.Weekday() == time.Saturday {
				continue
			}
			for _, office := range q.Offices {
				add(&a, key(q.By, office, queue.BusinessDay(d)), figures(n))
			}
		}
		return a, nil
	}
}

func key(by []measure.Dimension, office queue.OfficeID, d queue.Date) measure.Key {
	k := measure.Key{}
	at, _, _ := d.Bounds()
	for _, dim := range by {
		switch dim {
		case measure.ByOffice:
			k.Office = office
		case measure.ByService:
			k.Service = "moving"
		case measure.ByHour:
			k.Half = 18
		case measure.ByWeekday:
			k.Weekday = int(at.Weekday())
		case measure.ByDate:
			k.Date = d
		case measure.ByMonth:
			k.Month = string(d[:7])
		case measure.ByKind:
			k.Kind = profile.Kind("ordinary")
		}
	}
	return k
}

func add(a *measure.Answer, k measure.Key, f measure.Figures) {
	a.Total = a.Total.Plus(f)
	i := slices.IndexFunc(a.Rows, func(r measure.Row) bool { return r.Key == k })
	if i < 0 {
		a.Rows = append(a.Rows, measure.Row{Key: k, Figures: f})
		return
	}
	a.Rows[i].Figures = a.Rows[i].Plus(f)
}

var (
	setagaya = report.Office{ID: "km-setagaya", Name: report.Words{JA: "世田谷くみん窓口", EN: "Setagaya"}, Services: []report.Service{{ID: "moving", Name: report.Words{JA: "=住民異動", EN: "Moving"}}}}
	kitazawa = report.Office{ID: "km-kitazawa", Name: report.Words{JA: "北沢くみん窓口", EN: "Kitazawa"}}
	ward     = report.Office{ID: report.Ward, Name: report.Words{JA: "世田谷区", EN: "Setagaya City"}}
)

func order(t *testing.T, kind report.Kind, key string, office report.Office) report.Order {
	t.Helper()
	p, err := report.ParsePeriod(kind, key)
	if err != nil {
		t.Fatal(err)
	}
	return report.Order{
		Period: p, Office: office, All: []report.Office{setagaya, kitazawa}, Today: "2026-05-01", Now: time.Date(2026, 5, 1, 8, 0, 0, 0, queue.JST),
	}
}

func made(t *testing.T, o report.Order, ask report.Ask) report.Report {
	t.Helper()
	r, err := report.Make(o, ask)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func table(t *testing.T, r report.Report, key string) report.Table {
	t.Helper()
	i := slices.IndexFunc(r.Parts, func(p report.Table) bool { return p.Key == key })
	if i < 0 {
		t.Fatalf("no table %s", key)
	}
	return r.Parts[i]
}

// value is one cell of a table.
func value(t *testing.T, tab report.Table, row, column string) float64 {
	t.Helper()
	i := slices.IndexFunc(tab.Rows, func(r report.Row) bool { return r.Key == row })
	n := slices.IndexFunc(tab.Columns, func(c report.Column) bool { return c.Key == column })
	if i < 0 || n < 0 || tab.Rows[i].Cells[n].Number == nil {
		t.Fatalf("%s has no %s of %s", tab.Key, column, row)
	}
	return *tab.Rows[i].Cells[n].Number
}

func TestADayTellsItsFigures(t *testing.T) {
	r := made(t, order(t, report.Day, "2026-04-01", setagaya), world(40))
	if r.Title.JA != "窓口業務日報" || r.Span.JA != "令和8年4月1日（水）" || r.Standing != report.Final || r.Days != 1 {
		t.Errorf("%s %s %s %d", r.Title.JA, r.Span.JA, r.Standing, r.Days)
	}
	services := table(t, r, "services")
	for column, want := range map[string]float64{"arrivals": 42, "served": 40, "no_show": 1, "left": 1, "wait_max": 40, "within15": 0.375, "within30": 0.75} {
		if got := value(t, services, "moving", column); got != want {
			t.Errorf("%s is %v, want %v", column, got, want)
		}
	}
	if got := value(t, services, "total", "wait_p50"); math.Abs(got-20) > 0.2 {
		t.Errorf("the median is %v, want 20", got)
	}
	if table(t, r, "hours").Rows[0].Name.JA != "9時台" {
		t.Errorf("%+v", table(t, r, "hours").Rows[0])
	}
	for _, d := range r.Words {
		if d.Meaning.JA == "" || d.Meaning.EN == "" {
			t.Errorf("%s has no meaning", d.Key)
		}
	}
}

func TestAPeriodIsComparedWithItsLikes(t *testing.T) {
	for _, c := range []struct {
		kind             report.Kind
		key, before, ago string
	}{
		{report.Day, "2026-04-01", "2026-03-25", "2025-04-02"},
		{report.Month, "2026-03", "2026-02", "2025-03"},
		{report.Year, "2026", "2025", ""},
	} {
		p, err := report.ParsePeriod(c.kind, c.key)
		ago, ok := p.YearAgo()
		if err != nil || p.Key() != c.key || p.Before().Key() != c.before || ok != (c.ago != "") || ok && ago.Key() != c.ago {
			t.Errorf("%s %s: %v, before %v, a year ago %v", c.kind, c.key, p, p.Before(), ago)
		}
	}
	for _, bad := range []string{"", "2026-13", "2026-04-31", "x", "0001"} {
		for _, kind := range report.Kinds {
			if p, err := report.ParsePeriod(kind, bad); err == nil {
				t.Errorf("%s %q is %v", kind, bad, p)
			}
		}
	}
	if p := report.PeriodOf(report.Year, "2026-03-31"); p.Key() != "2025" || p.Words().JA != "令和7年度" || p.To != "2026-03-31" {
		t.Errorf("%+v %s", p, p.Words().JA)
	}
}

func TestAMonthAddsUpItsDaysAndTheWardItsOffices(t *testing.T) {
	r := made(t, order(t, report.Month, "2026-04", ward), world(40))
	if days := table(t, r, "days"); len(days.Rows) != 23 || !slices.ContainsFunc(days.Rows, func(r report.Row) bool { return r.Name.JA == "29日（水） 昭和の日" && r.Rest }) {
		t.Errorf("%d days: %+v", len(days.Rows), days.Rows)
	}
	offices := table(t, r, "offices")
	if got := value(t, offices, "total", "arrivals"); got != 2*22*42 || offices.Rows[1].Name.JA != "北沢くみん窓口" {
		t.Errorf("%v, %+v", got, offices.Rows[1])
	}
	if r.Cards[0].Figure != "arrivals" || *r.Cards[0].Before.Number != 2*22*42 {
		t.Errorf("%+v", r.Cards[0])
	}
}

func TestARunningPeriodAndLacksAreNamed(t *testing.T) {
	lacking := func(q measure.Query) (measure.Answer, error) {
		a, err := world(3)(q)
		a.Lacks = []measure.Lack{{Office: "km-setagaya", Date: "2026-05-12", Why: measure.Damaged}}
		return a, err
	}
	o := order(t, report.Month, "2026-05", setagaya)
	o.Today = "2026-05-15"
	r := made(t, o, lacking)
	if r.Standing != report.Running || len(r.Lacks) != 1 || r.Lacks[0].Office.JA != "世田谷くみん窓口" || r.Lacks[0].Why != "damaged" {
		t.Errorf("%s %+v", r.Standing, r.Lacks)
	}
	o.Today = "2026-05-01"
	if r = made(t, o, lacking); r.Days != 0 || len(r.Parts) != 0 || r.Notes[0].JA != "この期間の記録はありません。" {
		t.Errorf("a month that has not begun: %+v", r)
	}
}

func TestWhatIsComparedIsAlike(t *testing.T) {
	o := order(t, report.Month, "2026-05", setagaya)
	o.Today = "2026-05-15"
	r := made(t, o, world(40))
	for name, v := range map[string]report.Value{"now": r.Cards[0].Now, "before": r.Cards[0].Before, "a year ago": r.Cards[0].YearAgo} {
		if v.Number == nil || *v.Number != 10*42 {
			t.Errorf("%s: %+v, want the ten working days of two weeks", name, v)
		}
	}
	began := func(q measure.Query) (measure.Answer, error) { // on 20 April
		if q.From = max(q.From, "2026-04-20"); q.To < q.From {
			return measure.Answer{}, nil
		}
		return world(40)(q)
	}
	o = order(t, report.Month, "2026-05", setagaya)
	o.Today = "2026-06-01"
	if r = made(t, o, began); r.Cards[0].Now.Number == nil || r.Cards[0].Before.Number != nil {
		t.Errorf("a month is compared with a third of one: %+v", r.Cards[0])
	}
}

func TestNobodySaysZeroOfWhatNobodyCounted(t *testing.T) {
	counted := func(q measure.Query) (measure.Answer, error) {
		a, err := world(40)(q)
		for i := range a.Rows {
			a.Rows[i].Counted = a.Rows[i].Days
		}
		return a, err
	}
	for _, hourly := range []bool{false, true} {
		err := report.Facts([]report.Office{setagaya}, "2026-04-01", "2026-04-01", hourly, counted, func(rows []report.Fact) error {
			if len(rows) != 1 || (rows[0].Offered == nil) != hourly || (rows[0].Diverted == nil) != hourly {
				t.Errorf("hourly %t: %+v", hourly, rows)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFigureOfFewIsMarkedAndAnUnknownOneIsEmpty(t *testing.T) {
	r := made(t, order(t, report.Day, "2026-04-01", setagaya), world(3))
	services := table(t, r, "services")
	at := slices.IndexFunc(services.Columns, func(c report.Column) bool { return c.Key == "wait_p50" })
	if cell := services.Rows[0].Cells[at]; !cell.Few || cell.Behind != 3 {
		t.Errorf("%+v", cell)
	}
	if services.Rows[0].Cells[0].Few {
		t.Error("a count is marked")
	}
	d, _ := report.Look("kept_share")
	if v := d.Read(figures(3)); v.Number != nil {
		t.Errorf("a share of nothing is %v", *v.Number)
	}
	for _, key := range []string{"offered", "diverted", "offline"} { // of a day with a log, and no machine's report
		d, _ = report.Look(key)
		if v := d.Read(figures(3)); v.Number != nil {
			t.Errorf("%s, which nobody counted, is %v", key, *v.Number)
		}
	}
	known := figures(3)
	known.Counted, known.Offline = 1, 90*time.Second
	if v := d.Read(known); v.Number == nil || *v.Number != 1.5 || v.Few {
		t.Errorf("a minute and a half on its own is %+v", v)
	}
}

func TestAReportSaysOfHowManyDaysMachinesReported(t *testing.T) {
	asked := func(q measure.Query) (measure.Answer, error) {
		a, err := world(40)(q)
		a.Total.Counted = 5
		return a, err
	}
	r := made(t, order(t, report.Month, "2026-04", setagaya), asked)
	if !slices.ContainsFunc(r.Notes, func(n report.Words) bool {
		return strings.Contains(n.JA, "報告がある5日分") && strings.Contains(n.EN, "of the 5 days")
	}) {
		t.Errorf("%+v", r.Notes)
	}
}

func TestEveryFigureHasOneKeyAndBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range report.Dictionary {
		if seen[d.Key] || d.Name.JA == "" || d.Name.EN == "" || d.Meaning.JA == "" || d.Meaning.EN == "" || d.Unit == "" {
			t.Errorf("%+v", d)
		}
		seen[d.Key] = true
		d.Read(measure.Figures{}) // nothing divides by zero
		if v := d.Read(measure.Figures{}); v.Number != nil {
			t.Errorf("%s of nothing is %v", d.Key, *v.Number)
		}
	}
}

func TestNumbersAreWrittenAsOfficesReadThem(t *testing.T) {
	for _, c := range []struct {
		unit report.Unit
		n    float64
		want string
	}{
		{report.Count, 1234567, "1,234,567"},
		{report.Count, 12, "12"},
		{report.Minutes, 1234.5, "1,234.5"},
		{report.Share, 0.853, "85.3%"},
		{report.Ratio, 1.5, "1.50"},
		{report.Count, -1200, "-1,200"},
		{report.Minutes, -0.5, "-0.5"},
	} {
		if got := c.unit.Format(c.n); got != c.want {
			t.Errorf("%v %s is %s, want %s", c.n, c.unit, got, c.want)
		}
	}
}
