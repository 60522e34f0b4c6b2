package api

import (
	"sync"

	"machi/internal/account"
)

// addresses bounds how many live connections one address, or network of 64 bits of
// IPv6, may hold. An office, or a mobile network, may be one address, so the bound is
// high; it is against one machine that takes all places.
type addresses struct {
	most int

	mu   sync.Mutex
	held map[string]int
}

// enter takes a place, which leave gives back.
func (a *addresses) enter(address string) (leave func(), ok bool) {
	address = account.Network(address)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held[address] >= a.most {
		return nil, false
	}
	a.held[address]++
	return func() { a.leave(address) }, true
}

func (a *addresses) leave(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held[address]--; a.held[address] <= 0 {
		delete(a.held, address)
	}
}
