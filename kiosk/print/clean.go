package print

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"
)

// geta 〓 is what Japanese printers have always set where a letter is not in the case.
const geta = '〓'

// maxText bounds one text of a ticket, in letters.
const maxText = 300

// clean returns what of a text may reach a printer: composed (NFC), one line, no
// control byte, nothing invisible. Layout comes from the program alone, so a name
// in the catalogue can never feed, cut or open a drawer.
func clean(text string) string {
	var out strings.Builder
	space, letters := true, 0 // leading blanks go
	for _, r := range norm.NFC.String(widenKana(text)) {
		switch {
		case r == utf8.RuneError || hidden(r):
			continue
		case unicode.IsSpace(r) && r != '　':
			if space {
				continue
			}
			r = ' '
		}
		if letters++; letters > maxText {
			break
		}
		space = r == ' '
		out.WriteRune(r)
	}
	return strings.TrimRight(out.String(), " ")
}

// widenKana makes half-width katakana full: a voicing mark is half a letter there.
func widenKana(text string) string {
	if strings.IndexFunc(text, halfKana) < 0 {
		return text
	}
	var out, half strings.Builder
	for _, r := range text {
		if halfKana(r) {
			half.WriteRune(r)
			continue
		}
		out.WriteString(norm.NFKC.String(half.String()))
		half.Reset()
		out.WriteRune(r)
	}
	return out.String() + norm.NFKC.String(half.String())
}

func halfKana(r rune) bool { return r >= 0xFF61 && r <= 0xFF9F }

// hidden reports letters that draw nothing or turn the line around: controls,
// joiners, direction marks, variation selectors, private and unassigned points.
func hidden(r rune) bool {
	switch {
	case unicode.IsSpace(r):
		return false
	case unicode.Is(unicode.Variation_Selector, r):
		return true
	}
	return !unicode.IsGraphic(r)
}

// same maps letters that look alike onto the one that Shift_JIS of printers has.
// Backslash and tilde are a yen sign and an overline in a Japanese printer.
func same(r rune) rune {
	switch r {
	case '\u301C':
		return '～'
	case '\u2212':
		return '－'
	case '\u2014':
		return '―'
	case '\u2016':
		return '∥'
	case '\u00A5':
		return '￥'
	case '\u00A2':
		return '￠'
	case '\u00A3':
		return '￡'
	case '\u00AC':
		return '￢'
	case '\u2011', '\u2012', '\u2013':
		return '‐'
	case '\\':
		return '＼'
	case '~':
		return '～'
	}
	return r
}

// sjis encodes a clean text for the kanji mode of a printer: plain ASCII, and the
// double bytes of JIS X 0208. What vendors added since (①, ㈱, 髙) is in some
// printers and not in others, so a text that has it is drawn instead.
func sjis(text string) ([]byte, bool) {
	encoder := japanese.ShiftJIS.NewEncoder()
	var out []byte
	for _, r := range text {
		if r = same(r); r >= ' ' && r <= '~' {
			out = append(out, byte(r))
			continue
		}
		pair, err := encoder.Bytes([]byte(string(r)))
		if err != nil || len(pair) != 2 || !inJIS(pair[0], pair[1]) {
			return nil, false
		}
		out = append(out, pair...)
	}
	return out, true
}

// inJIS reports whether a double byte is of the rows 1 to 8 and 16 to 84 of
// JIS X 0208: signs, letters, kana, and kanji of levels 1 and 2.
func inJIS(lead, trail byte) bool {
	row := 2 * int(lead-0x81)
	if lead >= 0xE0 {
		row = 2 * int(lead-0xC1)
	}
	row++
	if trail >= 0x9F {
		row++
	}
	return row >= 1 && row <= 8 || row >= 16 && row <= 84
}

// cells is how many half-width cells a native text takes.
func cells(text string) int {
	n := 0
	for _, r := range text {
		if n++; same(r) > '~' {
			n++
		}
	}
	return n
}

// address returns a text that may stand in a QR code, or "": an http address of
// visible ASCII, no longer than a small code holds.
func address(url string) string {
	if len(url) > 300 || !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return ""
	}
	for i := range len(url) {
		if url[i] <= ' ' || url[i] > '~' {
			return ""
		}
	}
	return url
}
