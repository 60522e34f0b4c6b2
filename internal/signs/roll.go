package signs

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"machi/internal/queue"
)

// Alive is what a screen says of itself.
type Alive struct {
	Screen   string         `json:"screen"` // a registered screen's id, or a name that it gave itself
	Office   queue.OfficeID `json:"office"`
	Size     string         `json:"size,omitempty"`
	Showing  string         `json:"showing,omitempty"`   // the playlist's item
	LastCall string         `json:"last_call,omitempty"` // what it announced last
	Seq      uint64         `json:"last_seq,omitempty"`  // of the newest board that it has
	Version  string         `json:"version,omitempty"`
	Stale    time.Time      `json:"stale_since,omitzero"` // its own link to the boards is gone
	Trouble  string         `json:"trouble,omitempty"`    // an item that it cannot show
	Heard    time.Time      `json:"heard"`
	Since    time.Time      `json:"since"` // when it was first heard since it was last silent
}

// SilentAfter is how long a screen that reports every half minute may say nothing.
const SilentAfter = 95 * time.Second

// The bounds of a roll.
const (
	maxStrangers = 2000 // screens that nobody registered
	forgetAfter  = 24 * time.Hour
)

// Roll is which screens are there, as far as this server or those beside it heard. It
// lives in memory: a screen says it all again half a minute later.
type Roll struct {
	wall func() time.Time

	mu        sync.Mutex
	started   time.Time
	heard     map[string]Alive // registered
	strangers map[string]Alive
	pruned    time.Time
}

// NewRoll returns an empty roll. It is measured by the wall's clock.
func NewRoll(wall func() time.Time) *Roll {
	return &Roll{wall: wall, started: wall(), heard: map[string]Alive{}, strangers: map[string]Alive{}}
}

// Hear notes a report. The caller has checked whose it is.
func (r *Roll) Hear(a Alive, registered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.strangers
	if registered {
		list = r.heard
	}
	a.Heard = r.wall()
	before, known := list[a.Screen]
	a.Since = a.Heard
	if known && a.Heard.Sub(before.Heard) <= SilentAfter {
		a.Since = before.Since
	}
	if !registered && !known && len(list) >= maxStrangers {
		r.prune()
		if len(list) >= maxStrangers {
			return
		}
	}
	list[a.Screen] = a
}

// prune forgets strangers that are gone, but does not look for them all the time.
func (r *Roll) prune() {
	if now := r.wall(); now.Sub(r.pruned) < time.Second {
		return
	}
	r.pruned = r.wall()
	for id, a := range r.strangers {
		if r.wall().Sub(a.Heard) > SilentAfter {
			delete(r.strangers, id)
		}
	}
}

// Standing is a registered screen and what is known of it.
type Standing struct {
	Screen
	Alive  Alive `json:"alive"`
	Silent bool  `json:"silent"`
	Never  bool  `json:"never"` // not heard since the server began
}

// Standings returns what is known of screens, the silent ones first. One that was never
// heard is silent once the server has run for long enough to have heard it.
func (r *Roll) Standings(screens []Screen) []Standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.wall()
	var list []Standing
	for _, s := range screens {
		a, known := r.heard[s.ID]
		last := a.Heard
		if !known {
			last = r.started
		}
		list = append(list, Standing{Screen: s, Alive: a, Never: !known, Silent: now.Sub(last) > SilentAfter})
	}
	slices.SortStableFunc(list, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(a.Office, b.Office), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (s Standing) rank() int {
	switch {
	case s.Silent:
		return 2
	case s.Troubled():
		return 1
	}
	return 0
}

// Troubled reports whether somebody should look at a screen that speaks.
func (s Standing) Troubled() bool { return !s.Alive.Stale.IsZero() || s.Alive.Trouble != "" }

// Strangers counts the unregistered screens of an office that speak; "": of all.
func (r *Roll) Strangers(office queue.OfficeID) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, a := range r.strangers {
		if (office == "" || a.Office == office) && r.wall().Sub(a.Heard) <= SilentAfter {
			n++
		}
	}
	return n
}

// Forget drops what is known of a screen that was removed.
func (r *Roll) Forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.heard, id)
}
