package ui

import (
	"net/http"

	"golang.org/x/text/language"
)

// Lang is a language of the catalogues, as it stands in html's lang.
type Lang string

// The languages. Easy is やさしい日本語: short sentences, few kanji.
const (
	Japanese Lang = "ja"
	Easy     Lang = "ja-x-easy"
	English  Lang = "en"
	Chinese  Lang = "zh"
	Korean   Lang = "ko"
)

// Languages lists every language in the order of the switch. Own is the
// language's name for itself.
var Languages = []struct {
	Lang Lang
	Own  string
}{{Japanese, "日本語"}, {Easy, "やさしい日本語"}, {English, "English"}, {Chinese, "中文"}, {Korean, "한국어"}}

// matcher knows the languages a browser may ask for; nobody's browser asks for
// Easy, so it is reached by the switch alone.
var matcher = language.NewMatcher([]language.Tag{language.Japanese, language.English, language.Chinese, language.Korean})

var matched = []Lang{Japanese, English, Chinese, Korean}

// languageCookie keeps a choice between pages. It says nothing about a person
// but the language.
const languageCookie = "machi_lang"

// Choose returns the language of a request: of ?lang, else chosen before, else
// what the browser prefers, else Japanese. Only languages of texts are returned.
func Choose(r *http.Request, texts Texts) Lang {
	if lang := Lang(r.URL.Query().Get("lang")); texts.Has(lang) {
		return lang
	}
	if cookie, err := r.Cookie(languageCookie); err == nil && texts.Has(Lang(cookie.Value)) {
		return Lang(cookie.Value)
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(wanted) == 0 {
		return Japanese
	}
	_, index, sure := matcher.Match(wanted...)
	if sure == language.No || !texts.Has(matched[index]) {
		return Japanese
	}
	return matched[index]
}

// Remember keeps a choice made by ?lang for the pages to come.
func Remember(w http.ResponseWriter, r *http.Request, lang Lang) {
	if r.URL.Query().Get("lang") != string(lang) {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: string(lang), Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
}
