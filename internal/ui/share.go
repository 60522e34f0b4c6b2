package ui

import (
	"net/url"
	"strings"
)

// Share is a text to hand on, by whatever the reader uses. Nothing is sent until the
// reader does so.
type Share struct {
	View       View
	Text, Link string
}

// Share makes a text with the address that it is about.
func (v View) Share(text, link string) Share { return Share{v, text, link} }

// Whole is the text with its address.
func (s Share) Whole() string { return s.Text + "\n" + s.Link }

// Line is where the text is handed to LINE.
func (s Share) Line() string { return "https://line.me/R/share?text=" + url.QueryEscape(s.Whole()) }

// Mail begins a message with the text. Programs for mail read + as it stands.
func (s Share) Mail() string {
	escape := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	return "mailto:?subject=" + escape(s.View.T("site.title")) + "&body=" + escape(s.Whole())
}
