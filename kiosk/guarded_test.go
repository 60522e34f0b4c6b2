package kiosk_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// local is the local port of a machine under attack.
type local struct {
	m       *machine
	address string // host:port of 127.0.0.1
	port    string
	token   string
}

func attacked(t *testing.T) (*local, *ward) {
	t.Helper()
	w := newWard(t)
	m := start(t, options(t, t.TempDir(), w.url()))
	m.ready()
	u, err := url.Parse(m.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return &local{m, u.Host, u.Port(), strings.Trim(u.Path, "/")}, w
}

// raw sends bytes as they are, and the end of them if there will be no more, and
// returns the status of the answer; 0 where the connection was closed without one.
func (l *local) raw(t *testing.T, request string, end bool) int {
	t.Helper()
	conn, err := net.Dial("tcp", l.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return 0
	}
	if end {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(line, " ")
	status, err := strconv.Atoi(strings.TrimSpace(rest)[:3])
	if err != nil {
		t.Fatalf("answer %q", line)
	}
	return status
}

// post is a press as a page would send it, of parts that a row may spoil.
type post struct {
	method, path, host, origin, kind, body string
	more                                   []string // header lines
}

func (p post) String() string {
	lines := []string{p.method + " " + p.path + " HTTP/1.1"}
	for _, h := range [][2]string{{"Host", p.host}, {"Origin", p.origin}, {"Content-Type", p.kind}} {
		if h[1] != "" {
			lines = append(lines, h[0]+": "+h[1])
		}
	}
	lines = append(lines, p.more...)
	if p.body != "" {
		lines = append(lines, "Content-Length: "+strconv.Itoa(len(p.body)))
	}
	return strings.Join(append(lines, "Connection: close", "", p.body), "\r\n")
}

// TestHostileRequestsPrintNothing sends one spoilt press in each row. The press that
// none of them spoils comes last, and is the only one that gives a ticket.
func TestHostileRequestsPrintNothing(t *testing.T) {
	l, w := attacked(t)
	good := func() post {
		return post{"POST", "/" + l.token + "/press", l.address, "http://" + l.address, "application/json", `{"service":"moving","language":"ja"}`, nil}
	}
	type change func(*post)
	host := func(h string) change { return func(p *post) { p.host, p.origin = h, "http://"+h } }
	origin := func(o string) change { return func(p *post) { p.origin = o } }
	path := func(format string, args ...any) change {
		return func(p *post) { p.path = fmt.Sprintf(format, args...) }
	}
	method := func(m string) change { return func(p *post) { p.method = m } }
	kind := func(k string) change { return func(p *post) { p.kind = k } }
	more := func(lines ...string) change { return func(p *post) { p.more = lines } }
	body := func(b string) change { return func(p *post) { p.body = b } }
	get := func(changes ...change) change {
		return func(p *post) {
			p.method, p.body = "GET", ""
			for _, c := range changes {
				c(p)
			}
		}
	}
	guess := strings.Repeat("0", 32)
	for _, row := range []struct {
		name   string
		change change
		want   []int
	}{
		{"rebinding", host("evil.test"), []int{421}},
		{"rebinding with the port", host("evil.test:" + l.port), []int{421}},
		{"rebinding to localhost's neighbour", host("localhost.evil.test:" + l.port), []int{421}},
		{"a suffix", host("127.0.0.1.evil.test:" + l.port), []int{421}},
		{"a prefix", host("evil-127.0.0.1:" + l.port), []int{421}},
		{"no port", host("127.0.0.1"), []int{421}},
		{"another port", host("127.0.0.1:1"), []int{421}},
		{"another loopback", host("127.0.0.2:" + l.port), []int{421}},
		{"all addresses", host("0.0.0.0:" + l.port), []int{421}},
		{"IPv6 as IPv4", host("[::ffff:127.0.0.1]:" + l.port), []int{421}},
		{"the number of the address", host("2130706433:" + l.port), []int{421}},
		{"a short address", host("127.1:" + l.port), []int{421}},
		{"a dot at the end", host("localhost.:" + l.port), []int{421}},
		{"other letters", host("LOCALHOST:" + l.port), []int{421}},
		{"a user before the host", host("x@" + l.address), []int{400, 421}},
		{"two hosts", more("Host: evil.test"), []int{400}},
		{"no host", func(p *post) { p.host = "" }, []int{400}},
		{"an empty host", func(p *post) { p.host, p.more = "", []string{"Host:"} }, []int{400, 421}},
		{"a spoiling target", path("http://evil.test/%s/press", l.token), []int{421}},
		{"a forwarded host", func(p *post) { p.host, p.more = "evil.test", []string{"X-Forwarded-Host: " + l.address} }, []int{421}},

		{"no token", path("/press"), []int{404}},
		{"an empty token", path("//press"), []int{404}},
		{"a guess", path("/%s/press", guess), []int{404}},
		{"half of the token", path("/%s/press", l.token[:16]), []int{404}},
		{"more than the token", path("/%s0/press", l.token), []int{404}},
		{"token in other letters", path("/%s/press", strings.ToUpper(l.token)+"x"), []int{404}},
		{"token as a query", path("/press?%s", l.token), []int{404}},
		{"over a step up", path("/x/../%s0/press", l.token), []int{404}},
		{"steps up and away", path("/%s/../press", l.token), []int{404, 301, 307}},
		{"twice", path("/%s/%s/press", l.token, l.token), []int{404, 405}},
		{"another route", path("/%s/presses", l.token), []int{404, 405}},
		{"a file outside", path("/%s/../../../../etc/passwd", l.token), []int{404, 301, 307, 405}},
		{"the root", path("/"), []int{404}},
		{"a token without its end", path("/%s", l.token), []int{404}},
		{"no path", path("*"), []int{400, 404}},

		{"no origin", origin(""), []int{403}},
		{"origin null", origin("null"), []int{403}},
		{"origin of a stranger", origin("http://evil.test"), []int{403}},
		{"origin by TLS", origin("https://" + l.address), []int{403}},
		{"origin without the port", origin("http://127.0.0.1"), []int{403}},
		{"origin of another port", origin("http://127.0.0.1:1"), []int{403}},
		{"origin of the other name", origin("http://localhost:" + l.port), []int{403}},
		{"origin with a suffix", origin("http://" + l.address + ".evil.test"), []int{403}},
		{"origin with a user", origin("http://x@" + l.address), []int{403}},
		{"origin with a path", origin("http://" + l.address + "/"), []int{403}},
		{"origin in other letters", origin("HTTP://" + l.address), []int{403}},
		{"a second origin", more("Origin: http://evil.test"), []int{403}},
		{"origin of an extension", origin("chrome-extension://abc"), []int{403}},
		{"origin of a file", origin("file://"), []int{403}},
		{"another site's page", more("Sec-Fetch-Site: cross-site"), []int{403}},
		{"a sister site's page", more("Sec-Fetch-Site: same-site"), []int{403}},
		{"two sites", more("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"), []int{403}},

		{"a form", kind("application/x-www-form-urlencoded"), []int{415}},
		{"a form with files", kind("multipart/form-data; boundary=x"), []int{415}},
		{"plain text", kind("text/plain"), []int{415}},
		{"JSON that is text", kind("text/plain; application/json"), []int{415}},
		{"no type", kind(""), []int{415}},
		{"a type that is no type", kind("application/json/x"), []int{415}},
		{"two types", more("Content-Type: text/plain"), []int{415}},
		{"nearly JSON", kind("application/jsonp"), []int{415}},

		{"a read", get(), []int{405}},
		{"a read with a query", get(path("/%s/press?service=moving", l.token)), []int{405}},
		{"a read from elsewhere", get(origin("http://evil.test")), []int{403}},
		{"an image from elsewhere", get(more("Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image")), []int{403}},
		{"the screen from elsewhere", get(path("/%s/screen", l.token), more("Sec-Fetch-Site: cross-site")), []int{403}},
		{"a head", method("HEAD"), []int{405}},
		{"put", method("PUT"), []int{404, 405}},
		{"delete", method("DELETE"), []int{404, 405}},
		{"a preflight", func(p *post) {
			p.method, p.body, p.more = "OPTIONS", "", []string{"Access-Control-Request-Method: POST"}
		}, []int{404, 405}},
		{"a preflight from elsewhere", func(p *post) { p.method, p.body, p.origin = "OPTIONS", "", "http://evil.test" }, []int{403}},
		{"a made-up method", method("PRESS"), []int{404, 405}},
		{"a method hidden in a header", get(more("X-HTTP-Method-Override: POST")), []int{405}},
		{"a trace", method("TRACE"), []int{404, 405}},
		{"a tunnel", func(p *post) { p.method, p.path, p.body = "CONNECT", l.address, "" }, []int{400, 404, 405}},

		{"a WebSocket", get(path("/%s/screen", l.token), more("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")), []int{403}},
		{"a WebSocket from elsewhere", get(origin("http://evil.test"), more("Upgrade: websocket", "Connection: Upgrade")), []int{403}},
		{"HTTP/2 in clear", get(path("/%s/screen", l.token), more("Upgrade: h2c")), []int{403}},

		{"no body", body(""), []int{400}},
		{"no JSON", body(`service=moving`), []int{400}},
		{"half a body", func(p *post) { p.more, p.body = []string{"Content-Length: 400"}, "" }, []int{400, 0}},
		{"two values", body(`{"service":"moving"}{"service":"moving"}`), []int{400}},
		{"an unknown field", body(`{"service":"moving","number":"A001"}`), []int{400}},
		{"an endless body", body(`{"service":"` + strings.Repeat("x", 8<<10) + `"}`), []int{400, 413}},
		{"two lengths", more("Content-Length: 5"), []int{400}},
		{"length and pieces", more("Transfer-Encoding: chunked"), []int{400, 501}},
		{"pieces that are none", func(p *post) {
			p.more, p.body = []string{"Transfer-Encoding: chunked, identity"}, ""
		}, []int{400, 501}},
		{"a header with a space", more("Origin : http://" + l.address), []int{400}},
		{"an origin over two lines", func(p *post) { p.origin, p.more = "", []string{"Origin: http://" + l.address, "  .evil.test"} }, []int{400, 403}},
		{"a header with a zero", more("X-A: b\x00"), []int{400}},
		{"endless headers", more("X-A: " + strings.Repeat("x", 2<<20)), []int{431, 0}},
	} {
		p := good()
		row.change(&p)
		got := l.raw(t, p.String(), row.name == "half a body" || row.name == "length and pieces")
		if !slices.Contains(row.want, got) {
			t.Errorf("%s: status %d, want %v", row.name, got, row.want)
		}
	}
	for name, text := range map[string]string{
		"HTTP/0.9": "GET /" + l.token + "/press\r\n", "no HTTP": "press moving\r\n\r\n", "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.0 without a host": "POST /" + l.token + "/press HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"service\":\"moving\"}",
	} {
		if got := l.raw(t, text, true); got == 200 || got == 201 {
			t.Errorf("%s: status %d", name, got)
		}
	}
	w.mu.Lock()
	asked := w.asked
	w.mu.Unlock()
	if n := len(w.tickets()); n != 0 || asked != 0 {
		t.Fatalf("%d tickets, %d questions to the server", n, asked)
	}
	if got := l.raw(t, good().String(), false); got != http.StatusCreated {
		t.Fatalf("the machine's own page: %d", got)
	}
	if n := len(w.tickets()); n != 1 {
		t.Errorf("%d tickets, want the one of the machine's own page", n)
	}
}

// TestReadsPrintNothing walks over everything that can be read.
func TestReadsPrintNothing(t *testing.T) {
	l, w := attacked(t)
	paths := []string{"", "index.html", "screen", "press", "taken", "offer", "heartbeat", "speech?language=ja&text=a", "scan", "scan/act", "desk/sign-in", "desk/sign-out", "desk/list", "desk/act", "desk/state", "desk/enrol", "ticket/x", "ticket/x/qr.svg"}
	files, err := filepath.Glob("page/*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		paths = append(paths, filepath.Base(f))
	}
	for _, p := range paths {
		answer, err := http.Get("http://" + l.address + "/" + l.token + "/" + p)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
		h := answer.Header
		if h.Get("Content-Security-Policy") == "" || h.Get("Cache-Control") == "" && answer.StatusCode < 400 || h.Get("Access-Control-Allow-Origin") != "" || h.Get("Set-Cookie") != "" {
			t.Errorf("%q is answered with %v", p, h)
		}
	}
	if n := len(w.tickets()); n != 0 {
		t.Errorf("%d tickets", n)
	}
}

// TestBothLoopbacksServe the same pages, where the machine has both.
func TestBothLoopbacksServe(t *testing.T) {
	l, _ := attacked(t)
	if _, err := os.Stat("/proc/net/if_inet6"); err != nil {
		return // no IPv6 here: 127.0.0.1 is all there is
	}
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return // nor an IPv6 loopback
	}
	_ = probe.Close()
	answer, err := http.Get("http://[::1]:" + l.port + "/" + l.token + "/screen")
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%d, %v", answer.StatusCode, err)
	}
}
