package queue

import "time"

// Meta says who asks, when, and under which id. It comes in with every command
// and stays with the events that the command causes.
type Meta struct {
	Command CommandID
	At      time.Time
	Actor   Actor
	// Origin names the machine that decided: a server, or a kiosk's store.
	Origin string
	// Fingerprint identifies the request, so that one id used twice is noticed.
	Fingerprint string
	// Personal says that the actor is a person who acts for nobody else: such a one
	// uses no counter that another holds. It is for [Decide] alone; no log has it.
	Personal bool
}

// Actor is who asked.
type Actor struct {
	Role string // kiosk, staff, manager, holder, web, system
	ID   string
}

// The roles an actor may have in a log.
const (
	RoleKiosk   = "kiosk"
	RoleStaff   = "staff"
	RoleManager = "manager"
	RoleHolder  = "holder" // of the ticket, by its secret
	RoleWeb     = "web"
	RoleSystem  = "system"
)

// String returns "role:id".
func (a Actor) String() string { return a.Role + ":" + a.ID }

// Command is a wish that [Decide] answers. The set is sealed: every command is
// one type of this file.
type Command interface{ command() }

// Pool says who owns the number that a ticket is to get.
type Pool string

// The pools. Server is the zero value's meaning.
const (
	PoolServer Pool = "server"
	PoolDesk   Pool = "desk"
	PoolKiosk  Pool = "kiosk"
)

// Commands of the day.
type (
	// OpenDay begins a day's log with its settings.
	OpenDay struct{ Settings Settings }
	// ChangeSettings replaces the settings while the day runs (a new catalogue).
	ChangeSettings struct{ Settings Settings }
	// CloseDay ends the day; every visit still open expires.
	CloseDay struct{}
	// Tick says only what time it is; whatever lapses with time does so here.
	Tick struct{}
	// BindRange ties the next free slot of a kiosk's offline ranges to a store.
	BindRange struct {
		Kiosk KioskID
		Store string
	}
	// SetService pauses, stops or resumes a service (state: accepting, paused, closed).
	SetService struct {
		Service ServiceID
		State   string
		Message string
	}
	// SetOffice does the same for the whole office.
	SetOffice struct{ State, Message string }
)

// IssueTicket creates a ticket.
type IssueTicket struct {
	Ticket      TicketID
	Service     ServiceID
	Further     []ServiceID // services after the first, in the same visit
	Channel     Channel
	Language    string
	Priority    bool
	Appointment time.Time // slot of an appointment that checks in; zero: walk-in
	Arrival     time.Time // zero: now. Earlier for a visitor sent on by another office
	Secret      string    // hash of the status secret, hexadecimal
	Quote       *Quote
	Marks       Marks // with ChannelWeb: who takes it, as far as a bound needs to know
	Slow        bool  // without the small work that programs are asked for
	Pool        Pool
	Kiosk       KioskID // with PoolKiosk
	Slot        int     // with PoolKiosk: the slot its store is bound to
	Overflow    int     // with PoolKiosk: the kiosk's next overflow count, for when its range is used up
}

// Commands of a counter.
type (
	// OpenCounter opens a counter, ends its pause, or changes what it serves.
	// Empty lists mean those of the settings. TakeOver lets another member of
	// staff take an open counter; the act is recorded.
	OpenCounter struct {
		Counter  CounterID
		Staff    string
		Services []ServiceID
		TakeOver bool
	}
	// PauseCounter stops calls to a counter for a reason.
	PauseCounter struct {
		Counter CounterID
		Reason  string
	}
	// CloseCounter closes a counter that serves nobody.
	CloseCounter struct{ Counter CounterID }
	// CallNext calls the ticket that the rule says is next, of one service if named.
	CallNext struct {
		Counter CounterID
		Service ServiceID
	}
	// CallTicket calls a ticket that a person chose.
	CallTicket struct {
		Ticket  TicketID
		Counter CounterID
	}
	// QuickServe counts a visit that needed no ticket.
	QuickServe struct {
		Ticket   TicketID
		Counter  CounterID
		Service  ServiceID
		Quantity int
	}
	// AskHelp shows colleagues that a counter needs help; AnswerHelp says who comes.
	AskHelp struct {
		Counter CounterID
		Text    string
	}
	// AnswerHelp answers a counter's call for help.
	AnswerHelp struct{ Counter CounterID }
	// Undo takes back the newest action of a counter or, where the command is
	// named, that one; with both, only if it was the counter's, or at no counter and
	// of whoever asks. With neither it is the newest action of whoever asks.
	Undo struct {
		Counter CounterID
		Command CommandID
	}
)

// Commands about a ticket. Counter, where present, is the counter that acts; it
// must be the ticket's own. Empty means the ticket's own. Clicked, where present,
// is the moment of the press at a console that had no link then; zero means now.
type (
	// Recall calls a called ticket again.
	Recall struct {
		Ticket  TicketID
		Counter CounterID
	}
	// Start says that the visitor came.
	Start struct {
		Ticket  TicketID
		Counter CounterID
		Clicked time.Time
	}
	// Finish ends the talk: into the back office where Processing is set, on to
	// the visit's next service where there is one, else the visit is done. Served
	// names what was done where that is more than the line's own service; a further
	// service of the visit that is among it is not waited for.
	Finish struct {
		Ticket     TicketID
		Counter    CounterID
		Processing bool
		Outcome    string
		Quantity   int
		Unmeasured bool
		Served     []ServedService
		Clicked    time.Time
	}
	// FinishAndCallNext is both in one record. Number, where present, is what the
	// clerk sees at the counter: a page that is behind must not finish somebody else.
	FinishAndCallNext struct {
		Counter    CounterID
		Number     Number
		Service    ServiceID
		Processing bool
		Outcome    string
		Quantity   int
		Unmeasured bool
		Served     []ServedService
	}
	// MarkReady says that the back office is done: the ticket waits for delivery.
	MarkReady struct{ Ticket TicketID }
	// MarkNoShow says that nobody came.
	MarkNoShow struct {
		Ticket  TicketID
		Counter CounterID
		Clicked time.Time
	}
	// Restore puts a no-show back into its line.
	Restore struct {
		Ticket TicketID
		Place  Place
		Back   int // with PlaceBack: how many tickets to wait behind; 0: the rule's
	}
	// Hold sets a ticket aside. Room says where the visitor waits, or who has the
	// papers.
	Hold struct {
		Ticket  TicketID
		Counter CounterID
		Reason  string
		Room    string
		Clicked time.Time
	}
	// Resume ends a hold; the ticket keeps its arrival.
	Resume struct{ Ticket TicketID }
	// Transfer sends a ticket on: to a service, to one counter, or to another office.
	Transfer struct {
		Ticket  TicketID
		Counter CounterID // that acts
		Service ServiceID // empty: the same
		To      CounterID // empty: any counter of the service
		Office  OfficeID  // empty: this office
		Note    string
	}
	// AddService adds a further service to the visit.
	AddService struct {
		Ticket  TicketID
		Service ServiceID
	}
	// ChangeService corrects what a ticket is for; it keeps its arrival.
	ChangeService struct {
		Ticket  TicketID
		Service ServiceID
	}
	// SetPriority raises a ticket to the priority class, or lowers it.
	SetPriority struct {
		Ticket   TicketID
		Priority bool
	}
	// Defer keeps a waiting ticket from being called for a while: a clerk skips
	// it, or the visitor needs ten more minutes. It keeps its arrival.
	Defer struct {
		Ticket TicketID
		For    time.Duration
	}
	// Withdraw gives the ticket up.
	Withdraw struct{ Ticket TicketID }
	// AddNote puts a remark on a ticket.
	AddNote struct {
		Ticket  TicketID
		Text    string
		Clicked time.Time
	}
	// FlagTicket marks a ticket for a person's eye, such as print_unknown.
	FlagTicket struct {
		Ticket TicketID
		Flag   Flag
	}
)

// Commands about numbers that no call of the rule brought to a counter, and about
// a line as a clerk sees it.
type (
	// Serve says that a counter served a paper by its number while it could ask
	// nobody. It happened, so a known ticket is never refused for its status: where
	// another counter has served it, it is flagged for a person's eye.
	Serve struct {
		Ticket     TicketID
		Counter    CounterID
		Processing bool      // into the back office, where the service has one
		Started    time.Time // zero: not measured
		Clicked    time.Time
	}
	// Announce calls several numbers of a delivery line at once, all or none. They
	// stay in their line until they are handed over; announcing again repeats it.
	Announce struct {
		Counter CounterID
		Tickets []TicketID
	}
	// HandOver ends a visit at the delivery desk, announced or not: the visitor
	// came, and has what was asked for.
	HandOver struct {
		Ticket  TicketID
		Counter CounterID
	}
	// Merge gives up a ticket that a visitor drew twice. Into keeps the earlier
	// arrival of both, what the other was for, and its priority.
	Merge struct {
		Ticket TicketID
		Into   TicketID
	}
	// Skip passes over a ticket for as long as the rule says: the clerk has seen
	// that this visitor cannot come just now.
	Skip struct {
		Ticket  TicketID
		Counter CounterID
	}
)

// ServedService is a service that was done in a talk, and how often.
type ServedService struct {
	Service  ServiceID `json:"service"`
	Quantity int       `json:"quantity,omitempty"` // 0: once
}

// Commands of a ticket machine, and of those who stand before it.
type (
	// CheckIn says that the holder of a ticket taken from home has come.
	CheckIn struct{ Ticket TicketID }
	// ReportKiosk is what a machine says of its health. Only a change of a word
	// is an event: a count that moves must not fill the log.
	ReportKiosk struct {
		Kiosk  KioskID
		Report KioskReport
	}
	// ActKiosk is an act of staff or of a visitor at a machine. What the act does
	// to a ticket or a service, and its audit, are one entry of the log.
	ActKiosk struct {
		Kiosk   KioskID
		Action  KioskAction
		Ticket  TicketID  // withdraw, reprint, issue, check_in, later, leave
		Service ServiceID // service_open, service_close
		Detail  string    // never a PIN, never a secret
	}
)

// Place is where a restored ticket goes.
type Place string

// The places.
const (
	PlaceKeep Place = "keep" // where it was
	PlaceBack Place = "back" // some tickets back
	PlaceEnd  Place = "end"  // behind everybody
)

func (OpenDay) command()           {}
func (ChangeSettings) command()    {}
func (CloseDay) command()          {}
func (Tick) command()              {}
func (BindRange) command()         {}
func (SetService) command()        {}
func (SetOffice) command()         {}
func (IssueTicket) command()       {}
func (OpenCounter) command()       {}
func (PauseCounter) command()      {}
func (CloseCounter) command()      {}
func (CallNext) command()          {}
func (CallTicket) command()        {}
func (QuickServe) command()        {}
func (AskHelp) command()           {}
func (AnswerHelp) command()        {}
func (Undo) command()              {}
func (Recall) command()            {}
func (Start) command()             {}
func (Finish) command()            {}
func (FinishAndCallNext) command() {}
func (MarkReady) command()         {}
func (MarkNoShow) command()        {}
func (Restore) command()           {}
func (Hold) command()              {}
func (Resume) command()            {}
func (Transfer) command()          {}
func (AddService) command()        {}
func (ChangeService) command()     {}
func (SetPriority) command()       {}
func (Defer) command()             {}
func (Withdraw) command()          {}
func (AddNote) command()           {}
func (FlagTicket) command()        {}
func (CheckIn) command()           {}
func (ReportKiosk) command()       {}
func (ActKiosk) command()          {}
func (Serve) command()             {}
func (Announce) command()          {}
func (HandOver) command()          {}
func (Merge) command()             {}
func (Skip) command()              {}
