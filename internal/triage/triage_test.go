package triage_test

import (
	"fmt"
	"slices"
	"testing"

	"machi/internal/catalog"
	"machi/internal/triage"
)

// ward returns the index of the built-in guide.
func ward(t testing.TB) (*triage.Index, *catalog.Catalog) {
	t.Helper()
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	var entries []triage.Entry
	for _, m := range c.Matters {
		entries = append(entries, triage.Entry{ID: m.ID, Names: []string{m.Name["ja"], m.Name["en"]}, Words: m.Words, With: m.With})
	}
	return triage.New(entries), c
}

func ids(hits []triage.Hit) []string {
	var list []string
	for _, h := range hits {
		list = append(list, h.ID)
	}
	return list
}

// TestWhatResidentsSay holds the guide to what people really say: every wanted
// matter stands among the first so many.
func TestWhatResidentsSay(t *testing.T) {
	x, _ := ward(t)
	tests := []struct {
		query string
		among int
		want  []string
	}{
		{"引越し", 3, []string{"move-in", "move-within", "move-out"}},
		{"引っ越し", 3, []string{"move-in"}},
		{"ひっこし", 3, []string{"move-in"}},
		{"ヒッコシ", 3, []string{"move-in"}},
		{"ﾋｯｺｼ", 3, []string{"move-in"}},
		{"ひつこし", 3, []string{"move-in"}},
		{"引越し 子ども", 6, []string{"move-in", "child-allowance", "school"}},
		{"子供　引っ越し", 6, []string{"move-in", "child-allowance", "school"}},
		{"引越しと子どもの学校", 4, []string{"move-in", "school"}},
		{"世田谷に引っ越してきた", 2, []string{"move-in"}},
		{"てんにゅう", 1, []string{"move-in"}},
		{"海外から帰国", 2, []string{"move-in"}},
		{"転勤で区外へ", 1, []string{"move-out"}},
		{"同じ区の中で引越し", 2, []string{"move-within"}},
		{"世帯主を変えたい", 1, []string{"household"}},
		{"転校", 1, []string{"school"}},
		{"旧姓", 1, []string{"former-name"}},
		{"住民票", 1, []string{"cert-resident"}},
		{"じゅうみんひょう", 1, []string{"cert-resident"}},
		{"ジュウミンヒョウ", 1, []string{"cert-resident"}},
		{"じゅうみん", 1, []string{"cert-resident"}},
		{"じゅうみnひょう", 1, []string{"cert-resident"}},
		{"じゅみんひょう", 1, []string{"cert-resident"}},
		{"住民票がほしい", 1, []string{"cert-resident"}},
		{"juminhyo", 1, []string{"cert-resident"}},
		{"印鑑証明", 1, []string{"cert-seal"}},
		{"車を買う", 1, []string{"cert-seal"}},
		{"実印を登録したい", 2, []string{"seal-registration"}},
		{"ハンコ", 1, []string{"seal-registration"}},
		{"非課税証明書", 1, []string{"cert-tax"}},
		{"奨学金の書類", 1, []string{"cert-tax"}},
		{"謄本", 1, []string{"koseki-cert"}},
		{"パスポートを作る", 2, []string{"koseki-cert", "passport"}},
		{"パスポート", 2, []string{"passport"}},
		{"独身証明", 1, []string{"identity-cert"}},
		{"相続", 3, []string{"koseki-removed", "bereavement"}},
		{"実家の戸籍", 2, []string{"koseki-wide"}},
		{"赤ちゃんが生まれた", 1, []string{"birth"}},
		{"結婚", 1, []string{"marriage"}},
		{"入籍", 2, []string{"marriage"}},
		{"りこん", 1, []string{"divorce"}},
		{"死亡届", 1, []string{"death"}},
		{"母が亡くなった", 2, []string{"death", "bereavement"}},
		{"おくやみ", 1, []string{"bereavement"}},
		{"葬祭費", 1, []string{"bereavement"}},
		{"養子", 1, []string{"koseki-other"}},
		{"ストーカー", 1, []string{"protection"}},
		{"マイナンバー 住所変更", 3, []string{"card-address"}},
		{"電子証明書", 1, []string{"ecert"}},
		{"マイナンバーカード更新", 1, []string{"ecert"}},
		{"暗証番号を忘れた", 1, []string{"pin"}},
		{"カードの受け取り", 1, []string{"card-issue"}},
		{"マイナンバーカード なくした", 1, []string{"card-lost"}},
		{"ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞを作りたい", 3, []string{"card-apply"}},
		{"会社を辞めた", 1, []string{"nhi-join"}},
		{"保険証", 2, []string{"nhi-join"}},
		{"こくほ", 2, []string{"nhi-join", "nhi-leave"}},
		{"就職して社会保険に入った", 1, []string{"nhi-leave"}},
		{"20歳 年金", 1, []string{"pension"}},
		{"年金が払えない", 1, []string{"pension-exempt"}},
		{"犬", 1, []string{"dog"}},
		{"わんちゃんの注射", 1, []string{"dog"}},
		{"特別永住者", 1, []string{"residence"}},
		{"オンライン相談", 1, []string{"video"}},
		{"何をすればいいか分からない", 1, []string{"advice"}},
		{"通知が来た", 2, []string{"advice"}},
		{"児童手当", 1, []string{"child-allowance"}},
		{"マル乳", 1, []string{"child-medical"}},
		{"ほいくえん", 1, []string{"childcare"}},
		{"母子手帳", 1, []string{"pregnancy"}},
		{"粗大ゴミ", 1, []string{"waste"}},
		{"moved in with children", 6, []string{"move-in", "child-allowance", "school"}},
		{"health insurance", 1, []string{"nhi-join"}},
		{"visa", 1, []string{"residence-card"}},
		{"birth", 1, []string{"birth"}},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			got := ids(x.Find(test.query))
			for _, want := range test.want {
				if at := slices.Index(got, want); at < 0 || at >= test.among {
					t.Errorf("%s is not among the first %d of %v", want, test.among, got)
				}
			}
		})
	}
}

func TestWhatNobodyMeansFindsNothing(t *testing.T) {
	x, _ := ward(t)
	for _, query := range []string{"", " 　", "手続きしたい", "ぬ", "k", "!?。、", "xyzzy", "\x00\xff", "🦊"} {
		if hits := x.Find(query); len(hits) > 0 {
			t.Errorf("%q finds %v", query, ids(hits))
		}
	}
}

// TestEveryMatterIsFoundByEachOfItsWords asks for each word of the guide
// alone: what the word was written for must be among the hits.
func TestEveryMatterIsFoundByEachOfItsWords(t *testing.T) {
	x, c := ward(t)
	for _, m := range c.Matters {
		for _, w := range append([]string{m.Name["ja"], m.Name["en"]}, m.Words...) {
			if got := ids(x.Find(w)); !slices.Contains(got, m.ID) {
				t.Errorf("%q finds %v, not %s", w, got, m.ID)
			}
		}
	}
}

func TestOccasionLeadsWhatComesAlong(t *testing.T) {
	x := triage.New([]triage.Entry{
		{ID: "party", Words: []string{"cake", "friends"}},
		{ID: "birthday", Words: []string{"birthday"}, With: []string{"candles", "nothing"}},
		{ID: "candles", Words: []string{"birthday", "candle"}},
	})
	if got := ids(x.Find("candle birthday")); !slices.Equal(got, []string{"birthday", "candles"}) {
		t.Errorf("got %v", got)
	}
	if got := ids(x.Find("candle")); !slices.Equal(got, []string{"candles"}) {
		t.Errorf("an occasion that nobody named leads: %v", got)
	}
}

func TestFold(t *testing.T) {
	tests := []struct{ text, want string }{
		{"ＡＢＣ１２３", "abc123"},
		{"ｶﾞｷﾞｸﾞ ﾊﾟﾋﾟ", "がぎぐ ぱぴ"},
		{"カ\u3099", "が"},
		{"マイナンバーカード", "まいなんばかど"},
		{"ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞ", "まいなんばかど"},
		{"ヴァイオリン", "ゔあいおりん"},
		{"ﾞ", ""},
		{"5-6", "5-6"},
		{"お引っ越し", "お引越し"},
		{"申し込み", "申込"},
		{"戶籍", "戸籍"},
		{"", ""},
	}
	for _, test := range tests {
		if got := triage.Fold(test.text); got != test.want {
			t.Errorf("%q is folded to %q, want %q", test.text, got, test.want)
		}
	}
}

func TestAnAnswerIsShort(t *testing.T) {
	var entries []triage.Entry
	for i := range 3 * triage.Limit {
		entries = append(entries, triage.Entry{ID: fmt.Sprint(i), Words: []string{"同じ"}})
	}
	if hits := triage.New(entries).Find("同じ"); len(hits) != triage.Limit || hits[0].ID != "0" {
		t.Errorf("%d hits, the first %v", len(hits), hits[:1])
	}
}

func FuzzFind(f *testing.F) {
	x, _ := ward(f)
	for _, seed := range []string{"引越し 子ども", "ｶﾞ", "ーー", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if len(x.Find(query)) > triage.Limit {
			t.Error("too many")
		}
	})
}

func BenchmarkFind(b *testing.B) {
	x, _ := ward(b)
	for b.Loop() {
		x.Find("引越しと子どもの学校 じゅみんひょう")
	}
}
