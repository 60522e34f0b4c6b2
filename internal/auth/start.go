package auth

import (
	"context"
	"time"
)

// The limits of the chain of starts.
const (
	chainLength   = 64 // how many starts are remembered, and told at once
	startsAtOnce  = 20
	startsWithin  = 200 * time.Minute
	maxHashLength = 64
)

// Start is one start of a machine, as its disk knows it. Each start adds a link
// with chance in it to a chain on the disk, so that a disk which goes on from one
// state in two machines has two chains.
type Start struct {
	KeyID    string `json:"key_id"`
	Number   int64  `json:"number"` // from 1 on
	Hash     string `json:"hash"`
	Hardware string `json:"hardware,omitempty"`
	Store    string `json:"store,omitempty"`
	// Recent are the links before it, the newest first.
	Recent []string `json:"recent,omitempty"`
}

// valid reports whether a start can be one.
func (s Start) valid() bool {
	if s.Number < 1 || len(s.Recent) > chainLength || int64(len(s.Recent)) > s.Number-1 || len(s.Hardware) > maxName || len(s.Store) > maxName {
		return false
	}
	for _, h := range append([]string{s.Hash}, s.Recent...) {
		if h == "" || len(h) > maxHashLength {
			return false
		}
	}
	return true
}

// at returns the link with a number, as far as the start tells.
func (s Start) at(number int64) (string, bool) {
	back := s.Number - number
	switch {
	case back == 0:
		return s.Hash, true
	case back > 0 && back <= int64(len(s.Recent)):
		return s.Recent[back-1], true
	}
	return "", false
}

// chain is what is known of a machine's starts: the newest one, with its Recent.
type chain struct{ newest Start }

// verdict is what a start means beside the known ones.
type verdict int

const (
	startNew    verdict = iota
	startKnown          // told before, or overtaken on its way
	startForked         // another machine has gone on from the same disk
)

// judge compares a start with the chain. A number further on than the memory of
// both reaches says nothing: the server may have been restored from a backup.
func (c chain) judge(s Start) verdict {
	known := c.newest
	if known.Number == 0 {
		return startNew
	}
	if s.Number > known.Number {
		if h, ok := s.at(known.Number); ok && h != known.Hash {
			return startForked
		}
		return startNew
	}
	if h, ok := known.at(s.Number); ok && h == s.Hash {
		return startKnown
	}
	return startForked
}

// start folds a start.
func (d *Device) start(s Start, at time.Time) {
	s.KeyID = d.KeyID
	d.chain = chain{s}
	d.Started = at
	d.starts = append(d.starts, at)
	if len(d.starts) > startsAtOnce {
		d.starts = d.starts[1:]
	}
}

// tooOften reports whether a machine starts so often that the log would grow
// without end.
func (d Device) tooOften(now time.Time) bool {
	return len(d.starts) == startsAtOnce && now.Sub(d.starts[0]) < startsWithin
}

// Start takes a machine's start. It finds a copied disk by its hardware and by the
// fork of its chain: the machine is barred then, and the answer is ErrCopied. Other
// answers: ErrBadGrant, ErrDeviceUnknown, ErrDeviceRevoked, ErrTooOften.
func (k *Keeper) Start(ctx context.Context, s Start) error {
	if !s.valid() {
		return ErrBadGrant
	}
	var found error
	err := k.append(ctx, func() (event, error) {
		d, ok := k.device(s.KeyID)
		if !ok {
			return event{}, ErrDeviceUnknown
		}
		if err := d.state(); err != nil {
			return event{}, err
		}
		why := ""
		switch v := d.chain.judge(s); {
		case d.Hardware != "" && s.Hardware != "" && d.Hardware != s.Hardware:
			why = BarHardware
		case v == startForked:
			why = BarStarts
		case v == startKnown:
			return event{}, errDone
		case d.tooOften(k.now()):
			return event{}, ErrTooOften
		}
		if why != "" {
			found = ErrCopied
			return event{Machine: &machineEvent{Barred: &bar{s.KeyID, why}}}, nil
		}
		found = nil
		return event{Machine: &machineEvent{Started: &s}}, nil
	})
	if err != nil {
		return err
	}
	return found
}
