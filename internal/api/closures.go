package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/calendar"
	"machi/internal/catalog"
	"machi/internal/expect"
	"machi/internal/ical"
	"machi/internal/queue"
)

// The kinds of bytes that other programs subscribe to.
const (
	mediaCalendar = "text/calendar; charset=utf-8"
	mediaFeed     = "application/feed+json; charset=utf-8"
)

// slowCache lets a proxy answer for what changes once a day.
const slowCache = "public, max-age=3600, stale-if-error=86400"

func (a *API) subscriptionRoutes() []route {
	return []route{
		{"GET", "/offices/:office/closures.ics", public, a.closuresCalendar},
		{"GET", "/offices/:office/feed.json", public, a.officeFeed},
		{"GET", "/feed.json", public, a.wardFeed},
		{"GET", "/asyncapi.yaml", public, a.asyncapi},
		{"GET", "/robots.txt", public, a.robots},
		{"GET", "/.well-known/security.txt", public, a.securityText},
	}
}

// catalogOffice returns what the catalogue says of the office of the path.
func (a *API) catalogOffice(c echo.Context) (*catalog.Office, error) {
	if a.catalog != nil {
		if o, ok := a.catalog().Office(officeOf(c)); ok {
			return o, nil
		}
	}
	return nil, problem(codeUnknownOffice, "office")
}

// window is the days of a calendar: from the first of the month before to a year
// ahead. It moves once a month, so that a calendar that has not changed is the same.
func (a *API) window() (from, to calendar.Day, stamp time.Time) {
	now := a.now().In(queue.JST)
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, queue.JST)
	return calendar.DayOf(first.AddDate(0, -1, 0)), calendar.DayOf(first.AddDate(1, 1, -1)), first
}

// midnight returns when a day begins.
func midnight(d calendar.Day) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, queue.JST)
}

// closuresCalendar lists when an office does not keep its week, and how busy days are
// expected to be where anything is known of that.
func (a *API) closuresCalendar(c echo.Context) error {
	o, err := a.catalogOffice(c)
	if err != nil {
		return err
	}
	from, to, stamp := a.window()
	name := o.Name["ja"]
	cal := ical.Calendar{Name: name + " 休みと受付時間の変更", Language: "ja", Stamp: stamp}
	for _, closure := range o.Schedule.Closures(from, to) {
		cal.Events = append(cal.Events, a.closureEvent(o, closure))
	}
	expected, err := a.expected(o)
	if err != nil {
		return err
	}
	cal.Events = append(cal.Events, expected...)
	raw := ical.Encode(cal)
	c.Response().Header().Set(echo.HeaderContentDisposition, `inline; filename="`+string(o.ID)+`.ics"`)
	return sendTagged(c, tagOf(raw), slowCache, mediaCalendar, raw)
}

func tagOf(raw []byte) string { return `"` + hashSecret(string(raw))[:32] + `"` }

func (a *API) closureEvent(o *catalog.Office, c calendar.Closure) ical.Event {
	e := ical.Event{
		UID: "closure-" + c.From.String() + "-" + string(o.ID) + "@machi", Start: midnight(c.From), End: midnight(c.To.Add(1)),
		Summary: closureTitle(o, c), Location: o.Address, Category: "休み",
	}
	if !c.Hours.Closed() {
		e.Timed, e.Start, e.End, e.Category = true, midnight(c.From).Add(c.Hours.Opens), midnight(c.From).Add(c.Hours.Closes), "受付時間の変更"
	}
	if a.publicURL != "" {
		e.URL = a.publicURL + "/offices/" + string(o.ID)
	}
	return e
}

// closureTitle says a closure in one line.
func closureTitle(o *catalog.Office, c calendar.Closure) string {
	title := o.Name["ja"] + " "
	if c.Hours.Closed() {
		title += "休み"
	} else {
		title += "受付 " + spanOfDay(c.Hours)
	}
	if c.Reason != "" {
		title += "（" + c.Reason + "）"
	}
	return title
}

// levelWords are the levels that a calendar says of a day to come.
var levelWords = map[board.Level]string{
	board.LevelQuiet: "空いている見込み", board.LevelModerate: "やや混雑の見込み", board.LevelBusy: "混雑の見込み", board.LevelVeryBusy: "大変混雑の見込み",
}

// expected lists the days to come that are expected to be busy. All days are in the
// office's forecast.ics.
func (a *API) expected(o *catalog.Office) ([]ical.Event, error) {
	var events []ical.Event
	today := queue.BusinessDay(a.now())
	for n := range expect.Horizon {
		day, err := a.expectedDay(o.ID, addDays(today, n))
		if err != nil {
			return nil, err
		}
		if day.Open() && isBusy(day.Level) {
			events = append(events, a.expectedEvent(o, day, levelWords[day.Level]))
		}
	}
	return events, nil
}

// feed is a JSON Feed 1.1.
type feed struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Home        string     `json:"home_page_url,omitempty"`
	URL         string     `json:"feed_url,omitempty"`
	Language    string     `json:"language"`
	Items       []feedItem `json:"items"`
}

type feedItem struct {
	ID        string     `json:"id"`
	URL       string     `json:"url,omitempty"`
	Title     string     `json:"title"`
	Text      string     `json:"content_text"`
	Published *time.Time `json:"date_published,omitempty"`
	Tags      []string   `json:"tags"`
	Language  string     `json:"language"`
}

// feedDays is how far ahead a feed tells of closures.
const feedDays = 62

func (a *API) officeFeed(c echo.Context) error {
	o, err := a.catalogOffice(c)
	if err != nil {
		return err
	}
	return a.sendFeed(c, "/offices/"+string(o.ID), o.Name["ja"], []*catalog.Office{o})
}

func (a *API) wardFeed(c echo.Context) error {
	if a.catalog == nil {
		return problem(codeNotFound, "path")
	}
	known := a.catalog()
	return a.sendFeed(c, "/", known.Ward["ja"], known.Offices)
}

func (a *API) sendFeed(c echo.Context, home, title string, offices []*catalog.Office) error {
	f := feed{
		Version: "https://jsonfeed.org/version/1.1", Title: title + " 窓口のお知らせ", Description: "窓口の休み、受付時間の変更、いまのお知らせ",
		Language: "ja", Items: []feedItem{},
	}
	if a.publicURL != "" {
		f.Home, f.URL = a.publicURL+home, a.publicURL+c.Request().URL.Path
	}
	for _, o := range offices {
		f.Items = append(f.Items, a.notices(o)...)
	}
	today := calendar.DayOf(a.now().In(queue.JST))
	for _, o := range offices {
		for _, closure := range o.Schedule.Closures(today, today.Add(feedDays)) {
			f.Items = append(f.Items, a.closureItem(o, closure))
		}
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return sendTagged(c, tagOf(raw), publicCache, mediaFeed, raw)
}

func (a *API) closureItem(o *catalog.Office, c calendar.Closure) feedItem {
	when := c.From.String()
	if c.To != c.From {
		when += "〜" + c.To.String()
	}
	return a.item(o, "closure-"+c.From.String(), closureTitle(o, c), when+" "+closureTitle(o, c), "closure")
}

func (a *API) item(o *catalog.Office, id, title, text, tag string) feedItem {
	i := feedItem{ID: "machi:" + string(o.ID) + ":" + id, Title: title, Text: text, Tags: []string{tag}, Language: "ja"}
	if a.publicURL != "" {
		i.URL = a.publicURL + "/offices/" + string(o.ID)
	}
	return i
}

// notices are what an office says now: an emergency, a pause of the office or of its
// services, with the words of its staff.
func (a *API) notices(o *catalog.Office) []feedItem {
	s, err := a.hub.Recent(o.ID)
	if err != nil {
		return nil // an office that cannot be shown says nothing
	}
	shown := s.Frame.Board
	var items []feedItem
	if e := shown.Emergency; e != nil {
		item := a.item(o, "emergency-"+e.ID, o.Name["ja"]+" "+e.Text.In("ja"), e.Text.In("ja")+"\n"+e.Detail.In("ja"), "emergency")
		since := e.Since.In(queue.JST)
		item.Published = &since
		items = append(items, item)
	}
	if shown.Message != "" {
		items = append(items, a.item(o, "office-"+string(shown.Date), o.Name["ja"]+" "+shown.Message, shown.Message, "notice"))
	}
	for _, v := range shown.Services {
		if v.Message != "" && v.Message != shown.Message && !v.Private {
			name := v.Name.In("ja")
			items = append(items, a.item(o, string(v.ID)+"-"+string(shown.Date), o.Name["ja"]+" "+name+": "+v.Message, v.Message, "notice"))
		}
	}
	return items
}

// robots keeps programs from what is one person's or staff's. A rehearsal is nothing
// to be found.
func (a *API) robots(c echo.Context) error {
	text := "User-agent: *\nDisallow: /t/\nDisallow: /family\nDisallow: /staff\nDisallow: /manager\nDisallow: /admin\nDisallow: /signage/\nDisallow: /api/v1/tickets/\nDisallow: /api/v1/live\nAllow: /\n"
	if a.hub.Rehearsal() {
		text = "User-agent: *\nDisallow: /\n"
	}
	return sendTagged(c, tagOf([]byte(text)), slowCache, "text/plain; charset=utf-8", []byte(text))
}

// SecurityContact says to whom somebody who has found a weakness turns (RFC 9116).
type SecurityContact struct {
	Contacts []string // mailto:, tel: or https:, the preferred first
	Policy   string   // an https address; may be empty
}

// securityFor is how long a reader may rely on the contact; less than the year that
// the RFC allows.
const securityFor = 180 * 24 * time.Hour

func (a *API) securityText(c echo.Context) error {
	if len(a.security.Contacts) == 0 {
		return problem(codeNotFound, "path")
	}
	text := ""
	for _, contact := range a.security.Contacts {
		text += "Contact: " + contact + "\n"
	}
	text += "Expires: " + a.wall().UTC().Truncate(24*time.Hour).Add(securityFor).Format(time.RFC3339) + "\nPreferred-Languages: ja, en\n"
	if a.security.Policy != "" {
		text += "Policy: " + a.security.Policy + "\n"
	}
	if a.publicURL != "" {
		text += "Canonical: " + a.publicURL + "/.well-known/security.txt\n"
	}
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(text))
}
