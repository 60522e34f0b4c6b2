package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/replica"
	"machi/kiosk/store"
)

// ticket is what one ticket of the own range leaves on the disk.
func ticket(n int) []replica.Mark {
	p := replica.Press{
		Command: "01JQZV3N8Y6W2T5R4E1A9S7D0F", Session: "0123456789abcdef", Ticket: "K1.01234567-000001", Serial: int64(n),
		Service: "certificate", Language: "ja-x-easy", Secret: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Quote: &queue.Quote{Ahead: 12, Low: 10 * time.Minute, P50: 15 * time.Minute, High: 25 * time.Minute},
		At:    time.Date(2026, 4, 1, 9, 0, 0, 123456789, queue.JST), Date: "2026-04-01", Number: "A801", Pool: queue.PoolKiosk,
	}
	var marks []replica.Mark
	for _, state := range []replica.PressState{replica.Pressed, replica.Numbered, replica.Starting, replica.Printed} {
		now := p
		now.State = state
		m := replica.Mark{Kind: replica.MarkPress, Press: &now}
		if state == replica.Numbered {
			m.Date, m.Body = p.Date, make([]byte, 1200)
		}
		marks = append(marks, m)
	}
	return marks
}

// TestTheJournalKeepsRoomForAThousandTickets looks at the disk space that the
// journal has taken ahead of its end, wherever the end happens to stand.
func TestTheJournalKeepsRoomForAThousandTickets(t *testing.T) {
	dir := t.TempDir()
	if !takesRoom(t, dir) {
		t.Log("this file system takes no room ahead: there is nothing to look at")
		return
	}
	s, _ := open(t, quick(dir))
	path := journalFile(t, dir)
	before, _ := room(t, path)
	for _, m := range ticket(1) {
		must(t, s.Save(m))
	}
	after, _ := room(t, path)
	big := replica.Mark{Kind: replica.MarkPress, Press: &replica.Press{State: replica.Printed, Serial: 1}, Body: make([]byte, 700<<10)}
	for range 14 {
		used, taken := room(t, path)
		if ahead := taken - used; ahead < 1000*(after-before) {
			t.Fatalf("%d bytes are ahead of byte %d, a ticket needs %d", ahead, used, after-before)
		}
		must(t, s.Save(big))
	}
}

// room returns a file's length and the bytes that it has of the disk.
func room(t *testing.T, path string) (used, taken int64) {
	t.Helper()
	var s syscall.Stat_t
	must(t, syscall.Stat(path, &s))
	return s.Size, s.Blocks * 512
}

func takesRoom(t *testing.T, dir string) bool {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "probe"))
	must(t, err)
	err = syscall.Fallocate(int(f.Fd()), 1, 0, 1<<20)
	must(t, errors.Join(f.Close(), os.Remove(f.Name())))
	return err == nil
}

// TestAThousandTicketsOnAFullDisk fills a small disk to its last byte. Where no
// disk can be mounted, the room that the test above measures has to do.
func TestAThousandTicketsOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Logf("no small disk here: %v", err)
		return
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, 0)) })
	s := saved(t, quick(dir), 1, 50)
	fill := filepath.Join(dir, "other people's files")
	full, err := os.Create(fill)
	must(t, err)
	for size := 1 << 20; size > 0; {
		if _, err := full.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	must(t, full.Close())
	for n := range 1000 {
		for _, m := range ticket(n) {
			must(t, s.Save(m))
		}
	}
	if bad := s.Health(); bad["journal"] != nil {
		t.Errorf("health = %v, want the journal whole", bad)
	}
	must(t, s.Close())
	s, got := open(t, quick(dir)) // a restart on the full disk
	if len(got) != 50+4000 {
		t.Errorf("%d marks after a restart on a full disk, want %d", len(got), 50+4000)
	}
	must(t, s.Save(mark(51)))
	must(t, os.Remove(fill))
	must(t, s.Tidy(t.Context(), newest(5000)))
	if bad := s.Health(); len(bad) > 0 {
		t.Errorf("health = %v after the disk has room again", bad)
	}
	must(t, s.Close())
}

func TestAFailingFileIsLeftAlone(t *testing.T) {
	for _, tt := range []struct {
		name string
		bad  []string
		err  error
	}{
		{"bbolt, EIO", []string{"marks.bolt"}, syscall.EIO},
		{"journal, EIO", []string{"journal"}, syscall.EIO},
		{"journal, read-only", []string{"journal"}, syscall.EROFS},
		{"both, EIO", []string{"marks.bolt", "journal"}, syscall.EIO},
		{"both, read-only", []string{"marks.bolt", "journal"}, syscall.EROFS},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := saved(t, quick(dir), 1, 5)
			for _, name := range tt.bad {
				s.Fail(name, tt.err)
			}
			err := s.Save(mark(6))
			want := 6
			if len(tt.bad) == 2 {
				want = 5
			}
			if (err != nil) != (want == 5) || err != nil && !errors.Is(err, tt.err) {
				t.Fatalf("Save = %v", err)
			}
			if bad := s.Health(); len(bad) != len(tt.bad) {
				t.Errorf("health = %v, want %v", bad, tt.bad)
			}
			must(t, s.Close())
			s, got := open(t, quick(dir))
			if diff := cmp.Diff(wantMarks(want), got); diff != "" || len(s.Health()) > 0 {
				t.Errorf("health %v, marks (-want +got):\n%s", s.Health(), diff)
			}
		})
	}
}

// TestAFolderThatTakesNothingIsRefused: without a file there is nothing to be
// sure of, so the machine must not begin.
func TestAFolderThatTakesNothingIsRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "marks.bolt"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "journal"), nil, 0o600))
	o := quick(dir)
	o.Check = func(context.Context, string) error { return nil }
	if _, _, err := store.Open(t.Context(), o); err == nil {
		t.Error("Open without a file that can be written = nil")
	}
}
