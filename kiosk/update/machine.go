package update

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	currentName = "current"
	trialName   = "trial.json"
	// Trials is how many starts an update has to prove itself.
	Trials = 3
)

// Machine is a ticket machine's two slots in the folder Root. Key is the public key
// of whoever may release updates.
type Machine struct {
	Root string
	Key  ed25519.PublicKey
	// At is called before every change to the disk; an error ends the work there, as
	// a power cut would.
	At func(step string) error
}

// trial is an update that has not proved itself.
type trial struct {
	From string `json:"from"` // slots; "" when there was nothing before
	To   string `json:"to"`
	Left int    `json:"left"`
}

// State is what a machine has installed.
type State struct {
	Slot     string // "a" or "b"; "" when nothing is installed
	Manifest Manifest
	OnTrial  bool
}

// Install puts a bundle into the slot that is not in use and switches to it, on
// trial. It returns [ErrBadBundle], [ErrOlder] (unless older is true) and
// [ErrOnTrial], and then what runs has not changed.
func (m Machine) Install(bundle io.Reader, older bool) (Manifest, error) {
	unlock, err := m.lock()
	if err != nil {
		return Manifest{}, err
	}
	defer unlock()
	now, err := m.State()
	if err != nil {
		return Manifest{}, err
	}
	if now.OnTrial {
		return Manifest{}, ErrOnTrial
	}
	b, err := open(bundle, m.Key)
	if err != nil {
		return Manifest{}, err
	}
	if b.manifest.Serial <= now.Manifest.Serial && !older {
		return Manifest{}, ErrOlder
	}
	to := "a"
	if now.Slot == "a" {
		to = "b"
	}
	if err := m.fill(to, b); err != nil {
		return Manifest{}, err
	}
	if err := m.write(trialName, trial{now.Slot, to, Trials}); err != nil {
		return Manifest{}, err
	}
	return b.manifest, m.point(to)
}

// Settle is called before every start. It counts the start of an update that is on
// trial, and goes back to the slot before when there were too many. It returns the
// slot that is to run and whether it went back.
func (m Machine) Settle() (slot string, back bool, err error) {
	unlock, err := m.lock()
	if err != nil {
		return "", false, err
	}
	defer unlock()
	t, err := m.trial()
	if err != nil {
		return "", false, err
	}
	current := m.current()
	switch {
	case t == nil:
		return current, false, nil
	case current != t.To: // stopped before the switch, or after the way back
		return current, false, m.remove(trialName)
	case t.Left > 0:
		t.Left--
		return current, false, m.write(trialName, t)
	}
	if t.From == "" { // the packaged program runs where nothing is current
		err = m.remove(currentName)
	} else {
		err = m.point(t.From)
	}
	if err != nil {
		return current, false, err
	}
	return t.From, true, m.remove(trialName)
}

// Confirm ends a trial: the new programs have proved themselves. Before their first
// start it does nothing, because what works then is the release before.
func (m Machine) Confirm() error {
	unlock, err := m.lock()
	if err != nil {
		return err
	}
	defer unlock()
	t, err := m.trial()
	if err != nil || t == nil || t.Left == Trials {
		return err
	}
	return m.remove(trialName)
}

// State says what is installed. It returns an error when the current slot is not as
// its manifest says.
func (m Machine) State() (State, error) {
	s := State{Slot: m.current()}
	t, err := m.trial()
	if err != nil || s.Slot == "" {
		return s, err
	}
	s.OnTrial = t != nil && t.To == s.Slot
	s.Manifest, err = m.verify(s.Slot)
	return s, err
}

// verify compares a slot with its signed manifest.
func (m Machine) verify(slot string) (Manifest, error) {
	dir := filepath.Join(m.Root, slot)
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return Manifest{}, fmt.Errorf("kiosk update: %w", err)
	}
	sig, err := os.ReadFile(filepath.Join(dir, signatureName))
	if err != nil {
		return Manifest{}, fmt.Errorf("kiosk update: %w", err)
	}
	manifest, err := verified(raw, sig, m.Key)
	if err != nil {
		return Manifest{}, err
	}
	for _, want := range manifest.Files {
		if got, err := describe(filepath.Join(dir, want.Name)); err != nil || got != want {
			return Manifest{}, errors.Join(fmt.Errorf("%w: %s in slot %s", ErrBadBundle, want.Name, slot), err)
		}
	}
	return manifest, nil
}

func (m Machine) current() string {
	to, err := os.Readlink(filepath.Join(m.Root, currentName))
	if err != nil || to != "a" && to != "b" {
		return ""
	}
	return to
}

func (m Machine) trial() (*trial, error) {
	raw, err := os.ReadFile(filepath.Join(m.Root, trialName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kiosk update: %w", err)
	}
	t := &trial{}
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fmt.Errorf("kiosk update: %s: %w", trialName, err)
	}
	return t, nil
}

// lock keeps a second update out; the kernel lets go of it when the process ends.
func (m Machine) lock() (unlock func(), err error) {
	if err := openDir(m.Root); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(m.Root, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("kiosk update: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(errors.New("kiosk update: another update is running"), f.Close())
	}
	return func() { _ = f.Close() }, nil
}
