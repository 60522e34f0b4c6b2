package journal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"syscall"
	"testing"

	"machi/internal/eventlog"
)

// AppendFrame lets the outer tests write content that the package never would.
var AppendFrame = appendFrame

// failing is a file whose calls fail as its fields say.
type failing struct {
	file
	write, sync, truncate error
}

func (f *failing) WriteAt(b []byte, at int64) (int, error) {
	if f.write != nil {
		n, _ := f.file.WriteAt(b[:len(b)/2], at) // a full disk takes a part
		return n, f.write
	}
	return f.file.WriteAt(b, at)
}

func (f *failing) Sync() error {
	if f.sync != nil {
		return f.sync
	}
	return f.file.Sync()
}

func (f *failing) Truncate(size int64) error {
	if f.truncate != nil {
		return f.truncate
	}
	return f.file.Truncate(size)
}

func TestStoreOnAFailingDisk(t *testing.T) {
	first := eventlog.Record{Number: 1, Body: []byte("first")}
	second := eventlog.Record{Number: 2, Prev: first.Hash(), Body: []byte("second")}
	for _, c := range []struct {
		name  string
		fault failing
		want  error // what the append returns
		after error // what the next one returns, on a sound disk
	}{
		{"full", failing{write: syscall.ENOSPC}, syscall.ENOSPC, nil},
		{"full, and the rest cannot be cut", failing{write: syscall.ENOSPC, truncate: syscall.EIO}, eventlog.ErrUnclear, errBroken},
		{"sync fails", failing{sync: syscall.EIO}, eventlog.ErrUnclear, errBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, err := OpenStore(t.TempDir(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			opened, err := store.Open("a")
			if err != nil {
				t.Fatal(err)
			}
			l := opened.(*log)
			if err := l.Append(t.Context(), eventlog.Head{}, []eventlog.Record{first}); err != nil {
				t.Fatal(err)
			}
			sound := l.file
			c.fault.file = sound
			l.file = &c.fault
			err = l.Append(t.Context(), first.Head(), []eventlog.Record{second})
			if !errors.Is(err, c.want) || errors.Is(err, eventlog.ErrUnclear) != (c.want == eventlog.ErrUnclear) {
				t.Errorf("Append = %v, want %v", err, c.want)
			}
			l.file = sound
			if err := l.Append(t.Context(), first.Head(), []eventlog.Record{second}); !errors.Is(err, c.after) {
				t.Errorf("the next Append = %v, want %v", err, c.after)
			}
		})
	}
}

func TestSideBeginsAnotherSegmentAfterAFailedSync(t *testing.T) {
	side, err := OpenSide(t.TempDir(), SideOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer side.Close()
	first := eventlog.Record{Number: 1, Body: []byte("first")}
	second := eventlog.Record{Number: 2, Body: []byte("second")}
	if err := side.Add("a", first); err != nil {
		t.Fatal(err)
	}
	side.current.file = &failing{file: side.current.file, sync: syscall.EIO}
	if err := side.Add("a", second); !errors.Is(err, syscall.EIO) {
		t.Errorf("Add with a failing sync = %v", err)
	}
	if err := side.Add("a", second); err != nil {
		t.Errorf("Add after it = %v", err)
	}
	if len(side.all) != 2 {
		t.Errorf("%d segments, want 2", len(side.all))
	}
	records, err := side.Records("a")
	if err != nil || len(records) != 2 {
		t.Errorf("Records = %v, %v", records, err)
	}
}

// TestALostSectorIsTornWhereverTheFrameLies: also where the frame has a few bytes of it.
func TestALostSectorIsTornWhereverTheFrameLies(t *testing.T) {
	whole := appendFrame(nil, eventlog.EncodeRecords([]eventlog.Record{{Number: 1, Body: bytes.Repeat([]byte(`{"a":1}`), 120)}}))
	for base := range int64(sectorSize) {
		for at := 0; at < len(whole); {
			stop := min(len(whole), at+sectorSize-int((base+int64(at))%sectorSize))
			torn := bytes.Clone(whole)
			clear(torn[at:stop])
			if err := judge(torn, base); err != nil {
				t.Fatalf("a frame at byte %d of a sector, of which %d to %d were lost: %v", base, at, stop, err)
			}
			at = stop
		}
	}
}

func TestLockGivesUp(t *testing.T) {
	path := t.TempDir() + "/file"
	holder, err := openFile(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	if err := lock(t.Context(), holder, true); err != nil {
		t.Fatal(err)
	}
	waiter, err := openFile(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer waiter.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	if err := lock(ctx, waiter, false); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("lock with an ended context = %v", err)
	}
	closed, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if err := lock(t.Context(), closed, true); err == nil {
		t.Error("a closed file was locked")
	}
}
