package api

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/labstack/echo/v4"

	"machi/internal/live"
	"machi/internal/queue"
)

// The limits of a live connection.
const (
	writeWait   = 5 * time.Second
	pingEvery   = 20 * time.Second
	pongWait    = 45 * time.Second
	beatEvery   = 3 * time.Second // for pages: they call themselves stale after 5 s of silence
	readLimit   = 512
	maxFollowed = 64 // offices of one connection
)

// live serves the WebSocket: the newest state of each office, then each newer one.
func (a *API) live(c echo.Context) error {
	if !isWebSocket(c.Request()) {
		c.Response().Header().Set("Upgrade", "websocket")
		return problem(codeUpgrade, "Upgrade")
	}
	if !a.originAllowed(c.Request()) {
		return problem(codeForbidden, "Origin")
	}
	f, err := a.subscribe(c)
	if err != nil {
		return err
	}
	defer f.end()
	upgrader := websocket.Upgrader{
		HandshakeTimeout: writeWait, ReadBufferSize: 1024, WriteBufferSize: 4096, WriteBufferPool: &a.buffers,
		CheckOrigin: func(*http.Request) bool { return true }, // checked above, with our own answer
	}
	conn, err := upgrader.Upgrade(c.Response(), c.Request(), nil)
	if err != nil {
		return nil // the upgrader has answered
	}
	a.serveConn(conn, f)
	return nil // the connection is hijacked: nothing may be written to it any more
}

// originAllowed lets through programs, which send no Origin, pages of this server
// and pages of the origins that the operator lists.
func (a *API) originAllowed(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	if len(origins) > 1 {
		return false
	}
	for _, allowed := range a.origins {
		if strings.EqualFold(origins[0], allowed) {
			return true
		}
	}
	return sameOrigin(r)
}

// following is one live connection: the public frames of some offices and, for
// staff, the console of one counter.
type following struct {
	watcher *live.Watcher
	console queue.CounterID
	office  queue.OfficeID // of the console
	role    Role           // of whoever follows the console
	may     func() bool    // whether its clerk may still follow; nil without a console
	beats   bool           // wants a message in every silence
	end     func()
}

func (a *API) subscribe(c echo.Context) (*following, error) {
	offices, err := a.wanted(c)
	if err != nil {
		return nil, err
	}
	f := &following{beats: c.QueryParam("heartbeat") == "1"}
	if counter := c.QueryParam("console"); counter != "" {
		if len(offices) != 1 {
			return nil, problemf(codeBadValue, "office", "a console is of one office")
		}
		if f.role, err = a.mayFollow(c.Request(), offices[0], queue.CounterID(counter)); err != nil {
			return nil, err
		}
		f.console, f.office = queue.CounterID(counter), offices[0]
		f.may = func() bool {
			_, err := a.mayFollow(c.Request(), f.office, f.console)
			return err == nil
		}
	}
	leave := func() {}
	if f.console == "" {
		var ok bool
		if leave, ok = a.perAddress.enter(c.RealIP()); !ok {
			return nil, live.ErrTooManyWatchers
		}
	}
	if f.watcher, err = a.hub.Subscribe(offices); err != nil {
		leave()
		return nil, err
	}
	f.end = func() { f.watcher.Close(); leave() }
	return f, nil
}

// wanted returns the offices to follow: those that are named, or all.
func (a *API) wanted(c echo.Context) ([]queue.OfficeID, error) {
	all := a.listOffices()
	names := c.QueryParams()["office"]
	if len(names) == 0 {
		return all, nil
	}
	if len(names) > maxFollowed {
		return nil, problemf(string(queue.OutOfRange), "office", "at most %d", maxFollowed)
	}
	offices := make([]queue.OfficeID, len(names))
	for i, name := range names {
		offices[i] = queue.OfficeID(name)
	}
	return offices, nil
}

// mayFollow returns the role in which somebody may follow a console.
func (a *API) mayFollow(r *http.Request, office queue.OfficeID, counter queue.CounterID) (Role, error) {
	id, err := a.identify(r)
	if err != nil {
		return "", err
	}
	if id = id.At(office); id.allowed(clerks, office) != nil {
		return "", id.allowed(clerks, office)
	}
	s, err := a.hub.Snapshot(office)
	if err != nil {
		return "", err
	}
	if _, ok := s.View.State.Counter(counter); !ok {
		return "", missingCounter(s, "console")
	}
	return id.Role, nil
}

// consoleMessage is the clerk's view at a frame, or nil where there is none.
func (a *API) consoleMessage(f *following, frame *live.Frame) []byte {
	if f.console == "" || frame.Office != f.office {
		return nil
	}
	s, err := a.hub.Snapshot(f.office)
	if err != nil {
		return nil
	}
	console, ok := s.Console(f.console)
	if !ok {
		return nil
	}
	console.For(logRole(f.role))
	data, err := json.Marshal(console)
	if err != nil {
		return nil
	}
	message, err := live.Encode("console", s.Frame, a.hub.Rehearsal(), data)
	if err != nil {
		return nil
	}
	return message
}

// serveConn writes until the peer is gone, too slow, or the server goes down. This
// goroutine is the only writer; the one it starts is the only reader and ends with
// the connection.
func (a *API) serveConn(conn *websocket.Conn, f *following) {
	gone := make(chan struct{})
	defer func() {
		_ = conn.Close() // ends the reader
		<-gone
	}()
	go readAway(conn, gone)
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	beat, stop := f.beat()
	defer stop()
	check, end := f.check()
	defer end()
	for {
		var err error
		select {
		case <-gone:
			return
		case <-check:
			if !f.may() {
				signedOut(conn)
				return
			}
		case <-f.watcher.Done():
			goAway(conn)
			return
		case <-ping.C:
			_ = conn.SetWriteDeadline(time.Now().Add(writeWait))
			err = conn.WriteMessage(websocket.PingMessage, nil)
		case <-beat:
			_ = conn.SetWriteDeadline(time.Now().Add(writeWait))
			err = conn.WriteMessage(websocket.TextMessage, heartbeatMessage)
		case <-f.watcher.Wake():
			err = a.writeFrames(conn, f)
		}
		if err != nil {
			return // the peer is gone or did not read for the length of the deadline
		}
	}
}

// checkEvery is how often it is looked whether a clerk may still follow a console.
const checkEvery = 500 * time.Millisecond

// closeSignedOut tells a page that its person has signed out or may not follow any
// more, as distinct from a server that goes down.
const closeSignedOut = 4401

// check returns when to look whether the clerk of a console may still follow it.
func (f *following) check() (<-chan time.Time, func()) {
	if f.may == nil {
		return nil, func() {}
	}
	ticker := time.NewTicker(checkEvery)
	return ticker.C, ticker.Stop
}

// signedOut tells the peer why the connection ends.
func signedOut(conn *websocket.Conn) {
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(closeSignedOut, "signed out"), time.Now().Add(writeWait))
}

// heartbeatMessage shows pages that the connection lives: a browser does not tell
// them of pings. Only those who ask with ?heartbeat=1 get it, because other
// programs expect nothing but states.
var heartbeatMessage = []byte(`{"type":"heartbeat"}`)

// beat returns when to send a heartbeat: never to those who did not ask.
func (f *following) beat() (<-chan time.Time, func()) {
	if !f.beats {
		return nil, func() {}
	}
	ticker := time.NewTicker(beatEvery)
	return ticker.C, ticker.Stop
}

func (a *API) writeFrames(conn *websocket.Conn, f *following) error {
	for _, frame := range f.watcher.Frames() {
		_ = conn.SetWriteDeadline(time.Now().Add(writeWait))
		if err := conn.WritePreparedMessage(frame.Prepared.(*websocket.PreparedMessage)); err != nil {
			return err
		}
		if message := a.consoleMessage(f, frame); message != nil {
			if err := conn.WriteMessage(websocket.TextMessage, message); err != nil {
				return err
			}
		}
	}
	return nil
}

// Prepare makes what all WebSocket connections share of a message; it is the
// hub's [live.Options.Prepare].
func Prepare(message []byte) any {
	p, err := websocket.NewPreparedMessage(websocket.TextMessage, message)
	if err != nil {
		panic("api: a text message cannot fail to be prepared: " + err.Error())
	}
	return p
}

// readAway reads what a watcher says, which is nothing but pongs, and closes gone
// when the connection ends. A watcher that talks is cut by the read limit.
func readAway(conn *websocket.Conn, gone chan<- struct{}) {
	defer close(gone)
	conn.SetReadLimit(readLimit)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(pongWait)) }
	conn.SetPongHandler(alive)
	_ = alive("")
	for {
		if _, _, err := conn.NextReader(); err != nil {
			return
		}
	}
}

// goAway tells a watcher that the server restarts, and when to come back: each at
// a moment of its own, or all would come at once.
func goAway(conn *websocket.Conn) {
	reason, err := json.Marshal(map[string]int{"retry_ms": 1000 + rand.IntN(9000)})
	if err != nil {
		return
	}
	message := websocket.FormatCloseMessage(websocket.CloseServiceRestart, string(reason))
	_ = conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(writeWait))
}
