package triage

import (
	"strings"
	"unicode"
)

// halfKana are the half-width katakana from U+FF66 on, as full ones.
var halfKana = []rune("ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン")

// The marks that follow a half-width kana, and what they make of it.
const (
	halfVoiced, halfHard = 'ﾞ', 'ﾟ'
	voicedFrom           = "かきくけこさしすせそたちつてとはひふへほう"
	voicedTo             = "がぎぐげござじずぜぞだぢづでどばびぶべぼゔ"
	hardFrom, hardTo     = "はひふへほ", "ぱぴぷぺぽ"
)

// small are the small kana and the large ones they stand for.
var small = mapping("ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ")

var voiced, hard = mapping(voicedFrom, voicedTo), mapping(hardFrom, hardTo)

// old are forms of kanji that mean the same.
var old = mapping("戶籍證變轉國區屆學險號體發續會當彌髙﨑邊邉齋澤", "戸籍証変転国区届学険号体発続会当弥高崎辺辺斎沢")

// spellings are written in several ways by people and in one by the search. Longer
// ones come first.
var spellings = strings.NewReplacer(
	"引越", "引越", "引っ越", "引越", "引つ越", "引越", "ひっこ", "ひつこ",
	"子供", "子ども", "こども", "子ども", "子共", "子ども",
	"受け取り", "受取", "受取り", "受取", "受け取", "受取",
	"申し込み", "申込", "申込み", "申込", "手続き", "手続",
	"届け出", "届", "届出", "届", "届け", "届", "取り消し", "取消", "貸し出し", "貸出",
	"お悔やみ", "おくやみ", "お悔み", "おくやみ",
	"亡く", "なく", "無く", "なく", "失く", "なく",
	"判子", "はんこ", "判こ", "はんこ", "印かん", "印鑑", "苗字", "名字",
)

func mapping(from, to string) map[rune]rune {
	out, targets := map[rune]rune{}, []rune(to)
	for i, r := range []rune(from) {
		if r != targets[i] {
			out[r] = targets[i]
		}
	}
	return out
}

// Fold writes a text in the one way that is compared: half-width ASCII in small
// letters, hiragana without small kana and long vowels, new kanji, one okurigana.
func Fold(text string) string {
	var out []rune
	for _, r := range text {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r >= 'ｦ' && r <= 'ﾝ':
			r = halfKana[r-'ｦ']
		case r == halfVoiced || r == '゛' || r == '\u3099':
			out = marked(out, voiced)
			continue
		case r == halfHard || r == '゜' || r == '\u309a':
			out = marked(out, hard)
			continue
		}
		if r >= 'ァ' && r <= 'ヶ' {
			r -= 'ァ' - 'ぁ'
		}
		if isLong(r) && len(out) > 0 && isKana(out[len(out)-1]) {
			continue
		}
		if to, ok := old[r]; ok {
			r = to
		}
		out = append(out, unicode.ToLower(r))
	}
	spelt := []rune(spellings.Replace(string(out)))
	for i, r := range spelt {
		if to, ok := small[r]; ok {
			spelt[i] = to
		}
	}
	return string(spelt)
}

// marked puts a mark of voice on the last kana.
func marked(out []rune, marks map[rune]rune) []rune {
	if n := len(out); n > 0 {
		if to, ok := marks[out[n-1]]; ok {
			out[n-1] = to
		}
	}
	return out
}

func isLong(r rune) bool {
	return r == 'ー' || r == '-' || r == '~' || r == '〜' || r == '−' || r == '‐'
}

func isKana(r rune) bool { return r >= 'ぁ' && r <= 'ゖ' }

// words splits a folded query at whatever is neither letter nor digit, and drops
// the half-typed letter at the end of kana that an input method leaves.
func words(folded string) []string {
	list := strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '々' })
	var out []string
	for _, w := range list {
		if kana := strings.TrimRightFunc(w, func(r rune) bool { return r >= 'a' && r <= 'z' }); kana != "" && kana != w {
			last := []rune(kana)
			if isKana(last[len(last)-1]) {
				w = kana
			}
		}
		if !filler[w] {
			out = append(out, w)
		}
	}
	return out
}

// filler are words that say nothing about what is needed.
var filler = fold("手続き", "てつづき", "したい", "ください", "下さい", "お願いします", "おねがいします", "です", "ます", "について", "ほしい", "欲しい", "とりたい", "取りたい",
	"もらいたい", "とる", "取る", "もらう", "する", "場合", "とき", "今日", "窓口", "区役所", "a", "the", "to", "of", "for", "i", "my", "and", "in", "want", "need")

func fold(list ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range list {
		out[Fold(w)] = true
	}
	return out
}
