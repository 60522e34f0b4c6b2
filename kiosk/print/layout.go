package print

import (
	"fmt"
	"strings"
	"unicode"
)

// setter knows how wide a paper is and how wide a text becomes on it, in dots.
type setter interface {
	width() int
	draws(text string, s style) bool // as a picture, not with the printer's own letters
	measure(text string, r run, s style) int
}

// plain sets a text on a line without end.
type plain struct{}

func (plain) width() int                     { return 1 << 30 }
func (plain) draws(string, style) bool       { return false }
func (plain) measure(string, run, style) int { return 0 }

// item is one piece of a sheet, from the top down.
//
//sumtype:decl
type item interface{ item() }

type (
	// row is one line of letters.
	row struct {
		runs []run
		style
	}
	// number is the ticket's number, as large as the paper is wide.
	number struct {
		text string
		gap  int
	}
	// rule is a line across the paper.
	rule struct{ gap int }
	// code is a QR code.
	code struct {
		url   string
		gap   int
		small bool
	}
)

func (row) item()    {}
func (number) item() {}
func (rule) item()   {}
func (code) item()   {}

// run is a part of a row in one size: multiples of a kanji of 24 by 24 dots.
type run struct {
	text string
	w, h int
	bold bool
}

// style is what all of a row has in common.
type style struct {
	lang    string
	gap     int    // dots free above
	hang    string // before the first row; the others stand as far in
	left    bool   // otherwise centred
	inverse bool   // white on black
	head    bool   // the name of the service
	drawn   bool   // as a picture: the printer has not all of its letters
}

// narrow is the widest paper, in dots, that is set as a narrow one.
const narrow = 432

// para sets a text in as many rows as it needs.
func (s *sheet) para(st style, r run) {
	if r.text = clean(r.text); r.text == "" {
		return
	}
	st.drawn = s.set.draws(r.text, st)
	room := s.room() - s.set.measure(st.hang, run{w: 1, h: 1}, st)
	if st.inverse {
		room -= s.set.measure("  ", r, st)
	}
	for i, text := range s.split(r, st, room) {
		lead := st.hang
		if i > 0 {
			lead = strings.Repeat("　", len([]rune(st.hang)))
		}
		if st.inverse {
			text = " " + text + " "
		}
		one := run{text: lead + text, w: r.w, h: r.h, bold: r.bold}
		s.items = append(s.items, row{runs: []run{one}, style: st})
		st.gap = between(r.h)
	}
}

// margin is what stays white at either side of a text, in dots.
const margin = 8

func (s *sheet) room() int { return s.set.width() - 2*margin }

// between is the air between two rows of one text.
func between(h int) int { return 2 + 2*h }

// headline sets a text at double size, but what stands in brackets at its end, and
// what would take too many rows, at double height alone.
func (s *sheet) headline(st style, text string) {
	text = clean(text)
	large := run{text: text, w: 2, h: 2, bold: true}
	if at := strings.Index(text, "（"); at > 0 && len(s.rows(large, st)) > 1 {
		s.headline(st, text[:at])
		st.gap = between(2)
		s.para(st, run{text: text[at:], w: 1, h: 2, bold: true})
		return
	}
	if len(s.rows(large, st)) > 2 {
		large.w = 1
	}
	s.para(st, large)
}

func (s *sheet) rows(r run, st style) []string {
	st.drawn = s.set.draws(r.text, st)
	return s.split(r, st, s.room())
}

// pair sets two texts beside each other, or one below the other.
func (s *sheet) pair(st style, a, b run) {
	a.text, b.text = clean(a.text), clean(b.text)
	if a.text == "" || b.text == "" {
		s.para(st, a)
		s.para(st, b)
		return
	}
	a.text += " "
	st.drawn = s.set.draws(a.text+b.text, st)
	if s.set.measure(a.text, a, st)+s.set.measure(b.text, b, st) <= s.room() {
		s.items = append(s.items, row{runs: []run{a, b}, style: st})
		return
	}
	s.para(st, a)
	st.gap = 2
	s.para(st, b)
}

func (s *sheet) rule(gap int) {
	s.items = append(s.items, rule{gap: gap})
}

// split breaks a text where it is too wide. Rows of a centred text become about
// equally long: a last row of one word reads badly.
func (s *sheet) split(r run, st style, room int) []string {
	rows := s.broken(r, st, room)
	if st.left || len(rows) < 2 {
		return rows
	}
	low, high := room/len(rows), room // high takes no more rows than the whole room
	for high-low > 6 {
		mid := (low + high) / 2
		if len(s.broken(r, st, mid)) <= len(rows) {
			high = mid
		} else {
			low = mid
		}
	}
	return s.broken(r, st, high)
}

func (s *sheet) broken(r run, st style, room int) []string {
	var rows []string
	rest := []rune(r.text)
	for len(rest) > 0 {
		fits := len(rest)
		if s.set.measure(string(rest), r, st) > room {
			fits = s.fitting(rest, r, st, room)
		}
		at := breakAt(rest, fits)
		if text := strings.TrimSpace(string(rest[:at])); text != "" {
			rows = append(rows, text)
		}
		rest = []rune(strings.TrimLeft(string(rest[at:]), " "))
	}
	return rows
}

// fitting returns how many letters fit, at least one.
func (s *sheet) fitting(rest []rune, r run, st style, room int) int {
	low, high := 1, len(rest) // low fits, or is all there is to do
	for high-low > 1 {
		mid := (low + high) / 2
		if s.set.measure(string(rest[:mid]), r, st) <= room {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// breakAt returns where to break a text of which so many letters fit: at the place
// that reads best if one is near, at any that Japanese typesetting allows otherwise.
func breakAt(text []rune, fits int) int {
	if fits >= len(text) {
		return len(text)
	}
	for _, try := range []struct {
		well, least int // how well, and at least so many tenths of the row
	}{{3, 3}, {2, 4}, {1, 4}} {
		for at := fits; at > 0 && at*10 >= fits*try.least; at-- {
			if readsWell(text[at-1], text[at]) >= try.well {
				return at
			}
		}
	}
	for at := fits; at > 1; at-- {
		if allowed(text[at-1], text[at]) {
			return at
		}
	}
	return fits
}

// readsWell says how well a break between two letters reads: 3 before a bracket and
// after a sentence, 2 at a blank, a comma or a dot, 1 where kana ends a word.
func readsWell(before, after rune) int {
	switch {
	case strings.ContainsRune(neverFirst, after) || strings.ContainsRune(neverLast, before):
		return 0
	case strings.ContainsRune("（「『【", after), strings.ContainsRune("。）」』】", before):
		return 3
	case before == ' ', before == '　', after == ' ', strings.ContainsRune("、，・", before):
		return 2
	case unicode.Is(unicode.Hiragana, before) && after > 0x2000 && !unicode.Is(unicode.Hiragana, after):
		return 1
	}
	return 0
}

// neverFirst and neverLast are the rules of kinsoku: what may not begin or end a row.
const (
	neverFirst = "、。，．・：；？！ー）」』】〕〉》)]}ゝ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ～〜…ゞヽヾ,.:;?!%％"
	neverLast  = "（「『【〔〈《([{￥"
)

func allowed(before, after rune) bool {
	word := func(r rune) bool { return r < 0x2000 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	hangul := func(r rune) bool { return unicode.Is(unicode.Hangul, r) }
	switch {
	case strings.ContainsRune(neverFirst, after), strings.ContainsRune(neverLast, before), after == '(':
		return false
	case word(before) && word(after), hangul(before) && hangul(after):
		return false
	}
	return true
}

func sprint(format string, value int) string { return fmt.Sprintf(format, value) }
