package eventlog

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// SchemaVersion is the version of a [Body] unless what it holds needs a higher
// one, and NewestSchema the highest that this release reads. A reader refuses a
// body above that: skipping what it cannot read would let two releases fold one
// log into two states.
const (
	SchemaVersion = 1
	NewestSchema  = 2
)

// The errors of the contract. Everything else that a [Log] returns is a
// failure that certainly appended nothing.
var (
	// ErrConflict says that the head was not the one named: nothing was appended.
	ErrConflict = errors.New("eventlog: the head has moved")
	// ErrUnclear says that the outcome is unknown: the records may or may not be
	// in the log. The caller must look for its own command ids before it answers.
	ErrUnclear = errors.New("eventlog: unclear whether the records were appended")
	// ErrUnsafe says that the records are in the log but that not every configured
	// data node has confirmed them: a failover could still lose them.
	ErrUnsafe = errors.New("eventlog: appended, but not on every data node")
	// ErrCorrupt says that stored bytes do not decode, or do not chain.
	ErrCorrupt = errors.New("eventlog: corrupt record")
)

// Log is one stream of records: the log of one office's business day.
//
// Every implementation passes the suite in package logtest, and promises:
//   - Append adds all records or none, directly after the head it was given;
//     two appenders with the same head never both succeed.
//   - When Append returns nil the records survive the death of the process and
//     a power cut of the machine that stores them.
//   - Records are read back byte for byte, in order, without gaps.
//   - All methods may be called from several goroutines.
type Log interface {
	// Head returns the position of the newest record, or the zero Head of an
	// empty log.
	Head(ctx context.Context) (Head, error)
	// Append adds records after the head. It returns ErrConflict when the log's
	// head is another one, ErrUnclear when the outcome is unknown, and ErrUnsafe
	// when the records are in but not yet on every data node. It refuses records
	// that do not chain onto after with ErrCorrupt, before it writes anything.
	Append(ctx context.Context, after Head, records []Record) error
	// Read returns up to limit records with numbers above after. It returns
	// ErrCorrupt (wrapped, naming the number) where the stored bytes are damaged.
	Read(ctx context.Context, after int64, limit int) ([]Record, error)
	// Wait blocks until the log may hold a record above after, or the context
	// ends. It may return early; it must not sleep through an append for more
	// than a second. The returned error is the context's, or a failure to ask.
	Wait(ctx context.Context, after int64) error
}

// Store holds the logs of many office-days, each under a stream name such as
// "km-setagaya:2026-04-01".
type Store interface {
	// Open returns the log of a stream; a stream that was never written is empty.
	Open(stream string) (Log, error)
	// Streams lists the names of all streams that hold at least one record, sorted.
	Streams(ctx context.Context) ([]string, error)
	// Close releases the store. Logs opened from it fail afterwards.
	Close() error
}

// Remover is a [Store] that can forget a stream whole, as what keeps to a period of
// retention must. A stream that is not there is no error. Logs of it are empty
// afterwards; whoever appends to one begins it anew.
type Remover interface {
	Remove(ctx context.Context, stream string) error
}

// Hash is a SHA-256 value; in JSON it is lower-case hexadecimal.
type Hash [sha256.Size]byte

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error { return decodeHex(h[:], text) }

// Incarnation names one life of a log: 128 random bits of its first record.
// A store that was emptied or swapped begins another incarnation.
type Incarnation [16]byte

// String returns the incarnation in hexadecimal.
func (i Incarnation) String() string { return hex.EncodeToString(i[:]) }

// MarshalText writes the incarnation in hexadecimal.
func (i Incarnation) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads 32 hexadecimal digits.
func (i *Incarnation) UnmarshalText(text []byte) error { return decodeHex(i[:], text) }

func decodeHex(dst, text []byte) error {
	if hex.DecodedLen(len(text)) != len(dst) {
		return fmt.Errorf("want %d hexadecimal digits, got %d", 2*len(dst), len(text))
	}
	_, err := hex.Decode(dst, text)
	return err
}

// Head is a position in a log: the newest record that somebody knows. The zero
// Head is the position before the first record.
type Head struct {
	Number      int64       `json:"number"`
	Hash        Hash        `json:"hash"`
	Incarnation Incarnation `json:"incarnation"`
}

// Record is one command's events at its place in one log. The envelope (all
// fields but Body) belongs to the place and is written anew when a body has to
// be put back elsewhere; the body never changes.
type Record struct {
	Number      int64       `json:"number"` // 1, 2, 3, ... within the log
	Prev        Hash        `json:"prev"`   // hash of the record before; zero for the first
	Incarnation Incarnation `json:"incarnation"`
	// Fact says that the body was not decided on the record before it: it happened
	// elsewhere (a kiosk on its own, a lost tail) and is merged, never refused.
	Fact bool   `json:"fact,omitempty"`
	Body []byte `json:"body"` // an encoded Body
}

// Hash returns the record's hash, which covers the whole envelope and the body
// and so, through Prev, every record before it.
func (r Record) Hash() Hash {
	h := sha256.New()
	var fixed [8 + sha256.Size + 16 + 1]byte
	binary.BigEndian.PutUint64(fixed[:], uint64(r.Number))
	copy(fixed[8:], r.Prev[:])
	copy(fixed[8+sha256.Size:], r.Incarnation[:])
	if r.Fact {
		fixed[len(fixed)-1] = 1
	}
	h.Write(fixed[:])
	h.Write(r.Body)
	return Hash(h.Sum(nil))
}

// Head returns the position at which the log stands with r as its newest record.
func (r Record) Head() Head {
	return Head{Number: r.Number, Hash: r.Hash(), Incarnation: r.Incarnation}
}

// Follows reports with an ErrCorrupt whether r is not the record directly after h.
func (h Head) Follows(r Record) error {
	switch {
	case r.Number != h.Number+1:
		return fmt.Errorf("%w: number %d after %d", ErrCorrupt, r.Number, h.Number)
	case r.Prev != h.Hash:
		return fmt.Errorf("%w: record %d does not name the hash of record %d", ErrCorrupt, r.Number, h.Number)
	case h.Number > 0 && r.Incarnation != h.Incarnation:
		return fmt.Errorf("%w: record %d is of another incarnation", ErrCorrupt, r.Number)
	}
	return nil
}

// Chain checks that records follow h one after another and returns the head
// behind the last of them.
func (h Head) Chain(records []Record) (Head, error) {
	for _, r := range records {
		if err := h.Follows(r); err != nil {
			return h, err
		}
		h = r.Head()
	}
	return h, nil
}

// Body is what an origin wrote about one command. Its bytes are kept as they
// were first encoded, wherever the record is put.
type Body struct {
	Schema  int    `json:"schema"`
	Command string `json:"command"` // the command id: at most one effect, however often sent
	// Origin is the machine that decided: a server or a kiosk's store. OriginNumber
	// counts its records of this stream from 1, OriginPrev is the BodyHash of the
	// one before: together a second chain that survives a change of place.
	Origin       string    `json:"origin"`
	OriginNumber int64     `json:"origin_number"`
	OriginPrev   Hash      `json:"origin_prev"`
	At           time.Time `json:"at"`
	Clock        *Clock    `json:"clock,omitempty"`
	Actor        string    `json:"actor"` // "role:id"
	// Fingerprint identifies the request behind the command id, so that one id
	// used for two different requests is noticed.
	Fingerprint string          `json:"fingerprint,omitempty"`
	Events      json.RawMessage `json:"events"`
}

// Clock is what a machine that worked alone knew about time when it wrote.
type Clock struct {
	Boot            string        `json:"boot"`             // id of the boot
	Monotonic       time.Duration `json:"monotonic"`        // since that boot
	Offset          time.Duration `json:"offset"`           // server's clock minus its own, at the last contact
	OffsetError     time.Duration `json:"offset_error"`     // half the round trip of that measurement
	OffsetMonotonic time.Duration `json:"offset_monotonic"` // when it was measured
}

// BodyHash returns the hash of an encoded body, which links an origin's chain.
func BodyHash(body []byte) Hash { return sha256.Sum256(body) }

// Encode returns the body's bytes.
func (b Body) Encode() ([]byte, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode body of command %s: %w", b.Command, err)
	}
	return raw, nil
}

// DecodeBody reads an encoded body. It returns ErrCorrupt for bytes that are no
// body and for a schema version above [NewestSchema].
func DecodeBody(raw []byte) (Body, error) {
	var b Body
	if err := json.Unmarshal(raw, &b); err != nil {
		return Body{}, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	if b.Schema < 1 || b.Schema > NewestSchema {
		return Body{}, fmt.Errorf("%w: schema version %d, this program reads up to %d", ErrCorrupt, b.Schema, NewestSchema)
	}
	return b, nil
}
