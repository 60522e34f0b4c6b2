package ui_test

import (
	"strings"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
)

// spokenOffice is an open office at five past ten with two purposes.
func spokenOffice(change ...func(*board.Office)) board.Office {
	at := time.Date(2026, 4, 1, 10, 5, 0, 0, queue.JST)
	wait := func(low, high int) *board.Estimate { return &board.Estimate{Low: low * 60, High: high * 60} }
	service := func(id queue.ServiceID, purpose string, called, finished *board.Estimate) board.Service {
		return board.Service{
			ID: id, Name: board.Text{"ja": string(id)}, Purpose: purpose, Accepting: true, UntilCalled: called, UntilFinished: finished,
			Opens: at.Add(-95 * time.Minute), Closes: at.Add(7 * time.Hour),
		}
	}
	o := board.Office{
		ID: "km", Name: board.Text{"ja": "世田谷総合支所 くみん窓口", "ja-x-easy": "世田谷総合支所(せたがやそうごうししょ) くみん窓口(まどぐち)", "en": "Setagaya Counter", "zh": "世田谷居民窗口"},
		State: "open", AsOf: at, Waiting: 32,
		Services: []board.Service{
			service("moving", "moving", wait(20, 35), wait(45, 70)),
			service("seal", "certificate", wait(0, 5), wait(5, 15)),
			service("paper", "certificate", wait(5, 10), wait(10, 20)),
		},
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

func shut(why queue.Code) func(*board.Office) {
	return func(o *board.Office) {
		for i := range o.Services {
			o.Services[i].Accepting, o.Services[i].Why = false, string(why)
		}
	}
}

// spokenCases are what an office may have to say.
var spokenCases = []struct {
	name, purpose string
	change        func(*board.Office)
	ja, en        string
}{
	{
		"two purposes", "", func(*board.Office) {},
		"世田谷総合支所 くみん窓口は、午前10時5分現在、32人がお待ちで、呼ばれるまでの目安は、いちばん長い引越しが約20分から35分、いちばん短い証明書、印鑑登録が10分以内ですが、変わることがあります。",
		"At Setagaya Counter, as of 10:05 AM, 32 people are waiting; the estimated wait until called is longest for Moving, about 20 to 35 minutes, and shortest for Certificates and seals, within 10 minutes, but it may change.",
	},
	{
		"one purpose until called and until finished", "moving", func(*board.Office) {},
		"世田谷総合支所 くみん窓口は、午前10時5分現在、32人がお待ちで、引越しの目安は、呼ばれるまで約20分から35分、終わるまで約45分から70分ですが、変わることがあります。",
		"At Setagaya Counter, as of 10:05 AM, 32 people are waiting; the estimate for Moving is about 20 to 35 minutes until called, and about 45 to 70 minutes until finished, but it may change.",
	},
	{
		"the same everywhere", "", func(o *board.Office) {
			o.Services = o.Services[1:]
			o.Services[1].Purpose, o.Services[1].UntilCalled = "moving", o.Services[0].UntilCalled
			o.Waiting = 0
		},
		"世田谷総合支所 くみん窓口は、午前10時5分現在、お待ちの方はなく、呼ばれるまでの目安は、どの手続きも5分以内ですが、変わることがあります。",
		"At Setagaya Counter, as of 10:05 AM, nobody is waiting; the estimated wait until called is within 5 minutes for every procedure, but it may change.",
	},
	{
		"a shock makes the range wide", "moving", func(o *board.Office) {
			o.Waiting = 1
			o.Services[0].UntilCalled.High = 110 * 60
			o.Services[0].UntilFinished = &board.Estimate{Low: 65 * 60, High: 150 * 60}
		},
		"世田谷総合支所 くみん窓口は、午前10時5分現在、お一人がお待ちで、引越しの目安は、呼ばれるまで約20分から110分、終わるまで約60分以上ですが、大きく変わることがあります。",
		"At Setagaya Counter, as of 10:05 AM, one person is waiting; the estimate for Moving is about 20 to 110 minutes until called, and about 60 minutes or more until finished, but it may change a lot.",
	},
	{
		"no estimate", "", func(o *board.Office) {
			for i := range o.Services {
				o.Services[i].UntilCalled, o.Services[i].UntilFinished = nil, nil
			}
		},
		"世田谷総合支所 くみん窓口は、午前10時5分現在、32人がお待ちで、待ち時間の目安はわかりませんが、番号の順にお呼びしています。",
		"At Setagaya Counter, as of 10:05 AM, 32 people are waiting; the wait cannot be estimated now, and numbers are called in order.",
	},
	{
		"before reception hours", "", func(o *board.Office) { o.AsOf = o.AsOf.Add(-2 * time.Hour); shut(queue.OutsideHours)(o) },
		"世田谷総合支所 くみん窓口は、午前8時5分現在、まだ受付を始めておらず、今日の受付は午前8時30分からです。",
		"At Setagaya Counter, as of 8:05 AM, reception has not started, and opens at 8:30 AM today.",
	},
	{
		"after reception hours", "", func(o *board.Office) { o.AsOf = o.AsOf.Add(7 * time.Hour); shut(queue.OutsideHours)(o) },
		"世田谷総合支所 くみん窓口は、午後5時5分現在、今日の受付を終わりました。",
		"At Setagaya Counter, as of 5:05 PM, reception has closed for today.",
	},
	{
		"the day is closed", "", shut(queue.DayIsClosed),
		"世田谷総合支所 くみん窓口は、午前10時5分現在、今日の受付を終わりました。", "At Setagaya Counter, as of 10:05 AM, reception has closed for today.",
	},
	{
		"not a business day", "", func(o *board.Office) { o.State, o.Services, o.Waiting = "closed", nil, 0 },
		"世田谷総合支所 くみん窓口は、午前10時5分現在、受付をしていません。", "At Setagaya Counter, as of 10:05 AM, reception is closed.",
	},
	{
		"the office is paused", "", func(o *board.Office) { o.State = "paused" },
		"世田谷総合支所 くみん窓口は、午前10時5分現在、受付を休んでいます。", "At Setagaya Counter, as of 10:05 AM, reception is suspended.",
	},
	{
		"the service is stopped", "moving", shut(queue.ServiceNotOpen),
		"世田谷総合支所 くみん窓口は、午前10時5分現在、受付を休んでいます。", "At Setagaya Counter, as of 10:05 AM, reception is suspended.",
	},
	{
		"the server repairs its copy", "", func(o *board.Office) { o.Doubt = true },
		"世田谷総合支所 くみん窓口は、午前10時5分現在、情報を確かめているため、待ち時間をお伝えできません。",
		"At Setagaya Counter, as of 10:05 AM, the figures are being checked, so the wait cannot be told.",
	},
	{
		"who waits for a private service is nobody's business", "", func(o *board.Office) { o.Services[0].Private = true },
		"世田谷総合支所 くみん窓口は、午前10時5分現在、32人がお待ちで、証明書、印鑑登録の目安は、呼ばれるまで10分以内、終わるまで約5分から20分ですが、変わることがあります。",
		"At Setagaya Counter, as of 10:05 AM, 32 people are waiting; the estimate for Certificates and seals is within 10 minutes until called, and about 5 to 20 minutes until finished, but it may change.",
	},
	{
		"an endless name leaves room for the wait", "", func(o *board.Office) {
			o.Name = board.Text{"ja": strings.Repeat("長", 90), "en": strings.Repeat("long ", 60)}
		},
		"午前10時5分現在、呼ばれるまでの目安は、長いもので約20分から35分です。", "As of 10:05 AM, the longest estimated wait until called is about 20 to 35 minutes.",
	},
}

func TestAnOfficeIsSaidInOneSentence(t *testing.T) {
	for _, c := range spokenCases {
		t.Run(c.name, func(t *testing.T) {
			o := spokenOffice(c.change)
			for lang, want := range map[ui.Lang]string{ui.Japanese: c.ja, ui.English: c.en} {
				if got := ui.PublicTexts.Spoken(lang, o, c.purpose); got != want {
					t.Errorf("%s:\ngot  %s\nwant %s", lang, got, want)
				}
			}
			for lang := range ui.PublicTexts {
				checkSpeakable(t, lang, ui.PublicTexts.Spoken(lang, o, c.purpose))
			}
		})
	}
}

// checkSpeakable holds a sentence to what a voice can read: one sentence, no signs, no
// name that was not filled in, twenty seconds.
func checkSpeakable(t *testing.T, lang ui.Lang, sentence string) {
	t.Helper()
	if strings.ContainsAny(sentence, "〜～~–—()（）{}/・<>\u200b\u00a0\n") {
		t.Errorf("%s: a voice stumbles over %s", lang, sentence)
	}
	if n := strings.Count(sentence, "。") + strings.Count(sentence+" ", ". "); n != 1 {
		t.Errorf("%s: %d sentences: %s", lang, n, sentence)
	}
	if s := ui.Seconds(lang, sentence); s > 20 {
		t.Errorf("%s: takes %.0f s: %s", lang, s, sentence)
	}
}

func TestAnOfficeThatCannotBeReadIsSaidToo(t *testing.T) {
	for lang := range ui.PublicTexts {
		checkSpeakable(t, lang, ui.PublicTexts.SpokenNothing(lang))
	}
}

func TestAJapaneseNameIsNotReadAloudInKorean(t *testing.T) {
	if got := ui.PublicTexts.Spoken(ui.Korean, spokenOffice(), ""); !strings.HasPrefix(got, "이 창구, 오전 10시 5분 현재") {
		t.Error(got)
	}
}
