package auth

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"time"

	"machi/internal/queue"
	"machi/internal/signature"
)

// Device is a ticket machine that has a key of its own. The newest enrolment of a
// machine is the one that counts: it revokes the ones before.
type Device struct {
	KeyID    string            `json:"key_id"`
	Key      ed25519.PublicKey `json:"key"`
	Office   queue.OfficeID    `json:"office"`
	Kiosk    queue.KioskID     `json:"kiosk"`
	Hardware string            `json:"hardware,omitempty"` // what the machine is made of, hashed; empty: it cannot tell
	Code     string            `json:"code"`               // id of the code that let it in
	By       string            `json:"by,omitempty"`       // who gave that code
	Enrolled time.Time         `json:"enrolled"`

	Revoked  time.Time `json:"-"` // zero: it is not
	Barred   string    `json:"-"` // why nothing of it is believed: one of the Bar words
	BarredAt time.Time `json:"-"`
	Started  time.Time `json:"-"` // the newest start that was told

	chain  chain
	starts []time.Time // the newest, for the limit
}

// Why a machine is barred. Each means that there are two of it.
const (
	BarHardware = "hardware" // its disk starts in another machine
	BarStarts   = "starts"   // its disk has started twice from one state
	BarRecords  = "records"  // its store wrote two records with one number
)

// Active reports whether requests of the device are believed.
func (d Device) Active() bool { return d.Revoked.IsZero() && d.Barred == "" }

var (
	// ErrDeviceUnknown says that no machine was enrolled with a key, as far as this
	// installation remembers.
	ErrDeviceUnknown = errors.New("auth: no machine has this key")
	// ErrDeviceRevoked says that a machine's key was revoked or replaced.
	ErrDeviceRevoked = errors.New("auth: the machine's key was revoked")
	// ErrCopied says that a machine is barred because there are two of it.
	ErrCopied = errors.New("auth: the machine's disk was copied")
	// ErrTooOften says that a machine starts more often than is written down.
	ErrTooOften = errors.New("auth: the machine starts too often")
)

// state returns why nothing of a device is believed, or nil.
func (d Device) state() error {
	switch {
	case !d.Revoked.IsZero():
		return ErrDeviceRevoked
	case d.Barred != "":
		return ErrCopied
	}
	return nil
}

// machines is what the log says of ticket machines. The keeper's lock guards it.
type machines struct {
	devices map[string]*Device // by key id
	codes   map[string]*code   // by id
	pins    map[queue.OfficeID]string
}

func newMachines() machines {
	return machines{devices: map[string]*Device{}, codes: map[string]*code{}, pins: map[queue.OfficeID]string{}}
}

// machineEvent is what happened to a ticket machine: one of its fields is set.
type machineEvent struct {
	Code     *code        `json:"code,omitempty"`     // was made
	Wrong    string       `json:"wrong,omitempty"`    // id of the code that somebody missed
	Enrolled *Device      `json:"enrolled,omitempty"` // by its code
	Ended    *machineName `json:"ended,omitempty"`    // everything that opens for it
	Barred   *bar         `json:"barred,omitempty"`   // until it is enrolled anew
	Started  *Start       `json:"started,omitempty"`
	PIN      *officePIN   `json:"pin,omitempty"`
}

type machineName struct {
	Office queue.OfficeID `json:"office"`
	Kiosk  queue.KioskID  `json:"kiosk"`
}

type bar struct {
	KeyID string `json:"key_id"`
	Why   string `json:"why"`
}

type officePIN struct {
	Office queue.OfficeID `json:"office"`
	Hash   string         `json:"hash"` // empty: none
}

// apply folds what happened at a moment.
func (m *machines) apply(e machineEvent, at time.Time) {
	switch {
	case e.Code != nil:
		m.addCode(*e.Code, at)
	case e.Wrong != "":
		if c, ok := m.codes[e.Wrong]; ok {
			c.left--
		}
	case e.Enrolled != nil:
		m.enrol(*e.Enrolled, at)
	case e.Ended != nil:
		m.end(*e.Ended, at)
	case e.Barred != nil:
		if d, ok := m.devices[e.Barred.KeyID]; ok && d.Barred == "" {
			d.Barred, d.BarredAt = e.Barred.Why, at
		}
	case e.Started != nil:
		if d, ok := m.devices[e.Started.KeyID]; ok {
			d.start(*e.Started, at)
		}
	case e.PIN != nil:
		m.pins[e.PIN.Office] = e.PIN.Hash
	}
}

func (m *machines) enrol(d Device, at time.Time) {
	for _, other := range m.devices {
		if other.Office == d.Office && other.Kiosk == d.Kiosk && other.Revoked.IsZero() {
			other.Revoked = at
		}
	}
	if c, ok := m.codes[d.Code]; ok {
		c.used = d.KeyID
	}
	m.devices[d.KeyID] = &d
}

func (m *machines) end(n machineName, at time.Time) {
	for _, d := range m.devices {
		if d.Office == n.Office && d.Kiosk == n.Kiosk && d.Revoked.IsZero() {
			d.Revoked = at
		}
	}
	for id, c := range m.codes {
		if c.Office == n.Office && c.Kiosk == n.Kiosk {
			delete(m.codes, id)
		}
	}
}

// Device returns the machine that a key id names. With an error other than
// ErrDeviceUnknown the device says more: ErrDeviceRevoked, ErrCopied.
func (k *Keeper) Device(ctx context.Context, keyID string) (Device, error) {
	d, ok := k.device(keyID)
	if !ok {
		if err := k.look(ctx); err != nil {
			return Device{}, err
		}
		if d, ok = k.device(keyID); !ok {
			return Device{}, ErrDeviceUnknown
		}
	}
	return d, d.state()
}

func (k *Keeper) device(keyID string) (Device, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d, ok := k.machines.devices[keyID]
	if !ok {
		return Device{}, false
	}
	return *d, true
}

// Devices returns the machines that were ever enrolled at an office, the newest
// last; of all offices for AllOffices. What was revoked stands before what was not,
// since the servers' clocks, by which they were enrolled, may differ.
func (k *Keeper) Devices(office queue.OfficeID) []Device {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []Device
	for _, d := range k.machines.devices {
		if office == AllOffices || d.Office == office {
			list = append(list, *d)
		}
	}
	slices.SortFunc(list, func(a, b Device) int {
		switch over := !a.Revoked.IsZero(); {
		case over == b.Revoked.IsZero() && over:
			return -1
		case over == b.Revoked.IsZero():
			return 1
		}
		return cmp.Or(a.Enrolled.Compare(b.Enrolled), cmp.Compare(a.KeyID, b.KeyID))
	})
	return list
}

// EndKiosk revokes everything that opens for a machine: its key, the tokens that
// name it, and codes that were not used. It returns ErrUnknown where there is none.
func (k *Keeper) EndKiosk(ctx context.Context, office queue.OfficeID, kiosk queue.KioskID) error {
	return k.append(ctx, func() (event, error) {
		if !k.opensFor(office, kiosk) {
			return event{}, ErrUnknown
		}
		return event{Machine: &machineEvent{Ended: &machineName{office, kiosk}}}, nil
	})
}

func (k *Keeper) opensFor(office queue.OfficeID, kiosk queue.KioskID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range k.machines.devices {
		if d.Office == office && d.Kiosk == kiosk && d.Revoked.IsZero() {
			return true
		}
	}
	for _, g := range k.grants {
		if g.Office == office && g.Kiosk == kiosk && g.Revoked.IsZero() {
			return true
		}
	}
	for _, c := range k.machines.codes {
		if c.Office == office && c.Kiosk == kiosk && c.open(k.now()) {
			return true
		}
	}
	return false
}

// Bar writes down that there are two of a machine, until it is enrolled anew. A
// device that is unknown, revoked or barred already stays as it is.
func (k *Keeper) Bar(ctx context.Context, keyID, why string) error {
	return k.append(ctx, func() (event, error) {
		if d, ok := k.device(keyID); !ok || !d.Active() {
			return event{}, errDone
		}
		return event{Machine: &machineEvent{Barred: &bar{keyID, why}}}, nil
	})
}

// SetPIN keeps the hash of the PIN of an office's machines; empty for none.
func (k *Keeper) SetPIN(ctx context.Context, office queue.OfficeID, hash string) error {
	return k.append(ctx, func() (event, error) {
		return event{Machine: &machineEvent{PIN: &officePIN{office, hash}}}, nil
	})
}

// PIN returns the hash of the PIN of an office's machines, empty for none.
func (k *Keeper) PIN(office queue.OfficeID) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.machines.pins[office]
}

// keyIDOf names a key, or returns "" for what is no key.
func keyIDOf(key ed25519.PublicKey) string {
	if len(key) != ed25519.PublicKeySize {
		return ""
	}
	return signature.KeyID(key)
}
