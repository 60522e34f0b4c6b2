package print

import (
	"strings"
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
	At          time.Time     // zero: no date is printed, because it is not known
	Ahead       int           // people waiting in front; negative: not known
	Low, High   time.Duration // until called; a High of 0: not known
	StatusURL   string        // in the QR code
	CheckIn     string        // six digits to type where a code cannot be scanned
	Bring       []string      // documents to prepare, in the visitor's language where known
	Note        string        // a short text for this visitor, in their language
	Footer      []string      // of the ward, in Japanese or the visitor's language
	FooterURL   string        // in a second QR code, such as the page of a new resident's district
	Language    string        // ja or "", ja-x-easy, en, zh, ko
	Copy        bool          // 再発行
	Rehearsal   bool          // 訓練: not a real ticket
	Sample      bool          // 見本
	Test        bool          // a test print by staff
	Offline     bool
}

// The most of each list that a ticket shows: paper is not endless.
const (
	maxBring  = 8
	maxFooter = 4
	maxNumber = 12
)

// number returns what is set very large: capital letters, figures and hyphens.
func (t Ticket) number() string {
	n := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r == '-' {
			return r
		}
		return -1
	}, strings.ToUpper(t.Number))
	return n[:min(len(n), maxNumber)]
}

// Text returns the ticket as plain text.
func (t Ticket) Text() string {
	var out strings.Builder
	s := newSheet(t, plain{})
	for _, item := range s.items {
		switch item := item.(type) {
		case row:
			texts := make([]string, len(item.runs))
			for i, r := range item.runs {
				texts[i] = strings.TrimSpace(r.text)
			}
			out.WriteString(strings.TrimSpace(strings.Join(texts, " ")) + "\n")
		case number:
			out.WriteString(item.text + "\n")
		case code:
			out.WriteString(item.url + "\n")
		}
	}
	return out.String()
}

// sheet is a ticket laid out for a paper.
type sheet struct {
	items []item
	set   setter
	t     Ticket
}

func newSheet(t Ticket, set setter) *sheet {
	s := &sheet{set: set, t: t}
	other, foreign := others[t.Language]
	speaks := []voice{{words: inJapanese, lang: "ja"}}
	if foreign {
		speaks = append(speaks, voice{words: other, lang: t.Language})
	}
	s.marks(speaks)
	s.head()
	s.number(speaks)
	s.wait(speaks)
	s.bring(speaks)
	s.code(speaks)
	s.foot(speaks)
	if t.Test {
		s.test()
	}
	return s
}

// voice is a ticket's fixed texts in one of its languages.
type voice struct {
	words
	lang string
}

// own is the visitor's own language.
func own(speaks []voice) voice { return speaks[len(speaks)-1] }

// marks says what the paper is not, before anything else.
func (s *sheet) marks(speaks []voice) {
	for _, m := range []struct {
		on   bool
		text func(words) string
	}{
		{s.t.Test, func(w words) string { return w.test }},
		{s.t.Sample, func(w words) string { return w.sample }},
		{s.t.Rehearsal, func(w words) string { return w.rehearsal }},
		{s.t.Copy, func(w words) string { return w.copy }},
	} {
		if m.on {
			s.mark(m.text, speaks, 8)
		}
	}
}

// mark sets the first word of a mark large and what explains it small.
func (s *sheet) mark(text func(words) string, speaks []voice, gap int) {
	for i, v := range speaks {
		large, small, _ := strings.Cut(text(v.words), " ")
		if i > 0 {
			large, small = "", text(v.words)
		}
		s.para(style{lang: v.lang, gap: gap, inverse: true}, run{text: large, w: 2, h: 2, bold: true})
		s.para(style{lang: v.lang, gap: 2, inverse: true}, run{text: small, w: 1, h: 1, bold: true})
	}
}

func (s *sheet) head() {
	t := s.t
	s.pair(style{lang: "ja", gap: 10}, run{text: t.Ward, w: 1, h: 1}, run{text: t.Office, w: 1, h: 1, bold: true})
	s.para(style{lang: t.Language, gap: 2}, run{text: t.OfficeOther, w: 1, h: 1})
	s.rule(10)
	s.headline(style{lang: "ja", gap: 14, head: true}, t.Service)
	s.para(style{lang: t.Language, gap: 6, head: true}, run{text: t.ServiceElse, w: 1, h: 2, bold: true})
}

func (s *sheet) number(speaks []voice) {
	if n := s.t.number(); n != "" {
		s.items = append(s.items, number{text: n, gap: 26})
	}
	if s.t.Sample {
		s.mark(func(w words) string { return w.sample }, speaks[:1], 24)
	}
	if s.t.Rehearsal {
		s.mark(func(w words) string { return w.rehearsal }, speaks[:1], 24)
	}
	s.rule(22)
}

func (s *sheet) wait(speaks []voice) {
	t := s.t
	if !t.At.IsZero() {
		s.para(style{lang: "ja", gap: 12}, run{text: Date(t.At), w: 1, h: 1})
	}
	for i, v := range speaks {
		if t.Ahead >= 0 {
			s.ahead(v, 14-8*i)
		}
		if wait := v.wait(t.Low, t.High); wait != "" {
			s.label(v.lang, 8, v.expected, wait, 2-i)
		}
	}
}

func (s *sheet) ahead(v voice, gap int) {
	if v.aheadLabel == "" {
		s.para(style{lang: v.lang, gap: gap + 4}, run{text: v.count(s.t.Ahead), w: 1, h: 1, bold: true})
		return
	}
	value := v.nobodyValue
	if s.t.Ahead > 0 {
		value = sprint(v.valued, s.t.Ahead)
	}
	s.label(v.lang, gap, v.aheadLabel, value, 2)
}

// label sets a small label and a value beside it, or below where that is too wide.
func (s *sheet) label(lang string, gap int, label, value string, size int) {
	s.pair(style{lang: lang, gap: gap}, run{text: label, w: 1, h: 1}, run{text: value, w: size, h: size, bold: true})
}

func (s *sheet) bring(speaks []voice) {
	if len(s.t.Bring) == 0 {
		return
	}
	s.rule(14)
	v := own(speaks)
	title := v.words.bring
	if v.lang != "ja" && s.set.width() > narrow {
		title = inJapanese.bring + " " + title
	}
	s.para(style{lang: v.lang, gap: 10}, run{text: title, w: 1, h: 1, bold: true})
	for _, text := range s.t.Bring[:min(len(s.t.Bring), maxBring)] {
		s.para(style{lang: s.t.Language, gap: 4, left: true, hang: "・"}, run{text: text, w: 1, h: 1})
	}
}

func (s *sheet) code(speaks []voice) {
	url := address(s.t.StatusURL)
	if url == "" && s.t.CheckIn == "" {
		return
	}
	s.rule(14)
	if url != "" {
		s.items = append(s.items, code{url: url, gap: 22})
		for i, v := range speaks {
			s.para(style{lang: v.lang, gap: 18 - 16*i}, run{text: v.scan, w: 1, h: 1})
		}
	}
	if s.t.CheckIn != "" {
		v := own(speaks)
		s.label(v.lang, 10, v.checkIn, spaced(s.t.CheckIn), 2)
	}
}

// spaced writes a code of six digits as two groups, which people read more surely.
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}

func (s *sheet) foot(speaks []voice) {
	s.rule(14)
	s.para(style{lang: own(speaks).lang, gap: 10}, run{text: s.t.Note, w: 1, h: 1, bold: true})
	for i, v := range speaks {
		s.para(style{lang: v.lang, gap: 10 - 6*i}, run{text: v.keep, w: 1, h: 1})
	}
	url := address(s.t.FooterURL)
	if len(s.t.Footer) > 0 || url != "" {
		s.rule(14)
	}
	for _, text := range s.t.Footer[:min(len(s.t.Footer), maxFooter)] {
		s.para(style{lang: s.t.Language, gap: 8}, run{text: text, w: 1, h: 1})
	}
	if url != "" {
		s.items = append(s.items, code{url: url, gap: 18, small: true})
	}
}

// test shows every way of setting a letter that this printer uses.
func (s *sheet) test() {
	s.rule(14)
	for _, l := range []struct{ lang, text string }{
		{"ja", "漢字かなカナ、ー「」（）～－‐"},
		{"ja", "①㈱髙﨑塚"},
		{"en", "0123456789 ABCDEFGHIJKLM abcdefghijklm"},
		{"zh", "简体字：请准备护照"},
		{"ko", "한글: 신분증을 준비해 주세요"},
	} {
		s.para(style{lang: l.lang, gap: 6}, run{text: l.text, w: 1, h: 1})
	}
}
