package triage

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Limit is how many hits a search returns at most: what a person can look through
// while somebody stands before them.
const Limit = 12

// MaxQuery bounds what is searched for, in runes; the rest is not looked at.
const MaxQuery = 80

// Entry is one thing that can be found. Earlier entries win where two are equally
// good, so the common ones come first.
type Entry struct {
	ID    string
	Names []string // in any language
	Words []string // what people call it
	With  []string // entries that usually come along: found together, this one leads
}

// Hit is an entry that was found.
type Hit struct {
	ID    string
	Score float64 // higher is better; only the order means anything
}

// term is one folded text that leads to entries.
type term struct {
	text    string
	runes   int
	entries []int
}

// Index answers searches. It is safe for concurrent use.
type Index struct {
	entries []Entry
	terms   []term
	byText  map[string]int // into terms
	at      map[string]int // into entries, by id
}

// New makes an index of entries. Their ids must differ.
func New(entries []Entry) *Index {
	x := &Index{entries: entries, byText: map[string]int{}, at: map[string]int{}}
	for i, e := range entries {
		x.at[e.ID] = i
		for _, name := range e.Names {
			x.add(Fold(name), i)
			for _, part := range words(Fold(name)) {
				x.add(part, i)
			}
		}
		for _, w := range e.Words {
			x.add(Fold(w), i)
		}
	}
	return x
}

func (x *Index) add(text string, entry int) {
	if text == "" {
		return
	}
	at, ok := x.byText[text]
	if !ok {
		at = len(x.terms)
		x.byText[text] = at
		x.terms = append(x.terms, term{text: text, runes: len([]rune(text))})
	}
	if !slices.Contains(x.terms[at].entries, entry) {
		x.terms[at].entries = append(x.terms[at].entries, entry)
	}
}

// The quality of a match, of at most 1.
const (
	exact     = 1.0
	beginning = 0.8
	within    = 0.6
	nearly    = 0.4
	leads     = 0.001 // by how much the occasion stands before what comes along
)

// Find returns the entries that a query means, the best first, at most [Limit].
func (x *Index) Find(query string) []Hit {
	if runes := []rune(query); len(runes) > MaxQuery {
		query = string(runes[:MaxQuery])
	}
	scores, best := make([]float64, len(x.entries)), make([]float64, len(x.entries))
	for _, token := range words(Fold(query)) {
		for _, part := range x.parts(token) {
			for entry, quality := range x.match(part) {
				scores[entry] += quality
				best[entry] = max(best[entry], quality)
			}
		}
	}
	x.lead(scores, best)
	var hits []Hit
	for i, score := range scores {
		if score > 0 {
			hits = append(hits, Hit{x.entries[i].ID, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(Limit, len(hits))]
}

// lead puts an occasion that was named before what comes along with it: who moves
// with a child registers first and asks for the school then.
func (x *Index) lead(scores, best []float64) {
	for i, e := range x.entries {
		if best[i] < exact {
			continue
		}
		for _, id := range e.With {
			if j, ok := x.at[id]; ok && scores[j] >= scores[i] {
				scores[i] = scores[j] + leads
			}
		}
	}
}

// parts returns the words that a run of letters without spaces is made of, as far
// as the index knows them; the run itself where it leads somewhere as it is.
func (x *Index) parts(token string) []string {
	runes := []rune(token)
	if x.known(token, len(runes)) {
		return []string{token}
	}
	var parts []string
	for i := 0; i < len(runes); {
		n := x.longest(runes[i:])
		if n > 0 {
			parts = append(parts, string(runes[i:i+n]))
		}
		i += max(n, 1)
	}
	if len(parts) == 0 {
		return []string{token}
	}
	return parts
}

func (x *Index) known(token string, runes int) bool {
	return slices.ContainsFunc(x.terms, func(t term) bool { return quality(token, runes, t) > 0 })
}

// longest returns how many runes of a text are its longest beginning that is a term,
// 0 for none. Two kana alone are too short to mean anything inside a sentence.
func (x *Index) longest(text []rune) int {
	for n := min(len(text), 16); n > 0; n-- {
		if n < 3 && !slices.ContainsFunc(text[:n], isHan) {
			break
		}
		if _, ok := x.byText[string(text[:n])]; ok {
			return n
		}
	}
	return 0
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// qualities say how well entries answer to a word.
type qualities map[int]float64

func (q qualities) note(t term, quality float64) {
	for _, entry := range t.entries {
		q[entry] = max(q[entry], quality)
	}
}

// match returns how well each entry answers to a word. A slip of the finger counts
// only where nothing is spelt like the word.
func (x *Index) match(word string) qualities {
	found, runes := qualities{}, len([]rune(word))
	for _, t := range x.terms {
		if q := quality(word, runes, t); q > 0 {
			found.note(t, q)
		}
	}
	if len(found) > 0 || runes < 4 {
		return found
	}
	for _, t := range x.terms {
		if slips(word, t.text, 1+runes/8) {
			found.note(t, nearly)
		}
	}
	return found
}

// quality says how well a word meets a term: 0 not at all. More of the term is
// better; one kana or letter is too little for anything but the whole.
func quality(word string, runes int, t term) float64 {
	share := 0.7 + 0.3*float64(runes)/float64(t.runes)
	short := runes == 1 && !isHan([]rune(word)[0])
	switch {
	case word == t.text:
		return exact
	case short:
		return 0
	case strings.HasPrefix(t.text, word):
		return beginning * share
	case strings.Contains(t.text, word) && (runes > 2 || strings.ContainsFunc(word, isHan)):
		return within * share
	}
	return 0
}

// slips reports whether two texts differ by at most so many letters added, left out
// or exchanged.
func slips(a, b string, most int) bool {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > most || -d > most {
		return false
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		corner := row[0]
		row[0] = i + 1
		for j, s := range y {
			change := corner
			if r != s {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)] <= most
}
