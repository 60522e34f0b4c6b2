package queue

import (
	"slices"
	"strings"
	"time"
)

// Status is where a ticket stands.
type Status string

// The states of a ticket. Done, withdrawn, closed and expired are final.
const (
	Waiting    Status = "waiting"    // in its line
	Called     Status = "called"     // to a counter
	Serving    Status = "serving"    // at a counter
	Processing Status = "processing" // in the back office
	Held       Status = "held"       // set aside by staff
	NoShow     Status = "no_show"    // called, did not come
	Done       Status = "done"
	Withdrawn  Status = "withdrawn" // given up by the visitor, or by staff for the visitor
	Closed     Status = "closed"    // a no-show that did not come back
	Expired    Status = "expired"   // the day ended first, or nobody came with a ticket from home
)

// Statuses lists every status, in the order of a visit.
var Statuses = []Status{Waiting, Called, Serving, Processing, Held, NoShow, Done, Withdrawn, Closed, Expired}

// Final reports whether a visit in this status is over.
func (s Status) Final() bool {
	return s == Done || s == Withdrawn || s == Closed || s == Expired
}

// AtCounter reports whether a ticket in this status occupies a counter.
func (s Status) AtCounter() bool { return s == Called || s == Serving }

// Channel is how a ticket was asked for.
type Channel string

// The channels.
const (
	ChannelKiosk       Channel = "kiosk"
	ChannelReception   Channel = "reception"
	ChannelWeb         Channel = "web"
	ChannelAppointment Channel = "appointment"
)

// Channels lists every channel.
var Channels = []Channel{ChannelKiosk, ChannelReception, ChannelWeb, ChannelAppointment}

// Line is where a ticket waits.
type Line struct {
	Service ServiceID `json:"service"`
	Stage   Stage     `json:"stage"`
}

// Quote is what the visitor was told when the ticket was issued.
type Quote struct {
	Ahead int           `json:"ahead"`
	Low   time.Duration `json:"low"`
	P50   time.Duration `json:"p50"`
	High  time.Duration `json:"high"`
}

// Flag marks a ticket whose story needs a person's eye.
type Flag string

// The flags a merge may set.
const (
	FlagOffline           Flag = "offline"             // issued by a kiosk on its own
	FlagRenumbered        Flag = "renumbered"          // the paper says another number than the server gave
	FlagServedBeforeMerge Flag = "served_before_merge" // served under the number that was not printed
	FlagDoubleCall        Flag = "double_call"         // called by two counters in two histories
	FlagDoubleServe       Flag = "double_serve"        // served at two counters in two histories
	FlagTwinNumber        Flag = "twin_number"         // another ticket bears the same number
	FlagClock             Flag = "clock"               // its moment of issue had to be guessed
	FlagLate              Flag = "late"                // merged after the day had closed
	FlagPrintUnknown      Flag = "print_unknown"       // paper may or may not exist
	FlagServedTwice       Flag = "served_twice"        // a counter without link served it by number as well
)

// Ticket is one visit on one day. A *Ticket that a [State] hands out is never
// changed afterwards: a change puts a new one in its place.
type Ticket struct {
	ID       TicketID
	Number   Number
	Former   []Number // numbers it bore before the paper won
	Status   Status
	Line     Line
	Channel  Channel
	Language string
	Priority bool
	// IssuedAt is the moment on the paper. Arrival orders the ticket in its line:
	// the corrected moment of issue, or the place a restore gave it.
	IssuedAt    time.Time
	Arrival     time.Time
	Appointment time.Time // slot of an appointment; zero for a walk-in
	Counter     CounterID // while called or serving
	Only        CounterID // transferred to this counter: no other calls it
	NotBefore   time.Time // skipped until then
	CalledAt    time.Time // the newest call
	FirstCall   time.Time
	StartedAt   time.Time
	ReadyAt     time.Time // marked ready for delivery
	MissedAt    time.Time // marked as no-show
	EndedAt     time.Time
	CalledAs    Number // the number of the newest call
	Calls       int    // since it last waited
	HoldReason  string
	HeldBy      string
	HeldFrom    Status // where it stood before the hold
	SlotPassed  bool   // restored behind others: its appointment counts no more
	Notes       []Note
	Further     []ServiceID // services still to come in this visit
	Visited     []Visit     // services received so far
	Secret      string      // hash of the status secret, hexadecimal; never the secret
	Quote       *Quote
	Flags       []Flag
	// Away says that the ticket was taken from home and that its holder has not
	// checked in. Only one that waits or is held is ever away.
	Away bool `json:",omitzero"`
	// KeepUntil is until when a ticket that was taken from home keeps the place of
	// its issue; zero: for ever.
	KeepUntil time.Time `json:",omitzero"`
	// Marks are those of whoever took it from home.
	Marks Marks `json:",omitzero"`
	// Later counts how often the visitor asked for more time.
	Later int `json:",omitzero"`
	// Room is where a held ticket's visitor waits, or who has the papers.
	Room string `json:",omitzero"`
	// Announced is the counter whose delivery desk called the number, and when it
	// last did; only a ticket that waits is announced.
	Announced   CounterID `json:",omitzero"`
	AnnouncedAt time.Time `json:",omitzero"`
	// Skips counts how often clerks skipped the ticket.
	Skips int `json:",omitzero"`
}

// Note is a remark of staff on a ticket.
type Note struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

// Visit is one service received at one counter.
type Visit struct {
	Line       Line      `json:"line"`
	Counter    CounterID `json:"counter"`
	Called     time.Time `json:"called"`
	Started    time.Time `json:"started"`
	Finished   time.Time `json:"finished"`
	Quantity   int       `json:"quantity,omitempty"`
	Outcome    string    `json:"outcome,omitempty"`
	Unmeasured bool      `json:"unmeasured,omitempty"` // staff say the time is not to be learnt from
	// Served is what was done, where that is more than the line's own service.
	Served []ServedService `json:"served,omitempty"`
}

// Has reports whether the ticket bears a flag.
func (t *Ticket) Has(f Flag) bool { return slices.Contains(t.Flags, f) }

// Issuer returns the issuer part of the ticket's id.
func (id TicketID) Issuer() string {
	if at := strings.LastIndexByte(string(id), '-'); at >= 0 {
		return string(id[:at])
	}
	return ""
}

// before orders two tickets of one line: by arrival, then by id so that every
// machine puts two tickets of the same instant in the same order.
func (t *Ticket) before(o *Ticket) bool {
	if !t.Arrival.Equal(o.Arrival) {
		return t.Arrival.Before(o.Arrival)
	}
	return t.ID < o.ID
}

// flagged returns the flags with f among them, sorted, without touching the
// list it was given: the older ticket still owns that one.
func flagged(flags []Flag, f Flag) []Flag {
	at, found := slices.BinarySearch(flags, f)
	if found {
		return flags
	}
	return slices.Insert(slices.Clone(flags), at, f)
}
