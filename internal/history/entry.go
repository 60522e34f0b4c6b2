package history

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"machi/internal/estimate/place"
	"machi/internal/eventlog"
	"machi/internal/history/profile"
	"machi/internal/queue"
)

// entry is what one record of a month's stream says: a table, or lessons, and where
// the newest of all others of that month are.
type entry struct {
	Index   index         `json:"index"`
	Table   *tableEntry   `json:"table,omitempty"`
	Lessons *lessonsEntry `json:"lessons,omitempty"`
}

// index says where the newest table and the lessons of each date are.
type index struct {
	Tables  map[queue.Date]spot `json:"tables,omitempty"`
	Lessons map[taught]spot     `json:"lessons,omitempty"`
}

// taught names the lessons of a date for the estimators that read one format, such as
// "2026-11-21@1": two releases that serve one day have lessons of their own.
type taught string

// taughtFor names what this release reads.
func taughtFor(d queue.Date) taught { return taught(string(d) + "@" + strconv.Itoa(format())) }

// format is the version of the lessons' JSON that this release writes.
var format = sync.OnceValue(func() int {
	raw, err := json.Marshal(place.New(place.Options{}).Lessons())
	var said struct{ Version int }
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	if err != nil {
		return 0
	}
	return said.Version
})

// split returns the date, and whether this release reads the format.
func (t taught) split() (d queue.Date, ours bool) {
	date, _, _ := strings.Cut(string(t), "@")
	return queue.Date(date), t == taughtFor(queue.Date(date))
}

// spot is a record: the part of the month, from 1, and its number there.
type spot struct {
	Part   int   `json:"p"`
	Number int64 `json:"n"`
}

func (i index) clone() index {
	c := index{maps.Clone(i.Tables), maps.Clone(i.Lessons)}
	if c.Tables == nil {
		c.Tables = map[queue.Date]spot{}
	}
	if c.Lessons == nil {
		c.Lessons = map[taught]spot{}
	}
	return c
}

// with returns the index once e is in at a spot.
func (i index) with(e entry, at spot) index {
	c := i.clone()
	if e.Table != nil {
		c.Tables[e.Table.Date] = at
	}
	if e.Lessons != nil {
		c.Lessons[e.Lessons.key()] = at
	}
	return c
}

// tableEntry is a table: what one asks it first, and its packed rows.
type tableEntry struct {
	Date     queue.Date    `json:"date"`
	Source   Source        `json:"source"`
	Made     int           `json:"made,omitempty"`
	Head     eventlog.Head `json:"head,omitzero"`
	Revision int           `json:"revision,omitempty"`
	Late     []queue.Date  `json:"late,omitempty"` // two
	Visits   int           `json:"visits"`
	Hash     eventlog.Hash `json:"hash"` // of the rows' JSON
	Rows     []byte        `json:"rows"` // that JSON, gzip
}

func packTable(d Day) (*tableEntry, error) {
	raw, hash, err := d.pack()
	if err != nil {
		return nil, fmt.Errorf("history: pack %s on %s: %w", d.Office, d.Date, err)
	}
	rows, err := shut(raw)
	if err != nil {
		return nil, fmt.Errorf("history: pack %s on %s: %w", d.Office, d.Date, err)
	}
	t := &tableEntry{
		Date: d.Date, Source: d.Source, Made: d.Made, Head: d.Head, Revision: d.Revision, Visits: len(d.Visits), Hash: hash, Rows: rows,
	}
	if d.Late[0] != "" {
		t.Late = d.Late[:]
	}
	return t, nil
}

// day unpacks the table and holds it against its hash.
func (t *tableEntry) day(office queue.OfficeID) (Day, error) {
	damaged := func(err error) error {
		return fmt.Errorf("%w: table of %s on %s: %w", ErrDamaged, office, t.Date, err)
	}
	raw, err := open(t.Rows)
	if err != nil {
		return Day{}, damaged(err)
	}
	if eventlog.BodyHash(raw) != t.Hash {
		return Day{}, damaged(eventlog.ErrCorrupt)
	}
	d := Day{Office: office, Date: t.Date, Source: t.Source, Made: t.Made, Head: t.Head, Revision: t.Revision}
	if len(t.Late) == len(d.Late) {
		d.Late = [2]queue.Date(t.Late)
	}
	if d, err = d.unpack(raw); err != nil {
		return Day{}, damaged(err)
	}
	return d, nil
}

// lessonsEntry is the lessons of a day.
type lessonsEntry struct {
	Date    queue.Date    `json:"date"`
	Format  int           `json:"format"`
	From    queue.Date    `json:"from"`    // the oldest table behind them
	Through queue.Date    `json:"through"` // the newest
	Tables  int           `json:"tables"`  // how many there were between From and the day
	Hash    eventlog.Hash `json:"hash"`    // of the JSON of what they taught
	Taught  []byte        `json:"taught"`  // that JSON, gzip
	Profile []byte        `json:"profile"` // JSON, gzip
}

func (e *lessonsEntry) key() taught { return taught(string(e.Date) + "@" + strconv.Itoa(e.Format)) }

func packLessons(l Lessons) (*lessonsEntry, error) {
	raw, err := json.Marshal(l.Taught)
	if err != nil {
		return nil, fmt.Errorf("history: pack lessons: %w", err)
	}
	if len(raw) > MaxLessons {
		return nil, fmt.Errorf("%w: lessons of %d bytes", eventlog.ErrTooLarge, len(raw))
	}
	busy, err := json.Marshal(l.Profile)
	if err != nil {
		return nil, fmt.Errorf("history: pack lessons: %w", err)
	}
	e := &lessonsEntry{Date: l.Date, Format: format(), From: l.From, Through: l.Through, Tables: l.Tables, Hash: eventlog.BodyHash(raw)}
	if e.Taught, err = shut(raw); err == nil {
		e.Profile, err = shut(busy)
	}
	return e, err
}

// lessons unpacks. What was taught is nil, with an error, where another release
// wrote it.
func (e *lessonsEntry) lessons(office queue.OfficeID) (Lessons, error) {
	l := Lessons{Office: office, Date: e.Date, From: e.From, Through: e.Through, Tables: e.Tables, Hash: e.Hash}
	damaged := func(err error) error {
		return fmt.Errorf("%w: lessons of %s for %s: %w", ErrDamaged, office, e.Date, err)
	}
	raw, err := open(e.Taught)
	if err != nil {
		return l, damaged(err)
	}
	if eventlog.BodyHash(raw) != e.Hash {
		return l, damaged(eventlog.ErrCorrupt)
	}
	var taught place.Lessons
	if err := json.Unmarshal(raw, &taught); err != nil {
		return l, damaged(err)
	}
	var busy profile.Profile
	if raw, err = open(e.Profile); err == nil {
		err = json.Unmarshal(raw, &busy)
	}
	if err != nil {
		return l, damaged(err)
	}
	l.Taught, l.Profile = &taught, &busy
	return l, nil
}

// record writes an entry as the record behind head.
func record(head eventlog.Head, e entry, at time.Time) (eventlog.Record, error) {
	raw, err := json.Marshal([]entry{e})
	if err != nil {
		return eventlog.Record{}, fmt.Errorf("history: encode: %w", err)
	}
	body, err := eventlog.Body{
		Schema: eventlog.SchemaVersion, Command: rand.Text(), Origin: "history", OriginNumber: head.Number + 1,
		At: at.In(queue.JST), Actor: "system:history", Events: raw,
	}.Encode()
	if err != nil {
		return eventlog.Record{}, err
	}
	life := head.Incarnation
	if head.Number == 0 {
		_, _ = rand.Read(life[:]) // it never fails
	}
	return eventlog.Record{Number: head.Number + 1, Prev: head.Hash, Incarnation: life, Body: body}, nil
}

// entryOf reads a record of a month's stream.
func entryOf(r eventlog.Record) (entry, error) {
	body, err := eventlog.DecodeBody(r.Body)
	if err != nil {
		return entry{}, err
	}
	var list []entry
	if err := json.Unmarshal(body.Events, &list); err != nil || len(list) != 1 {
		return entry{}, fmt.Errorf("%w: record %d is no entry of history", eventlog.ErrCorrupt, r.Number)
	}
	return list[0], nil
}
