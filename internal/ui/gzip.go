package ui

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// TakesGzip reports whether a browser takes its answer packed.
func TakesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), ";")
		if name == "gzip" {
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

// Gzip packs a page.
func Gzip(body []byte, level int) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		panic("ui: " + err.Error()) // the level is one of this program's
	}
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// packed holds files as they are sent packed, each from the first time it was asked for.
type packed struct {
	mu    sync.Mutex
	files map[string][]byte
}

// of returns a file packed, or false where that would save nothing.
func (p *packed) of(name string, body []byte) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files == nil {
		p.files = map[string][]byte{}
	}
	small, ok := p.files[name]
	if !ok {
		small = Gzip(body, gzip.BestCompression)
		p.files[name] = small
	}
	return small, len(small) < len(body)
}
