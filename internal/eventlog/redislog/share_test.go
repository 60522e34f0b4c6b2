package redislog_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"machi/internal/eventlog/redistest"
)

func TestWhatIsSharedExpiresAndIsNoStream(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, calm(server))
	if err := store.Share(t.Context(), "km-test", "congestion", []byte(`{"waiting":3}`), time.Minute); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	value, err := client.Get(t.Context(), "machi:{km-test}:congestion").Result()
	if err != nil || value != `{"waiting":3}` {
		t.Errorf("read %q, %v", value, err)
	}
	if value, ok, err := store.Shared(t.Context(), "km-test", "congestion"); !ok || err != nil || string(value) != `{"waiting":3}` {
		t.Errorf("another server reads %q, %v, %v", value, ok, err)
	}
	if _, ok, err := store.Shared(t.Context(), "km-test", "nothing"); ok || err != nil {
		t.Errorf("what was never put there: %v, %v", ok, err)
	}
	if left := client.TTL(t.Context(), "machi:{km-test}:congestion").Val(); left <= 0 || left > time.Minute {
		t.Errorf("it expires in %v", left)
	}
	if names, err := store.Streams(t.Context()); err != nil || len(names) > 0 {
		t.Errorf("streams %v, %v", names, err)
	}
}
