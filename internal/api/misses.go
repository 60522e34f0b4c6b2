package api

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"machi/internal/account"
)

// misses counts per address, or network of 64 bits, how often somebody guessed wrong. It is a guard, not
// an account: when its table is full it forgets everybody, and the worst that
// follows is another minute of guesses at 128 random bits.
type misses struct {
	limit  int
	window time.Duration
	most   int // addresses

	mu   sync.Mutex
	seen map[string]tally
}

type tally struct {
	n     int
	since time.Time
}

func newMisses(limit int, window time.Duration) *misses {
	return &misses{limit: limit, window: window, most: 10_000, seen: map[string]tally{}}
}

// blocked returns how long an address has to wait, or 0.
func (m *misses) blocked(address string, now time.Time) time.Duration {
	address = account.Network(address)
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.seen[address]
	if !ok || t.n < m.limit {
		return 0
	}
	return max(0, m.window-now.Sub(t.since))
}

func (m *misses) count(address string, now time.Time) {
	address = account.Network(address)
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.seen[address]
	if !ok || now.Sub(t.since) >= m.window {
		if len(m.seen) >= m.most {
			clear(m.seen)
		}
		t = tally{since: now}
	}
	t.n++
	m.seen[address] = t
}

// hashSecret returns what a log keeps of a status secret.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
