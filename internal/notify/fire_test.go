package notify

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/told"
)

func TestARuleIsDueWhenItSaysOrWhenCalled(t *testing.T) {
	waits := func(ahead, low int) Standing {
		return Standing{Status: queue.Waiting, Stage: queue.StageReception, Ahead: ahead, Span: told.Span{Low: low, High: low + 10}}
	}
	with := func(s Standing, change func(*Standing)) Standing { change(&s); return s }
	calls := with(waits(0, 0), func(s *Standing) { s.Status, s.Called, s.Counter = queue.Called, true, "3" })
	delivery := with(waits(2, 5), func(s *Standing) { s.Stage = queue.StageDelivery })
	status := func(st queue.Status) Standing { return with(waits(0, 0), func(s *Standing) { s.Status = st }) }
	unknown := with(waits(9, 0), func(s *Standing) { s.Span = told.Span{} })
	for _, tt := range []struct {
		name string
		when When
		s    Standing
		kind Kind
		v    verdict
	}{
		{"four ahead are not three", When{People: 3}, waits(4, 30), "", notYet},
		{"three ahead", When{People: 3}, waits(3, 30), Near, now},
		{"fifteen minutes are not ten", When{Minutes: 10}, waits(9, 15), "", notYet},
		{"ten minutes", When{Minutes: 10}, waits(9, 10), Near, now},
		{"nobody knows how long", When{Minutes: 10}, unknown, "", notYet},
		{"called, though three were asked for", When{People: 3}, calls, Called, now},
		{"called, though ten minutes were asked for", When{Minutes: 10}, calls, Called, now},
		{"called", When{Called: true}, calls, Called, now},
		{"next is not called", When{Called: true}, waits(0, 0), "", notYet},
		{"held", When{People: 3}, status(queue.Held), "", notYet},
		{"missed", When{Called: true}, status(queue.NoShow), "", notYet},
		{"being served", When{People: 3}, status(queue.Serving), "", tooLate},
		{"papers being made", When{Called: true}, status(queue.Processing), "", tooLate},
		{"gone", When{People: 3}, status(queue.Withdrawn), "", tooLate},
		{"papers not ready", When{Ready: true}, status(queue.Processing), "", notYet},
		{"called for the papers' sake", When{Ready: true}, calls, "", notYet},
		{"papers ready", When{Ready: true}, delivery, Ready, now},
		{"papers called", When{Ready: true}, with(delivery, func(s *Standing) { s.Called = true }), Called, now},
		{"papers handed over", When{Ready: true}, with(delivery, func(s *Standing) { s.Status = queue.Serving }), "", tooLate},
		{"papers never came", When{Ready: true}, status(queue.Done), "", tooLate},
	} {
		if kind, v := tt.when.fires(tt.s); kind != tt.kind || v != tt.v {
			t.Errorf("%s: %q, %v; want %q, %v", tt.name, kind, v, tt.kind, tt.v)
		}
	}
}

func TestWhatCannotBeAskedFor(t *testing.T) {
	for w, field := range map[When]string{
		{People: 3}: "", {Minutes: 5}: "", {Called: true}: "", {Ready: true}: "",
		{}: "when", {People: 1, Called: true}: "when", {People: 51}: "people", {People: -1}: "people",
		{Minutes: 4}: "minutes", {Minutes: 121}: "minutes", {Minutes: -1}: "minutes",
	} {
		if got := w.fault(); got != field {
			t.Errorf("%+v: %q, want %q", w, got, field)
		}
	}
	for w, want := range map[When]string{{People: 3}: `{"people":3}`, {Minutes: 10}: `{"minutes":10}`, {Called: true}: `"called"`, {Ready: true}: `"ready"`} {
		if raw, err := json.Marshal(Told(w)); err != nil || string(raw) != want {
			t.Errorf("%s, %v; want %s", raw, err, want)
		}
	}
}

func TestMailAddressesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		" Taro@Example.JP ": "Taro@example.jp", "a..b@docomo.ne.jp": `"a..b"@docomo.ne.jp`, "a.@ezweb.ne.jp": `"a."@ezweb.ne.jp`,
		"": "", "taro": "", "@example.jp": "", "taro@localhost": "", "a@b.jp,c@d.jp": "", "Taro <taro@example.jp>": "",
		"taro@example.jp\r\nBcc: x@y.jp": "", "ta ro@example.jp": "", `"x"@example.jp`: "", "taro@exa/mple.jp": "", "taro@[127.0.0.1]": "",
		strings.Repeat("a", 65) + "@example.jp": "", "a@" + strings.Repeat("b", 250) + ".jp": "", "太郎@例え.jp": "",
	} {
		if got := checkMail(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := hint(Contact{Mail: `"a..b"@docomo.ne.jp`}); got != "a•••@docomo.ne.jp" {
		t.Errorf("hint %q", got)
	}
	for text, want := range map[string]string{" ab2 3cd ": "AB23CD", "ＡＢ２３ＣＤ": "AB23CD", "ab-23cd": "AB23CD", "ab23c": "", "ab23c0": "", "こんにちは": "", "hello there": ""} {
		if got := asCode(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestMessagesSayWhatIsNeededInFiveLanguages draws every message in every language.
func TestMessagesSayWhatIsNeededInFiveLanguages(t *testing.T) {
	office := map[string]string{"ja": "世田谷くみん窓口", "en": "Setagaya counter"}
	at := Standing{Name: office, Number: "A012", Ahead: 3, Span: told.Span{Low: 10, High: 20}, Counter: "5", Called: true}
	first := at
	first.Ahead, first.Span = 0, told.Span{High: 5}
	long := at
	long.Span = told.Of(3*time.Hour, 6*time.Hour)
	nowhere := at
	nowhere.Counter, nowhere.Span = "", told.Span{}
	for _, lang := range Langs {
		if len(texts[lang]) != len(texts["ja"]) {
			t.Errorf("%s has %d texts, ja %d", lang, len(texts[lang]), len(texts["ja"]))
		}
		for _, kind := range []Kind{Near, Called, Ready} {
			for _, s := range []Standing{at, first, long, nowhere} {
				m := message("id", kind, s, Contact{Lang: lang, Secret: "s3"})
				whole := m.Title + "\n" + m.Body
				if strings.ContainsAny(whole, "{}") || strings.Contains(whole, "  ") || strings.Contains(whole, "s3") || m.Body == "" {
					t.Errorf("%s %s: %q", lang, kind, whole)
				}
				if !strings.Contains(m.Title, "A012") || m.URL != "/t/s3" || m.Tag != "id" {
					t.Errorf("%s %s: %+v", lang, kind, m)
				}
				if kind == Near && s.Span == at.Span && (!strings.Contains(m.Body, "10") || !strings.Contains(m.Body, "20") || !strings.Contains(m.Body, "3")) {
					t.Errorf("%s: %q names no range", lang, m.Body)
				}
			}
		}
	}
	en := message("id", Near, at, Contact{Lang: "en"})
	if want := "Setagaya counter: 3 ahead of you. About 10 to 20 minutes. Please come back near the counters."; en.Body != want {
		t.Errorf("%q, want %q", en.Body, want)
	}
	if ja := message("id", Called, at, Contact{Lang: "ko"}); ja.Office != office["ja"] {
		t.Errorf("an office without a Korean name is called %q", ja.Office)
	}
}

func TestPausesGrowAndObeyTheOtherSide(t *testing.T) {
	for tries := 1; tries < 40; tries++ {
		least, most := Pause(tries, 0, 0), Pause(tries, 0, 1)
		if least < time.Second || most > mostPause || least > most {
			t.Errorf("try %d: %v to %v", tries, least, most)
		}
	}
	if got := Pause(1, 90*time.Second, 0); got != 90*time.Second {
		t.Errorf("asked for 90 seconds: %v", got)
	}
	if got := Pause(1, 24*time.Hour, 0); got != mostAfter {
		t.Errorf("asked for a day: %v", got)
	}
}
