package measure_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"machi/internal/measure"
)

// TestQuantilesOfAYearAreExactToHalfAPercent merges a year of days and looks at every
// hundredth.
func TestQuantilesOfAYearAreExactToHalfAPercent(t *testing.T) {
	w := world{}
	for n := range 365 {
		if n%7 < 5 {
			w.tables = append(w.tables, tableOf(uint64(n), "east", dateOf(n), 30))
		}
	}
	compare(t, w, w.months(), measure.Query{From: dateOf(0), To: dateOf(364), By: []measure.Dimension{measure.ByFiscal}})
}

// TestAWrittenSheetIsReadAsItWas also reads what a damaged disk may hold.
func TestAWrittenSheetIsReadAsItWas(t *testing.T) {
	w := someWorld(3)
	var raw []byte
	for _, d := range w.tables {
		raw = measure.Of(d, w.extra(d)).AppendBinary(raw)
	}
	by := map[string][]*measure.Sheet{}
	for rest := raw; len(rest) > 0; {
		s, next, err := measure.ReadSheet(rest)
		if err != nil {
			t.Fatal(err)
		}
		key := string(s.Office) + string(s.Date[:7])
		by[key], rest = append(by[key], s), next
	}
	var months []*measure.Month
	for _, sheets := range by {
		months = append(months, measure.MonthOf(sheets...))
	}
	compare(t, w, months, measure.Query{From: dateOf(0), To: dateOf(500), By: []measure.Dimension{measure.ByOffice, measure.ByService, measure.ByHalfHour, measure.ByDate}})
	compare(t, w, months, measure.Query{From: dateOf(0), To: dateOf(500), By: []measure.Dimension{measure.ByOffice, measure.ByStage}})

	chance := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		spoilt := slices.Clone(raw[:3000+chance.IntN(3000)])
		for range chance.IntN(4) {
			spoilt[chance.IntN(len(spoilt))] = byte(chance.IntN(256))
		}
		for len(spoilt) > 0 {
			s, rest, err := measure.ReadSheet(spoilt)
			if err != nil {
				break
			}
			_, _ = measure.Gather(measure.Query{From: s.Date, To: s.Date, By: []measure.Dimension{measure.ByService, measure.ByHour}}, slices.Values([]*measure.Month{measure.MonthOf(s)}))
			spoilt = rest
		}
	}
}

func TestQuestionsAreChecked(t *testing.T) {
	for field, q := range map[string]measure.Query{
		"from": {From: "soon", To: dateOf(1)},
		"to":   {From: dateOf(1), To: dateOf(0)},
		"by":   {From: dateOf(0), To: dateOf(1), By: []measure.Dimension{measure.ByHour, measure.ByHalfHour}},
	} {
		_, err := measure.Gather(q, slices.Values([]*measure.Month(nil)))
		if wrong := (*measure.QueryError)(nil); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%+v: %v, want a complaint about %s", q, err, field)
		}
	}
	for _, q := range []measure.Query{
		{From: dateOf(0), To: dateOf(measure.MaxDays)},
		{From: dateOf(0), To: dateOf(1), By: []measure.Dimension{"colour"}},
		{From: dateOf(0), To: dateOf(1), By: []measure.Dimension{measure.ByDate, measure.ByDate}},
	} {
		if q.Check() == nil {
			t.Errorf("%+v is allowed", q)
		}
	}
	if err := (measure.Query{From: dateOf(0), To: dateOf(measure.MaxDays - 1), By: measure.Dimensions[:4]}).Check(); err != nil {
		t.Error(err)
	}
}

// TestAnAnswerHasSoManyRowsAtMost asks for more than anybody reads.
func TestAnAnswerHasSoManyRowsAtMost(t *testing.T) {
	var months []*measure.Month
	for n := range 95 {
		d := tableOf(1, "east", dateOf(n), 1)
		one := d.Visits[0]
		for half := range 300 {
			one.Service, one.Issued, one.Arrived = services[half%8], one.Issued.Add(6*time.Minute), time.Time{}
			d.Visits = append(d.Visits, one)
		}
		months = append(months, measure.MonthOf(measure.Of(d, measure.Extra{})))
	}
	_, err := measure.Gather(measure.Query{From: dateOf(0), To: dateOf(364), By: []measure.Dimension{measure.ByDate, measure.ByService, measure.ByHalfHour}}, slices.Values(months))
	if wrong := (*measure.QueryError)(nil); !errors.As(err, &wrong) || wrong.Field != "by" {
		t.Errorf("%v", err)
	}
}

func TestWhatIsDerived(t *testing.T) {
	f := measure.Figures{Diverted: 4, Channels: measure.Channels{Kiosk: 10, Web: 2}, Service: measure.DistOf(5*time.Minute, 6*time.Minute, 9*time.Minute)}
	if got, want := f.Saved().Total(), 5*time.Minute+3*time.Minute+4*f.Service.P50; got != want {
		t.Errorf("saved %v, want %v", got, want)
	}
	f.ByHour[9], f.ByHour[10], f.ByHour[11], f.ByHour[20] = 50, 100, 150, 1 // and one at night
	if peak, ok := f.Peak(); !ok || peak != 1.5 {
		t.Errorf("the busiest hour has %v times the mean", peak)
	}
	if _, ok := (measure.Figures{}).Peak(); ok {
		t.Error("nobody came, and there is a peak")
	}
	both := measure.DistOf(time.Minute, 0, -time.Second).Plus(measure.DistOf(time.Hour))
	if q, _ := both.Quantile(0.5); both.Count != 4 || both.Max != time.Hour || q != 0 || both.Mean != 15*time.Minute+15*time.Second {
		t.Errorf("%+v", both)
	}
}

// TestWhatIsTooMuchForOneCellGoesToAnother counts more than the columns hold.
func TestWhatIsTooMuchForOneCellGoesToAnother(t *testing.T) {
	var sheets []*measure.Sheet
	for n := range 2 {
		d := tableOf(1, "east", dateOf(n), 1)
		one := d.Visits[0]
		for range 35_000 {
			d.Visits = append(d.Visits, one)
		}
		sheets = append(sheets, measure.Of(d, measure.Extra{}))
	}
	a, err := measure.Gather(measure.Query{From: dateOf(0), To: dateOf(1), Services: services, By: []measure.Dimension{measure.ByService}}, slices.Values([]*measure.Month{measure.MonthOf(sheets...)}))
	if err != nil {
		t.Fatal(err)
	}
	one, _ := measure.Gather(measure.Query{From: dateOf(0), To: dateOf(0)}, slices.Values([]*measure.Month{measure.MonthOf(measure.Of(tableOf(1, "east", dateOf(0), 1), measure.Extra{}))}))
	const n = 70_002
	if f, f1 := a.Total, one.Total; f.Arrivals != n || f.Called != n*f1.Called || f.Visit.Sum() != n*f1.Visit.Sum() || f.Visit.Count != n*f1.Visit.Count || f.Busy != n*f1.Busy || f.Visit.P90 != f1.Visit.Max && f1.Visit.Max-f.Visit.P90 > f1.Visit.Max/100 {
		t.Errorf("%d came, %+v; one: %+v", f.Arrivals, f.Visit, f1.Visit)
	}
}
