package signs

import (
	"context"
	"slices"
	"time"

	"machi/internal/board"
	"machi/internal/ledger"
	"machi/internal/queue"
)

// Act is who does something, and under which key: the same one sent again changes
// nothing more.
type Act struct {
	Command string
	By      Person
	// ID names what the act makes; it counts only the first time.
	ID string
}

// do writes one event, decided on the newest state, and returns the id of what it is
// about. Of a command that was done before it returns what that made.
func (b *Book) do(ctx context.Context, a Act, decide func(*event) error) (string, error) {
	made := ""
	err := b.ledger.Append(ctx, func() ([]event, error) {
		if id, ok := b.used(a.Command); ok {
			made = id
			return nil, ledger.ErrDone
		}
		e := event{Command: a.Command, By: a.By, At: b.o.Now().In(queue.JST)}
		if err := decide(&e); err != nil {
			return nil, err
		}
		made = e.id()
		return []event{e}, nil
	})
	return made, err
}

// Write makes a new draft. It returns a *[Fault] for content that cannot be, and
// [ErrFull].
func (b *Book) Write(ctx context.Context, a Act, content Content) (Item, error) {
	if err := content.Check(); err != nil {
		return Item{}, err
	}
	id, err := b.do(ctx, a, func(e *event) error {
		if b.live() >= maxItems {
			return ErrFull
		}
		e.Item = &Item{ID: a.ID, Content: content, State: Draft, Version: 1, Writers: []Person{a.By}, Changed: e.At}
		return nil
	})
	return b.wrote(id, err)
}

func (b *Book) live() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, i := range b.items {
		if i.State != Ended {
			n++
		}
	}
	return n
}

func (b *Book) wrote(id string, err error) (Item, error) {
	if err != nil {
		return Item{}, err
	}
	i, ok := b.Item(id)
	if !ok {
		return Item{}, errKeyTaken
	}
	return i, nil
}

// Rewrite replaces the content of an item that has not ended. It is a draft again:
// what was approved was another content.
func (b *Book) Rewrite(ctx context.Context, a Act, id string, version int, content Content) (Item, error) {
	if err := content.Check(); err != nil {
		return Item{}, err
	}
	return b.change(ctx, a, id, version, func(i *Item) error {
		if i.State == Ended {
			return ErrState
		}
		if i.Office != content.Office {
			return fault("office", "an item stays where it was made")
		}
		i.Content, i.State, i.Decided, i.Reason = content, Draft, nil, ""
		if !i.wrote(a.By) {
			i.Writers = append(slices.Clone(i.Writers), a.By)
		}
		return nil
	})
}

// Move is a step of an item from one state to another.
type Move string

// The moves.
const (
	Submit  Move = "submit"
	Approve Move = "approve"
	Refuse  Move = "refuse" // back to its writers, with a reason
	End     Move = "end"
)

// Move takes an item a step further, on the version that was looked at. It returns
// [ErrOwn] where another person must approve, [ErrState] for a step that cannot
// follow, [ErrVersion] and [ErrUnknown].
func (b *Book) Move(ctx context.Context, a Act, id string, version int, move Move, reason string) (Item, error) {
	if len(reason) > MaxReason {
		return Item{}, fault("reason", "at most %d bytes", MaxReason)
	}
	if move == Refuse && reason == "" {
		return Item{}, fault("reason", "say what should become better")
	}
	return b.change(ctx, a, id, version, func(i *Item) error { return i.move(a.By, move, reason, b.Rule()) })
}

func (i *Item) move(by Person, move Move, reason string, rule Rule) error {
	from := i.State
	i.Reason = reason
	switch {
	case move == Submit && from == Draft:
		i.State, i.Decided = Waiting, nil
		if !i.NeedsSecond(rule) {
			i.State, i.Decided = Approved, &by
		}
	case move == Approve && from == Waiting:
		if i.NeedsSecond(rule) && i.wrote(by) {
			return ErrOwn
		}
		i.State, i.Decided = Approved, &by
	case move == Refuse && from == Waiting:
		i.State, i.Decided = Draft, &by
	case move == End && from != Ended:
		i.State, i.Decided = Ended, &by
	default:
		return ErrState
	}
	return nil
}

func (b *Book) change(ctx context.Context, a Act, id string, version int, step func(*Item) error) (Item, error) {
	made, err := b.do(ctx, a, func(e *event) error {
		i, ok := b.Item(id)
		switch {
		case !ok:
			return ErrUnknown
		case i.Version != version:
			return ErrVersion
		}
		if err := step(&i); err != nil {
			return err
		}
		i.Version, i.Changed = i.Version+1, e.At
		e.Item = &i
		return nil
	})
	return b.wrote(made, err)
}

// SetRule sets what the ward demands.
func (b *Book) SetRule(ctx context.Context, a Act, rule Rule) error {
	_, err := b.do(ctx, a, func(e *event) error {
		e.Rule = &rule
		return nil
	})
	return err
}

// Alarm is an emergency message to begin. For says how long it stands; zero: until
// it is ended.
type Alarm struct {
	Office queue.OfficeID
	Kind   string
	Detail board.Text
	For    time.Duration
}

// Begin puts an emergency message up.
func (b *Book) Begin(ctx context.Context, a Act, alarm Alarm) (Emergency, error) {
	id, err := b.do(ctx, a, func(e *event) error {
		begun := Emergency{ID: a.ID, Office: alarm.Office, Kind: alarm.Kind, Detail: alarm.Detail, Since: e.At, By: a.By}
		if alarm.For != 0 {
			begun.Until = e.At.Add(alarm.For)
		}
		if err := begun.check(); err != nil {
			return err
		}
		if b.inForce(e.At) >= maxEmergencies {
			return ErrFull
		}
		e.Begun = &begun
		return nil
	})
	if err != nil {
		return Emergency{}, err
	}
	return b.emergency(id)
}

// Finish takes an emergency message down. One that is over stays over.
func (b *Book) Finish(ctx context.Context, a Act, id string) (Emergency, error) {
	_, err := b.do(ctx, a, func(e *event) error {
		found, err := b.emergency(id)
		switch {
		case err != nil:
			return err
		case !found.InForce(e.At):
			return ledger.ErrDone
		}
		e.Ended = id
		return nil
	})
	if err != nil {
		return Emergency{}, err
	}
	return b.emergency(id)
}

func (b *Book) inForce(at time.Time) int {
	n := 0
	for _, e := range b.Emergencies() {
		if e.InForce(at) {
			n++
		}
	}
	return n
}

func (b *Book) emergency(id string) (Emergency, error) {
	for _, e := range b.Emergencies() {
		if e.ID == id {
			return e, nil
		}
	}
	return Emergency{}, ErrUnknown
}

// Register makes a screen known by the hash of its token.
func (b *Book) Register(ctx context.Context, a Act, office queue.OfficeID, name, hash string) (Screen, error) {
	name = trimmed(board.Text{"ja": name})["ja"]
	if err := checkText("name", board.Text{"ja": name}, 40, true); err != nil {
		return Screen{}, err
	}
	id, err := b.do(ctx, a, func(e *event) error {
		if len(b.Screens()) >= maxScreens {
			return ErrFull
		}
		e.Screen = &Screen{ID: a.ID, Office: office, Name: name, Hash: hash, Made: e.At, By: a.By}
		return nil
	})
	if err != nil {
		return Screen{}, err
	}
	s, ok := b.Screen(id)
	if !ok {
		return Screen{}, errKeyTaken
	}
	return s, nil
}

// Remove forgets a screen: its token is worth nothing from now on.
func (b *Book) Remove(ctx context.Context, a Act, id string) error {
	_, err := b.do(ctx, a, func(e *event) error {
		if _, ok := b.Screen(id); !ok {
			return ErrUnknown
		}
		e.Gone = id
		return nil
	})
	return err
}

// Reload tells a screen to load its page again.
func (b *Book) Reload(ctx context.Context, a Act, id string) error {
	_, err := b.do(ctx, a, func(e *event) error {
		s, ok := b.Screen(id)
		if !ok {
			return ErrUnknown
		}
		s.Reloads++
		e.Screen = &s
		return nil
	})
	return err
}

// Media returns the bytes of every hash that an item refers to which has not ended.
func (b *Book) Media() map[string]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	sizes := map[string]int64{}
	for _, i := range b.items {
		if i.State != Ended && i.Media != nil {
			sizes[i.Media.Hash] = i.Media.Size
		}
	}
	return sizes
}
