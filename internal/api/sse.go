package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// heartbeat is how often an idle event stream shows that it lives.
const heartbeat = 5 * time.Second

// liveSSE serves the same messages as the WebSocket, for networks that do not let
// it through.
func (a *API) liveSSE(c echo.Context) error {
	f, err := a.subscribe(c)
	if err != nil {
		return err
	}
	defer f.end()
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)
	stream := &eventStream{c.Response(), http.NewResponseController(c.Response())}
	_ = stream.control.SetReadDeadline(time.Time{}) // the server's would end the stream
	if stream.send(": machi\nretry: 3000\n\n") == nil {
		a.serveStream(c, stream, f)
	}
	return nil
}

func (a *API) serveStream(c echo.Context, stream *eventStream, f *following) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	pageBeat, stop := f.beat()
	defer stop()
	check, end := f.check()
	defer end()
	for {
		var err error
		select {
		case <-c.Request().Context().Done():
			return
		case <-f.watcher.Done():
			return
		case <-check:
			if !f.may() {
				return
			}
		case <-beat.C:
			err = stream.send(": alive\n\n")
		case <-pageBeat:
			err = stream.send("event: heartbeat\ndata: " + string(heartbeatMessage) + "\n\n")
		case <-f.watcher.Wake():
			err = a.streamFrames(stream, f)
		}
		if err != nil {
			return
		}
	}
}

func (a *API) streamFrames(stream *eventStream, f *following) error {
	for _, frame := range f.watcher.Frames() {
		if err := stream.event("office", frame.Epoch, frame.Seq, frame.Message); err != nil {
			return err
		}
		if message := a.consoleMessage(f, frame); message != nil {
			if err := stream.event("console", frame.Epoch, frame.Seq, message); err != nil {
				return err
			}
		}
	}
	return nil
}

// eventStream writes events, each with a deadline of its own in place of the
// server's, which would end the stream.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *eventStream) event(kind, epoch string, seq uint64, data []byte) error {
	return s.send(fmt.Sprintf("event: %s\nid: %s.%d\ndata: %s\n\n", kind, epoch, seq, data))
}

func (s *eventStream) send(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
