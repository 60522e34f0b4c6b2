package public

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/ui"
	"machi/internal/web/page"
)

type wallPage struct {
	ui.View
	Office  board.Office
	Other   ui.Lang // the second language of everything
	Version string  // changes whenever the page must be loaded again
	Address string  // of the office's page for residents
	Rows    []wallRow
	Dense   bool
	Now     *wallCall // the newest, large
	Recent  []board.Call
	Ready   []wallNumber
	Words   string // of the scripts, as JSON
}

// wallCall is what is called at once: one number, or several to a delivery counter.
type wallCall struct {
	Numbers   string
	Many      string // some or crowd; empty: one number
	Long      bool
	Place     string // the counter in words
	Direction string
	Told      string // the way in words, and the floor
	Also      string // the same in the other language
	Others    []wallLine
}

// wallLine is a text in a language.
type wallLine struct {
	Lang ui.Lang
	Text string
}

// wallNumber is a number that is ready, and where it can be fetched already.
type wallNumber struct {
	Number  queue.Number
	Counter queue.CounterID // empty: it is not called yet
}

// wallRow is one line of the wall's list: a service or, at an office with many,
// a purpose.
type wallRow struct {
	Service, Purpose string
	Name             string
	ui.Headline
}

// How many calls a wall shows large and small, and how many ready numbers.
const (
	wallTogether = 6 // numbers of one announcement
	wallRecent   = 5
	wallReady    = 12
	// wallRoomy is how many services fit with two lines each.
	wallRoomy = 4
	wallSome  = 3 // numbers that one announcement shows large
	wallFew   = 8 // ready numbers that are written large
	wallLong  = 5 // letters of a number that fits in its usual size
)

func (p *Pages) signage(c echo.Context) error {
	o, ok := p.deps.Boards.Office(queue.OfficeID(c.Param("office")))
	if !ok {
		c.Response().Header().Set("Refresh", "15") // nobody presses a key at a wall
		return p.missing(c)
	}
	data := wallPage{View: p.view(c), Office: o, Other: ui.English}
	if data.Lang == ui.English {
		data.Other = ui.Japanese
	}
	data.Title = data.Name(o.Name) + " | " + data.T("wall.title")
	data.Style, data.NoIndex = "signage/wall.css", true
	data.OneLook = true
	together := together(o.Calls)
	if together > 0 {
		data.Now = data.asOne(o.Calls[:together])
	}
	data.Recent = o.Calls[together:min(together+wallRecent, len(o.Calls))]
	data.Ready = readyNumbers(o)
	data.Rows = wallRows(data.View, o)
	data.Dense = len(data.Rows) > wallRoomy
	var err error
	if data.Words, err = data.words(); err != nil {
		return err
	}
	data.Address = cmp.Or(p.deps.PublicURL, c.Scheme()+"://"+c.Request().Host) + "/offices/" + url.PathEscape(string(o.ID))
	data.Version = data.version()
	return page.Render(c, http.StatusOK, p.wall, "wall", data)
}

// together returns how many of the newest calls were one announcement. The wall's
// own module does the same (signage/announcer.js).
func together(calls []board.Call) int {
	if len(calls) == 0 {
		return 0
	}
	first := calls[0]
	if first.Stage != queue.StageDelivery {
		return 1
	}
	n := 1
	for n < min(wallTogether, len(calls)) && calls[n].At.Equal(first.At) && calls[n].Counter == first.Counter && calls[n].Stage == first.Stage {
		n++
	}
	return n
}

func (p wallPage) asOne(calls []board.Call) *wallCall {
	numbers := make([]string, len(calls))
	for i, c := range calls {
		numbers[len(calls)-1-i] = string(c.Number)
	}
	counter := board.Counter{ID: calls[0].Counter}
	if i := slices.IndexFunc(p.Office.Counters, func(c board.Counter) bool { return c.ID == counter.ID }); i >= 0 {
		counter = p.Office.Counters[i]
	}
	call := &wallCall{
		Numbers: strings.Join(numbers, " "), Long: len(numbers[0]) > wallLong, Direction: counter.Direction,
		Place: p.T("label.counter", "n", counter.ID), Told: p.way(p.Lang, counter), Also: p.way(p.Other, counter), Others: p.others(counter.ID),
	}
	switch {
	case len(numbers) > wallSome:
		call.Many = "crowd"
	case len(numbers) > 1:
		call.Many = "some"
	}
	return call
}

// Nobody is the empty panel, which a browser fills.
func (p wallPage) Nobody() *wallCall { return &wallCall{Others: p.others("")} }

// others names a counter in the wall's further languages.
func (p wallPage) others(counter queue.CounterID) []wallLine {
	var lines []wallLine
	for _, lang := range wallLanguages {
		switch {
		case lang == p.Lang:
		case counter == "":
			lines = append(lines, wallLine{Lang: lang})
		default:
			lines = append(lines, wallLine{lang, p.Texts.Say(lang, "label.counter", "n", counter)})
		}
	}
	return lines
}

func (p wallPage) way(lang ui.Lang, counter board.Counter) string {
	direction := ""
	if counter.Direction != "" {
		direction = p.Texts.Say(lang, "wall.way."+counter.Direction)
	}
	return strings.TrimSpace(direction + " " + counter.Place.In(string(lang)))
}

// InOther returns a text in the second language.
func (p wallPage) InOther(key string) string { return p.Texts.Say(p.Other, key) }

// OtherName is the office's name in the second language; empty: it has none.
func (p wallPage) OtherName() string {
	if name := p.Office.Name[string(p.Other)]; name != p.Name(p.Office.Name) {
		return name
	}
	return ""
}

// Date is the day as people write it.
func (p wallPage) Date() string {
	at := p.Office.AsOf.In(queue.JST)
	weekdays := strings.Fields(p.T("wall.weekdays"))
	return p.T("wall.date", "m", int(at.Month()), "d", at.Day(), "w", weekdays[at.Weekday()])
}

// QR returns the code of the office's page.
func (p wallPage) QR() page.Code { return page.QR(p.Address) }

// Crowd reports whether so much is ready that it is written smaller.
func (p wallPage) Crowd() bool { return len(p.Ready) > wallFew }

// Parts are the scripts that every browser runs, in their order.
func (p wallPage) Parts() []string {
	return []string{"signage/announcer.js", "signage/paint.js", "signage/sound.js", "signage/wall.js"}
}

// wallLanguages are those in which every call stands on the wall.
var wallLanguages = []ui.Lang{ui.Japanese, ui.English, ui.Chinese, ui.Korean}

// wallWords are the words that scripts write onto the wall.
type wallWords struct {
	Main  ui.Lang                       `json:"main"`
	Other ui.Lang                       `json:"other"`
	Langs map[ui.Lang]map[string]string `json:"langs"`
}

// wallKeys name the words by what the scripts call them.
var wallKeys = map[string]string{
	"caption": "wall.caption", "counter": "label.counter", "idle": "wall.idle", "stale": "wall.stale", "asof": "label.asof",
	"date": "wall.date", "weekdays": "wall.weekdays", "since": "wall.since",
	"way.left": "wall.way.left", "way.right": "wall.way.right", "way.straight": "wall.way.straight",
	"way.back": "wall.way.back", "way.up": "wall.way.up", "way.down": "wall.way.down",
}

func (p wallPage) words() (string, error) {
	w := wallWords{p.Lang, p.Other, map[ui.Lang]map[string]string{}}
	for _, lang := range append([]ui.Lang{p.Lang}, wallLanguages...) {
		texts := map[string]string{}
		for name, key := range wallKeys {
			texts[name] = p.Texts[lang][key]
		}
		w.Langs[lang] = texts
	}
	text, err := json.Marshal(w)
	return string(text), err
}

// version tells one page of the wall from another: by its files, its words and its
// rows, not by what happens in the office.
func (p wallPage) version() string {
	h := fnv.New64a()
	fmt.Fprint(h, p.Asset(""), p.Lang, p.Office.Name, p.Address)
	for _, r := range p.Rows {
		fmt.Fprint(h, r.Service, r.Purpose, r.Name)
	}
	return strconv.FormatUint(h.Sum64(), 16)
}

// readyNumbers lists what is ready, first what can be fetched at a counter now.
func readyNumbers(o board.Office) []wallNumber {
	var called, later []wallNumber
	for _, s := range o.Services {
		at := map[queue.Number]queue.CounterID{}
		for _, a := range s.Announced {
			at[a.Number] = a.Counter
			called = append(called, wallNumber{a.Number, a.Counter})
		}
		for _, n := range s.Ready {
			if at[n] == "" {
				later = append(later, wallNumber{Number: n})
			}
		}
	}
	all := append(called, later...)
	return all[:min(wallReady, len(all))]
}

// wallRows lists services while there is room for each, else purposes.
func wallRows(v ui.View, o board.Office) []wallRow {
	services := slices.DeleteFunc(slices.Clone(o.Services), func(s board.Service) bool { return s.Private })
	var rows []wallRow
	seen := map[string]bool{}
	for _, s := range services {
		id := ui.PurposeOf(s)
		switch {
		case len(services) <= wallRoomy:
			rows = append(rows, wallRow{Service: string(s.ID), Name: v.Name(s.Name), Headline: ui.Headline{Level: s.Level, Waiting: s.Waiting, Until: s.UntilCalled}})
		case !seen[id]:
			seen[id] = true
			rows = append(rows, wallRow{Purpose: id, Name: purposeName(v, id, s), Headline: ui.Summarize(o, id)})
		}
	}
	return rows
}

// signageWorker serves the worker from the walls' own folder: a worker may only
// answer for pages below its own path.
func (p *Pages) signageWorker(c echo.Context) error {
	header := c.Response().Header()
	ui.Protect(header)
	header.Set("Cache-Control", "no-cache")
	header.Set(echo.HeaderContentType, "text/javascript; charset=utf-8")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", p.worker)
}
