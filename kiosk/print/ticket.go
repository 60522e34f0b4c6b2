package print

import (
	"fmt"
	"time"
)

// Ticket is what stands on the paper. Empty fields leave out their line. Texts are
// cleaned of everything that is not to be seen before they reach a printer.
type Ticket struct {
	Ward        string // 世田谷区
	Office      string
	OfficeOther string // in the visitor's language, where that is not Japanese
	Number      string
	Service     string
	ServiceElse string
	At          time.Time // zero: no date is printed, because it is not known
	Ahead       int       // people waiting in front; negative: not known
	Low, High   time.Duration
	StatusURL   string   // in the QR code
	CheckIn     string   // six digits to type where a code cannot be scanned
	Bring       []string // documents to prepare, in the visitor's language where known
	Note        string   // a short text for this visitor, in their language
	Footer      []string // of the ward, in Japanese or the visitor's language
	FooterURL   string   // in a second QR code, such as the page of a new resident's district
	Language    string   // ja or "", ja-x-easy, en, zh, ko
	Copy        bool     // 再発行
	Rehearsal   bool     // 訓練: not a real ticket
	Sample      bool     // 見本
	Test        bool     // a test print by staff
	Offline     bool
}

// words are the fixed texts of a ticket in one language.
type words struct {
	ahead, expected, minutes, within, keep, scan, reprint, rehearsal string
}

var japanese = words{
	ahead: "前にお待ちの方 %d人", expected: "呼び出しまでの目安", minutes: "約%d〜%d分", within: "%d分以内",
	keep: "番号が呼ばれるまで、この紙をお持ちください。", scan: "待ち状況をスマートフォンで確認できます",
	reprint: "再発行", rehearsal: "訓練用 この番号は使えません",
}

var others = map[string]words{
	"ja-x-easy": {
		ahead: "あなたの 前(まえ)に %d人(にん)", expected: "呼(よ)ばれるまで だいたい", minutes: "%d〜%d分(ぷん)", within: "%d分(ぷん)までに",
		keep: "番号(ばんごう)を 呼(よ)びます。この紙(かみ)を 持(も)って 待(ま)ってください。",
		scan: "スマホで 見(み)ることが できます", reprint: "もういちど 出(だ)しました", rehearsal: "練習(れんしゅう)",
	},
	"en": {
		ahead: "%d people ahead of you", expected: "Expected wait", minutes: "about %d-%d min", within: "within %d min",
		keep: "Please keep this ticket until your number is called.", scan: "Follow your place on your phone",
		reprint: "REPRINTED", rehearsal: "TRAINING - not a valid ticket",
	},
	"zh": {
		ahead: "前面还有 %d 人", expected: "预计等候时间", minutes: "约 %d〜%d 分钟", within: "%d 分钟以内",
		keep: "叫到号码之前，请保管好此票。", scan: "可用手机查看等候情况", reprint: "补打", rehearsal: "演练用 无效",
	},
	"ko": {
		ahead: "앞에 %d명 대기 중", expected: "예상 대기 시간", minutes: "약 %d~%d분", within: "%d분 이내",
		keep: "번호를 부를 때까지 이 표를 보관해 주십시오.", scan: "휴대전화로 대기 상황을 볼 수 있습니다", reprint: "재발행", rehearsal: "훈련용 무효",
	},
}

// speaks returns the ticket's languages: Japanese first, then the visitor's.
func (t Ticket) speaks() []words {
	if w, ok := others[t.Language]; ok {
		return []words{japanese, w}
	}
	return []words{japanese}
}

// Date writes a moment as the ward does: 令和8年4月1日(水) 8時25分.
func Date(at time.Time) string {
	year := "令和元年"
	if y := at.Year() - 2018; y > 1 {
		year = fmt.Sprintf("令和%d年", y)
	}
	if at.Year() < 2019 || at.Year() == 2019 && at.Month() < 5 {
		year = fmt.Sprintf("%d年", at.Year()) // before the era
	}
	weekday := []rune("日月火水木金土")[at.Weekday()]
	return fmt.Sprintf("%s%d月%d日(%c) %d時%02d分", year, at.Month(), at.Day(), weekday, at.Hour(), at.Minute())
}

// Text returns the ticket as plain text.
func (t Ticket) Text() string {
	out := ""
	for _, l := range t.lines() {
		if l.text != "" {
			out += l.text + "\n"
		}
	}
	if t.StatusURL != "" {
		out += t.StatusURL + "\n"
	}
	return out
}

// line is one line of the paper: a text and its size in dots.
type line struct {
	text string
	size int
	bold bool
	gap  int // dots left free above it
}

func (t Ticket) lines() []line {
	speaks := t.speaks()
	var out []line
	add := func(text string, size int, bold bool, gap int) {
		if text != "" {
			out = append(out, line{text: text, size: size, bold: bold, gap: gap})
		}
	}
	for _, w := range speaks {
		if t.Rehearsal {
			add(w.rehearsal, 30, true, 4)
		}
		if t.Copy {
			add(w.reprint, 30, true, 4)
		}
	}
	add(t.Ward, 28, false, 8)
	add(t.Office, 32, true, 4)
	add(t.OfficeOther, 24, false, 2)
	add(t.Service, 36, true, 22)
	add(t.ServiceElse, 26, false, 4)
	add(t.Number, numberSize, true, 18)
	if !t.At.IsZero() {
		add(Date(t.At), 26, false, 14)
	}
	t.addWait(speaks, add)
	for _, w := range speaks {
		add(w.keep, 22, false, 12)
	}
	return out
}

func (t Ticket) addWait(speaks []words, add func(string, int, bool, int)) {
	for i, w := range speaks {
		gap := 18 - 10*min(i, 1)
		if t.Ahead >= 0 {
			add(fmt.Sprintf(w.ahead, t.Ahead), 32-6*min(i, 1), i == 0, gap)
		}
		if t.High > 0 {
			add(w.expected+" "+w.wait(t.Low, t.High), 26, false, 6)
		}
	}
}

// wait writes a range of minutes; one that begins at 0 reads "within".
func (w words) wait(low, high time.Duration) string {
	if low < time.Minute {
		return fmt.Sprintf(w.within, int(high.Minutes()))
	}
	return fmt.Sprintf(w.minutes, int(low.Minutes()), int(high.Minutes()))
}
