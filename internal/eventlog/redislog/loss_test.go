package redislog_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"machi/internal/eventlog"
	"machi/internal/eventlog/logtest"
	"machi/internal/eventlog/redistest"
)

func TestLossesAreSeenInTheHead(t *testing.T) {
	for _, c := range []struct {
		name string
		lose func(t *testing.T, server *redistest.Server)
		left int
	}{
		{"FLUSHALL", func(_ *testing.T, s *redistest.Server) { s.MustDo("FLUSHALL") }, 0},
		{"the key is deleted", func(_ *testing.T, s *redistest.Server) { s.MustDo("DEL", key) }, 0},
		{"an older append-only file", putOlderFilesBack, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := redistest.Start(t)
			log := logtest.Open(t, open(t, calm(server)), stream)
			logtest.Append(t, log, 3)
			keepFiles(t, server)
			head := logtest.Append(t, log, 4)
			all := logtest.ReadAll(t, log)
			c.lose(t, server)

			short := eventlog.Head{}
			if c.left > 0 {
				short = all[c.left-1].Head()
			}
			if got := logtest.HeadOf(t, log); got != short {
				t.Errorf("Head after the loss = %v, want %v", got, short)
			}
			if err := log.Append(t.Context(), head, logtest.Records(head, 1)); !errors.Is(err, eventlog.ErrConflict) {
				t.Errorf("Append after the lost head = %v", err)
			}
			if err := log.Append(t.Context(), short, all[c.left:]); err != nil {
				t.Errorf("putting the tail back: %v", err)
			}
			logtest.Same(t, logtest.ReadAll(t, log), all)
		})
	}
}

func backup(s *redistest.Server) string {
	return filepath.Join(filepath.Dir(s.AppendOnlyDir()), "backup")
}

func keepFiles(t *testing.T, server *redistest.Server) {
	t.Helper()
	if err := os.CopyFS(backup(server), os.DirFS(server.AppendOnlyDir())); err != nil {
		t.Fatal(err)
	}
}

func putOlderFilesBack(t *testing.T, server *redistest.Server) {
	t.Helper()
	server.Kill9()
	err := errors.Join(os.RemoveAll(server.AppendOnlyDir()), os.Rename(backup(server), server.AppendOnlyDir()))
	if err != nil {
		t.Fatal(err)
	}
	server.Restart()
}

func TestOtherHistoryIsSeenInTheHead(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	head := logtest.Append(t, log, 4)
	server.MustDo("DEL", key)
	other := logtest.Named("another history", eventlog.Head{}, 4)
	if err := log.Append(t.Context(), eventlog.Head{}, other); err != nil {
		t.Fatal(err)
	}
	got := logtest.HeadOf(t, log)
	if got.Number != head.Number || got.Hash == head.Hash {
		t.Errorf("Head = %v, must be told from %v", got, head)
	}
	if err := log.Append(t.Context(), head, logtest.Records(head, 1)); !errors.Is(err, eventlog.ErrConflict) {
		t.Errorf("Append after the other history's head = %v", err)
	}
}

func TestFlippedBitInTheFileIsFound(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	logtest.Append(t, log, 2)
	logtest.Append(t, log, 1)
	all := logtest.ReadAll(t, log)
	server.Kill9()
	flip(t, server, all[2].Body)
	server.Restart() // without a word: Redis keeps no checksum of values
	got, err := log.Read(t.Context(), 0, 10)
	if !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Read = %v", err)
	}
	logtest.Same(t, got, all[:2])
	if _, err := log.Head(t.Context()); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("Head = %v", err)
	}
}

// flip flips one bit of body in the server's append-only files.
func flip(t *testing.T, server *redistest.Server, body []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(server.AppendOnlyDir(), "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatalf("append-only files %q, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(raw, body)
	if at < 0 {
		t.Fatal("the body is not in the file")
	}
	raw[at] ^= 2
	if err := os.WriteFile(files[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEveryDamagedByteOfAnEntryIsFound(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	records := logtest.Records(eventlog.Head{}, 2)
	blob, hash := eventlog.EncodeRecords(records), records[1].Hash()
	for at := range len(blob) {
		flipped := bytes.Clone(blob)
		flipped[at] ^= 1 << (at % 8)
		put(server, "2-0", hash[:], flipped)
		wantCorrupt(t, log, fmt.Sprintf("bit flipped in byte %d", at))
	}
}

// put makes one entry the whole stream.
func put(server *redistest.Server, id string, hash, blob []byte) {
	server.MustDo("DEL", key)
	server.MustDo("XADD", key, id, "h", string(hash), "i", "", "b", string(blob))
}

func wantCorrupt(t *testing.T, log eventlog.Log, what string) {
	t.Helper()
	if _, err := log.Read(t.Context(), 0, 10); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("%s: Read = %v", what, err)
	}
	if _, err := log.Head(t.Context()); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("%s: Head = %v", what, err)
	}
}

func TestForeignEntriesAreFound(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	records := logtest.Records(eventlog.Head{}, 3)
	blob, hash, other := eventlog.EncodeRecords(records), records[2].Hash(), records[1].Hash()
	put(server, "4-0", hash[:], blob)
	wantCorrupt(t, log, "an id that is not the last record's")
	put(server, "3-0", other[:], blob)
	wantCorrupt(t, log, "a hash that is not the last record's")
	put(server, "3-0", hash[:], nil)
	wantCorrupt(t, log, "no record")
	server.MustDo("DEL", key)
	server.MustDo("XADD", key, "3-0", "field", "value")
	wantCorrupt(t, log, "other fields")
	put(server, "3-0", hash[:], eventlog.EncodeRecords(records[1:]))
	if _, err := log.Read(t.Context(), 0, 10); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("a missing first record: Read = %v", err)
	}
	if got, err := log.Read(t.Context(), 1, 10); err != nil || len(got) != 2 {
		t.Errorf("the records behind it = %d, %v", len(got), err)
	}
}

func TestDamageBehindThePageIsNoConcern(t *testing.T) {
	server := redistest.Start(t)
	log := logtest.Open(t, open(t, calm(server)), stream)
	logtest.Append(t, log, 2)
	server.MustDo("XADD", key, "9-0", "field", "value")
	if got, err := log.Read(t.Context(), 0, 2); err != nil || len(got) != 2 {
		t.Errorf("Read = %d records, %v", len(got), err)
	}
	head := eventlog.Head{Number: 9}
	if err := log.Append(t.Context(), head, logtest.Records(head, 1)); !errors.Is(err, eventlog.ErrConflict) {
		t.Errorf("Append after a damaged entry = %v", err)
	}
}
