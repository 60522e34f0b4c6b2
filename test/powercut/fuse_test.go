//go:build fuse

package powercut_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// The environment of a child that saves marks until it is killed.
const (
	childDir  = "MACHI_POWERCUT_DIR"
	childFrom = "MACHI_POWERCUT_FROM"
)

func init() { child = saveForEver }

// saveForEver is the child: it says each serial when its Save has returned.
func saveForEver() {
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	s, _, err := open(dir)
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	from, _ := strconv.ParseInt(os.Getenv(childFrom), 10, 64)
	for n := from; ; n++ {
		if err := s.Save(mark(n)); err != nil {
			fmt.Println("save:", err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// disk is a file system that knows what of each file was synced. It keeps the files
// in a folder of the real one.
type disk struct {
	backing string
	lies    liar

	mu     sync.Mutex
	synced files
}

type inode struct {
	*fs.LoopbackNode
	disk *disk
}

// WrapChild makes every file and folder one of the disk's.
func (n *inode) WrapChild(_ context.Context, ops fs.InodeEmbedder) fs.InodeEmbedder {
	return &inode{ops.(*fs.LoopbackNode), n.disk}
}

// Fsync is the moment from which on a file's content survives.
func (n *inode) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	name := n.EmbeddedInode().Path(nil)
	info, err := os.Stat(filepath.Join(n.disk.backing, name))
	if err != nil || info.IsDir() || n.disk.lies[name] {
		return 0
	}
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	b, err := readData(filepath.Join(n.disk.backing, name))
	if err != nil {
		return syscall.EIO
	}
	n.disk.synced[name] = b
	return 0
}

// mount shows the disk at a folder until the returned function is called.
func (d *disk) mount(t *testing.T, at string) (unmount func()) {
	t.Helper()
	data := &fs.LoopbackRoot{Path: d.backing}
	root := &inode{&fs.LoopbackNode{RootData: data}, d}
	data.RootNode = root
	server, err := fs.Mount(at, root, &fs.Options{MountOptions: fuse.MountOptions{DirectMount: true, FsName: "powercut"}})
	if err != nil {
		t.Fatalf("a FUSE file system cannot be mounted here; this test needs root and /dev/fuse: %v", err)
	}
	return func() {
		if err := server.Unmount(); err != nil {
			t.Fatal(err)
		}
	}
}

// kill lets a child save marks on the disk, kills it at any moment and returns what
// it said was saved, and what the disk holds after the power came back.
func (l *life) kill() (saved []int64, left files) {
	l.t.Helper()
	d := &disk{backing: l.dir, lies: l.lies, synced: read(l.t, l.dir)}
	at := l.t.TempDir()
	unmount := d.mount(l.t, at)
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childDir+"="+at, fmt.Sprintf("%s=%d", childFrom, l.serial+1))
	out, err := cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	stop := 1 + l.roll.IntN(25)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			l.t.Fatalf("the child says %q", lines.Text())
		}
		saved = append(saved, n)
		if len(saved) == stop {
			_ = cmd.Process.Kill() // somewhere in the next Save, or the one behind it
		}
	}
	_ = cmd.Wait()
	unmount()
	left = files{}
	for name, now := range read(l.t, l.dir) {
		left[name] = torn(l.roll, d.synced[name], now, written(d.synced[name], now))
	}
	return saved, left
}

// runOn is run, on a disk that sees every sync itself.
func (l *life) runOn() {
	l.t.Helper()
	s, marks, err := open(l.dir)
	if err != nil {
		l.dead++
		l.begin()
		return
	}
	l.compare(marks)
	if err := s.Close(); err != nil {
		l.t.Fatal(err)
	}
	saved, left := l.kill()
	l.dir = l.t.TempDir()
	left.put(l.t, l.dir)
	l.saved = append(l.saved, saved...)
	l.serial = l.saved[len(l.saved)-1] + 8 // the child had gone on
}

// TestPowerCutsOnAFileSystem is TestPowerCuts with nothing taken for granted: the
// store is a process that is killed, and the file system forgets what nobody synced.
func TestPowerCutsOnAFileSystem(t *testing.T) {
	for seed, tt := range []struct {
		name  string
		lies  liar
		cuts  int
		loses bool
	}{
		{"an honest disk", nil, 20, false},
		{"a disk that lies about the bbolt file", liar{boltFile: true}, 5, false},
		{"a disk that lies about the journal", liar{sideFile: true}, 5, false},
		{"a disk that lies about both", liar{boltFile: true, sideFile: true}, 10, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := life{t: t, roll: rand.New(rand.NewPCG(uint64(seed), 41)), lies: tt.lies}
			l.begin()
			for range tt.cuts * *more {
				l.runOn()
			}
			said := fmt.Sprintf("%d cuts: %d lost, %d starts found nothing readable", tt.cuts**more, l.lost, l.dead)
			t.Log(said)
			if bad := l.lost+l.dead > 0; bad != tt.loses {
				t.Errorf("%s; losses are expected: %v", said, tt.loses)
			}
		})
	}
}
