package speech

import (
	"strconv"
	"strings"
	"unicode"
)

// Call returns the sentence that calls numbers to a counter, in a language of the
// pages; in Japanese it is written as it sounds. Letters and figures that no
// sentence holds are left out.
func Call(language string, numbers []string, counter string) string {
	said := make([]string, len(numbers))
	for i, n := range numbers {
		said[i] = sayNumber(language, n)
	}
	place := sayNumber(language, counter)
	switch language {
	case "en":
		word := "Number "
		if len(said) > 1 {
			word = "Numbers "
		}
		return word + strings.Join(said, ", ") + ", please come to counter " + place + "."
	case "zh":
		return "请" + strings.Join(said, "号、") + "号到" + place + "号窗口。"
	case "ko":
		return strings.Join(said, "번, ") + "번 고객님, " + place + "번 창구로 오십시오."
	}
	return "ばんごうふだ、 " + strings.Join(said, "ばん、 ") + "ばんの おきゃくさま、 " + place + "ばん まどぐちへ おこしください。"
}

// sayNumber says letters one by one and figures as a number: A012 is "エー、12".
func sayNumber(language, number string) string {
	var parts []string
	for rest := number; rest != ""; {
		n := strings.IndexFunc(rest, notDigit)
		if n < 0 {
			n = len(rest)
		}
		if n > 0 {
			parts = append(parts, sayFigures(language, rest[:n]))
			rest = rest[n:]
			continue
		}
		if letter := sayLetter(language, rest[0]); letter != "" {
			parts = append(parts, letter)
		}
		rest = rest[1:]
	}
	if strings.HasPrefix(language, "ja") {
		return strings.Join(parts, "、 ")
	}
	return strings.Join(parts, " ")
}

func notDigit(r rune) bool { return r > unicode.MaxASCII || !unicode.IsDigit(r) }

func sayLetter(language string, c byte) string {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	switch {
	case c < 'A' || c > 'Z':
		return ""
	case strings.HasPrefix(language, "ja"):
		return letters[c-'A']
	}
	return string(rune(c))
}

// letters are the Japanese names of A to Z, as they sound.
var letters = strings.Fields("エー ビー シー ディー イー エフ ジー エイチ アイ ジェー ケー エル エム エヌ オー ピー キュー アール エス ティー ユー ブイ ダブリュー エックス ワイ ゼット")

// sayFigures says figures as a number without the noughts before it; what is too
// long for one is said figure by figure.
func sayFigures(language, figures string) string {
	n, err := strconv.Atoi(figures)
	switch {
	case err != nil || n > 9999:
		return strings.Join(figureByFigure(language, figures), " ")
	case strings.HasPrefix(language, "ja"):
		return kana(n)
	}
	return strconv.Itoa(n)
}

func figureByFigure(language, figures string) []string {
	var out []string
	for _, c := range figures {
		figure := string(c)
		if strings.HasPrefix(language, "ja") {
			figure = kana(int(c - '0'))
		}
		out = append(out, figure)
	}
	return out
}

var (
	ones      = strings.Fields("ゼロ いち に さん よん ご ろく なな はち きゅう")
	hundreds  = strings.Fields("- ひゃく にひゃく さんびゃく よんひゃく ごひゃく ろっぴゃく ななひゃく はっぴゃく きゅうひゃく")
	thousands = strings.Fields("- せん にせん さんぜん よんせん ごせん ろくせん ななせん はっせん きゅうせん")
)

// kana returns how 0 to 9999 sounds.
func kana(n int) string {
	if n == 0 {
		return ones[0]
	}
	said := ""
	if n >= 1000 {
		said += thousands[n/1000]
	}
	if n %= 1000; n >= 100 {
		said += hundreds[n/100]
	}
	n %= 100
	switch {
	case n >= 20:
		said += ones[n/10] + "じゅう"
	case n >= 10:
		said += "じゅう"
	}
	if n%10 > 0 {
		said += ones[n%10]
	}
	return said
}
