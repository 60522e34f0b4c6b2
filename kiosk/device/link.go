package device

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"machi/internal/signature"
)

// The answers that close a machine, and the one that only leaves it alone.
const (
	CodeRevoked = "device_revoked"
	CodeCopied  = "store_copied"
	CodeUnknown = "device_unknown"

	codeClockSkew = "clock_skew"
	// tellAgain is how long the machine waits before it tells its start again where
	// the server would not take it.
	tellAgain = 10 * time.Minute
)

// Link is the transport of a machine's exchanges. Where the folder holds a key they
// are signed; else they bear the token. It may be used by several goroutines.
type Link struct {
	dir    string
	token  string
	server *url.URL
	store  string
	base   http.RoundTripper
	told   func(code string)
	logger *slog.Logger

	mu      sync.Mutex
	device  *Device
	stamp   time.Time // of the key's file that was read
	fate    string    // newest code that told was called with
	judged  bool      // told was called
	anchor  time.Time // the server's clock, when …
	at      time.Time // … the machine's own said this; zero: they agree
	starts  starts    // of this process, once it was added
	startOf string    // key id that the start was told for
	nextTry time.Time
}

// LinkOptions say what a link works with. Dir, Server and Store are required.
type LinkOptions struct {
	Dir    string // of the key
	Token  string // where there is no key
	Server *url.URL
	Store  string            // id of the machine's store
	Base   http.RoundTripper // nil: the default
	// Told hears CodeRevoked or CodeCopied when the server closes the machine,
	// CodeUnknown when it does not know its key, and "" when it takes what the
	// machine sends; once at first, then whenever it changes.
	Told   func(code string)
	Logger *slog.Logger
}

// NewLink returns a link. The first exchange of a key tells the machine's start.
func NewLink(o LinkOptions) *Link {
	if o.Base == nil {
		o.Base = http.DefaultTransport
	}
	if o.Told == nil {
		o.Told = func(string) {}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Link{dir: o.Dir, token: o.Token, server: o.Server, store: o.Store, base: o.Base, told: o.Told, logger: o.Logger}
}

// KeyID returns the id of the key that signs, or "".
func (l *Link) KeyID() string {
	if d := l.current(); d != nil {
		return d.KeyID
	}
	return ""
}

// current returns the key as it stands in the folder now: another process may have
// enrolled the machine anew.
func (l *Link) current() *Device {
	info, err := os.Stat(filepath.Join(l.dir, keyName))
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			l.device = nil
		}
		return l.device // a disk that fails does not take a key away
	}
	if l.device != nil && info.ModTime().Equal(l.stamp) {
		return l.device
	}
	d, err := Load(l.dir)
	if err != nil {
		if l.device == nil && !info.ModTime().Equal(l.stamp) {
			l.logger.Error("the machine's key cannot be used", "error", err)
		}
		l.stamp = info.ModTime()
		return l.device
	}
	l.device, l.stamp = d, info.ModTime()
	return d
}

// now returns the moment to sign with: by the server's clock, carried on by the
// machine's timer, once the server has objected to the machine's own.
func (l *Link) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at.IsZero() {
		return time.Now()
	}
	return l.anchor.Add(time.Since(l.at))
}

// RoundTrip makes one exchange.
func (l *Link) RoundTrip(r *http.Request) (*http.Response, error) {
	d := l.current()
	if d == nil {
		if l.token != "" {
			r = r.Clone(r.Context())
			r.Header.Set("Authorization", "Bearer "+l.token)
		}
		return l.base.RoundTrip(r)
	}
	body, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	l.tellStart(r.Context(), d)
	return l.exchange(r, d, body)
}

func bodyOf(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(r.Body)
	return raw, errors.Join(err, r.Body.Close())
}

// exchange signs and sends. What a second attempt can mend is tried once more: a
// wrong clock, and a key that was replaced meanwhile.
func (l *Link) exchange(r *http.Request, d *Device, body []byte) (*http.Response, error) {
	for attempt := 0; ; attempt++ {
		answer, err := l.send(r, d, body)
		if err != nil {
			return nil, err
		}
		code, err := peek(answer)
		if err != nil {
			return nil, err
		}
		again := false
		switch code {
		case codeClockSkew:
			again = l.setClock(answer)
		case CodeRevoked, CodeCopied, CodeUnknown:
			fresh := l.current()
			again = fresh != nil && fresh.KeyID != d.KeyID
			d = fresh
		}
		if !again || attempt > 0 {
			l.judge(answer.StatusCode, code)
			return answer, nil
		}
		_ = answer.Body.Close()
	}
}

func (l *Link) send(r *http.Request, d *Device, body []byte) (*http.Response, error) {
	signed := r.Clone(r.Context())
	signed.Header.Del("Authorization")
	signed.Body, signed.ContentLength = http.NoBody, int64(len(body))
	signed.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	if len(body) > 0 {
		signed.Body, _ = signed.GetBody()
	}
	if err := d.Sign(signed, l.now()); err != nil {
		return nil, err
	}
	return l.base.RoundTrip(signed)
}

// peek reads the code of a refusal and leaves the answer as it was.
func peek(answer *http.Response) (string, error) {
	if answer.StatusCode != http.StatusUnauthorized && answer.StatusCode != http.StatusForbidden {
		return "", nil
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return "", err
	}
	answer.Body = io.NopCloser(bytes.NewReader(raw))
	return codeOf(raw), nil
}

// setClock takes the server's clock from an answer.
func (l *Link) setClock(answer *http.Response) bool {
	server, err := time.Parse(time.RFC3339Nano, answer.Header.Get(signature.HeaderTime))
	if err != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.anchor, l.at = server, time.Now()
	l.logger.Warn("the machine's clock is not the server's: requests are signed by the server's", "server", server)
	return true
}

// judge tells whether the server closes the machine.
func (l *Link) judge(status int, code string) {
	switch {
	case code == CodeRevoked, code == CodeCopied, code == CodeUnknown:
	case status < http.StatusBadRequest:
		code = ""
	default:
		return // it says nothing of the machine
	}
	l.mu.Lock()
	news := !l.judged || l.fate != code
	l.judged, l.fate = true, code
	l.mu.Unlock()
	if news {
		l.told(code)
	}
}

// tellStart tells the machine's start, once for a process and a key. Nobody waits
// for somebody else who tells it, and what goes wrong on the way is tried again with
// the next exchange: a visitor's press must not hang on it.
func (l *Link) tellStart(ctx context.Context, d *Device) {
	raw, ok := l.toTell(d)
	if !ok {
		return
	}
	u := l.server.JoinPath("api/v1/offices", string(d.Office), "kiosks", string(d.Kiosk), "start")
	status := 0
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), http.NoBody)
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
		var answer *http.Response
		if answer, err = l.exchange(r, d, raw); err == nil {
			status = answer.StatusCode
			_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
			_ = answer.Body.Close()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil || status >= http.StatusInternalServerError:
		l.nextTry = time.Time{}
	case status < http.StatusBadRequest:
		l.startOf = d.KeyID
	default: // barred, revoked, or a server that takes no more starts
		l.nextTry = time.Now().Add(tellAgain)
	}
}

// toTell returns the start that is yet to be told, and makes the next caller skip it.
func (l *Link) toTell(d *Device) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.startOf == d.KeyID || time.Now().Before(l.nextTry) && l.starts.KeyID == d.KeyID {
		return nil, false
	}
	if l.starts.KeyID != d.KeyID {
		s, err := addStart(l.dir, d.KeyID)
		if err != nil {
			l.logger.Error("the machine's start is not written down", "error", fmt.Sprint(err))
		}
		l.starts = s
		l.starts.KeyID = d.KeyID
	}
	l.nextTry = time.Now().Add(tellAgain)
	return l.starts.body(l.store)
}
