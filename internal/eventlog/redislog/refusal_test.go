package redislog_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
	"machi/internal/eventlog/redislog"
	"machi/internal/eventlog/redistest"
)

// until polls a condition of a real process.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(60 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%s did not come", what)
		}
	}
}

func TestRefusalsAreCertain(t *testing.T) {
	for _, c := range []struct {
		name          string
		begin, finish func(t *testing.T, s *redistest.Server)
	}{
		{"READONLY", do("REPLICAOF", "127.0.0.1", "1"), do("REPLICAOF", "NO", "ONE")},
		{"OOM", do("CONFIG", "SET", "maxmemory", "1"), do("CONFIG", "SET", "maxmemory", "0")},
		{"NOREPLICAS", do("CONFIG", "SET", "min-replicas-to-write", "1"), do("CONFIG", "SET", "min-replicas-to-write", "0")},
		{"MISCONF", failBackgroundSave, do("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")},
		{"BUSY", busy, calmDown},
		{"NOPERM", do("ACL", "SETUSER", "default", "-xadd", "-evalsha", "-eval"), do("ACL", "SETUSER", "default", "+@all")},
		{"WRONGTYPE", do("SET", key, "no stream"), do("DEL", key)},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := redistest.Start(t)
			log := logtest.Open(t, open(t, calm(server)), stream)
			logtest.Append(t, logtest.Open(t, open(t, calm(server)), "warm:up"), 1)
			c.begin(t, server)
			err := log.Append(t.Context(), eventlog.Head{}, logtest.Records(eventlog.Head{}, 1))
			if err == nil || errors.Is(err, eventlog.ErrUnclear) || !strings.Contains(err.Error(), c.name) {
				t.Errorf("Append = %v, want a certain failure that says %s", err, c.name)
			}
			c.finish(t, server)
			logtest.Append(t, log, 1)
		})
	}
}

func do(args ...string) func(*testing.T, *redistest.Server) {
	return func(_ *testing.T, s *redistest.Server) { s.MustDo(args...) }
}

// failBackgroundSave puts a folder where Redis wants to write its snapshot.
func failBackgroundSave(t *testing.T, s *redistest.Server) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(filepath.Dir(s.AppendOnlyDir()), "dump.rdb", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.MustDo("CONFIG", "SET", "save", "3600 1000000")
	s.MustDo("BGSAVE")
	until(t, "a failed background save", func() bool {
		return strings.Contains(s.MustDo("INFO", "persistence"), "rdb_last_bgsave_status:err")
	})
}

// busy runs a script that never ends.
func busy(t *testing.T, s *redistest.Server) {
	t.Helper()
	s.MustDo("CONFIG", "SET", "busy-reply-threshold", "1")
	ended := make(chan struct{})
	go func() { // ends with SCRIPT KILL or with the server
		_, _ = s.Do("EVAL", "while true do end", "0")
		close(ended)
	}()
	t.Cleanup(func() { <-ended })
	until(t, "a busy server", func() bool {
		_, err := s.Do("PING")
		return err != nil && strings.HasPrefix(err.Error(), "BUSY")
	})
}

// calmDown ends the script: it runs on for a moment after Redis took the command.
func calmDown(t *testing.T, s *redistest.Server) {
	t.Helper()
	s.MustDo("SCRIPT", "KILL")
	until(t, "an idle server", func() bool {
		_, err := s.Do("PING")
		return err == nil
	})
}

func TestErrorsThatAreNoRefusalAreLookedUp(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	head := logtest.Append(t, log, 2)
	server.MustDo("XADD", key, "9-0", "field", "value")
	server.MustDo("XDEL", key, "9-0") // Redis takes no id up to 9 any more
	err := log.Append(t.Context(), head, logtest.Records(head, 1))
	if err == nil || errors.Is(err, eventlog.ErrUnclear) || !strings.Contains(err.Error(), "ID specified in XADD") {
		t.Errorf("Append = %v, want a certain failure with Redis's words", err)
	}
}

func TestWithoutThePermissionToKill(t *testing.T) {
	server := redistest.Start(t)
	server.MustDo("ACL", "SETUSER", "default", "-client")
	log := logtest.Open(t, open(t, calm(server)), stream)
	head := logtest.Append(t, log, 2)
	server.MustDo("XADD", key, "9-0", "field", "value")
	server.MustDo("XDEL", key, "9-0")
	hasty := redislog.Options{URL: server.URL(), LookFor: 50 * time.Millisecond}
	log = logtest.Open(t, open(t, hasty), stream)
	err := log.Append(t.Context(), head, logtest.Records(head, 1))
	if !errors.Is(err, eventlog.ErrUnclear) {
		t.Errorf("Append = %v, want ErrUnclear: without a killed connection it may still arrive", err)
	}
}

func TestReplicasConfirm(t *testing.T) {
	master := redistest.Start(t)
	replica := redistest.Start(t, "--replicaof", "127.0.0.1", master.Port())
	until(t, "a replica in step", func() bool {
		return strings.Contains(replica.MustDo("INFO", "replication"), "master_link_status:up") &&
			strings.Contains(master.MustDo("INFO", "replication"), "state=online")
	})
	patient := calm(master)
	patient.Replicas, patient.ReplicaTimeout = 1, 20*time.Second
	log := logtest.Open(t, open(t, patient), stream)
	head := logtest.Append(t, log, 2)

	replica.Pause()
	short := calm(master)
	short.Replicas, short.ReplicaTimeout = 1, time.Millisecond
	log = logtest.Open(t, open(t, short), stream)
	err := log.Append(t.Context(), head, logtest.Records(head, 1))
	if !errors.Is(err, eventlog.ErrUnsafe) || !strings.Contains(err.Error(), "0 of 1") {
		t.Errorf("Append with a stopped replica = %v, want ErrUnsafe", err)
	}
	if got := len(logtest.ReadAll(t, log)); got != 3 {
		t.Errorf("%d records, want 3: an unsafe record is in the log", got)
	}
	replica.Continue()
}

func TestCheckDurability(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, calm(server))
	if err := store.CheckDurability(t.Context()); err != nil {
		t.Errorf("a durable Redis: %v", err)
	}
	for _, c := range []struct{ name, bad, good string }{
		{"appendfsync", "everysec", "always"},
		{"appendfsync", "no", "always"},
		{"appendonly", "no", "yes"},
		{"maxmemory-policy", "allkeys-lru", "noeviction"},
	} {
		server.MustDo("CONFIG", "SET", c.name, c.bad)
		err := store.CheckDurability(t.Context())
		if !errors.Is(err, redislog.ErrNotDurable) || !strings.Contains(err.Error(), c.name) || !strings.Contains(err.Error(), c.bad) {
			t.Errorf("%s %s: %v", c.name, c.bad, err)
		}
		server.MustDo("CONFIG", "SET", c.name, c.good)
	}
	server.MustDo("ACL", "SETUSER", "default", "-config")
	if err := store.CheckDurability(t.Context()); !errors.Is(err, redislog.ErrConfigDenied) || errors.Is(err, redislog.ErrNotDurable) {
		t.Errorf("without CONFIG: %v", err)
	}
	server.Kill9()
	if err := store.CheckDurability(t.Context()); err == nil || errors.Is(err, redislog.ErrConfigDenied) {
		t.Errorf("without Redis: %v", err)
	}
	shut(t, store)
	if err := store.CheckDurability(t.Context()); !errors.Is(err, eventlog.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestAppendWakesOthers(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	channel := "machi:{" + stream + "}:wake"
	subscription := client.Subscribe(t.Context(), channel)
	defer subscription.Close()
	if _, err := subscription.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	logtest.Append(t, logtest.Open(t, open(t, calm(server)), stream), 3)
	message, err := subscription.ReceiveMessage(limited(t, time.Minute))
	if err != nil || message.Channel != channel || message.Payload != "3" {
		t.Errorf("message = %v, %v", message, err)
	}
}

func TestOpenRefusesWrongOptions(t *testing.T) {
	const url = "redis://127.0.0.1:1"
	for name, o := range map[string]redislog.Options{
		"no URL":                     {},
		"another scheme":             {URL: "http://user:s3cret@127.0.0.1"},
		"a broken URL":               {URL: "redis://user:s3cret@127.0.0.1:port"},
		"negative replicas":          {URL: url, Replicas: -1},
		"a negative time":            {URL: url, LookFor: -1},
		"replicas outlast the call":  {URL: url, ReplicaTimeout: time.Second},
		"sentinels without a master": {URL: url, Sentinels: []string{"127.0.0.1:1"}},
	} {
		_, err := redislog.Open(o)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: Open = %v, want an error without the password", name, err)
		}
	}
}
