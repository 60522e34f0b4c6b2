package ui

import "net/http"

// Theme is how a page is coloured, as it stands in html's data-theme.
type Theme string

// The themes that a reader may choose. Without a choice a page is as the reader's
// machine says: light, dark, or with more contrast.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
	Clear Theme = "clear" // black on white, and nothing pale
)

// auto is the choice to have none.
const auto Theme = "auto"

// themeCookie keeps a choice between pages. It says nothing about a person but this.
const themeCookie = "machi_theme"

// ChooseTheme returns the theme of a request: of ?theme, else chosen before, else none.
func ChooseTheme(r *http.Request) Theme {
	if t := Theme(r.URL.Query().Get("theme")); t == auto || t.known() {
		return t.chosen()
	}
	if cookie, err := r.Cookie(themeCookie); err == nil {
		return Theme(cookie.Value).chosen()
	}
	return ""
}

func (t Theme) known() bool { return t == Light || t == Dark || t == Clear }

func (t Theme) chosen() Theme {
	if t.known() {
		return t
	}
	return ""
}

// RememberTheme keeps a choice made by ?theme for the pages to come.
func RememberTheme(w http.ResponseWriter, r *http.Request) {
	t := Theme(r.URL.Query().Get("theme"))
	if t != auto && !t.known() {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: themeCookie, Value: string(t), Path: "/", MaxAge: 365 * 24 * 60 * 60,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
}

// Themed is a theme of the switch.
type Themed struct {
	Theme   Theme
	Href    string
	Current bool
}

// Looks returns the themes of the switch, each with the address of the same page in it.
func (v View) Looks() []Themed {
	var list []Themed
	for _, t := range []Theme{auto, Light, Dark, Clear} {
		list = append(list, Themed{t, v.with("theme", string(t)), t.chosen() == v.Theme})
	}
	return list
}
