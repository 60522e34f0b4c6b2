package live

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/office"
	"machi/internal/queue"
)

// Frame is one numbered public state of an office, encoded once for everybody.
// It is never changed.
type Frame struct {
	Office queue.OfficeID
	// Seq rises by one with each frame of an epoch. The epoch is the log's
	// incarnation and this server's start: numbers of two epochs do not compare.
	Seq   uint64
	Epoch string
	At    time.Time
	Board board.Office
	// Data is the office as JSON; Message the same inside its envelope.
	Data    []byte
	Message []byte
	// ETag is the strong entity tag of Data.
	ETag string
	// Prepared is what [Options.Prepare] made of Message.
	Prepared any
}

// Public is the office as it is sent: the board, and whether it is real.
type Public struct {
	board.Office
	// Rehearsal says that the clock is not the wall's and nobody really waits.
	Rehearsal bool `json:"rehearsal,omitempty"`
}

// Message is what goes to watchers. Its types are "office" and "console".
type Message struct {
	Type      string          `json:"type"`
	Office    queue.OfficeID  `json:"office"`
	Seq       uint64          `json:"seq"`
	Epoch     string          `json:"epoch"`
	At        time.Time       `json:"at"`
	Rehearsal bool            `json:"rehearsal,omitempty"`
	Data      json.RawMessage `json:"data"`
}

// Snapshot is everything that is known of an office at one head: the state, its
// estimate and the frame made of both.
type Snapshot struct {
	View     office.View
	Info     board.Info
	Estimate estimate.Office
	Frame    *Frame

	hub      *Hub
	computed time.Time // by the machine's clock, for the age
	renewed  int64     // the desk's, when it was made
	index    sync.Once
	secrets  map[string]*queue.Ticket
}

// Console returns what a clerk at a counter sees, or false where the office has
// no such counter.
func (s *Snapshot) Console(counter queue.CounterID) (board.Console, bool) {
	c, ok := board.ProjectConsole(s.Info, s.View.State, counter, s.Estimate)
	c.Seq, c.Epoch = s.Frame.Seq, s.Frame.Epoch
	c.Machines, _ = s.Machines()
	return c, ok
}

// Delivery returns what the delivery desk sees.
func (s *Snapshot) Delivery() board.Delivery {
	d := board.ProjectDelivery(s.Info, s.View.State, s.Estimate)
	d.Seq, d.Epoch = s.Frame.Seq, s.Frame.Epoch
	return d
}

// Reception returns what the reception desk sees, with the tickets whose number
// fits what was typed.
func (s *Snapshot) Reception(typed string) board.Reception {
	r := board.ProjectReception(s.Info, s.View.State, typed, s.Estimate)
	r.Seq, r.Epoch = s.Frame.Seq, s.Frame.Epoch
	r.Machines, _ = s.Machines()
	return r
}

// Machines returns the office's ticket machines as they are now, which may be
// newer than the snapshot, and what they offered visitors today.
func (s *Snapshot) Machines() ([]board.Machine, []board.Offer) {
	return s.hub.machines(s.Info.ID, s.View.State)
}

// Ticket returns what the holder of a ticket sees.
func (s *Snapshot) Ticket(t *queue.Ticket) board.TicketStatus {
	status := board.Ticket(s.Info, s.View.State, t, s.Estimate)
	status.Seq, status.Epoch = s.Frame.Seq, s.Frame.Epoch
	if !s.View.State.Awaited(t) {
		status.Away, status.CheckInCode = false, ""
	}
	return status
}

// Dashboard returns what a manager sees.
func (s *Snapshot) Dashboard() board.Dashboard {
	d := board.ProjectDashboard(s.Info, s.View.State, s.Estimate)
	d.Office.Seq, d.Office.Epoch = s.Frame.Seq, s.Frame.Epoch
	d.Machines, d.Offers = s.Machines()
	return d
}

// Live returns what a manager sees of the office in full.
func (s *Snapshot) Live() board.Live {
	l := board.ProjectLive(s.Info, s.View.State, s.Estimate)
	l.Office.Seq, l.Office.Epoch = s.Frame.Seq, s.Frame.Epoch
	l.Machines, l.Offers = s.Machines()
	return l
}

// bySecret returns the ticket whose status secret has a hash, or nil. The map
// finds it by the hash of what was sent, so its timing says nothing about
// secrets; the comparison in constant time guards against a later change of that.
func (s *Snapshot) bySecret(hash string) *queue.Ticket {
	s.index.Do(func() {
		s.secrets = map[string]*queue.Ticket{}
		for _, t := range s.View.State.Tickets() {
			if t.Secret != "" {
				s.secrets[t.Secret] = t
			}
		}
	})
	t, ok := s.secrets[hash]
	if !ok || subtle.ConstantTimeCompare([]byte(t.Secret), []byte(hash)) != 1 {
		return nil
	}
	return t
}

// encode fills in what is sent of a frame.
func (f *Frame) encode(rehearsal bool) error {
	data, err := json.Marshal(Public{f.Board, rehearsal})
	if err != nil {
		return fmt.Errorf("encode board of %s: %w", f.Office, err)
	}
	f.Data, f.ETag = data, fmt.Sprintf(`"%s.%d"`, f.Epoch, f.Seq)
	f.Message, err = Encode("office", f, rehearsal, data)
	return err
}

// Encode returns a message about the office of a frame, with the frame's number.
func Encode(kind string, f *Frame, rehearsal bool, data []byte) ([]byte, error) {
	raw, err := json.Marshal(Message{kind, f.Office, f.Seq, f.Epoch, f.At, rehearsal, data})
	if err != nil {
		return nil, fmt.Errorf("encode %s message of %s: %w", kind, f.Office, err)
	}
	return raw, nil
}
