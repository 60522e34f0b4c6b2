package server

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"machi/internal/queue"
)

// TestTicketIDsAreNeverGivenTwice over restarts that come at any moment, as a crash
// does: nothing is written when an identity ends.
func TestTicketIDsAreNeverGivenTwice(t *testing.T) {
	dir := t.TempDir()
	given := map[queue.TicketID]bool{}
	var issuer string
	for life := range 5 {
		i, err := openIdentity(dir)
		if err != nil {
			t.Fatal(err)
		}
		for range serialBlock/2 + life {
			id, err := i.ticketID()
			if err != nil {
				t.Fatal(err)
			}
			if given[id] {
				t.Fatalf("life %d: %s again", life, id)
			}
			given[id] = true
			if issuer == "" {
				issuer = id.Issuer()
			}
			if id.Issuer() != issuer {
				t.Fatalf("issuer %s became %s", issuer, id.Issuer())
			}
		}
	}
}

func TestTicketIDsOfManyAskers(t *testing.T) {
	i, err := openIdentity(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	given := map[queue.TicketID]bool{}
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			for range 300 {
				id, err := i.ticketID()
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				given[id] = true
				mu.Unlock()
			}
		})
	}
	askers.Wait()
	if len(given) != 8*300 {
		t.Errorf("%d ids, want %d", len(given), 8*300)
	}
}

// TestADamagedIdentityIsNotReplaced: a new name would hide that the disk fails.
func TestADamagedIdentityIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	for _, content := range []string{"", "{", "null", `{"server":"","serials":1}`, `{"server":"x","serials":0}`} {
		if err := os.WriteFile(filepath.Join(dir, "identity.json"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if i, err := openIdentity(dir); err == nil {
			t.Errorf("%q is taken for the identity %+v", content, i.file)
		}
	}
}

// TestAFullDiskGivesNoID rather than one that may be given again.
func TestAFullDiskGivesNoID(t *testing.T) {
	dir := t.TempDir()
	i, err := openIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(i.path+".part", 0o700); err != nil { // nothing can be written there now
		t.Fatal(err)
	}
	if id, err := i.ticketID(); err == nil {
		t.Errorf("given %s without a reservation", id)
	}
	if err := os.Remove(i.path + ".part"); err != nil {
		t.Fatal(err)
	}
	if _, err := i.ticketID(); err != nil {
		t.Errorf("the disk is back, and still: %v", err)
	}
}
