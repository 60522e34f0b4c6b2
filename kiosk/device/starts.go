package device

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const (
	startsName = "starts.json"
	// links is how many starts a machine remembers: what it may tell at once.
	links = 65
)

// starts is the chain of a machine's starts under one key. Each link holds chance,
// so that two machines which go on from one disk have two chains.
type starts struct {
	KeyID  string   `json:"key_id"`
	Number int64    `json:"number"`
	Links  []string `json:"links"` // the newest first
}

// addStart writes a new link down and returns the chain. A chain that belongs to
// another key begins anew. Where the disk takes nothing, the chain stays as it is:
// what cannot be written was no start that a copy could go on from.
func addStart(dir, keyID string) (starts, error) {
	path := filepath.Join(dir, startsName)
	var s starts
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return starts{}, fmt.Errorf("device: %w", err)
	default:
		if err := json.Unmarshal(raw, &s); err != nil || int64(len(s.Links)) != min(s.Number, links) {
			return starts{}, fmt.Errorf("device: %s is damaged", startsName)
		}
	}
	if s.KeyID != keyID {
		s = starts{KeyID: keyID}
	}
	next := starts{KeyID: keyID, Number: s.Number + 1, Links: append([]string{s.link()}, s.Links...)}
	next.Links = next.Links[:min(len(next.Links), links)]
	if err := replace(path, next); err != nil {
		return s, err
	}
	return next, nil
}

// link makes the next link: a hash over the one before and over chance.
func (s starts) link() string {
	var chance [16]byte
	_, _ = rand.Read(chance[:]) // never fails
	before := ""
	if len(s.Links) > 0 {
		before = s.Links[0]
	}
	sum := sha256.Sum256([]byte("machi start\x00" + strconv.FormatInt(s.Number+1, 10) + "\x00" + before + "\x00" + string(chance[:])))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// body is what the server is told; false where there is nothing to tell.
func (s starts) body(store string) ([]byte, bool) {
	if s.Number == 0 {
		return nil, false
	}
	told := map[string]any{"store": store, "start": s.Number, "hash": s.Links[0]}
	if h := Hardware(); h != "" {
		told["hardware"] = h
	}
	if len(s.Links) > 1 {
		told["previous"], told["recent"] = s.Links[1], s.Links[1:]
	}
	raw, err := json.Marshal(told)
	return raw, err == nil
}
