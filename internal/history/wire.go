package history

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Making is the version of the rules of [Build]. Tables of one version are equal
// where their logs are.
const Making = 2

const (
	maxVisits = 50_000   // in one table
	maxSpells = 5_000    // in one table
	maxTable  = 64 << 20 // bytes of a table's JSON
	maxName   = 64       // bytes of an id or a number
)

// ErrBadTable says that a table cannot be kept: see the text behind it.
var ErrBadTable = errors.New("history: not a table of a day")

// wireDay is a table's JSON, version 1. Moments are milliseconds since the first
// moment of the business day; a moment that never came is absent.
type wireDay struct {
	Visits []wireVisit `json:"v,omitempty"`
	Spells []wireSpell `json:"s,omitempty"`
}

type wireVisit struct {
	Number      queue.Number    `json:"n,omitempty"`
	Service     queue.ServiceID `json:"s"`
	Channel     queue.Channel   `json:"c,omitempty"`
	Priority    bool            `json:"p,omitempty"`
	Issued      *int64          `json:"i,omitempty"`
	Appointment *int64          `json:"a,omitempty"`
	Told        *wireTold       `json:"t,omitempty"`
	FirstCall   *int64          `json:"k,omitempty"`
	Legs        []wireLeg       `json:"l"`
	Outcome     Outcome         `json:"o"`
	Ended       *int64          `json:"e,omitempty"`
	Flags       []queue.Flag    `json:"f,omitempty"`
	Later       int             `json:"m,omitempty"`
	Arrived     *int64          `json:"h,omitempty"`
	Restored    int             `json:"b,omitempty"`
	Recalled    int             `json:"r,omitempty"`
	Moved       int             `json:"w,omitempty"`
}

// wireTold is what was told, in milliseconds.
type wireTold struct {
	Ahead int   `json:"a,omitempty"`
	Low   int64 `json:"l,omitempty"`
	P50   int64 `json:"m,omitempty"`
	High  int64 `json:"h,omitempty"`
}

type wireLeg struct {
	Service    queue.ServiceID `json:"s,omitempty"` // absent: the visit's
	Stage      queue.Stage     `json:"g,omitempty"` // absent: reception
	Joined     *int64          `json:"j,omitempty"`
	Called     *int64          `json:"c,omitempty"`
	Started    *int64          `json:"b,omitempty"`
	Finished   *int64          `json:"f,omitempty"`
	Counter    queue.CounterID `json:"w,omitempty"`
	Outcome    Outcome         `json:"o,omitempty"` // absent: served
	Unmeasured bool            `json:"u,omitempty"`
}

type wireSpell struct {
	Counter  queue.CounterID   `json:"w"`
	Services []queue.ServiceID `json:"s,omitempty"`
	Stages   []queue.Stage     `json:"g,omitempty"`
	From     *int64            `json:"a"`
	To       *int64            `json:"b"`
}

// scale turns moments into milliseconds of one business day, and back.
type scale struct{ from time.Time }

func (s scale) put(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.Sub(s.from).Milliseconds()
	return &ms
}

func (s scale) get(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return s.from.Add(time.Duration(*ms) * time.Millisecond)
}

// pack returns the canonical JSON of a tidy table's rows, and its hash, which covers
// nothing else.
func (d Day) pack() (raw []byte, hash eventlog.Hash, err error) {
	from, _, err := d.Date.Bounds()
	if err != nil {
		return nil, hash, err
	}
	s, w := scale{from}, wireDay{}
	for _, v := range d.Visits {
		w.Visits = append(w.Visits, s.visit(v))
	}
	for _, p := range d.Spells {
		w.Spells = append(w.Spells, wireSpell{p.Counter, p.Services, p.Stages, s.put(p.From), s.put(p.To)})
	}
	raw, err = json.Marshal(w)
	return raw, eventlog.BodyHash(raw), err
}

func (s scale) visit(v Visit) wireVisit {
	w := wireVisit{
		Number: v.Number, Service: v.Service, Channel: v.Channel, Priority: v.Priority, Issued: s.put(v.Issued), Appointment: s.put(v.Appointment),
		FirstCall: s.put(v.FirstCall), Outcome: v.Outcome, Ended: s.put(v.Ended), Flags: v.Flags, Later: v.Later,
		Arrived: s.put(v.Arrived), Restored: v.Restored, Recalled: v.Recalled, Moved: v.Moved,
	}
	if v.Told != nil {
		w.Told = &wireTold{v.Told.Ahead, v.Told.Low.Milliseconds(), v.Told.P50.Milliseconds(), v.Told.High.Milliseconds()}
	}
	for _, l := range v.Legs {
		leg := wireLeg{
			Joined: s.put(l.Joined), Called: s.put(l.Called), Started: s.put(l.Started), Finished: s.put(l.Finished), Counter: l.Counter, Unmeasured: l.Unmeasured,
		}
		if l.Service != v.Service {
			leg.Service = l.Service
		}
		if l.Stage != queue.StageReception {
			leg.Stage = l.Stage
		}
		if l.Outcome != Served {
			leg.Outcome = l.Outcome
		}
		w.Legs = append(w.Legs, leg)
	}
	return w
}

// unpack reads rows into a table whose other fields are known.
func (d Day) unpack(raw []byte) (Day, error) {
	from, _, err := d.Date.Bounds()
	if err != nil {
		return Day{}, err
	}
	var w wireDay
	if err := json.Unmarshal(raw, &w); err != nil {
		return Day{}, err
	}
	s := scale{from}
	d.Visits, d.Spells = make([]Visit, 0, len(w.Visits)), make([]Spell, 0, len(w.Spells))
	for _, v := range w.Visits {
		d.Visits = append(d.Visits, s.row(v))
	}
	for _, p := range w.Spells {
		d.Spells = append(d.Spells, Spell{p.Counter, p.Services, p.Stages, s.get(p.From), s.get(p.To)})
	}
	return d, d.check()
}

func (s scale) row(w wireVisit) Visit {
	const ms = time.Millisecond
	v := Visit{
		Number: w.Number, Service: w.Service, Channel: w.Channel, Priority: w.Priority, Issued: s.get(w.Issued), Appointment: s.get(w.Appointment),
		FirstCall: s.get(w.FirstCall), Outcome: w.Outcome, Ended: s.get(w.Ended), Flags: w.Flags, Later: w.Later,
		Arrived: s.get(w.Arrived), Restored: w.Restored, Recalled: w.Recalled, Moved: w.Moved,
	}
	if t := w.Told; t != nil {
		v.Told = &Told{t.Ahead, time.Duration(t.Low) * ms, time.Duration(t.P50) * ms, time.Duration(t.High) * ms}
	}
	for _, l := range w.Legs {
		v.Legs = append(v.Legs, Leg{
			Service: cmp.Or(l.Service, w.Service), Stage: cmp.Or(l.Stage, queue.StageReception), Joined: s.get(l.Joined), Called: s.get(l.Called),
			Started: s.get(l.Started), Finished: s.get(l.Finished), Counter: l.Counter, Outcome: cmp.Or(l.Outcome, Served), Unmeasured: l.Unmeasured,
		})
	}
	return v
}

// tidy returns the table in its canonical form: whole milliseconds, sorted.
func (d Day) tidy() Day {
	d.Visits, d.Spells = slices.Clone(d.Visits), slices.Clone(d.Spells)
	for i := range d.Visits {
		d.Visits[i] = d.Visits[i].tidy()
	}
	for i, s := range d.Spells {
		d.Spells[i].From, d.Spells[i].To = whole(s.From), whole(s.To)
	}
	slices.SortStableFunc(d.Visits, func(a, b Visit) int {
		return cmp.Or(a.Issued.Compare(b.Issued), cmp.Compare(a.Number, b.Number))
	})
	slices.SortFunc(d.Spells, func(a, b Spell) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Counter, b.Counter), a.To.Compare(b.To))
	})
	return d
}

func (v Visit) tidy() Visit {
	if called, ok := v.Called(); ok {
		v.FirstCall = called
	}
	v.Legs = slices.Clone(v.Legs)
	for i := range v.Legs {
		l := &v.Legs[i]
		l.Joined, l.Called, l.Started, l.Finished = whole(l.Joined), whole(l.Called), whole(l.Started), whole(l.Finished)
	}
	v.Issued, v.Appointment, v.FirstCall, v.Ended, v.Arrived = whole(v.Issued), whole(v.Appointment), whole(v.FirstCall), whole(v.Ended), whole(v.Arrived)
	if v.Told != nil {
		const ms = time.Millisecond
		v.Told = &Told{v.Told.Ahead, v.Told.Low.Truncate(ms), v.Told.P50.Truncate(ms), v.Told.High.Truncate(ms)}
	}
	return v
}

func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.In(queue.JST).Truncate(time.Millisecond)
}

// check refuses what no table can be.
func (d Day) check() error {
	from, to, err := d.Date.Bounds()
	bad := func(row int, field string) error {
		return fmt.Errorf("%w: %s on %s: row %d, %s", ErrBadTable, d.Office, d.Date, row, field)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrBadTable, err)
	case d.Office == "":
		return fmt.Errorf("%w: no office", ErrBadTable)
	case d.Source != FromLog && d.Source != FromImport:
		return fmt.Errorf("%w: source %q", ErrBadTable, d.Source)
	case len(d.Visits) > maxVisits, len(d.Spells) > maxSpells:
		return fmt.Errorf("%w: %d visits, %d spells", ErrBadTable, len(d.Visits), len(d.Spells))
	}
	for i, v := range d.Visits {
		switch {
		case v.Service == "" || len(v.Service) > maxName:
			return bad(i+1, "service")
		case len(v.Number) > maxName:
			return bad(i+1, "number")
		case v.Issued.Before(from.Add(-24*time.Hour)) || v.Issued.After(to):
			return bad(i+1, "issued")
		case len(v.Legs) == 0:
			return bad(i+1, "legs")
		}
	}
	return nil
}

// shut and open compress; decompression is bounded.
func shut(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(raw)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

func open(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err == nil && len(raw) > maxTable {
		err = fmt.Errorf("more than %d bytes", maxTable)
	}
	return raw, err
}
