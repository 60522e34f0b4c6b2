package notify

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"machi/internal/told"
)

// Langs are the languages of messages, Japanese first.
var Langs = []string{"ja", "ja-x-easy", "en", "zh", "ko"}

//go:embed texts/*.json
var textFiles embed.FS

var texts = loadTexts()

func loadTexts() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, lang := range Langs {
		raw, err := textFiles.ReadFile("texts/" + lang + ".json")
		if err != nil {
			panic(err)
		}
		var list map[string]string
		if err := json.Unmarshal(raw, &list); err != nil {
			panic(fmt.Sprintf("notify: texts of %s: %v", lang, err))
		}
		all[lang] = list
	}
	return all
}

// say returns a text with its gaps filled. A sentence that is left out leaves no
// second space behind.
func say(lang, key string, fill ...string) string {
	list, ok := texts[lang]
	if !ok {
		list = texts["ja"]
	}
	return strings.ReplaceAll(strings.NewReplacer(fill...).Replace(list[key]), "  ", " ")
}

// Say returns a text of messages.
func Say(lang, key string) string { return say(lang, key) }

// toldRange says a range in words: "" where nothing is known.
func toldRange(lang string, s told.Span) string {
	low, high := strconv.Itoa(s.Low), strconv.Itoa(s.High)
	switch {
	case !s.Known(), s.Open() && s.Low == 0:
		return ""
	case s.Open():
		return say(lang, "told.open", "{low}", low)
	case s.Low == 0:
		return say(lang, "told.about", "{high}", high)
	}
	return say(lang, "told.range", "{low}", low, "{high}", high)
}

// message writes what is told of a ticket.
func message(tag string, kind Kind, s Standing, c Contact) Message {
	office := s.Name[c.Lang]
	if office == "" {
		office = s.Name["ja"]
	}
	m := Message{Kind: kind, Number: string(s.Number), Office: office, Lang: c.Lang, URL: "/t/" + c.Secret, Tag: tag}
	key := string(kind) + ".body"
	switch {
	case kind == Near:
		m.Ahead, m.Told = &s.Ahead, toldRange(c.Lang, s.Span)
		if s.Ahead == 0 {
			key = "near.first"
		}
	case kind == Called && s.Counter == "":
		key = "called.somewhere"
	case kind == Called:
		m.Counter = string(s.Counter)
	}
	fill := []string{"{number}", m.Number, "{office}", office, "{counter}", m.Counter, "{ahead}", strconv.Itoa(s.Ahead), "{told}", m.Told}
	m.Title, m.Body = say(c.Lang, string(kind)+".title", fill...), say(c.Lang, key, fill...)
	return m
}

// worth returns how long a message is worth reading.
func worth(k Kind) time.Duration {
	switch k {
	case Called:
		return 10 * time.Minute
	case Near:
		return 30 * time.Minute
	}
	return 6 * time.Hour
}
