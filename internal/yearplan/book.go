package yearplan

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Stream is the name of the book's log in a store.
const Stream = "yearplan"

// Act is who changes something, and by which command: the same one sent again changes
// nothing more.
type Act struct {
	By, Command string
}

// Entry is one change, as the history tells it. Year is 0 for a change of the row itself.
type Entry struct {
	Item   string         `json:"item"`
	Office queue.OfficeID `json:"office,omitempty"`
	Did    string         `json:"did"` // added, renamed, removed, restored or planned
	Year   int            `json:"year,omitempty"`
	Name   string         `json:"name,omitempty"`
	Figure string         `json:"figure,omitempty"`
	Before *Year          `json:"before,omitempty"`
	After  *Year          `json:"after,omitempty"`
	By     string         `json:"by"`
	At     time.Time      `json:"at"`
}

// What a change did.
const (
	Added    = "added"
	Renamed  = "renamed"
	Removed  = "removed"
	Restored = "restored"
	Planned  = "planned"
)

// event is one record of the stream. Its fields are kept for ever.
type event struct {
	Command string         `json:"command"`
	At      time.Time      `json:"at"` // by the offices' clock
	By      string         `json:"by"`
	Item    string         `json:"item"`
	Did     string         `json:"did"`
	Office  queue.OfficeID `json:"office,omitempty"` // of an item that is added
	Figure  string         `json:"figure,omitempty"`
	Name    string         `json:"name,omitempty"`
	Owner   string         `json:"owner,omitempty"`
	Year    int            `json:"year,omitempty"`
	Plan    string         `json:"plan,omitempty"`
	Target  *float64       `json:"target,omitempty"`
	Result  string         `json:"result,omitempty"`
	Notes   string         `json:"notes,omitempty"`
}

// command names a change: managers of two offices may choose the same key.
type command struct {
	office queue.OfficeID
	key    string
}

// keep bounds the history of an office that is held in memory.
const keep = 300

// Book holds the tables as far as the stream has been read.
type Book struct {
	ledger *ledger.Ledger[event]
	known  func(figure string) bool
	now    func() time.Time

	mu       sync.Mutex
	items    map[string]*Item
	commands map[command]string // of every change: the item that it made or changed
	history  map[queue.OfficeID][]Entry
	changes  int
}

// Open returns a book that has been read. Known tells which figures can be planned.
func Open(ctx context.Context, log eventlog.Log, known func(figure string) bool, now func() time.Time) (*Book, error) {
	b := &Book{known: known, now: now}
	b.forget()
	var err error
	b.ledger, err = ledger.Open(ctx, ledger.Options[event]{Log: log, Name: Stream, Now: now, Apply: b.apply, Reset: b.forget})
	return b, err
}

// Run follows the stream until the context ends.
func (b *Book) Run(ctx context.Context) error { return b.ledger.Run(ctx) }

// Items returns the rows of an office, or with an empty one of the ward, in the order in
// which they were added; removed ones only if they are asked for.
func (b *Book) Items(office queue.OfficeID, removed bool) []Item {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []Item{}
	for _, i := range b.items {
		if i.Office == office && (removed || !i.Removed) {
			list = append(list, i.clone())
		}
	}
	slices.SortFunc(list, func(a, b Item) int { return cmp.Compare(a.Order, b.Order) })
	return list
}

// Item returns one row.
func (b *Book) Item(id string) (Item, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.items[id]
	if !ok {
		return Item{}, false
	}
	return i.clone(), true
}

// History returns the newest changes of an office's rows, the newest first.
func (b *Book) History(office queue.OfficeID) []Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.history[office])
	slices.Reverse(list)
	return list
}

// Add adds a row: an action with a name, or a known figure, each of which an office has
// once. A figure's row that was removed is put back. Errors are a *[Fault], [ErrFull]
// and those of the store.
func (b *Book) Add(ctx context.Context, act Act, row Item) (Item, error) {
	row.Name, row.Owner = strings.TrimSpace(row.Name), strings.TrimSpace(row.Owner)
	id := actionID(row.Office, act.Command)
	if row.Figure != "" {
		id = figureID(row.Office, row.Figure)
	}
	office := func() queue.OfficeID { return row.Office }
	return b.change(ctx, act, id, office, func() (event, error) {
		if err := b.addable(row); err != nil {
			return event{}, err
		}
		e := event{Item: id, Did: Added, Office: row.Office, Figure: row.Figure, Name: row.Name, Owner: row.Owner}
		if row.Figure != "" {
			e.Name = ""
		}
		switch old, ok := b.items[e.Item]; {
		case ok && !old.Removed:
			return event{}, &Fault{"figure", "it is in the table"}
		case ok:
			return event{Item: e.Item, Did: Restored}, nil
		}
		return e, nil
	})
}

// figureID names the row of a figure, so that two managers cannot add it twice.
func figureID(office queue.OfficeID, figure string) string {
	return "f-" + string(office) + "-" + figure
}

// actionID names the row that a command adds: those of two offices never meet.
func actionID(office queue.OfficeID, command string) string {
	if office == "" {
		return "i-" + command
	}
	return "i:" + string(office) + ":" + command
}

// addable is called with mu held.
func (b *Book) addable(row Item) error {
	n := 0
	for _, i := range b.items {
		if i.Office == row.Office && !i.Removed {
			n++
		}
	}
	switch {
	case n >= MaxItems:
		return ErrFull
	case row.Figure != "" && !b.known(row.Figure):
		return &Fault{"figure", "no such figure"}
	case row.Figure == "" && row.Name == "":
		return &Fault{"name", "want a name, or a figure"}
	}
	if err := checkText("name", row.Name, MaxName, false); err != nil {
		return err
	}
	return checkText("owner", row.Owner, MaxName, false)
}

// Rename changes what an action is called, and whose work a row is.
func (b *Book) Rename(ctx context.Context, act Act, id string, version int, name, owner string) (Item, error) {
	name, owner = strings.TrimSpace(name), strings.TrimSpace(owner)
	return b.edit(ctx, act, id, version, func(i *Item) (event, error) {
		if i.Figure != "" {
			name = ""
		} else if name == "" {
			return event{}, &Fault{"name", "want a name"}
		}
		if err := checkText("name", name, MaxName, false); err != nil {
			return event{}, err
		}
		if err := checkText("owner", owner, MaxName, false); err != nil {
			return event{}, err
		}
		if i.Name == name && i.Owner == owner {
			return event{}, ledger.ErrDone
		}
		return event{Did: Renamed, Name: name, Owner: owner}, nil
	})
}

// Remove takes a row out of the table; its years stay in the history. Restore puts it
// back as it was.
func (b *Book) Remove(ctx context.Context, act Act, id string, version int) (Item, error) {
	return b.edit(ctx, act, id, version, func(i *Item) (event, error) {
		if i.Removed {
			return event{}, ledger.ErrDone
		}
		return event{Did: Removed}, nil
	})
}

// Restore puts a removed row back.
func (b *Book) Restore(ctx context.Context, act Act, id string, version int) (Item, error) {
	return b.edit(ctx, act, id, version, func(i *Item) (event, error) {
		if !i.Removed {
			return event{}, ledger.ErrDone
		}
		if err := b.addable(*i); err != nil {
			return event{}, err
		}
		return event{Did: Restored}, nil
	})
}

// Plan says what a row's year is to be and became; an empty one takes it out. By and At
// of what is given are not looked at.
func (b *Book) Plan(ctx context.Context, act Act, id string, version, year int, y Year) (Item, error) {
	y.Plan, y.Result, y.Notes = strings.TrimSpace(y.Plan), lines(y.Result), lines(y.Notes)
	return b.edit(ctx, act, id, version, func(i *Item) (event, error) {
		if err := checkYear(year); err != nil {
			return event{}, err
		}
		if err := y.check(i.Figure != ""); err != nil {
			return event{}, err
		}
		if same(i.Years[year], y) {
			return event{}, ledger.ErrDone
		}
		return event{Did: Planned, Year: year, Plan: y.Plan, Target: y.Target, Result: y.Result, Notes: y.Notes}, nil
	})
}

func lines(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

func same(a, b Year) bool {
	target := (a.Target == nil) == (b.Target == nil) && (a.Target == nil || *a.Target == *b.Target)
	return target && a.Plan == b.Plan && a.Result == b.Result && a.Notes == b.Notes
}

// edit changes a row on the version that its author looked at.
func (b *Book) edit(ctx context.Context, act Act, id string, version int, do func(*Item) (event, error)) (Item, error) {
	office := func() queue.OfficeID {
		if i := b.items[id]; i != nil {
			return i.Office
		}
		return ""
	}
	return b.change(ctx, act, id, office, func() (event, error) {
		i, ok := b.items[id]
		switch {
		case !ok:
			return event{}, ErrUnknown
		case i.Version != version:
			return event{}, ErrVersion
		}
		e, err := do(i)
		e.Item = id
		return e, err
	})
}

// change writes what decide answers of a row, which is called with mu held as office is,
// and returns the row as it is then. A key that another row of the office was changed by
// is a *[Fault]: nothing would be changed by it.
func (b *Book) change(ctx context.Context, act Act, id string, office func() queue.OfficeID, decide func() (event, error)) (Item, error) {
	err := b.ledger.Append(ctx, func() ([]event, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch done, ok := b.commands[command{office(), act.Command}]; {
		case ok && done != id:
			return nil, &Fault{"Idempotency-Key", "another row was changed by it"}
		case ok:
			return nil, ledger.ErrDone
		}
		if b.changes >= MaxChanges {
			return nil, ErrFull
		}
		e, err := decide()
		e.Command, e.By, e.At = act.Command, act.By, b.now().In(queue.JST)
		return []event{e}, err
	})
	if err != nil {
		return Item{}, err
	}
	i, _ := b.Item(id)
	return i, nil
}

// apply takes one change in.
func (b *Book) apply(e event, _ time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes++
	i, ok := b.items[e.Item]
	if !ok {
		if e.Did != Added {
			return // of a row that no release has known
		}
		i = &Item{ID: e.Item, Office: e.Office, Figure: e.Figure, Years: map[int]Year{}, Order: b.changes}
		b.items[e.Item] = i
	}
	b.commands[command{i.Office, e.Command}] = e.Item
	said := Entry{Item: e.Item, Office: i.Office, Did: e.Did, Year: e.Year, By: e.By, At: e.At}
	switch e.Did {
	case Added, Renamed:
		i.Name, i.Owner, i.Removed = e.Name, e.Owner, false
	case Removed, Restored:
		i.Removed = e.Did == Removed
	case Planned:
		said.Before, said.After = i.plan(e)
	}
	i.Version++
	said.Name, said.Figure = i.Name, i.Figure
	list := append(b.history[i.Office], said)
	b.history[i.Office] = list[max(0, len(list)-keep):]
}

// plan sets a year and returns what it was and is.
func (i *Item) plan(e event) (before, after *Year) {
	if old, ok := i.Years[e.Year]; ok {
		before = &old
	}
	y := Year{Plan: e.Plan, Target: e.Target, Result: e.Result, Notes: e.Notes, By: e.By, At: e.At}
	if same(y, Year{}) {
		delete(i.Years, e.Year)
		return before, nil
	}
	i.Years[e.Year] = y
	return before, &y
}

// forget drops everything: another stream took the place of this one.
func (b *Book) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items, b.commands, b.history, b.changes = map[string]*Item{}, map[command]string{}, map[queue.OfficeID][]Entry{}, 0
}

func (i *Item) clone() Item {
	c := *i
	c.Years = maps.Clone(i.Years)
	return c
}
