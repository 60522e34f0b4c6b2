package device_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"machi/internal/api"
	"machi/internal/auth"
	"machi/internal/eventlog/memlog"
	"machi/internal/live"
	"machi/internal/queue"
	"machi/internal/signature"
	"machi/kiosk/device"
)

// server is the real API without a ward: what machines sign reaches a route that
// refuses them for another reason, which is all that is needed here.
type server struct {
	t      *testing.T
	keeper *auth.Keeper
	*httptest.Server

	mu       sync.Mutex
	lose     int // answers to lose
	requests []*http.Request
}

func serve(t *testing.T) *server {
	t.Helper()
	log, err := memlog.New().Open(auth.Stream)
	if err != nil {
		t.Fatal(err)
	}
	keeper, err := auth.Open(t.Context(), log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	a := api.New(api.Deps{
		Auth: nobody{}, Hub: live.New(live.Options{Offices: func() []queue.OfficeID { return nil }}), Devices: keeper, Offices: func() []queue.OfficeID { return nil },
		Now: time.Now, Random: func() [16]byte { return [16]byte{} }, Ready: func(context.Context) error { return nil }, Logger: quiet(),
	})
	s := &server{t: t, keeper: keeper}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		lost := s.lose > 0
		s.lose--
		s.requests = append(s.requests, r)
		s.mu.Unlock()
		if lost {
			a.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // done, and nobody hears of it
		}
		a.ServeHTTP(w, r)
	}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(s.Close)
	return s
}

// nobody has a token.
type nobody struct{}

// Authenticate knows none.
func (nobody) Authenticate(context.Context, string) (api.Identity, error) {
	return api.Identity{}, api.ErrToken
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (s *server) code() string {
	s.t.Helper()
	text, _, err := s.keeper.NewCode(s.t.Context(), "o", "K1", "tanaka")
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

func (s *server) enrol(dir string) *device.Device {
	s.t.Helper()
	d, err := device.Enrol(s.t.Context(), device.Request{Server: s.URL, Code: s.code(), Dir: dir, Office: "o", Kiosk: "K1"})
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// link returns a link of a machine that starts now, and what it was told.
func (s *server) link(dir string) (*device.Link, func() []string) {
	s.t.Helper()
	base, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	var mu sync.Mutex
	var told []string
	l := device.NewLink(device.LinkOptions{Dir: dir, Token: "token", Server: base, Store: "st", Logger: quiet(), Told: func(code string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, code)
	}})
	return l, func() []string { mu.Lock(); defer mu.Unlock(); return slices.Clone(told) }
}

// try makes an exchange that only a machine which is believed gets 200 for.
func (s *server) try(l *device.Link) (int, string) {
	s.t.Helper()
	body := `{"store":"st","start":1,"hash":"abcdefgh"}`
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.URL+"/api/v1/offices/o/kiosks/K2/plan", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := l.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(raw)
}

// believed reports whether the server took a machine's word for who it is: it then
// says that another machine's plan is not for it.
func (s *server) believed(l *device.Link) bool {
	status, text := s.try(l)
	return status == http.StatusForbidden && strings.Contains(text, `"code":"forbidden"`)
}

func TestAMachineEnrolsAndSigns(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	l, told := s.link(dir)
	if status, _ := s.try(l); status != http.StatusUnauthorized {
		t.Errorf("with an unknown token: %d", status)
	}
	d := s.enrol(dir)
	if d.Office != "o" || d.Kiosk != "K1" || d.KeyID != l.KeyID() {
		t.Errorf("enrolled as %+v, the link signs with %s", d, l.KeyID())
	}
	for range 2 {
		if !s.believed(l) {
			t.Error("the machine is not believed")
		}
	}
	known := s.keeper.Devices("o")
	if len(known) != 1 || known[0].Started.IsZero() {
		t.Errorf("the server knows %+v, want one machine that has told its start", known)
	}
	if got := told(); !slices.Equal(got, []string{""}) {
		t.Errorf("told %q, want once that all is well", got)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "device.next*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheKeyIsForItsOwnerOnly(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	if _, err := device.Load(dir); !errors.Is(err, device.ErrNotEnrolled) {
		t.Errorf("an empty folder: %v", err)
	}
	s.enrol(dir)
	path := filepath.Join(dir, "device.json")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.requests {
		for name, values := range r.Header {
			if strings.Contains(strings.Join(values, ""), "seed") {
				t.Errorf("%s holds the key", name)
			}
		}
	}
	for name, content := range map[string]string{"empty": "", "cut": string(whole[:40]), "no seed": `{"office":"o","kiosk":"K1"}`, "another key id": strings.Replace(string(whole), `"key_id":"`, `"key_id":"0`, 1)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := device.Load(dir); err == nil || errors.Is(err, device.ErrNotEnrolled) {
			t.Errorf("%s: %v, want damage", name, err)
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := device.Load(dir); !errors.Is(err, device.ErrOpenFile) {
		t.Errorf("a key that the group reads: %v", err)
	}
}

func TestALostAnswerIsAskedForAgain(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	code := s.code()
	s.lose = 1
	q := device.Request{Server: s.URL, Code: code, Dir: dir, Office: "o", Kiosk: "K1"}
	if _, err := device.Enrol(t.Context(), q); err == nil {
		t.Fatal("the answer was not lost")
	}
	if _, err := device.Load(dir); !errors.Is(err, device.ErrNotEnrolled) {
		t.Errorf("after a lost answer: %v", err)
	}
	if _, err := device.Enrol(t.Context(), q); err != nil {
		t.Errorf("the same code again: %v", err)
	}
	// The same, but the machine comes back when the code is over.
	second := t.TempDir()
	q = device.Request{Server: s.URL, Code: s.code(), Dir: second}
	s.lose = 1
	_, _ = device.Enrol(t.Context(), q)
	q.Code = s.code()
	if _, err := device.Enrol(t.Context(), q); err != nil {
		t.Errorf("a new code after a lost answer: %v", err)
	}
	if l, _ := s.link(second); !s.believed(l) {
		t.Error("the machine is not believed")
	}
}

func TestBadEnrolmentsLeaveTheOldKey(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	before := s.enrol(dir)
	var no *device.Refused
	if _, err := device.Enrol(t.Context(), device.Request{Server: s.URL, Code: "00000000", Dir: dir}); !errors.As(err, &no) || no.Code != "wrong_code" {
		t.Errorf("a wrong code: %v", err)
	}
	if _, err := device.Enrol(t.Context(), device.Request{Server: "machi.example", Code: "00000000", Dir: dir}); err == nil {
		t.Error("a server that is no URL")
	}
	if _, err := device.Enrol(t.Context(), device.Request{Server: "http://127.0.0.1:1", Code: "00000000", Dir: dir}); err == nil {
		t.Error("a server that is not there")
	}
	if now, err := device.Load(dir); err != nil || now.KeyID != before.KeyID {
		t.Errorf("the key is %v, %v", now, err)
	}
	if _, err := device.Enrol(t.Context(), device.Request{Server: s.URL, Code: s.code(), Dir: dir, Office: "o", Kiosk: "K2"}); !errors.Is(err, device.ErrOther) {
		t.Errorf("another machine's code: %v", err)
	}
}

// skewed is a network behind which the server's clock is another: it signs nothing
// itself, it only lets the server hear what was signed at a wrong time.
type skewed struct {
	by   time.Duration
	dir  string
	sent int
}

// RoundTrip signs the request anew as a machine with a wrong clock would, unless the
// link already goes by the server's clock.
func (s *skewed) RoundTrip(r *http.Request) (*http.Response, error) {
	s.sent++
	claim, err := signature.Parse(r)
	if err != nil {
		return nil, err
	}
	if time.Since(claim.Created).Abs() < 30*time.Second && s.sent == 1 {
		d, err := device.Load(s.dir)
		if err != nil {
			return nil, err
		}
		if err := d.Sign(r, time.Now().Add(s.by)); err != nil {
			return nil, err
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestAWrongClockHeals(t *testing.T) {
	for _, by := range []time.Duration{-26 * 365 * 24 * time.Hour, -2 * time.Minute, 2 * time.Minute, 365 * 24 * time.Hour} {
		s, dir := serve(t), t.TempDir()
		s.enrol(dir)
		base, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		l := device.NewLink(device.LinkOptions{Dir: dir, Server: base, Store: "st", Base: &skewed{by: by, dir: dir}, Logger: quiet()})
		if !s.believed(l) {
			t.Errorf("a clock that is off by %v: the machine is not believed", by)
		}
		if !s.believed(l) || s.keeper.Devices("o")[0].Started.IsZero() {
			t.Errorf("a clock that is off by %v: not believed the second time", by)
		}
	}
}

// TestARevokedMachineHearsItAndComesBack when it is enrolled anew, by another
// process, without a restart.
func TestARevokedMachineHearsItAndComesBack(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	s.enrol(dir)
	l, told := s.link(dir)
	if !s.believed(l) {
		t.Fatal("the machine is not believed")
	}
	if err := s.keeper.EndKiosk(t.Context(), "o", "K1"); err != nil {
		t.Fatal(err)
	}
	if _, text := s.try(l); !strings.Contains(text, device.CodeRevoked) {
		t.Errorf("revoked, and answered %s", text)
	}
	s.enrol(dir)
	if !s.believed(l) {
		t.Error("enrolled anew, and not believed")
	}
	if got := told(); !slices.Equal(got, []string{"", device.CodeRevoked, ""}) {
		t.Errorf("told %q", got)
	}
}

// TestACopiedDiskIsRefused whichever of the two starts first, and the machine that a
// manager admits anew works.
func TestACopiedDiskIsRefused(t *testing.T) {
	s, original, copied := serve(t), t.TempDir(), t.TempDir()
	s.enrol(original)
	first, _ := s.link(original)
	if !s.believed(first) {
		t.Fatal("the machine is not believed")
	}
	if err := os.CopyFS(copied, os.DirFS(original)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(copied, "device.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	twin, _ := s.link(copied)
	if !s.believed(twin) { // nothing tells it apart yet
		t.Fatal("the copy is refused before it could be known")
	}
	again, told := s.link(original) // the machine is switched on the next morning
	if _, text := s.try(again); !strings.Contains(text, device.CodeCopied) {
		t.Errorf("the second one of the two: %s", text)
	}
	if _, text := s.try(twin); !strings.Contains(text, device.CodeCopied) {
		t.Errorf("the first one of the two: %s", text)
	}
	s.enrol(original)
	if !s.believed(again) {
		t.Error("admitted anew, and not believed")
	}
	if _, text := s.try(twin); !strings.Contains(text, device.CodeRevoked) {
		t.Errorf("the copy goes on with the old key: %s", text)
	}
	if got := told(); got[len(got)-1] != "" || !slices.Contains(got, device.CodeCopied) {
		t.Errorf("told %q", got)
	}
}

// TestAServerThatForgotTheKeyDoesNotClose the machine: it is told apart from one
// that was revoked.
func TestAServerThatForgotTheKeyDoesNotClose(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	s.enrol(dir)
	restored := serve(t)
	l, told := restored.link(dir)
	if _, text := restored.try(l); !strings.Contains(text, device.CodeUnknown) {
		t.Errorf("answered %s", text)
	}
	if got := told(); !slices.Equal(got, []string{device.CodeUnknown}) {
		t.Errorf("told %q", got)
	}
}

func TestADiskThatTakesNothingDoesNotStopTheMachine(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	s.enrol(dir)
	for range 2 { // a start, then one that cannot be written down
		if l, _ := s.link(dir); !s.believed(l) {
			t.Error("the machine is not believed")
		}
		if err := os.MkdirAll(filepath.Join(dir, "starts.json.part", "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "starts.json"), []byte("{torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, _ := s.link(dir); !s.believed(l) {
		t.Error("with a torn chain of starts the machine is not believed")
	}
}
