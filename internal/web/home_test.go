package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"machi/internal/catalog"
	"machi/internal/guide"
	"machi/internal/ui"
	"machi/internal/web"
)

// guided is a site that knows what people come for.
func guided(t *testing.T) *site {
	t.Helper()
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	return newSite(t, func(d *web.Deps) { d.Ways = guide.New(func() *catalog.Catalog { return c }) })
}

// listed are the offices of a page in their order, and whether each is shut.
var listed = regexp.MustCompile(`<li class="(?:office sheet|sheet choice(?: best)?)( shut)?" data-office="([^"]+)"`)

func offices(t *testing.T, s *site, path string) (ids []string) {
	t.Helper()
	w := s.get(path)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d", path, w.Code)
	}
	for _, m := range listed.FindAllStringSubmatch(w.Body.String(), -1) {
		ids = append(ids, m[2])
	}
	return ids
}

func TestOnlyOfficesThatHandleAProcedureAreListed(t *testing.T) {
	s := guided(t)
	all := offices(t, s, "/")
	if len(all) != 9 {
		t.Fatalf("%d offices, want all nine: %v", len(all), all)
	}
	for path, want := range map[string]int{
		"/?for=moving": 9, "/?for=nothing-of-the-kind": 9, "/?matter=move-in": 9, "/?matter=no-such-matter": 9,
		"/?q=ひっこし": 9, "/?q=xyzzy": 9, "/?matter=koseki-wide": 0, "/?q=" + strings.Repeat("あ", 500): 9, "/go?matter=move-in&from=kyodo": 9,
		"/go?from=nowhere&by=rocket": 9, "/go": 9, "/matters/move-in": 9,
	} {
		if got := offices(t, s, path); len(got) != want {
			t.Errorf("%s lists %v, want %d", path, got, want)
		}
	}
}

func TestWordsOfTheirOwnFindTheProcedure(t *testing.T) {
	s := guided(t)
	for q, want := range map[string]string{"住民票": "住民票の写し", "赤ちゃん": "出生届", "はんこ": "印鑑登録", "パスワード 忘れた": "暗証番号の再設定"} {
		body := s.get("/?q=" + url.QueryEscape(q)).Body.String()
		chosen := body[max(0, strings.Index(body, `id="chosen-title"`)):]
		chosen, _, _ = strings.Cut(chosen, "</h2>")
		if !strings.Contains(chosen, want) {
			t.Errorf("%q finds %q, want %q", q, chosen, want)
		}
	}
	if body := s.get("/?q=<script>").Body.String(); !strings.Contains(body, "「&lt;script&gt;」") {
		t.Error("a query that means nothing is not said back, or not escaped")
	}
}

func TestThePagesOfMattersSpeakEveryLanguage(t *testing.T) {
	s := guided(t)
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range c.Matters {
		for _, l := range ui.Languages {
			if m.Name[string(l.Lang)] == "" {
				t.Errorf("%s has no name in %s", m.ID, l.Lang)
			}
			if i%len(ui.Languages) != slices.Index(ui.Languages, l) {
				continue // each page is drawn in one language, and each language often
			}
			body := s.get("/matters/" + m.ID + "?lang=" + string(l.Lang)).Body.String()
			_, text, _ := strings.Cut(body, "<main")
			if !strings.Contains(text, "</main>") || strings.Contains(text, "ZgotmplZ") {
				t.Fatalf("%s in %s is not whole", m.ID, l.Lang)
			}
			if m.Advice != nil && len(m.Services) > 0 && strings.Contains(text, m.Advice["ja"]) {
				t.Errorf("%s tells residents what is for the desk", m.ID)
			}
		}
	}
	if code := s.get("/matters/no-such-matter").Code; code != http.StatusNotFound {
		t.Errorf("a matter that nobody knows: %d", code)
	}
}

func TestAPageOfWaitsIsTheSameForAllAndSaidOnce(t *testing.T) {
	s := guided(t)
	for _, path := range []string{"/", "/go?matter=move-in", "/matters", "/matters/move-in", "/offline"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "br, gzip;q=0.8")
		first := httptest.NewRecorder()
		s.echo.ServeHTTP(first, r)
		if got := first.Header().Get("Cache-Control"); !strings.HasPrefix(got, "public, max-age=") {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		if got := first.Header().Get("Content-Encoding"); got != "gzip" {
			t.Errorf("%s: Content-Encoding %q", path, got)
		}
		packed, err := gzip.NewReader(first.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		whole, err := io.ReadAll(packed)
		if err != nil || !bytes.Equal(whole, s.get(path).Body.Bytes()) {
			t.Errorf("%s: packed it is another page (%v)", path, err)
		}
		r.Header.Set("If-None-Match", first.Header().Get("ETag"))
		again := httptest.NewRecorder()
		s.echo.ServeHTTP(again, r)
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s asked again: %d with %d bytes", path, again.Code, again.Body.Len())
		}
	}
	chosen := s.get("/?lang=en")
	if got := chosen.Header().Get("Cache-Control"); !strings.HasPrefix(got, "private") {
		t.Errorf("a page that sets a cookie may be kept by all: %q", got)
	}
}

// asset finds what a page loads before it can be read and used.
var asset = regexp.MustCompile(`(?:href|src|data-texts|data-icons)="(/ui/[^"#]+)"`)

// imported finds the modules that a module loads.
var imported = regexp.MustCompile(`(?m)^import [^"]*"(\.[^"]+)"`)

// weigh adds up what a page's first view costs as it is sent.
func weigh(t *testing.T, s *site, page string) (bytes int) {
	t.Helper()
	seen := map[string]bool{}
	var fetch func(path string)
	fetch = func(path string) {
		if seen[path] || strings.HasSuffix(path, ".png") || strings.HasSuffix(path, ".webmanifest") {
			return // icons are for whoever keeps the pages on a telephone
		}
		seen[path] = true
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		s.echo.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		bytes += w.Body.Len()
		for key, values := range w.Header() {
			bytes += len(key) + len(values[0]) + 4
		}
		body := w.Body.Bytes()
		if w.Header().Get("Content-Encoding") == "gzip" {
			packed, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(packed); err != nil {
				t.Fatal(err)
			}
		}
		if strings.HasSuffix(path, ".js") {
			for _, m := range imported.FindAllSubmatch(body, -1) {
				fetch(join(path, string(m[1])))
			}
		} else if !strings.Contains(path, "/ui/") {
			for _, m := range asset.FindAllSubmatch(body, -1) {
				fetch(string(m[1]))
			}
		}
	}
	fetch(page)
	return bytes
}

func join(from, to string) string {
	parts := strings.Split(from, "/")
	parts = parts[:len(parts)-1]
	for step := range strings.SplitSeq(to, "/") {
		switch step {
		case ".":
		case "..":
			parts = parts[:len(parts)-1]
		default:
			parts = append(parts, step)
		}
	}
	return strings.Join(parts, "/")
}

// heaviest is what the first view of a resident's page may cost, in bytes as sent.
const heaviest = 60_000

func TestFirstViewsAreLight(t *testing.T) {
	s := guided(t)
	for _, path := range []string{"/", "/?lang=ko&matter=move-in", "/go?matter=cert-resident&from=kyodo", "/matters", "/matters/move-in?lang=zh", "/offices/km-setagaya", "/t/waiting"} {
		n := weigh(t, s, path)
		t.Logf("%s: %d bytes", path, n)
		if n > heaviest {
			t.Errorf("%s: %d bytes as sent, want at most %d", path, n, heaviest)
		}
	}
}

func TestTelephonesCanKeepThePages(t *testing.T) {
	s := guided(t)
	var m struct {
		Name, Lang, Display string
		StartURL            string `json:"start_url"`
		Icons               []struct{ Src, Sizes, Type string }
	}
	for _, l := range ui.Languages {
		w := s.get("/manifest.webmanifest?lang=" + string(l.Lang))
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || m.Lang != string(l.Lang) || m.Name == "" || m.Display != "standalone" {
			t.Errorf("%s: %v %+v", l.Lang, err, m)
		}
	}
	for _, icon := range m.Icons {
		if w := s.get(icon.Src); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || !bytes.HasPrefix(w.Body.Bytes(), []byte("\x89PNG")) {
			t.Errorf("icon %s: %d %s", icon.Src, w.Code, w.Header().Get("Content-Type"))
		}
	}
	worker := s.get("/worker.js")
	if got := worker.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/javascript") {
		t.Errorf("the worker is sent as %q", got)
	}
	for _, want := range []string{"self.words = ", `addEventListener("fetch"`, `addEventListener("push"`} {
		if !strings.Contains(worker.Body.String(), want) {
			t.Errorf("the worker has no %s", want)
		}
	}
}

func TestAReadersColoursStay(t *testing.T) {
	s := guided(t)
	w := s.get("/?theme=dark")
	if !strings.Contains(w.Body.String(), `data-themes data-theme="dark"`) {
		t.Error("the page is not as it was asked for")
	}
	cookies := w.Result().Cookies()
	if !slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Name == "machi_theme" && c.Value == "dark" }) {
		t.Errorf("the choice is not kept: %v", cookies)
	}
	for _, bad := range []string{"/?theme=pink", "/?theme=%22%3E%3Cscript%3E"} {
		if body := s.get(bad).Body.String(); strings.Contains(body, "data-theme=") {
			t.Errorf("%s is taken", bad)
		}
	}
}
