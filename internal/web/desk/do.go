package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/web/page"
)

// numbersField is the field of a form that names several tickets.
const numbersField = "numbers"

// doReception passes a form of the reception desk on as the command it stands for.
func (p *Pages) doReception(c echo.Context) error {
	office, form, err := p.begin(c)
	if form == nil {
		return err
	}
	command := c.Param("*")
	query := c.QueryParams()
	back := func(pairs ...string) error { return p.back(c, office, "desk", query, pairs...) }
	var given struct {
		Number string `json:"number"`
	}
	if command == "tickets" {
		form.Set("channel", "reception")
		if code := page.Ask(c, http.MethodPost, office+"/tickets", form, &given); code != "" {
			return back("problem", code)
		}
		return back("issued", given.Number, "t", "", "n", "")
	}
	path, about, ok := commandOf(command, "tickets", "check-in")
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	if code := page.Ask(c, http.MethodPost, office+"/"+path, form, &given); code != "" {
		return back("problem", code, "about", about)
	}
	if path == "check-in" {
		about = given.Number
	}
	return back(after(path, about, form)...)
}

// after says where the page stands when a command went well.
func after(path, about string, form url.Values) []string {
	verb := path[strings.LastIndex(path, "/")+1:]
	into := strings.ToUpper(strings.TrimSpace(form.Get("into")))
	switch verb {
	case "merge":
		return []string{"did", "merge", "about", into, "t", into, "id", ""}
	case "withdraw":
		return []string{"did", "withdraw", "about", about, "t", "", "id", ""}
	}
	return []string{"did", verb, "about", about}
}

// doDelivery passes a form of the delivery desk on; several tickets go one by one,
// except that they are announced together.
func (p *Pages) doDelivery(c echo.Context) error {
	office, form, err := p.begin(c)
	if form == nil {
		return err
	}
	query := c.QueryParams()
	command, numbers := c.Param("*"), strings.Fields(strings.Join(form[numbersField], " "))
	if command == "ready" {
		return p.readyAll(c, office, form, numbers, query)
	}
	path, about, ok := commandOf(command, "tickets", "counters")
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	if code := page.Relay(c, http.MethodPost, office+"/"+path, form); code != "" {
		return p.back(c, office, "delivery", query, "problem", code, "about", about)
	}
	verb := path[strings.LastIndex(path, "/")+1:]
	if verb == "announce" {
		about = strings.Join(numbers, " ")
	}
	return p.back(c, office, "delivery", query, "did", verb, "about", about)
}

// maxReady bounds the documents that are called ready by one form.
const maxReady = 50

// readyAll calls the papers of several tickets ready; it stops at the first that is
// refused, which the page names.
func (p *Pages) readyAll(c echo.Context, office string, form url.Values, numbers []string, query url.Values) error {
	numbers = numbers[:min(maxReady, len(numbers))]
	if len(numbers) == 0 {
		return p.back(c, office, "delivery", query, "problem", "missing_field")
	}
	for i, n := range numbers {
		one := url.Values{"idempotency_key": {form.Get("idempotency_key") + "." + strconv.Itoa(i)}}
		if code := page.Relay(c, http.MethodPost, office+"/tickets/"+url.PathEscape(n)+"/ready", one); code != "" {
			return p.back(c, office, "delivery", query, "problem", code, "about", n)
		}
	}
	return p.back(c, office, "delivery", query, "did", "ready", "about", strings.Join(numbers, " "))
}

// begin admits the sender and reads the form; a nil form means that the answer has
// been given. The office is its path in the API.
func (p *Pages) begin(c echo.Context) (office string, form url.Values, err error) {
	if who, err := p.admit(c); who == nil {
		return "", nil, err
	}
	form, err = page.Form(c)
	if err != nil {
		return "", nil, err
	}
	return "/api/v1/offices/" + url.PathEscape(c.Param("office")), form, nil
}

// back goes to the desk again, to where it stood, with some parts changed.
func (p *Pages) back(c echo.Context, _, desk string, query url.Values, pairs ...string) error {
	next := url.Values{}
	for _, name := range kept {
		if query.Get(name) != "" {
			next.Set(name, query.Get(name))
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		next.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			next.Del(pairs[i])
		}
	}
	path := "/staff/" + url.PathEscape(c.Param("office")) + "/" + desk
	if len(next) > 0 {
		path += "?" + next.Encode()
	}
	return page.SeeOther(c, path)
}

// commandOf returns where the API takes a command such as "tickets/A012/merge" and
// what it is about; only what begins with one of the allowed words can be reached
// by a form.
func commandOf(command string, allowed ...string) (path, about string, ok bool) {
	parts := strings.Split(command, "/")
	if !slices.Contains(allowed, parts[0]) || len(parts) != 3 && command != "check-in" {
		return "", "", false
	}
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || strings.Trim(plain, ".") == "" || strings.ContainsAny(plain, "/?#") {
			return "", "", false
		}
		parts[i] = url.PathEscape(plain)
		if i == 1 {
			about = plain
		}
	}
	return strings.Join(parts, "/"), about, true
}
