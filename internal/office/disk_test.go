package office_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/eventlog/boltlog"
	"machi/internal/eventlog/journal"
	"machi/internal/queue"
)

// onDisk runs a ward on a store file and a journal in a folder until it is ended.
func onDisk(t *testing.T, dir string) (w *ward, store *boltlog.Store, end func()) {
	t.Helper()
	store, err := boltlog.Open(filepath.Join(dir, "machi.db"), boltlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	side, err := journal.OpenSide(filepath.Join(dir, "journal"), journal.SideOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := options("a", store)
	o.Journal = side
	w = run(t, o)
	return w, store, func() {
		w.end()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if err := side.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestStoreFileIsLost: the journal alone brings the day back, number for number.
func TestStoreFileIsLost(t *testing.T) {
	dir := t.TempDir()
	w, store, end := onDisk(t, dir)
	first := w.request(issue())
	if _, err := w.do(first); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		w.must(queue.IssueTicket{Service: "moving", Channel: queue.ChannelReception})
	}
	want := heads(recordsOf(t, store))
	end()
	if err := os.Remove(filepath.Join(dir, "machi.db")); err != nil {
		t.Fatal(err)
	}
	w, store, end = onDisk(t, dir)
	w.ids.Store(100)
	if r, err := w.do(first); err != nil || !r.Repeated || numberOf(r) != "A001" {
		t.Errorf("the first command again: %+v, %v", r, err)
	}
	if got := numberOf(retry(w)); got != "A011" {
		t.Errorf("the next number is %s", got)
	}
	if diff := cmp.Diff(want, heads(recordsOf(t, store))[:len(want)]); diff != "" {
		t.Errorf("the store (-before +after):\n%s", diff)
	}
	end()
}
