package print

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"machi/internal/told"
)

// words are the fixed texts of a ticket in one language.
type words struct {
	nobody, one, ahead              string // nobody, one, or %d people in front
	expected                        string
	soon, within, minutes, more     string // {low}, {high}, and how 分 is read: {fun}
	keep, scan, checkIn, bring      string
	copy, rehearsal, sample, test   string
	aheadLabel, nobodyValue, valued string // Japanese: a label and a large value
}

var inJapanese = words{
	aheadLabel: "前にお待ちの方", nobodyValue: "いません", valued: "%d人", ahead: "前にお待ちの方 %d人",
	expected: "呼ばれるまでの目安", soon: "まもなく（5分以内）", within: "{high}分以内", minutes: "約{low}〜{high}分", more: "約{low}分以上",
	keep: "番号が呼ばれるまで、この紙をお持ちください。", scan: "待ち状況をスマートフォンで確認できます",
	checkIn: "受付コード", bring: "ご用意いただくもの",
	copy: "再発行", rehearsal: "訓練用 この番号は使えません", sample: "見本", test: "テスト印刷",
}

var others = map[string]words{
	"ja-x-easy": {
		nobody: "あなたの 前(まえ)に だれも いません", one: "あなたの 前(まえ)に 1人(ひとり)", ahead: "あなたの 前(まえ)に %d人(にん)",
		expected: "呼(よ)ばれるまで", soon: "もうすぐ（5分(ふん)より 早(はや)い）", within: "{high}分({fun})より 早(はや)い",
		minutes: "だいたい {low}から {high}分({fun})", more: "{low}分({fun})より 長(なが)い",
		keep: "番号(ばんごう)を 呼(よ)びます。この紙(かみ)を 持(も)って 待(ま)ってください。",
		scan: "スマホで 見(み)ることが できます", checkIn: "コード", bring: "用意(ようい)する もの",
		copy: "もういちど 出(だ)しました", rehearsal: "練習(れんしゅう)", sample: "見本(みほん)", test: "テスト",
	},
	"en": {
		nobody: "No one ahead of you", one: "1 person ahead of you", ahead: "%d people ahead of you",
		expected: "Until called", soon: "soon (within 5 min)", within: "within {high} min", minutes: "about {low}-{high} min", more: "about {low} min or more",
		keep: "Please keep this ticket until your number is called.", scan: "Follow your place on your phone",
		checkIn: "Code", bring: "Please prepare",
		copy: "REPRINTED", rehearsal: "TRAINING - not a valid ticket", sample: "SAMPLE", test: "TEST PRINT",
	},
	"zh": {
		nobody: "前面没有人等候", one: "前面还有 1 人", ahead: "前面还有 %d 人",
		expected: "预计到叫号为止", soon: "马上（5分钟以内）", within: "{high}分钟以内", minutes: "约{low}〜{high}分钟", more: "约{low}分钟以上",
		keep: "叫到号码之前，请保管好此票。", scan: "可用手机查看等候情况", checkIn: "代码", bring: "请准备",
		copy: "补打", rehearsal: "演练用 无效", sample: "样张", test: "测试打印",
	},
	"ko": {
		nobody: "앞에 대기자가 없습니다", one: "앞에 1명 대기 중", ahead: "앞에 %d명 대기 중",
		expected: "호출까지 예상", soon: "곧 (5분 이내)", within: "{high}분 이내", minutes: "약 {low}~{high}분", more: "약 {low}분 이상",
		keep: "번호를 부를 때까지 이 표를 보관해 주십시오.", scan: "휴대전화로 대기 상황을 볼 수 있습니다", checkIn: "코드", bring: "준비하실 것",
		copy: "재발행", rehearsal: "훈련용 무효", sample: "견본", test: "시험 인쇄",
	},
}

// count writes how many people wait in front.
func (w words) count(ahead int) string {
	switch {
	case ahead == 0 && w.nobody != "":
		return w.nobody
	case ahead == 1 && w.one != "":
		return w.one
	}
	return fmt.Sprintf(w.ahead, ahead)
}

// wait writes how long a visitor is told to wait; empty where nothing is known.
func (w words) wait(low, high time.Duration) string {
	if high <= 0 {
		return ""
	}
	said := told.Of(low, high).Words()
	text := map[told.Kind]string{told.Soon: w.soon, told.Within: w.within, told.Between: w.minutes, told.OrMore: w.more}[said.Kind]
	return strings.NewReplacer("{low}", strconv.Itoa(said.Low), "{high}", strconv.Itoa(said.High), "{fun}", said.Minutes()).Replace(text)
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
