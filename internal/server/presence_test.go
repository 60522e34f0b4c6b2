package server

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
)

func TestAMachineThatAnotherServerHearsIsNotMissed(t *testing.T) {
	redis := redistest.Start(t)
	server := func() *presence {
		store, err := redislog.Open(redislog.Options{URL: redis.URL()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return newPresence(store, slog.New(slog.DiscardHandler))
	}
	k1, k2 := presenceOf("kiosk", "o", "K1"), presenceOf("kiosk", "o", "K2")
	lists := func(here, missing []string) func() ([]string, []string) {
		return func() ([]string, []string) { return here, missing }
	}
	a, b := server(), server()
	if b.sure("kiosk", "o", "K1") {
		t.Error("sure before anybody was asked")
	}
	err := errors.Join(a.round(t.Context(), lists([]string{k1}, nil)), b.round(t.Context(), lists(nil, []string{k1, k2})))
	if err != nil || b.sure("kiosk", "o", "K1") || !b.sure("kiosk", "o", "K2") {
		t.Errorf("%v; what the other hears: sure %v; what nobody does: sure %v", err, b.sure("kiosk", "o", "K1"), b.sure("kiosk", "o", "K2"))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if b.round(gone, lists(nil, []string{k2})) == nil || b.sure("kiosk", "o", "K2") {
		t.Error("sure although nobody could be asked")
	}
	alone := newPresence(eventlog.Store(nil), nil)
	if !alone.sure("kiosk", "o", "K1") {
		t.Error("a server without others is not sure of what it hears")
	}
}
