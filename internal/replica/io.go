package replica

import (
	"time"

	"machi/internal/day"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Mark is what an [Agent] wants on disk: everything a restart needs, in the order
// in which it happened. Its JSON is kept; unknown kinds are refused.
type Mark struct {
	Kind  string     `json:"kind"`
	Press *Press     `json:"press,omitempty"` // with "press"
	Date  queue.Date `json:"date,omitempty"`  // with Body and "acknowledged"
	// Body is an own body that counts from here on; it comes with a press's mark so
	// that both are safe or neither.
	Body    []byte      `json:"body,omitempty"`
	Origin  *day.Origin `json:"origin,omitempty"`  // with "acknowledged"
	Slot    int         `json:"slot,omitempty"`    // with "bound"
	Contact *Contact    `json:"contact,omitempty"` // with "contact"
	Code    string      `json:"code,omitempty"`    // with "barred"; empty: admitted again
}

// The kinds of marks.
const (
	MarkPress        = "press"
	MarkAcknowledged = "acknowledged"
	MarkBound        = "bound"
	MarkContact      = "contact"
	MarkCopied       = "copied" // another machine writes under this store's name
	MarkAct          = "act"    // an act at the machine; its Body counts from here on
	MarkBarred       = "barred" // the server bars the machine, or admits it again
)

// Input is something that happens to an [Agent]. The set is sealed.
type Input interface{ input() }

// The inputs.
type (
	// Start settles what an earlier run left; it must be the first input.
	Start struct{}
	// Touch is a visitor's choice. The caller brings ids and chance.
	Touch struct {
		Session  string // of the screen; one ticket each
		Command  queue.CommandID
		Secret   string // hash of the ticket's status secret, hexadecimal
		Service  queue.ServiceID
		Further  []queue.ServiceID
		Language string
		Priority bool
		Quote    *queue.Quote // what the screen promised
		// Desk says that staff issue the ticket at the machine, for a visitor whom
		// they see: channel reception, and no guard against a visitor's fingers.
		Desk bool
	}
	// Act is what staff, or a visitor with a paper, do at a machine that is alone:
	// to one of its own tickets, or to the machine. It is answered with [ActDone].
	// An act that was sent to the server without an answer bears the same Command.
	Act struct {
		Command queue.CommandID
		Action  queue.KioskAction
		Ticket  queue.TicketID // with withdraw, leave, reprint and issue
		Detail  string         // never a PIN, never a secret
	}
	// Barred says that the server takes nothing from this machine: device_revoked,
	// store_copied or device_unknown. It gives no more numbers, in this run and the
	// next, until it is Admitted. What it owes stays, and is sent then.
	Barred struct{ Code string }
	// Admitted says that the server has taken something that only a machine may send.
	Admitted struct{}
	// MarkSaved answers [SaveMark]; Err is set when no file could keep it.
	MarkSaved struct{ Err error }
	// ServerGave answers [AskServer].
	ServerGave struct {
		Command queue.CommandID
		Number  queue.Number
	}
	// ServerDenied answers [AskServer] with the domain's no.
	ServerDenied struct {
		Command queue.CommandID
		Code    string
	}
	// ServerSilent answers [AskServer]: no answer in time, no connection, or one
	// that says that the number cannot be confirmed.
	ServerSilent struct{ Command queue.CommandID }
	// PaperReport answers [PrintTicket]: PaperOut, PaperFailed or PaperUnknown.
	PaperReport struct {
		Command queue.CommandID
		Event   PressEvent
		Code    string // of a failure, such as "paper_out"
	}
	// PullDone answers [PullRecords].
	PullDone struct {
		Turn    int
		Failed  bool
		Date    queue.Date
		Records []eventlog.Record
		Head    eventlog.Head
		Sent    Now       // when the exchange began
		Got     Now       // when its answer was there; zero: now
		Server  time.Time // the server's clock, zero after a wait
	}
	// SendDone answers [BindStore], [FetchPlan], [InquireCommands] and [PushBodies].
	SendDone struct {
		Turn   int
		Failed bool
		// Code says what the server objects to; "" for a failure on the way.
		Code   string
		Bound  bool            // after BindStore
		Slot   int             // after BindStore
		Plan   *queue.Settings // after FetchPlan
		Date   queue.Date      // after InquireCommands and PushBodies
		Origin day.Origin      // how far the server knows the machine's chain
	}
	// Tick says that time has passed.
	Tick struct{}
)

func (Start) input()        {}
func (Touch) input()        {}
func (MarkSaved) input()    {}
func (ServerGave) input()   {}
func (ServerDenied) input() {}
func (ServerSilent) input() {}
func (PaperReport) input()  {}
func (PullDone) input()     {}
func (SendDone) input()     {}
func (Tick) input()         {}
func (Act) input()          {}
func (Barred) input()       {}
func (Admitted) input()     {}

// Output is something that an [Agent] wants done. The set is sealed.
type Output interface{ output() }

// The outputs.
type (
	// SaveMark must be made safe on every file that works, and answered with
	// [MarkSaved]. There is one at a time.
	SaveMark struct{ Mark Mark }
	// AskServer asks for a number, within [Options.AskWithin].
	AskServer struct{ Press Press }
	// PrintTicket prints; the mark before the first byte is safe.
	PrintTicket struct{ Press Press }
	// PressChanged tells the screen. Only a press in a state that is a ticket, or
	// refused, says anything to a visitor.
	PressChanged struct{ Press Press }
	// PullRecords asks for records of a day above After, waiting at most Wait for
	// news. An older pull that still waits is to be given up.
	PullRecords struct {
		Turn  int
		Date  queue.Date
		After int64
		Wait  time.Duration
	}
	// BindStore asks for the slot of the store.
	BindStore struct{ Turn int }
	// FetchPlan asks for today's settings, to be stored.
	FetchPlan struct{ Turn int }
	// InquireCommands asks what became of commands, and how far the chain is known.
	InquireCommands struct {
		Turn     int
		Date     queue.Date
		Commands []queue.CommandID
	}
	// PushBodies sends bodies in origin order.
	PushBodies struct {
		Turn   int
		Date   queue.Date
		Bodies [][]byte
	}
	// ActDone answers [Act]: the act is safe, or refused with a code, and then
	// nothing has happened.
	ActDone struct {
		Command queue.CommandID
		Code    string
	}
	// Alarm tells staff. Codes: "many_tickets", "store_copied", "out_of_service",
	// "records_unreadable", "no_range_left", "push_refused", and those of [Barred].
	Alarm struct{ Code, Detail string }
)

func (SaveMark) output()        {}
func (AskServer) output()       {}
func (PrintTicket) output()     {}
func (PressChanged) output()    {}
func (PullRecords) output()     {}
func (BindStore) output()       {}
func (FetchPlan) output()       {}
func (InquireCommands) output() {}
func (PushBodies) output()      {}
func (ActDone) output()         {}
func (Alarm) output()           {}
