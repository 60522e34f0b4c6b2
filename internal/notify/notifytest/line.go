package notifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// The account's keys.
const (
	LineSecret = "line-channel-secret"
	LineToken  = "line-access-token"
)

// Lined is a text that a user got.
type Lined struct{ To, Reply, Text, Key string }

// LineService is LINE's endpoint.
type LineService struct {
	*httptest.Server
	t testing.TB

	mu     sync.Mutex
	taken  []Lined
	keys   map[string]bool
	answer func() int
}

// NewLineService starts one.
func NewLineService(t testing.TB) *LineService {
	s := &LineService{t: t, keys: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Answer sets the statuses of the next pushes; 0 takes one, -1 takes it and cuts the line.
func (s *LineService) Answer(choose func() int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = choose
}

// Taken returns what users got.
func (s *LineService) Taken() []Lined {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Lined(nil), s.taken...)
}

func (s *LineService) serve(w http.ResponseWriter, r *http.Request) {
	var body struct {
		To, ReplyToken string
		Messages       []struct{ Type, Text string }
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	if err != nil || r.Header.Get("Authorization") != "Bearer "+LineToken || len(body.Messages) != 1 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, status := r.Header.Get("X-Line-Retry-Key"), 0
	if s.answer != nil && body.To != "" {
		status = s.answer()
	}
	switch {
	case status > 0:
		w.WriteHeader(status)
		return
	case key != "" && s.keys[key]:
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprint(w, `{"message":"The retry key is already accepted"}`)
		return
	}
	s.keys[key] = true
	s.taken = append(s.taken, Lined{body.To, body.ReplyToken, body.Messages[0].Text, key})
	if status < 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprint(w, `{"sentMessages":[{"id":"1"}]}`)
}

// Says returns what LINE posts when a user says something, with its signature.
func Says(user, text string) (signature string, body []byte) {
	body, _ = json.Marshal(map[string]any{"destination": "U0", "events": []any{map[string]any{
		"type": "message", "mode": "active", "timestamp": 1, "webhookEventId": "01", "replyToken": "r-" + text,
		"deliveryContext": map[string]any{"isRedelivery": false},
		"source":          map[string]any{"type": "user", "userId": user},
		"message":         map[string]any{"type": "text", "id": "1", "quoteToken": "q", "text": text},
	}}})
	mac := hmac.New(sha256.New, []byte(LineSecret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), body
}
