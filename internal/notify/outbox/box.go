package outbox

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
)

// Options say what a box is kept in. Log, Name, Server and Run are required.
type Options struct {
	Log  eventlog.Log
	Name string
	// Server is this server for life, Run this run of it.
	Server, Run string
	// Lease is how long a claim of another server is respected; zero means a minute. It
	// must be longer than a try takes.
	Lease time.Duration
	// Wall is the machine's clock; nil: [time.Now].
	Wall func() time.Time
	// Note is told what the owner kept, in the stream's order. It must not call the box.
	Note func(json.RawMessage)
	// Reset says that another stream took this one's place, and follows.
	Reset func()
}

// Box is an outbox, as far as its stream has been read.
type Box[D any] struct {
	ledger *ledger.Ledger[Event[D]]
	o      Options

	mu     sync.Mutex
	items  map[string]*Item[D]
	order  []string        // of ids, as they were added
	flying map[string]bool // what this run has claimed and not settled
}

// Open returns a box that has been read.
func Open[D any](ctx context.Context, o Options) (*Box[D], error) {
	if o.Lease == 0 {
		o.Lease = time.Minute
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	b := &Box[D]{o: o, items: map[string]*Item[D]{}, flying: map[string]bool{}}
	var err error
	b.ledger, err = ledger.Open(ctx, ledger.Options[Event[D]]{Log: o.Log, Name: o.Name, Now: o.Wall, Apply: b.apply, Reset: b.forget})
	return b, err
}

// Run follows the stream until the context ends.
func (b *Box[D]) Run(ctx context.Context) error { return b.ledger.Run(ctx) }

// Refresh reads what is new.
func (b *Box[D]) Refresh(ctx context.Context) error { return b.ledger.Refresh(ctx) }

// Get returns an item.
func (b *Box[D]) Get(id string) (Item[D], bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.items[id]; i != nil {
		return *i, true
	}
	return Item[D]{}, false
}

// Items returns all items, in the order in which they were added.
func (b *Box[D]) Items() []Item[D] {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Item[D], 0, len(b.order))
	for _, id := range b.order {
		list = append(list, *b.items[id])
	}
	return list
}

// Open returns the items that can be claimed now.
func (b *Box[D]) Open() []Item[D] {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Item[D]
	for _, id := range b.order {
		if i := b.items[id]; b.claimable(i) {
			list = append(list, *i)
		}
	}
	return list
}

// Write writes what next decides on the newest items. It returns next's error, but nil
// for [ledger.ErrDone].
func (b *Box[D]) Write(ctx context.Context, next func() ([]Event[D], error)) error {
	return b.ledger.Append(ctx, next)
}

// Claim claims the items that can be, and returns them. The caller sends each once,
// and must say with [Box.Settle] what became of it. Items whose second unclear try was
// lost are ended instead.
func (b *Box[D]) Claim(ctx context.Context, ids []string) ([]Item[D], error) {
	var mine []string
	err := b.ledger.Append(ctx, func() ([]Event[D], error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		mine = nil
		var events []Event[D]
		for _, id := range ids {
			i := b.items[id]
			if i == nil || !b.claimable(i) {
				continue
			}
			lost := i.State == Claimed && i.by != b.me()
			if lost && i.Unclear > 0 {
				events = append(events, End[D](id, Failed, "unclear"))
				continue
			}
			mine = append(mine, id)
			events = append(events, Event[D]{Kind: kindClaim, ID: id, By: b.me(), Unclear: lost})
		}
		if len(events) == 0 {
			return nil, ledger.ErrDone
		}
		return events, nil
	})
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Item[D]
	for _, id := range mine {
		if i := b.items[id]; i != nil && i.State == Claimed && i.by == b.me() {
			b.flying[id] = true
			list = append(list, *i)
		}
	}
	return list, nil
}

// Settle writes down what became of tries. Where the store is away the caller must ask
// again: until then the items stay claimed.
func (b *Box[D]) Settle(ctx context.Context, outcomes ...Outcome) error {
	err := b.ledger.Append(ctx, func() ([]Event[D], error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		var events []Event[D]
		for _, o := range outcomes {
			// Another server may have taken it over, or the visitor have dropped it.
			if i := b.items[o.ID]; i != nil && !i.State.Final() && (i.by == b.me() || o.State != Waiting) {
				events = append(events, event[D](o, i.Unclear))
			}
		}
		if len(events) == 0 {
			return nil, ledger.ErrDone
		}
		return events, nil
	})
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range outcomes {
		delete(b.flying, o.ID)
	}
	return nil
}

func (b *Box[D]) me() string { return b.o.Server + "/" + b.o.Run }

// claimable reports whether this server may claim an item now. The caller holds mu.
func (b *Box[D]) claimable(i *Item[D]) bool {
	now := b.o.Wall()
	switch i.State {
	case Waiting:
		return !now.Before(i.Due) && !b.flying[i.ID]
	case Claimed:
		if i.by == b.me() { // written, but the answer was lost: nothing was sent
			return !b.flying[i.ID]
		}
		server, _, _ := strings.Cut(i.by, "/")
		return server == b.o.Server || now.Sub(i.seen) > b.o.Lease
	}
	return false
}

func (b *Box[D]) apply(e Event[D], at time.Time) {
	if e.Kind == kindNote {
		if b.o.Note != nil {
			b.o.Note(e.Note)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fold(e, at)
}

// fold takes one event in. The caller holds mu.
func (b *Box[D]) fold(e Event[D], at time.Time) {
	i := b.items[e.ID]
	if e.Kind == kindAdd && i == nil && e.Data != nil {
		b.items[e.ID] = &Item[D]{ID: e.ID, Data: *e.Data, Added: at, State: Waiting}
		b.order = append(b.order, e.ID)
		return
	}
	if i == nil || i.State.Final() {
		return
	}
	next := *i // what was handed out is not changed
	switch e.Kind {
	case kindData:
		if e.Data != nil {
			next.Data = *e.Data
		}
	case kindClaim:
		next.State, next.by, next.seen = Claimed, e.By, b.o.Wall()
		next.Tries++
	case kindAgain:
		next.State, next.by, next.Reason = Waiting, "", e.Reason
		next.Due = at.Add(time.Duration(e.Wait) * time.Second)
	case kindEnd:
		next.State, next.by, next.Reason, next.Ended = e.State, "", e.Reason, at
	}
	if e.Unclear {
		next.Unclear++
	}
	b.items[e.ID] = &next
}

func (b *Box[D]) forget() {
	b.mu.Lock()
	b.items, b.order = map[string]*Item[D]{}, nil
	b.mu.Unlock()
	if b.o.Reset != nil {
		b.o.Reset()
	}
}

// Ended returns the items of a final state, the newest first.
func (b *Box[D]) Ended(state State) []Item[D] {
	list := slices.DeleteFunc(b.Items(), func(i Item[D]) bool { return i.State != state })
	slices.SortStableFunc(list, func(x, y Item[D]) int { return y.Ended.Compare(x.Ended) })
	return list
}
