package print_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"machi/kiosk/print"
)

func TestTextsLoseWhatIsNotToBeSeen(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"plain", "世田谷区 A012", "世田谷区 A012"},
		{"control bytes", "A\x1bp\x00\x19\xfaB\x10\x04\x01C\x7f", "ApBC"},
		{"C1 controls", "A\u0085B\u009bC", "A BC"},
		{"line ends and tabs", " a\r\n\tb \u2028 c ", "a b c"},
		{"not UTF-8", "a\xff\xfeb", "ab"},
		{"joiners and direction marks", "a\u200b\u202eb\ufeff\u2066c", "abc"},
		{"variation selectors", "葛\U000E0100飾\ufe00", "葛飾"},
		{"private use", "a\ue000b", "ab"},
		{"decomposed", "か\u3099", "が"},
		{"half-width katakana", "ｶﾞｲﾄﾞ abc", "ガイド abc"},
		{"nothing", "\x00\u200b", ""},
		{"too long", strings.Repeat("あ", 1000), strings.Repeat("あ", 300)},
	} {
		if got := print.Clean(tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestKanjiModeTakesOnlyWhatEveryPrinterHas(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []byte // nil: it is drawn
	}{
		{"A~\\", []byte{'A', 0x81, 0x60, 0x81, 0x5F}},
		{"〜～", []byte{0x81, 0x60, 0x81, 0x60}},
		{"−－", []byte{0x81, 0x7C, 0x81, 0x7C}},
		{"—―", []byte{0x81, 0x5C, 0x81, 0x5C}},
		{"‖∥", []byte{0x81, 0x61, 0x81, 0x61}},
		{"¥￥¢£¬", []byte{0x81, 0x8F, 0x81, 0x8F, 0x81, 0x91, 0x81, 0x92, 0x81, 0xCA}},
		{"‐‑–", []byte{0x81, 0x5D, 0x81, 0x5D, 0x81, 0x5D}},
		{"ソ表能", []byte{0x83, 0x5C, 0x95, 0x5C, 0x94, 0x5C}}, // a backslash in each
		{"①", nil},
		{"㈱", nil},
		{"髙", nil},
		{"﨑", nil},
		{"𠮷", nil},
		{"请", nil},
		{"한", nil},
		{"é", nil},
		{"✓", nil},
		{"😀", nil},
	} {
		got, ok := print.SJIS(tt.text)
		if !bytes.Equal(got, tt.want) || ok != (tt.want != nil) {
			t.Errorf("%s: % x, %v, want % x", tt.text, got, ok, tt.want)
		}
	}
}

func TestRowsBreakWhereTheyReadWell(t *testing.T) {
	for _, tt := range []struct {
		text  string
		cells int
		left  bool
		want  []string
	}{
		{"引っ越し（転入・転居・転出）", 24, false, []string{"引っ越し", "（転入・転居・転出）"}},
		{"番号が呼ばれるまで、この紙をお持ちください。", 32, false, []string{"番号が呼ばれるまで、", "この紙をお持ちください。"}},
		{"Please keep this ticket until your number is called.", 30, false, []string{"Please keep this ticket", "until your number is called."}},
		{"番号(ばんごう)を 呼(よ)びます", 20, true, []string{"番号(ばんごう)を", "呼(よ)びます"}},
		{"ああああああああああー、いいい", 20, true, []string{"あああああああああ", "あー、いいい"}},
		{"AAAAAAAAAAAAAAAAAAAAAAAA", 10, true, []string{"AAAAAAAAAA", "AAAAAAAAAA", "AAAA"}},
		{"短い", 20, false, []string{"短い"}},
	} {
		if got := print.Rows(tt.text, tt.cells, tt.left); !slices.Equal(got, tt.want) {
			t.Errorf("%s in %d: %q, want %q", tt.text, tt.cells, got, tt.want)
		}
	}
}

func TestTheNumberIsTwentyMillimetresHighAtLeast(t *testing.T) {
	const perMillimetre = 8
	for _, types := range []*print.Case{types(), print.OpenCase("/nowhere.ttf")} {
		for _, dots := range []int{384, 576} {
			for _, number := range []string{"1", "A012", "K1-0001", "K12-123456"} {
				page := print.Number(types, number, dots)
				if page.Rect.Dx() != dots {
					t.Errorf("%s: %d dots wide, want %d", number, page.Rect.Dx(), dots)
				}
				first, inked := -1, 0
				for y := range page.Rect.Dy() {
					if !slices.ContainsFunc(page.Pix[y*page.Stride:(y+1)*page.Stride], func(dot byte) bool { return dot < 128 }) {
						if inked > 20 {
							break // the first row of figures is over
						}
						continue
					}
					if first < 0 {
						first = y
					}
					inked = y - first + 1
				}
				if inked < 20*perMillimetre {
					t.Errorf("%s on %d dots is %d dots high, want %d", number, dots, inked, 20*perMillimetre)
				}
			}
		}
	}
}
