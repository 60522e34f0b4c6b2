package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// BenchmarkIssue presses from 64 clients at once, without a network, into a store
// in memory: what the edge, the ward and the estimate cost.
func BenchmarkIssue(b *testing.B) {
	w := newWorld(b)
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest(http.MethodPost, issuePath, strings.NewReader(good))
			r.Header.Set("Authorization", "Bearer staff")
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", fmt.Sprint("b", n.Add(1)))
			answer := httptest.NewRecorder()
			w.api.ServeHTTP(answer, r)
			if answer.Code != http.StatusCreated && !strings.Contains(answer.Body.String(), "office_full") {
				b.Fatalf("%d %s", answer.Code, answer.Body)
			}
		}
	})
}

// BenchmarkOffice reads one office's board, which is encoded once per change.
func BenchmarkOffice(b *testing.B) {
	w := newWorld(b)
	for range 200 {
		w.issue("moving")
	}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answer := httptest.NewRecorder()
			w.api.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/v1/offices/o", nil))
			if answer.Code != http.StatusOK {
				b.Fatal(answer.Code)
			}
		}
	})
}
