package ical

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is one object with its events in the order in which they are given.
type Calendar struct {
	Name     string
	Language string // of its texts, such as ja
	Stamp    time.Time
	Events   []Event
}

// Event is something on whole days, or at moments where Timed is set.
type Event struct {
	// UID names the event for ever: a program that reads the calendar again changes
	// the event that it has.
	UID         string
	Start, End  time.Time // End is excluded
	Timed       bool
	Summary     string
	Description string
	Location    string
	URL         string
	Category    string
}

// The program that writes, as RFC 5545 wants it named.
const product = "-//Machi//Office calendar//JA"

// Encode returns the stored form, in UTF-8 with CRLF.
func Encode(c Calendar) []byte {
	w := &writer{language: c.Language}
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:" + product)
	w.line("CALSCALE:GREGORIAN")
	w.text("NAME", c.Name)
	w.line("X-WR-CALNAME:" + escape(c.Name)) // read by programs that know no parameters of it
	w.line("X-WR-TIMEZONE:Asia/Tokyo")
	w.line("REFRESH-INTERVAL;VALUE=DURATION:PT12H")
	w.line("X-PUBLISHED-TTL:PT12H")
	for _, e := range c.Events {
		w.event(e, c.Stamp)
	}
	w.line("END:VCALENDAR")
	return []byte(w.out.String())
}

type writer struct {
	out      strings.Builder
	language string
}

func (w *writer) event(e Event, stamp time.Time) {
	w.line("BEGIN:VEVENT")
	w.line("UID:" + escape(e.UID))
	w.line("DTSTAMP:" + moment(stamp))
	if e.Timed {
		w.line("DTSTART:" + moment(e.Start))
		w.line("DTEND:" + moment(e.End))
	} else {
		w.line("DTSTART;VALUE=DATE:" + e.Start.Format("20060102"))
		w.line("DTEND;VALUE=DATE:" + e.End.Format("20060102"))
	}
	w.text("SUMMARY", e.Summary)
	w.text("DESCRIPTION", e.Description)
	w.text("LOCATION", e.Location)
	if e.URL != "" {
		w.line("URL:" + e.URL)
	}
	if e.Category != "" {
		w.line("CATEGORIES:" + escape(e.Category))
	}
	w.line("TRANSP:TRANSPARENT")
	w.line("END:VEVENT")
}

func moment(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// text writes a property that people read; an empty one is left out.
func (w *writer) text(name, value string) {
	if value == "" {
		return
	}
	if w.language != "" {
		name += ";LANGUAGE=" + w.language
	}
	w.line(name + ":" + escape(value))
}

var escaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

func escape(text string) string { return escaper.Replace(text) }

// fold is how many octets a line may have.
const fold = 75

// line writes a content line, folded between characters.
func (w *writer) line(text string) {
	room := fold
	for len(text) > room {
		at := room
		for at > 0 && !utf8.RuneStart(text[at]) {
			at--
		}
		w.out.WriteString(text[:at] + "\r\n ")
		text, room = text[at:], fold-1 // the space counts
	}
	w.out.WriteString(text + "\r\n")
}
