package ui

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Texts are the words of one kind of reader in each of its languages, by key.
type Texts map[Lang]map[string]string

// The catalogues. What residents read exists in every language; what staff read
// in Japanese and English.
var (
	PublicTexts = mustLoad("public", Japanese, Easy, English, Chinese, Korean)
	StaffTexts  = mustLoad("staff", Japanese, English)
)

// mustLoad reads an embedded catalogue: the set's own file of each language and one
// for each part of the pages, in a folder of its own. A broken one is a broken
// program, which the first test that imports the package tells.
func mustLoad(set string, languages ...Lang) Texts {
	texts := Texts{}
	for _, lang := range languages {
		words := map[string]string{}
		for _, name := range textParts(set, lang) {
			if err := addWords(words, name); err != nil {
				panic(fmt.Sprintf("ui: %v", err))
			}
		}
		texts[lang] = words
	}
	return texts
}

func textParts(set string, lang Lang) []string {
	names := []string{path.Join("texts", set, string(lang)+".json")}
	parts, _ := fs.Glob(textFiles, path.Join("texts", set, "*", string(lang)+".json")) // the pattern is well formed
	return append(names, parts...)
}

func addWords(words map[string]string, name string) error {
	raw, err := textFiles.ReadFile(name)
	if err != nil {
		return err
	}
	part := map[string]string{}
	if err := json.Unmarshal(raw, &part); err != nil {
		return fmt.Errorf("catalogue %s: %w", name, err)
	}
	for key, text := range part {
		if _, twice := words[key]; twice {
			return fmt.Errorf("catalogue %s: %q is in another part", name, key)
		}
		words[key] = text
	}
	return nil
}

// files returns the catalogues as browsers load them: one for each language, and one
// for each part with the words that every page needs.
func (t Texts) files(set string) map[string][]byte {
	files := map[string][]byte{}
	for lang, words := range t {
		files[path.Join("texts", set, string(lang)+".json")] = encoded(words)
		for _, name := range textParts(set, lang)[1:] {
			part := map[string]string{}
			for _, from := range []string{textParts(set, lang)[0], name} {
				if err := addWords(part, from); err != nil {
					panic(fmt.Sprintf("ui: %v", err)) // it was read before
				}
			}
			files[name] = encoded(part)
		}
	}
	return files
}

func encoded(words map[string]string) []byte {
	raw, err := json.Marshal(words)
	if err != nil {
		panic(fmt.Sprintf("ui: catalogue: %v", err)) // a map of strings always encodes
	}
	return raw
}

// Has reports whether the texts exist in a language.
func (t Texts) Has(lang Lang) bool {
	_, ok := t[lang]
	return ok
}

// Say returns a text. Pairs of a name and a value replace the {name} in it. A
// key that does not exist is its own text: an unknown code is better shown than
// hidden.
func (t Texts) Say(lang Lang, key string, pairs ...any) string {
	text, ok := t[lang][key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return text
}

// SayOr returns a text, or that of another key where the first does not exist.
func (t Texts) SayOr(lang Lang, key, otherwise string, pairs ...any) string {
	if _, ok := t[lang][key]; !ok {
		key = otherwise
	}
	return t.Say(lang, key, pairs...)
}
