package measure

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/queue"
)

// Format is the version of the rules by which days are counted and of the form in
// which sheets are written: whoever kept sheets of another one counts anew.
const Format = 1

// errSheet says that bytes are no sheet.
var errSheet = errors.New("measure: not a sheet")

// maxText bounds an id in a written sheet.
const maxText = 1 << 10

// AppendBinary appends the sheet in a form that [ReadSheet] reads.
func (s *Sheet) AppendBinary(to []byte) []byte {
	to = text(text(to, string(s.Office)), string(s.Date))
	to = binary.AppendUvarint(to, uint64(s.logged))
	to = s.extra.append(to)
	to = binary.AppendUvarint(to, uint64(len(s.services)))
	for _, id := range s.services {
		to = text(to, string(id))
	}
	for _, ms := range s.open {
		to = binary.AppendUvarint(to, uint64(ms))
	}
	return s.lines.append(s.visits.append(to))
}

func text(to []byte, s string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(s))), s...)
}

func (x Extra) append(to []byte) []byte {
	if !x.Known {
		return append(to, 0)
	}
	to = binary.AppendVarint(append(to, 1), int64(x.Offline))
	to = binary.AppendUvarint(to, uint64(len(x.Offers)))
	for _, o := range x.Offers {
		to = binary.AppendVarint(binary.AppendVarint(text(to, string(o.Service)), int64(o.Shown)), int64(o.Taken))
	}
	return to
}

func (s *slab) append(to []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(s.at)))
	for _, at := range s.at {
		to = append(to, byte(at.service), byte(at.service>>8), at.stage, at.half)
	}
	for _, n := range s.counts {
		to = binary.AppendUvarint(to, uint64(n))
	}
	for _, n := range s.more {
		to = binary.AppendVarint(to, int64(n))
	}
	for _, list := range [][]uint32{s.ends, s.sums, s.tops} {
		for _, n := range list {
			to = binary.AppendUvarint(to, uint64(n))
		}
	}
	for _, b := range s.bins {
		to = binary.AppendUvarint(to, uint64(b.count()*indexes+b.index()))
	}
	return to
}

// ReadSheet reads what [Sheet.AppendBinary] wrote, and returns what follows it.
func ReadSheet(from []byte) (s *Sheet, rest []byte, err error) {
	r := reader{bytes.NewReader(from), nil}
	s = &Sheet{Office: queue.OfficeID(r.text()), Date: queue.Date(r.text())}
	day, bad := calendar.ParseDay(string(s.Date))
	if bad != nil {
		return nil, nil, fmt.Errorf("%w: %w", errSheet, bad)
	}
	s.tables = tables{days: 1, logged: int(r.most(1)), day: dayOf(day)}
	if s.extra = r.extra(); s.extra.Known {
		s.counted = 1
	}
	for range r.size() {
		s.services = append(s.services, queue.ServiceID(r.text()))
	}
	for half := range s.open {
		s.open[half] = uint32(r.most(1<<32 - 1))
	}
	s.visits, s.lines = r.slab(visitForm, len(s.services)), r.slab(lineForm, len(s.services))
	if r.bad != nil {
		return nil, nil, fmt.Errorf("%w: %w", errSheet, r.bad)
	}
	return s, from[len(from)-r.Len():], nil
}

// reader reads numbers until something is wrong; what it reads then is zero.
type reader struct {
	*bytes.Reader
	bad error
}

func (r *reader) most(most uint64) uint64 {
	n, err := binary.ReadUvarint(r)
	if err == nil && n > most {
		err = fmt.Errorf("%d is more than %d", n, most)
	}
	return r.number(n, err)
}

func (r *reader) number(n uint64, err error) uint64 {
	if r.bad == nil {
		r.bad = err
	}
	if r.bad != nil {
		return 0
	}
	return n
}

func (r *reader) signed() int64 {
	n, err := binary.ReadVarint(r)
	return int64(r.number(uint64(n), err))
}

// size reads how many follow, each of at least one byte.
func (r *reader) size() int { return int(r.most(uint64(r.Len()))) }

func (r *reader) text() string {
	raw := make([]byte, min(r.size(), maxText))
	_, _ = r.Read(raw) // size has seen that they are there
	return string(raw)
}

func (r *reader) extra() Extra {
	if r.most(1) == 0 {
		return Extra{}
	}
	x := Extra{Known: true, Offline: time.Duration(r.signed())}
	for range r.size() {
		x.Offers = append(x.Offers, Offer{queue.ServiceID(r.text()), int(r.signed()), int(r.signed())})
	}
	return x
}

func (r *reader) slab(f form, services int) slab {
	s := slab{form: f}
	cells := r.size()
	for range cells {
		var raw [4]byte
		_, err := r.Read(raw[:])
		at := place{uint16(raw[0]) | uint16(raw[1])<<8, raw[2], raw[3]}
		if int(at.service) >= services || int(at.stage) >= len(stages) || at.half >= 48 {
			err = fmt.Errorf("cell at %v", at)
		}
		r.number(0, err)
		s.at = append(s.at, at)
	}
	if !slices.IsSortedFunc(s.at, place.compare) {
		r.number(0, errors.New("cells in no order"))
	}
	s.counts = many(cells*f.counters, func() uint16 { return uint16(r.most(1<<16 - 1)) })
	s.more = many(cells, func() int32 { return int32(r.signed()) })
	for _, list := range []*[]uint32{&s.ends, &s.sums, &s.tops} {
		*list = many(cells*f.dists, func() uint32 { return uint32(r.most(1<<32 - 1)) })
	}
	bins := 0
	if len(s.ends) > 0 {
		bins = int(s.ends[len(s.ends)-1])
	}
	if bins > r.Len() || !slices.IsSorted(s.ends) {
		r.number(0, errors.New("bins that are not there"))
		bins = 0
	}
	s.bins = many(bins, func() bin {
		n := r.most(1<<32 - 1)
		return bin(n%indexes)<<countBits | bin(n/indexes)
	})
	return s
}

// many reads a number of values.
func many[T any](n int, one func() T) []T {
	if n == 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = one()
	}
	return list
}
