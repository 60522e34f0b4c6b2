package outward

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"machi/internal/notify"
)

// Client returns a client for services that the operator trusts by name. It follows no
// redirection and uses the proxy of the environment, if there is one.
func Client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
			MaxIdleConnsPerHost: 2, ForceAttemptHTTP2: true,
		},
		CheckRedirect: Stay,
	}
}

// Stay keeps a client from following redirections.
func Stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Try watches one request.
type Try struct{ wrote atomic.Bool }

// Watch returns a context whose request is watched.
func Watch(ctx context.Context) (context.Context, *Try) {
	t := &Try{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { t.wrote.Store(true) },
	}), t
}

// Failed says what a request without an answer means: once it was written, the other
// side may have taken it.
func (t *Try) Failed() *notify.Failure {
	if t.wrote.Load() {
		return &notify.Failure{Verdict: notify.Unclear, Reason: "no answer"}
	}
	return &notify.Failure{Verdict: notify.Again, Reason: "unreachable"}
}

// Answered says what a status means; nil: the message was taken. Refusals that only the
// operator can end, such as of a key, are tried again: a notice outlives a slip.
func Answered(status int, header http.Header, now time.Time) *notify.Failure {
	reason := "status " + strconv.Itoa(status)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return &notify.Failure{Verdict: notify.Gone, Reason: reason}
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500,
		status == http.StatusUnauthorized, status == http.StatusForbidden:
		return &notify.Failure{Verdict: notify.Again, Reason: reason, After: retryAfter(header, now)}
	}
	return &notify.Failure{Verdict: notify.Refused, Reason: reason}
}

// retryAfter reads when to come back: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil {
		return max(0, time.Duration(min(n, 24*3600))*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// Drain reads a little of an answer that nobody looks at, so that its connection can be
// used again, and closes it.
func Drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}
