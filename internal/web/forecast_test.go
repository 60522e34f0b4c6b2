package web_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/expect/expecttest"
	"machi/internal/forecast"
	"machi/internal/history"
	"machi/internal/outlook"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web"
)

// foreseen are the days to come of a ward of which every office but one has a past.
type foreseen struct {
	today queue.Date
	young queue.OfficeID
	model *forecast.Model
	usual *outlook.Usual
	was   map[queue.Date]expect.Was

	mu     sync.Mutex
	days   map[foreseenDay]expect.Day // that were asked for
	record func() expect.Record
}

type foreseenDay struct {
	date  queue.Date
	young bool
}

func newForeseen(today queue.Date) *foreseen {
	f := &foreseen{today: today, young: "mn-center", was: map[queue.Date]expect.Was{}, days: map[foreseenDay]expect.Day{}}
	f.record = sync.OnceValue(f.compare)
	var counts []forecast.Count
	var days []history.Day
	end, _ := calendar.ParseDay(string(today))
	for n := 120; n > 0; n-- {
		d, open := expecttest.Closed(expecttest.Office, queue.Date(end.Add(-n).String()), 1)
		if w, _ := expect.WasOf(d, expecttest.Limits); open {
			f.was[d.Date] = w
			counts, days = append(counts, w.Counts...), append(days, d)
		}
	}
	f.model, f.usual = forecast.Fit(counts, forecast.Special{Country: forecast.Japan}, nil), outlook.Learn(days)
	return f
}

func (f *foreseen) Forecast(id queue.OfficeID, date queue.Date) (expect.Day, bool) {
	if date < f.today || date > shifted(f.today, expect.Horizon-1) {
		return expect.Day{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := foreseenDay{date, id == f.young}
	d, made := f.days[key]
	if !made {
		d = f.make(key)
		f.days[key] = d
	}
	d.Office = id
	return d, true
}

func (f *foreseen) make(of foreseenDay) expect.Day {
	s := expect.Source{Date: of.date, Settings: expecttest.Settings(of.date), Thresholds: expecttest.Limits, Days: len(f.was)}
	if of.young {
		return expect.Make(s)
	}
	s.Model, s.Usual = f.model, f.usual
	if of.date == shifted(f.today, 1) {
		s.Remark = &expect.Override{Level: board.LevelVeryBusy, Reason: "一斉発送 <の翌日>", By: "tanaka"}
		s.Events = []expect.Event{{ID: "e", Name: board.Text{"ja": "健康まつり"}}}
	}
	return expect.Make(s)
}

func (f *foreseen) Foretold(_ queue.OfficeID, ahead int) (expect.Record, bool) {
	r := f.record()
	r.Ahead = ahead
	return r, true
}

func (f *foreseen) compare() expect.Record {
	var told []expect.Told
	for n := 20; n > 0; n-- {
		d := expect.Make(expect.Source{Date: shifted(f.today, -n), Settings: expecttest.Settings(shifted(f.today, -n)), Model: f.model, Usual: f.usual, Thresholds: expecttest.Limits})
		told = append(told, expect.ToldOf(d))
	}
	return expect.Compare(7, told, f.was)
}

func shifted(d queue.Date, days int) queue.Date {
	day, _ := calendar.ParseDay(string(d))
	return queue.Date(day.Add(days).String())
}

func TestDaysToComeAreSaidInWordsInEveryLanguage(t *testing.T) {
	today := queue.Date("2026-04-01")
	s := newSite(t, func(d *web.Deps) {
		today = queue.BusinessDay(d.Now())
		d.Forecasts = newForeseen(today)
	})
	get := func(path string) string {
		t.Helper()
		w := s.get(path)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		return w.Body.String()
	}
	office := "/offices/km-setagaya/forecast"
	for lang := range ui.PublicTexts {
		say := func(key string, pairs ...any) string { return ui.PublicTexts.Say(lang, key, pairs...) }
		page := get(office + "?lang=" + string(lang))
		for _, want := range []string{say("fc.best"), say("fc.record"), say("fc.level.quiet"), say("fc.short.closed"), say("fc.hours")} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is not there", lang, want)
			}
		}
		for _, text := range []string{page, get("/forecast?lang=" + string(lang))} {
			if strings.Contains(text, ">fc.") || strings.Contains(text, "{low}") || strings.Contains(text, "六曜") || strings.Contains(text, "大安") {
				t.Errorf("%s: a page holds a key, a gap, or what must not be shown", lang)
			}
		}
	}
	said := get(office + "?date=" + string(shifted(today, 1)))
	if !strings.Contains(said, "一斉発送 &lt;の翌日&gt;") || !strings.Contains(said, "健康まつり") || strings.Contains(said, "tanaka") || !strings.Contains(said, "大変混雑の見込み") {
		t.Error("what staff said is not shown, or who said it is")
	}
	if young := get("/offices/mn-center/forecast?lang=ja"); !strings.Contains(young, ui.PublicTexts.Say(ui.Japanese, "fc.young")) {
		t.Error("an office without a past says nothing of it")
	}
	for _, path := range []string{office, "/forecast", "/manager/forecast", "/manager/forecast?office=km-kinuta&date=" + string(shifted(today, 1)), "/manager/km-setagaya/special-days"} {
		if text := get(path); inline.MatchString(text) || strings.Contains(text, ">fcm.") {
			t.Errorf("%s holds inline code, or a key: %q", path, inline.FindString(text))
		}
	}
	if text := get("/manager/forecast"); !strings.Contains(text, ui.StaffTexts.Say(ui.Japanese, "fcm.levels")) {
		t.Error("nothing is said of each level that was told")
	}
	for _, strange := range []string{"?date=yesterday", "?month=2099-01", "?date=2020-01-01&month=x", "?service=nope", "?date=" + string(shifted(today, expect.Horizon))} {
		get(office + strange)
	}
	if w := s.get("/offices/nowhere/forecast"); w.Code != http.StatusNotFound {
		t.Errorf("no office: %d", w.Code)
	}
}
