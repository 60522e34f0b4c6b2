package screens

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/signs"
	"machi/internal/web/page"
)

type signsPage struct {
	common
	Items []signs.Item `json:"items"`
	Rule  signs.Rule   `json:"rule"`
	You   string       `json:"you"`
	Form  signs.Item   `json:"-"` // as it stands in the fields; without an ID, a new one
	Open  bool         `json:"-"` // the form is shown
}

// In lists the items of a state.
func (p signsPage) In(state signs.State) []signs.Item {
	var list []signs.Item
	for _, i := range p.Items {
		if i.State == state && len(list) < 50 {
			list = append(list, i)
		}
	}
	return list
}

// States are the parts of the page in their order.
func (signsPage) States() []signs.State {
	return []signs.State{signs.Waiting, signs.Draft, signs.Approved, signs.Ended}
}

// Mine reports whether the reader wrote at an item, so that another must approve it.
func (p signsPage) Mine(i signs.Item) bool {
	return i.NeedsSecond(p.Rule) && slices.ContainsFunc(i.Writers, func(w signs.Person) bool { return w.ID == p.You })
}

// May reports whether the reader may act on an item.
func (p signsPage) May(i signs.Item) bool { return i.Office != "" || p.All() }

// Path is where the bytes of an item are.
func (signsPage) Path(i signs.Item) string { return "/signage/media/" + i.Media.Hash }

// Writers names everybody who wrote at an item.
func (signsPage) Writers(i signs.Item) string {
	var names []string
	for _, w := range i.Writers {
		names = append(names, w.Name)
	}
	return strings.Join(names, ", ")
}

// When says an item's schedule in words.
func (p signsPage) When(i signs.Item) string {
	s := i.Schedule
	to := string(s.To)
	if to == "" {
		to = p.T("sign.open")
	}
	parts := []string{p.T("sign.days", "from", s.From, "to", to)}
	if len(s.Weekdays) > 0 {
		var days []string
		for _, d := range s.Weekdays {
			days = append(days, p.T("rule.weekday."+strconv.Itoa(d)))
		}
		parts = append(parts, strings.Join(days, " "))
	}
	if s.Begin != "" {
		parts = append(parts, s.Begin+"–"+s.End)
	}
	return strings.Join(append(parts, p.T("sign.times", "s", s.Seconds, "w", s.Weight)), " / ")
}

// Weekdays counts them, Monday first.
func (signsPage) Weekdays() []int { return []int{1, 2, 3, 4, 5, 6, 0} }

// On reports whether the form's item is shown on a weekday.
func (p signsPage) On(day int) bool { return slices.Contains(p.Form.Schedule.Weekdays, day) }

// Langs are the languages of residents beside Japanese.
func (signsPage) Langs() []string { return signs.Languages[1:] }

// signs shows the playlist of an office, or of all that the reader manages.
func (p *Pages) signs(c echo.Context) error {
	data, err := p.signsPage(c)
	if data == nil {
		return err
	}
	if id := c.QueryParam("edit"); id != "" {
		for _, i := range data.Items {
			if i.ID == id && i.State != signs.Ended && data.May(i) {
				data.Form, data.Open = i, true
			}
		}
	}
	data.Open = data.Open || c.QueryParam("new") != ""
	return p.render(c, "signs", data)
}

func (p *Pages) signsPage(c echo.Context) (*signsPage, error) {
	d, err := p.admit(c, "signs")
	if d == nil {
		return nil, err
	}
	data := &signsPage{common: *d}
	data.Form = signs.Item{Content: signs.Content{
		Office: d.At, Kind: signs.Notice, Schedule: signs.Schedule{From: queue.BusinessDay(p.site.Now()), Seconds: 15, Weight: 1},
	}}
	if code := page.Fetch(c, api+"/signs?"+url.Values{"office": {string(d.At)}}.Encode(), data); code != "" {
		data.Problem = code
	}
	return data, nil
}

// writeSign keeps the form's file, if there is one, and then its item. What cannot be
// is shown again as it was typed.
func (p *Pages) writeSign(c echo.Context) error {
	data, err := p.signsPage(c)
	if data == nil {
		return err
	}
	form, file, err := readForm(c)
	if err != nil {
		return back(c, "/manager/signs", "bad_form", "", "")
	}
	data.Form, data.Open = typed(form), true
	if len(file) > 0 {
		var m signs.Media
		if data.Problem, data.Field = page.Upload(c, api+"/media", file, &m); data.Problem != "" {
			return p.render(c, "signs", data)
		}
		data.Form.Media = &m
	}
	method, path := http.MethodPost, api+"/signs"
	body := map[string]any{
		"office": data.Form.Office, "kind": data.Form.Kind, "title": data.Form.Title, "body": data.Form.Body, "sponsor": data.Form.Sponsor, "schedule": data.Form.Schedule,
	}
	if data.Form.Media != nil {
		body["media"] = map[string]string{"hash": data.Form.Media.Hash}
	}
	if data.Form.ID != "" {
		method, path = http.MethodPut, api+"/signs/"+url.PathEscape(data.Form.ID)
		body["version"] = data.Form.Version
	}
	var kept signs.Item
	if data.Problem, data.Field = page.Command(c, method, path, form.Get("idempotency_key"), body, &kept); data.Problem != "" {
		return p.render(c, "signs", data)
	}
	if form.Get("then") == "submit" {
		code, field := move(c, kept.ID, "submit", kept.Version, "", form.Get("idempotency_key")+".submit")
		return back(c, of("signs", string(kept.Office)), code, field, "submit")
	}
	return back(c, of("signs", string(kept.Office)), "", "", "write")
}

// readForm reads a form that may bring a file.
func readForm(c echo.Context) (url.Values, []byte, error) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, signs.MaxVideo+64<<10)
	if err := r.ParseMultipartForm(signs.MaxVideo + 64<<10); err != nil {
		return nil, nil, err
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // all of it is in memory
	file, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return r.PostForm, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	raw, err := readFile(file)
	return r.PostForm, raw, err
}

func readFile(file multipart.File) ([]byte, error) {
	raw, err := io.ReadAll(file)
	return raw, errors.Join(err, file.Close())
}

// typed reads an item from a form.
func typed(form url.Values) signs.Item {
	number := func(name string) int {
		n, _ := strconv.Atoi(form.Get(name)) // what is no number is refused as 0
		return n
	}
	item := signs.Item{ID: form.Get("id"), Version: number("version")}
	item.Office, item.Kind, item.Sponsor = queue.OfficeID(strings.TrimPrefix(form.Get("office"), "*")), signs.Kind(form.Get("kind")), form.Get("sponsor")
	item.Title, item.Body = texts(form, "title_"), texts(form, "body_")
	if hash := form.Get("media"); hash != "" && form.Get("no_media") == "" {
		item.Media = &signs.Media{Hash: hash, Type: form.Get("media_type")}
	}
	item.Schedule = signs.Schedule{
		From: queue.Date(form.Get("from")), To: queue.Date(form.Get("to")), Begin: form.Get("begin"), End: form.Get("end"), Seconds: number("seconds"), Weight: number("weight"),
	}
	for _, text := range form["weekday"] {
		if d, err := strconv.Atoi(text); err == nil {
			item.Schedule.Weekdays = append(item.Schedule.Weekdays, d)
		}
	}
	return item
}

func texts(form url.Values, prefix string) board.Text {
	out := board.Text{}
	for _, lang := range signs.Languages {
		if text := form.Get(prefix + lang); text != "" {
			out[lang] = text
		}
	}
	return out
}

func move(c echo.Context, id, verb string, version int, reason, key string) (code, field string) {
	body := map[string]any{"version": version, "reason": reason}
	return page.Command(c, http.MethodPost, api+"/signs/"+url.PathEscape(id)+"/"+verb, key, body, nil)
}

// doSign passes on a step of an item, or what the ward demands of all.
func (p *Pages) doSign(c echo.Context) error {
	if d, err := p.admit(c, "signs"); d == nil {
		return err
	}
	verb := c.Param("verb")
	if !slices.Contains([]string{"submit", "approve", "refuse", "end", "rule"}, verb) {
		return echo.NewHTTPError(http.StatusNotFound, "no such command")
	}
	form, err := page.Form(c)
	if err != nil {
		return err
	}
	key := form.Get("idempotency_key")
	if verb == "rule" {
		code, field := page.Command(c, http.MethodPut, api+"/signs-rule", key, map[string]bool{"text_by_second": form.Get("text_by_second") == "true"}, nil)
		return back(c, "/manager/signs", code, field, verb)
	}
	version, _ := strconv.Atoi(form.Get("version"))
	code, field := move(c, c.Param("sign"), verb, version, form.Get("reason"), key)
	return back(c, of("signs", form.Get("back")), code, field, verb)
}

// Kinds are the kinds of items.
func (signsPage) Kinds() []signs.Kind {
	return []signs.Kind{signs.Notice, signs.District, signs.Advert}
}

// act is what the forms about an item hold beside their buttons.
type act struct {
	Key     string
	Version int
	Back    queue.OfficeID
}

// Act returns the hidden fields of a form about an item.
func (p signsPage) Act(i signs.Item) act { return act{p.Key(), i.Version, p.At} }
