package replica

import (
	"time"

	"machi/internal/queue"
)

// PressState is how far one press has come.
type PressState string

// The states of a press. Those from Printed on are final; the others, but for
// Asked and Issuing, wait for the mark of the state to be safe.
const (
	Pressed   PressState = "pressed"   // its mark is being made safe
	Asked     PressState = "asked"     // the server may answer
	Issuing   PressState = "issuing"   // the own range is to be used
	Numbered  PressState = "numbered"  // number known, its mark is being made safe
	Starting  PressState = "starting"  // the mark that comes before the first byte is being made safe
	Printing  PressState = "printing"  // bytes are on their way; the number may be seen
	Printed   PressState = "printed"   // paper is out
	Failed    PressState = "failed"    // no paper: number and code stay on the screen
	Unknown   PressState = "unknown"   // paper may exist
	Withdrawn PressState = "withdrawn" // closed after a restart: nobody has seen the number
	Refused   PressState = "refused"   // visibly, with Code
)

// Final reports whether nothing more will come of a press.
func (s PressState) Final() bool {
	switch s {
	case Printed, Failed, Unknown, Withdrawn, Refused:
		return true
	}
	return false
}

// Ticket reports whether a press in this state gave the visitor a valid ticket.
func (s PressState) Ticket() bool {
	return s == Printing || s == Printed || s == Failed || s == Unknown
}

// Press is one touch of a button, on its way to one ticket or one visible
// refusal. Its JSON is what a [Mark] keeps of it. A Press is a value: [Press.Step]
// returns the next one.
type Press struct {
	State    PressState        `json:"state"`
	Command  queue.CommandID   `json:"command"`
	Session  string            `json:"session,omitempty"` // of the screen
	Ticket   queue.TicketID    `json:"ticket"`
	Serial   int64             `json:"serial"`
	Service  queue.ServiceID   `json:"service"`
	Further  []queue.ServiceID `json:"further,omitempty"`
	Language string            `json:"language,omitempty"`
	Priority bool              `json:"priority,omitempty"`
	Desk     bool              `json:"desk,omitempty"`   // issued by staff: channel reception
	Secret   string            `json:"secret,omitempty"` // hash; the secret itself is never kept
	Quote    *queue.Quote      `json:"quote,omitempty"`
	At       time.Time         `json:"at"`
	Date     queue.Date        `json:"date"`
	Guessed  bool              `json:"guessed,omitempty"` // At and Date are not to be printed
	Online   bool              `json:"-"`                 // the server is to be asked
	Asked    bool              `json:"-"`                 // and was: it may hold a ticket for the command
	Number   queue.Number      `json:"number,omitempty"`
	Pool     queue.Pool        `json:"pool,omitempty"`
	Code     string            `json:"code,omitempty"` // of a refusal, or of a failed print
}

// PressInput is what happens to a press.
type PressInput struct {
	Kind   PressEvent
	Number queue.Number // with Given
	Pool   queue.Pool   // with Given
	Code   string       // with Denied, Unsaved and PaperFailed
}

// PressEvent names what happens to a press.
type PressEvent string

// What happens to a press.
const (
	Saved        PressEvent = "saved"         // the mark is safe
	Unsaved      PressEvent = "unsaved"       // it is not, on no file
	Given        PressEvent = "given"         // a number, by the server or from the own range
	Denied       PressEvent = "denied"        // by the domain, for a reason
	Silent       PressEvent = "silent"        // the server did not answer in time, or cannot confirm
	PaperOut     PressEvent = "paper_out"     // printed
	PaperFailed  PressEvent = "paper_failed"  // certainly no whole paper
	PaperUnknown PressEvent = "paper_unknown" // the printer did not say
	Restarted    PressEvent = "restarted"     // found after a restart
)

// PressAction is what a press wants done.
type PressAction string

// What a press wants done. At most one of them at a time.
const (
	ToNothing  PressAction = ""
	ToSave     PressAction = "save"      // make the press as it stands safe; answer Saved or Unsaved
	ToAsk      PressAction = "ask"       // the server; answer Given, Denied or Silent
	ToIssue    PressAction = "issue"     // from the own range; answer Given or Denied
	ToPrint    PressAction = "print"     // show the number and print; answer with the paper's fate
	ToKeep     PressAction = "keep"      // save, without waiting for it
	ToTakeBack PressAction = "take_back" // save together with a body that withdraws the ticket
	ToFlag     PressAction = "flag"      // save together with a body that flags the ticket as print_unknown
)

// OutOfService is the code of a press that no file could keep.
const OutOfService = "out_of_service"

// Step returns the press after an input, and what it wants done. An input that
// the state does not wait for (a late answer, a second report) changes nothing.
func (p Press) Step(in PressInput) (Press, PressAction) {
	if in.Kind == Restarted {
		return p.restart()
	}
	switch p.State {
	case Pressed, Numbered, Starting:
		return p.saved(in)
	case Asked, Issuing:
		return p.answered(in)
	case Printing:
		return p.paper(in)
	}
	return p, ToNothing
}

func (p Press) to(s PressState, a PressAction) (Press, PressAction) {
	p.State = s
	return p, a
}

// saved goes on behind a mark that is safe. A mark that is not safe ends the
// press before anything was seen of it.
func (p Press) saved(in PressInput) (Press, PressAction) {
	switch {
	case in.Kind == Unsaved:
		p.Code = OutOfService
		return p.to(Refused, ToNothing)
	case in.Kind != Saved:
		return p, ToNothing
	case p.State == Numbered:
		return p.to(Starting, ToSave)
	case p.State == Starting:
		return p.to(Printing, ToPrint)
	case p.Online:
		p.Asked = true
		return p.to(Asked, ToAsk)
	}
	return p.to(Issuing, ToIssue)
}

func (p Press) answered(in PressInput) (Press, PressAction) {
	switch {
	case in.Kind == Given:
		p.Number, p.Pool = in.Number, in.Pool
		return p.to(Numbered, ToSave)
	case in.Kind == Denied:
		return p.deny(in.Code)
	case in.Kind == Silent && p.State == Asked:
		return p.to(Issuing, ToIssue)
	}
	return p, ToNothing
}

// deny refuses visibly. Where the server was asked and did not answer, it may
// have given a ticket that nobody holds: that one is taken back.
func (p Press) deny(code string) (Press, PressAction) {
	p.Code = code
	if p.State == Issuing && p.Asked {
		return p.to(Refused, ToTakeBack)
	}
	return p.to(Refused, ToKeep)
}

func (p Press) paper(in PressInput) (Press, PressAction) {
	switch in.Kind {
	case PaperOut:
		return p.to(Printed, ToKeep)
	case PaperFailed:
		p.Code = in.Code
		return p.to(Failed, ToKeep)
	case PaperUnknown:
		return p.to(Unknown, ToFlag)
	}
	return p, ToNothing
}

// restart settles a press that was found on disk. Before the mark of printing
// nobody can have seen a number, so the ticket is taken back; behind it paper may
// exist, so the ticket stays, and only staff may print it again.
func (p Press) restart() (Press, PressAction) {
	switch p.State {
	case Pressed, Numbered, Asked, Issuing:
		return p.to(Withdrawn, ToTakeBack)
	case Starting, Printing:
		return p.to(Unknown, ToFlag)
	}
	return p, ToNothing
}
