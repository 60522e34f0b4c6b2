package staff

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// consolePage gathers what a counter's page is drawn from. The query says what a
// form did (did, number, problem) and which ticket is looked for (ticket).
func (p *Pages) consolePage(c echo.Context, console board.Console, who page.Identity) consolePage {
	data := consolePage{
		View: p.view(c), Console: console, Who: who, Now: p.site.Now(), Offices: p.boards.Offices(),
		Problem: page.CodeOf(c.QueryParam("problem")), Did: page.CodeOf(c.QueryParam("did")), About: c.QueryParam("number"), Typed: strings.TrimSpace(c.QueryParam("ticket")),
	}
	data.Offices = slices.DeleteFunc(data.Offices, func(o board.Office) bool { return o.ID == console.Office })
	if cookie, err := c.Cookie(chainCookie); err == nil {
		data.Chain = cookie.Value == "on"
	}
	if who.Manager {
		data.For(queue.RoleManager)
	}
	if data.Typed != "" {
		data.look(c)
	}
	data.Title = data.T("label.counter", "n", console.Counter.ID) + " " + data.Name(console.OfficeName)
	data.Style, data.Script = "staff/console.css", "staff/console.js"
	return data
}

// look finds the ticket that was typed or scanned: among those the console shows,
// else anywhere in the office's day.
func (p *consolePage) look(c echo.Context) {
	number := queue.NormalizeNumber(p.Typed)
	if secret, ok := secretIn(p.Typed); ok {
		var held board.TicketStatus
		if p.Problem = page.Ask(c, http.MethodGet, "/api/v1/tickets/"+url.PathEscape(secret), nil, &held); p.Problem != "" {
			return
		}
		if held.Office != p.Office {
			p.Problem, p.About = "other_office", p.Name(held.OfficeName)
			return
		}
		number = held.Number
	}
	if p.Several = p.known(number); len(p.Several) == 1 {
		p.Card, p.Several = &p.Several[0], nil
		return
	}
	if len(p.Several) > 1 {
		return
	}
	var found struct {
		Ticket *board.ConsoleTicket `json:"ticket"`
	}
	path := "/api/v1/offices/" + url.PathEscape(string(p.Office)) + "/tickets/" + url.PathEscape(string(number))
	if code := page.Ask(c, http.MethodGet, path, nil, &found); code != "" {
		p.Problem, p.About = code, p.Typed
		return
	}
	p.Card = found.Ticket
}

// known returns the tickets on the console whose number is the typed one, or ends
// in the typed figures.
func (p *consolePage) known(number queue.Number) []board.ConsoleTicket {
	var exact, ends []board.ConsoleTicket
	typed, err := strconv.Atoi(string(number))
	all := slices.Concat(p.Waiting, p.Aside)
	if p.Current != nil {
		all = append(all, *p.Current)
	}
	for _, t := range all {
		switch {
		case t.Number == number || slices.Contains(t.Former, number):
			exact = append(exact, t)
		case err == nil && figures(t.Number) == typed:
			ends = append(ends, t)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return ends
}

// figures returns the count at the end of a number, such as 12 for A012; -1 where
// there is none.
func figures(n queue.Number) int {
	i := strings.LastIndexFunc(string(n), func(r rune) bool { return r < '0' || r > '9' })
	count, err := strconv.Atoi(string(n)[i+1:])
	if err != nil {
		return -1
	}
	return count
}

// secretIn returns the secret in the address that a ticket's QR holds.
func secretIn(typed string) (string, bool) {
	_, secret, ok := strings.Cut(typed, "/t/")
	secret, _, _ = strings.Cut(secret, "?")
	return secret, ok && secret != ""
}

// relay sends a form's command, and returns where the browser goes on.
func (p *Pages) relay(c echo.Context, command string, form url.Values) string {
	office, counter := c.Param("office"), c.Param("counter")
	to := url.Values{}
	api := "/api/v1/offices/" + url.PathEscape(office) + "/"
	var answer struct {
		Number queue.Number `json:"number"`
	}
	then := form.Get("then")
	for _, ours := range []string{"then", "expect"} {
		form.Del(ours)
	}
	if strings.HasPrefix(command, "counters/") {
		form.Del("counter") // the path names it
	}
	code := page.Ask(c, http.MethodPost, api+command, form, &answer)
	if code == "" && (command == "tickets" || command == "check-in") {
		to.Set("did", command)
		to.Set("number", string(answer.Number))
	}
	if code == "" && command == "tickets" && then == "call" {
		call := url.Values{"idempotency_key": {form.Get("idempotency_key") + "-call"}, "counter": {counter}}
		code = page.Relay(c, http.MethodPost, api+"tickets/"+url.PathEscape(string(answer.Number))+"/call", call)
	}
	if code != "" {
		to.Set("problem", code)
	}
	back := "/staff/" + url.PathEscape(office) + "/" + url.PathEscape(counter)
	if len(to) > 0 {
		back += "?" + to.Encode()
	}
	return back
}

// commandPath returns where the API takes a command of a ticket or of this
// counter, such as "tickets/A012/start", an issue or a check-in; nothing else can
// be reached by a form.
func commandPath(command, counter string) (string, bool) {
	if command == "check-in" || command == "tickets" {
		return command, true
	}
	parts := strings.Split(command, "/")
	if len(parts) != 3 {
		return "", false
	}
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || strings.Trim(plain, ".") == "" || strings.Contains(plain, "/") {
			return "", false
		}
		parts[i] = plain
	}
	own := parts[1] == counter || parts[2] == "answer-help" // another's call for help
	if parts[0] != "tickets" && (parts[0] != "counters" || !own) {
		return "", false
	}
	return parts[0] + "/" + url.PathEscape(parts[1]) + "/" + url.PathEscape(parts[2]), true
}
