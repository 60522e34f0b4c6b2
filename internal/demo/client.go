package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"
)

// client speaks the HTTP API as any program would.
type client struct {
	base  string
	token string
	http  *http.Client
}

func newClient(base, token string) *client {
	return &client{base: base, token: token, http: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
	}}
}

// problem is an RFC 9457 answer.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
}

func (p *problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Title) }

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 20

// do sends a command (a body) or asks a question (none) and reads the answer
// into out. It returns false for 204: there is nothing to say.
func (c *client) do(ctx context.Context, method, path string, body, out any) (bool, error) {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return false, err
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", ulid.Make().String())
	}
	res, err := c.http.Do(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil:
		return false, err
	case res.StatusCode >= http.StatusBadRequest:
		p := &problem{Status: res.StatusCode}
		_ = json.Unmarshal(raw, p) // an answer that is no problem still has its status
		return false, p
	case res.StatusCode == http.StatusNoContent || out == nil:
		return res.StatusCode != http.StatusNoContent, nil
	}
	return true, json.Unmarshal(raw, out)
}

func (c *client) post(ctx context.Context, path string, body, out any) (bool, error) {
	return c.do(ctx, http.MethodPost, "/api/v1/offices/"+path, body, out)
}
