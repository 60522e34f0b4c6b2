package notify

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"machi/internal/eventlog"
	"machi/internal/ledger"
	"machi/internal/notify/outbox"
	"machi/internal/notify/vault"
	"machi/internal/queue"
)

// prefix begins the names of the streams; the business day follows.
const prefix = "notify-"

// rule is what the store keeps of a rule. Whom it is for is in Sealed only.
type rule struct {
	Office  queue.OfficeID `json:"office"`
	Ticket  string         `json:"ticket"` // the secret's hash
	Channel Channel        `json:"channel"`
	When    When           `json:"when"`
	Tag     string         `json:"tag,omitempty"`  // of the address
	Code    string         `json:"code,omitempty"` // tag of the LINE code, until it came
	Print   string         `json:"print"`          // tag of the whole request
	Sealed  vault.Sealed   `json:"sealed"`
}

// note is what the stream holds between the rules: the servers and their keys, and
// the addresses that want to be left alone.
type note struct {
	Join  []byte       `json:"join,omitempty"` // a server's public key
	Wraps []vault.Wrap `json:"wraps,omitempty"`
	Stop  string       `json:"stop,omitempty"` // tag of an address
}

type (
	box   = outbox.Box[rule]
	item  = outbox.Item[rule]
	event = outbox.Event[rule]
)

// day is one business day: its stream and its keys.
type day struct {
	date queue.Date
	box  *box
	ring *vault.Ring
	end  context.CancelFunc // of what follows the stream
	over atomic.Bool

	mu      sync.Mutex
	servers map[string][]byte          // public keys by name
	wrapped map[string]map[string]bool // by server and key
	stopped map[string]bool            // tags
}

// openDay opens a day's keys and reads its stream.
func (e *Engine) openDay(ctx context.Context, date queue.Date) (*day, error) {
	log, err := e.o.Store.Open(prefix + string(date))
	if err != nil {
		return nil, err
	}
	ring, err := vault.Open(e.o.Dir, string(date))
	if err != nil {
		return nil, err
	}
	d := &day{date: date, ring: ring}
	d.forget()
	d.box, err = outbox.Open[rule](ctx, outbox.Options{
		Log: log, Name: "notify", Server: e.o.Server, Run: e.o.Run, Lease: e.o.Lease, Wall: e.o.Wall, Note: d.note, Reset: d.forget,
	})
	if err != nil {
		return nil, err
	}
	following, stop := context.WithCancel(e.base)
	d.end = stop
	e.running.Go(func() { _ = d.box.Run(following) })
	return d, nil
}

func (d *day) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.servers, d.wrapped, d.stopped = map[string][]byte{}, map[string]map[string]bool{}, map[string]bool{}
}

// note takes in what stands between the rules. A wrap that does not open is another
// server's fault, whose rules that server sends itself.
func (d *day) note(raw json.RawMessage) {
	var n note
	if json.Unmarshal(raw, &n) != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if n.Join != nil {
		d.servers[vault.Name(n.Join)] = n.Join
	}
	for _, w := range n.Wraps {
		if d.wrapped[w.For] == nil {
			d.wrapped[w.For] = map[string]bool{}
		}
		d.wrapped[w.For][w.Key] = true
		_ = d.ring.Take(w)
	}
	if n.Stop != "" {
		d.stopped[n.Stop] = true
	}
}

func noted(n note) ([]event, error) {
	raw, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	return []event{outbox.Note[rule](raw)}, nil
}

// join makes this server known, and gives servers that came later the keys. It writes
// nothing where nothing is missing.
func (d *day) join(ctx context.Context) error {
	if d.joined() && len(d.missing()) == 0 {
		return nil
	}
	return d.box.Write(ctx, func() ([]event, error) {
		var events []event
		if !d.joined() {
			joining, err := noted(note{Join: d.ring.Public()})
			if err != nil {
				return nil, err
			}
			events = append(events, joining...)
		}
		var wraps []vault.Wrap
		for _, public := range d.missing() {
			list, err := d.ring.For(public)
			if err != nil {
				return nil, err
			}
			wraps = append(wraps, list...)
		}
		if len(wraps) > 0 {
			giving, err := noted(note{Wraps: wraps})
			if err != nil {
				return nil, err
			}
			events = append(events, giving...)
		}
		if len(events) == 0 {
			return nil, ledger.ErrDone
		}
		return events, nil
	})
}

func (d *day) joined() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.servers[vault.Name(d.ring.Public())] != nil
}

// missing lists the servers that lack a key that this one holds.
func (d *day) missing() [][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list [][]byte
	for name, public := range d.servers {
		for _, key := range d.ring.Keys() {
			if !d.wrapped[name][key] {
				list = append(list, public)
				break
			}
		}
	}
	return list
}

// ready makes a key where this server has none to seal with.
func (d *day) ready(ctx context.Context) error {
	if err := d.join(ctx); err != nil || d.ring.Holds() {
		return err
	}
	return d.box.Write(ctx, func() ([]event, error) {
		if d.ring.Holds() {
			return nil, ledger.ErrDone
		}
		wraps, err := d.ring.Make(d.others())
		if err != nil {
			return nil, err
		}
		return noted(note{Wraps: wraps})
	})
}

func (d *day) others() [][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list [][]byte
	for name, public := range d.servers {
		if name != vault.Name(d.ring.Public()) {
			list = append(list, public)
		}
	}
	return list
}

func (d *day) isStopped(tag string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopped[tag]
}

// seal seals a contact for one rule.
func (d *day) seal(id string, c Contact) (vault.Sealed, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return vault.Sealed{}, errors.New("notify: a contact cannot be encoded")
	}
	return d.ring.Seal(raw, "rule "+id)
}

// open returns whom a rule is for.
func (d *day) open(i item) (Contact, error) {
	raw, err := d.ring.Open(i.Data.Sealed, "rule "+i.ID)
	if err != nil {
		return Contact{}, err
	}
	var c Contact
	if json.Unmarshal(raw, &c) != nil {
		return Contact{}, errors.New("notify: a contact cannot be read") // never the text itself
	}
	return c, nil
}

// speaks reports whether a rule is the one of its ticket and address that says that the
// number is called: rules that wait for that come first, and then the oldest. One call
// is told once, however many rules it makes due.
func (d *day) speaks(i item) bool {
	earlier := true
	for _, other := range d.box.Items() {
		if other.ID == i.ID {
			earlier = false
			continue
		}
		rival := other.Data.Ticket == i.Data.Ticket && other.Data.Tag == i.Data.Tag && !other.Data.When.Ready
		if !rival || other.State == outbox.Dropped || other.State == outbox.Failed {
			continue
		}
		called := other.Data.When.Called
		if called && !i.Data.When.Called || called == i.Data.When.Called && earlier && other.State != outbox.Sent {
			return false
		}
	}
	return true
}

// destroy forgets the day for ever: its keys first, then what they sealed.
func (d *day) destroy(ctx context.Context, store eventlog.Store) error {
	d.over.Store(true)
	d.end()
	return errors.Join(d.ring.Destroy(), remove(ctx, store, prefix+string(d.date)))
}

func remove(ctx context.Context, store eventlog.Store, stream string) error {
	if r, ok := store.(eventlog.Remover); ok {
		return r.Remove(ctx, stream)
	}
	return nil
}

// sweep destroys what is left of days that ended while no server ran, or that one put
// back which had not heard of the end.
func (e *Engine) sweep(ctx context.Context) error {
	failed := []error{vault.Sweep(e.o.Dir, string(queue.BusinessDay(e.o.Now())))}
	names, err := e.o.Store.Streams(ctx)
	failed = append(failed, err)
	// The day before may still be today for a server whose clock is behind.
	oldest := queue.BusinessDay(e.o.Now().Add(-time.Hour))
	for _, name := range names {
		if date, ours := strings.CutPrefix(name, prefix); ours && queue.Date(date) < oldest {
			failed = append(failed, remove(ctx, e.o.Store, name))
		}
	}
	return errors.Join(failed...)
}
