package signs

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"machi/internal/board"
	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Stream is the name of the book's log in a store.
const Stream = "signs"

// What is refused beside faults of a request.
var (
	ErrUnknown  = errors.New("signs: there is no such thing")
	ErrVersion  = errors.New("signs: it was changed meanwhile")
	ErrState    = errors.New("signs: it cannot be done in this state")
	ErrOwn      = errors.New("signs: another person must approve what somebody wrote")
	ErrFull     = errors.New("signs: there are as many as there may be")
	errKeyTaken = errors.New("signs: the key was used for something else")
)

// The bounds of a book.
const (
	maxItems       = 300 // that have not ended
	keepEnded      = 200
	maxEmergencies = 20 // in force
	keepPast       = 100
	maxScreens     = 500
	keepCommands   = 500
)

// Rule is what the ward demands of those who write.
type Rule struct {
	// TextBySecond asks for a second person also for a text of one office.
	TextBySecond bool `json:"text_by_second"`
}

// Screen is one that staff registered. Its token is known to it alone.
type Screen struct {
	ID     string         `json:"id"`
	Office queue.OfficeID `json:"office"`
	Name   string         `json:"name"` // where it hangs
	Hash   string         `json:"hash"` // of its token
	Made   time.Time      `json:"made"`
	By     Person         `json:"by"`
	// Reloads counts how often staff told it to load its page again.
	Reloads int `json:"reloads,omitempty"`
}

// event is one record of the stream: one of its fields is set.
type event struct {
	Command string     `json:"command"`
	By      Person     `json:"by"`
	At      time.Time  `json:"at"` // by the offices' clock
	Item    *Item      `json:"item,omitempty"`
	Begun   *Emergency `json:"begun,omitempty"`
	Ended   string     `json:"ended,omitempty"` // an emergency's id
	Screen  *Screen    `json:"screen,omitempty"`
	Gone    string     `json:"gone,omitempty"` // a screen's id
	Rule    *Rule      `json:"rule,omitempty"`
}

// id names what an event is about.
func (e event) id() string {
	switch {
	case e.Item != nil:
		return e.Item.ID
	case e.Begun != nil:
		return e.Begun.ID
	case e.Screen != nil:
		return e.Screen.ID
	}
	return cmp.Or(e.Ended, e.Gone)
}

// Options say what a book is kept with. All are required.
type Options struct {
	Log eventlog.Log
	Now func() time.Time // the offices' clock
	// Prepared returns the sentence of an emergency's kind in all languages.
	Prepared func(kind string) board.Text
}

// Book holds the facts as far as the stream has been read.
type Book struct {
	o      Options
	ledger *ledger.Ledger[event]

	mu          sync.Mutex
	items       map[string]Item
	emergencies []Emergency // the newest last
	screens     map[string]Screen
	rule        Rule
	commands    []done // the newest last
	version     int
	changed     chan struct{} // closed at the next change
}

// done remembers what a command made, so that the same one sent again finds it.
type done struct{ command, id string }

// Open returns a book that has been read.
func Open(ctx context.Context, o Options) (*Book, error) {
	b := &Book{o: o, changed: make(chan struct{})}
	b.forget()
	var err error
	b.ledger, err = ledger.Open(ctx, ledger.Options[event]{Log: o.Log, Name: Stream, Now: o.Now, Apply: b.apply, Reset: b.forget})
	return b, err
}

// Run follows the stream until the context ends.
func (b *Book) Run(ctx context.Context) error { return b.ledger.Run(ctx) }

// Changed returns a channel that is closed when anything changes.
func (b *Book) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// Rule returns what the ward demands.
func (b *Book) Rule() Rule {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rule
}

// Item returns one item.
func (b *Book) Item(id string) (Item, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.items[id]
	return i, ok
}

// Items lists all items, what waits for somebody first, then by their last change.
func (b *Book) Items() []Item {
	b.mu.Lock()
	list := slices.Collect(maps.Values(b.items))
	b.mu.Unlock()
	rank := func(i Item) int { return slices.Index([]State{Waiting, Draft, Approved, Ended}, i.State) }
	slices.SortFunc(list, func(x, y Item) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), y.Changed.Compare(x.Changed), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// Playlist lists what an office may show from a day on, by id, and a version that
// differs whenever the book does.
func (b *Book) Playlist(office queue.OfficeID, today queue.Date) ([]Item, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Item
	for _, i := range b.items {
		if i.State == Approved && (i.Office == "" || i.Office == office) && !i.Schedule.Over(today) {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(x, y Item) int { return cmp.Compare(x.ID, y.ID) })
	return list, b.version
}

// Screens lists the registered screens by office and name.
func (b *Book) Screens() []Screen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.screens), func(x, y Screen) int {
		return cmp.Or(cmp.Compare(x.Office, y.Office), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
}

// Screen returns a registered screen.
func (b *Book) Screen(id string) (Screen, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, ok := b.screens[id]
	return s, ok
}

// ScreenOf returns the screen whose token has a hash.
func (b *Book) ScreenOf(hash string) (Screen, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.screens {
		if s.Hash == hash { // of 128 random bits: its timing says nothing
			return s, true
		}
	}
	return Screen{}, false
}

// used returns what a command made before; "" and false: it is new.
func (b *Book) used(command string) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.commands {
		if d.command == command {
			return d.id, true
		}
	}
	return "", false
}

// apply takes one event in.
func (b *Book) apply(e event, _ time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case e.Item != nil:
		b.items[e.Item.ID] = *e.Item
		b.dropEnded()
	case e.Begun != nil:
		b.emergencies = append(b.emergencies, *e.Begun)
		if old := slices.IndexFunc(b.emergencies, func(x Emergency) bool { return !x.InForce(e.At) }); old >= 0 && len(b.emergencies) > keepPast {
			b.emergencies = slices.Delete(slices.Clone(b.emergencies), old, old+1)
		}
	case e.Ended != "":
		b.end(e)
	case e.Screen != nil:
		b.screens[e.Screen.ID] = *e.Screen
	case e.Gone != "":
		delete(b.screens, e.Gone)
	case e.Rule != nil:
		b.rule = *e.Rule
	}
	b.commands = append(b.commands, done{e.Command, e.id()})
	if len(b.commands) > keepCommands {
		b.commands = slices.Clone(b.commands[len(b.commands)-keepCommands/2:])
	}
	b.version++
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *Book) end(e event) {
	for i := range b.emergencies {
		if b.emergencies[i].ID == e.Ended {
			at, by := e.At, e.By
			b.emergencies = slices.Clone(b.emergencies)
			b.emergencies[i].Ended, b.emergencies[i].EndBy = &at, &by
		}
	}
}

// dropEnded forgets the oldest ended items beyond what is kept.
func (b *Book) dropEnded() {
	var ended []Item
	for _, i := range b.items {
		if i.State == Ended {
			ended = append(ended, i)
		}
	}
	slices.SortFunc(ended, func(x, y Item) int { return cmp.Or(y.Changed.Compare(x.Changed), cmp.Compare(x.ID, y.ID)) })
	for _, i := range ended[min(keepEnded, len(ended)):] {
		delete(b.items, i.ID)
	}
}

// forget drops everything: another stream took the place of this one.
func (b *Book) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items, b.screens, b.emergencies, b.commands, b.rule = map[string]Item{}, map[string]Screen{}, nil, nil, Rule{}
	b.version++
	close(b.changed)
	b.changed = make(chan struct{})
}
