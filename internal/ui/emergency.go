package ui

import (
	"strings"

	"machi/internal/board"
	"machi/internal/queue"
)

// Banner is an emergency message above a page.
type Banner struct {
	ID      string
	Text    string
	Detail  string // in the page's language; none: only the prepared sentence
	Offices []queue.OfficeID
	Name    string // of the office, where it is one among others
}

// Places lists the offices of a banner, as the browser's module reads them.
func (b Banner) Places() string {
	var ids []string
	for _, id := range b.Offices {
		ids = append(ids, string(id))
	}
	return strings.Join(ids, " ")
}

// Banners gathers the emergency messages of offices: one that several show stands once.
// A message of one office among others says whose it is.
func Banners(lang Lang, offices []board.Office) []Banner {
	var list []Banner
	at := map[string]int{}
	for _, o := range offices {
		e := o.Emergency
		if e == nil {
			continue
		}
		i, known := at[e.ID]
		if !known {
			i = len(list)
			at[e.ID] = i
			list = append(list, Banner{ID: e.ID, Text: e.Text.In(string(lang)), Detail: detailIn(lang, e.Detail), Name: o.Name.In(string(lang))})
		}
		list[i].Offices = append(list[i].Offices, o.ID)
	}
	for i := range list {
		if len(list[i].Offices) > 1 || len(offices) == 1 {
			list[i].Name = ""
		}
	}
	return list
}

// detailIn returns the added words for a reader. Who reads easy Japanese is given the
// Japanese ones rather than none.
func detailIn(lang Lang, detail board.Text) string {
	if text := detail[string(lang)]; text != "" || lang != Easy {
		return text
	}
	return detail[string(Japanese)]
}
