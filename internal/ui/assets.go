package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

//go:embed assets
var sharedFiles embed.FS

//go:embed texts
var textFiles embed.FS

// Assets are the files that browsers fetch, under one path that changes when
// any of them does: browsers may keep them for ever, and the relative imports
// between modules stay true.
type Assets struct {
	hash  string
	files map[string][]byte
	small packed
}

// NewAssets gathers the shared files and those of the mounts, each under its
// name: {"public": fs} makes fs's page.js reachable as "public/page.js". Files
// of Go, templates and tests are left out.
func NewAssets(mounts map[string]fs.FS) (*Assets, error) {
	a := &Assets{files: map[string][]byte{}}
	shared, err := fs.Sub(sharedFiles, "assets")
	if err != nil {
		return nil, fmt.Errorf("ui assets: %w", err)
	}
	if err := a.add("", shared); err != nil {
		return nil, err
	}
	maps.Copy(a.files, PublicTexts.files("public"))
	maps.Copy(a.files, StaffTexts.files("staff"))
	for _, name := range slices.Sorted(maps.Keys(mounts)) {
		if err := a.add(name, mounts[name]); err != nil {
			return nil, err
		}
	}
	a.hash = a.sum()
	return a, nil
}

// Told returns the browser module that knows how a wait is told, for pages that are
// served without [Assets].
func Told() []byte {
	body, err := sharedFiles.ReadFile("assets/told.js")
	if err != nil {
		panic("ui: " + err.Error()) // it is embedded
	}
	return body
}

// contentTypes lists what is served, by extension; nothing else is an asset.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json; charset=utf-8",
	".svg":  "image/svg+xml",
	".png":  "image/png",
}

func (a *Assets) add(mount string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("ui assets of %q: %w", mount, err)
		}
		_, served := contentTypes[path.Ext(name)]
		if entry.IsDir() || !served || strings.HasSuffix(name, ".test.js") {
			return nil
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("ui asset %s: %w", name, err)
		}
		a.files[path.Join(mount, name)] = body
		return nil
	})
}

func (a *Assets) sum() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		fmt.Fprintf(h, "%s %d\n", name, len(a.files[name]))
		_, _ = h.Write(a.files[name]) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// Path returns where a browser fetches a file, such as "/ui/0123456789abcdef/base.css".
func (a *Assets) Path(name string) string { return "/ui/" + a.hash + "/" + name }

// Read returns the content of a file.
func (a *Assets) Read(name string) ([]byte, bool) {
	body, ok := a.files[name]
	return body, ok
}

// ServeHTTP serves GET /ui/{hash}/{file}. Another hash is another version's: it
// is answered with the newest file, but not to be kept, so that a page loaded
// just before an update still finds its parts.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/ui/"), "/")
	body, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", contentTypes[path.Ext(name)])
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache")
	if hash == a.hash {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	header.Set("Vary", "Accept-Encoding")
	tag := `"` + a.hash + `"`
	if TakesGzip(r) {
		if small, ok := a.small.of(name, body); ok {
			header.Set("Content-Encoding", "gzip")
			body, tag = small, `"`+a.hash+`-gz"`
		}
	}
	header.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method != http.MethodHead {
		_, _ = io.Writer(w).Write(body) // the reader has gone: nothing to do about it
	}
}
