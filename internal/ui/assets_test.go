package ui_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"machi/internal/ui"
)

func assets(t *testing.T, script string) *ui.Assets {
	t.Helper()
	a, err := ui.NewAssets(map[string]fs.FS{"x": fstest.MapFS{
		"page.js": {Data: []byte(script)}, "page.html": {Data: []byte("{{.}}")}, "page.go": {Data: []byte("package x")},
		"page.test.js": {Data: []byte("test")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func fetch(a *ui.Assets, path, tag string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("If-None-Match", tag)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func TestAssetsAreKeptForEverUnderTheirHash(t *testing.T) {
	a := assets(t, "let x = 1;")
	first := fetch(a, a.Path("x/page.js"), "")
	if first.Code != http.StatusOK || first.Body.String() != "let x = 1;" {
		t.Fatalf("%d %q", first.Code, first.Body)
	}
	if got := first.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := first.Header().Get("Content-Type"); got != "text/javascript; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	if again := fetch(a, a.Path("x/page.js"), first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("asked again: %d with %d bytes", again.Code, again.Body.Len())
	}
}

func TestAnotherVersionsPathIsServedButNotKept(t *testing.T) {
	a := assets(t, "new")
	w := fetch(a, "/ui/0000000000000000/x/page.js", "")
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
}

func TestAnyChangeChangesThePath(t *testing.T) {
	if a, b := assets(t, "1"), assets(t, "2"); a.Path("base.css") == b.Path("base.css") {
		t.Error("two versions share a path")
	}
	if a, b := assets(t, "1"), assets(t, "1"); a.Path("base.css") != b.Path("base.css") {
		t.Error("one version has two paths")
	}
}

func TestOnlyBrowsersFilesAreServed(t *testing.T) {
	a := assets(t, "")
	for _, name := range []string{"x/page.html", "x/page.go", "x/page.test.js", "../frame.go", "x", "", "nothing.css"} {
		if w := fetch(a, a.Path(name), ""); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", name, w.Code)
		}
	}
}
