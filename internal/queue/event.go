package queue

import "time"

// Event is something that happened. The set is sealed: every event is one type
// of this file, and its JSON form is kept for ever.
type Event interface {
	kind() string
	// ticket names the ticket that the event is about, if any.
	ticket() TicketID
}

// Events of the day.
type (
	// DayOpened carries the settings the day is run with.
	DayOpened struct {
		Settings Settings `json:"settings"`
	}
	// SettingsChanged replaces them.
	SettingsChanged struct {
		Settings Settings `json:"settings"`
	}
	// DayClosed ends the day. Later facts are merged and flagged as late.
	DayClosed struct{}
	// RangeBound ties a slot of a kiosk's ranges to a store.
	RangeBound struct {
		Kiosk KioskID `json:"kiosk"`
		Slot  int     `json:"slot"`
		Store string  `json:"store"`
	}
	// ServiceSet says whether a service takes tickets.
	ServiceSet struct {
		Service ServiceID `json:"service"`
		State   string    `json:"state"`
		Message string    `json:"message,omitempty"`
	}
	// OfficeSet says whether the office takes tickets.
	OfficeSet struct {
		State   string `json:"state"`
		Message string `json:"message,omitempty"`
	}
	// ActionUndone takes back everything that a command did.
	ActionUndone struct {
		Command CommandID `json:"command"`
	}
)

// Events of a counter.
type (
	// CounterOpened says what a counter serves, and for whom it was opened.
	CounterOpened struct {
		Counter  CounterID   `json:"counter"`
		Staff    string      `json:"staff"`
		Services []ServiceID `json:"services"`
		Own      []ServiceID `json:"own,omitempty"`
		Stages   []Stage     `json:"stages"`
		Remote   bool        `json:"remote,omitempty"`
		From     string      `json:"from,omitempty"` // who held it before, on a take-over
	}
	// CounterSuspended says that a counter pauses.
	CounterSuspended struct {
		Counter CounterID `json:"counter"`
		Reason  string    `json:"reason"`
	}
	// CounterShut says that a counter closed.
	CounterShut struct {
		Counter CounterID `json:"counter"`
	}
	// HelpAsked says that a counter needs help.
	HelpAsked struct {
		Counter CounterID `json:"counter"`
		Text    string    `json:"text"`
	}
	// HelpAnswered says that somebody comes.
	HelpAnswered struct {
		Counter CounterID `json:"counter"`
	}
)

// Events of a ticket machine.
type (
	// KioskReported says what a machine's health has come to.
	KioskReported struct {
		Kiosk  KioskID     `json:"kiosk"`
		Report KioskReport `json:"report"`
	}
	// KioskActed is the audit of an act at a machine. It names a ticket, but
	// changes none: what the act did stands in the events beside it.
	KioskActed struct {
		Kiosk   KioskID     `json:"kiosk"`
		Action  KioskAction `json:"action"`
		Ticket  TicketID    `json:"ticket,omitempty"`
		Service ServiceID   `json:"service,omitempty"`
		Detail  string      `json:"detail,omitempty"`
	}
)

// TicketIssued says that a ticket was made, with the number it bears.
type TicketIssued struct {
	Ticket      TicketID    `json:"ticket"`
	Number      Number      `json:"number"`
	Pool        Pool        `json:"pool"`
	Kiosk       KioskID     `json:"kiosk,omitempty"`
	Slot        int         `json:"slot,omitempty"`
	Service     ServiceID   `json:"service"`
	Further     []ServiceID `json:"further,omitempty"`
	Channel     Channel     `json:"channel"`
	Language    string      `json:"language,omitempty"`
	Priority    bool        `json:"priority,omitempty"`
	Appointment time.Time   `json:"appointment,omitzero"`
	IssuedAt    time.Time   `json:"issued_at"`
	Arrival     time.Time   `json:"arrival"`
	Secret      string      `json:"secret,omitempty"` // the hash
	Quote       *Quote      `json:"quote,omitempty"`
	Flags       []Flag      `json:"flags,omitempty"`
	// Away says that the ticket was taken from home and waits for its holder.
	Away bool `json:"away,omitempty"`
	// KeepUntil is until when the ticket keeps its place for a holder who is away.
	KeepUntil time.Time `json:"keep_until,omitzero"`
	Marks     Marks     `json:"marks,omitzero"`
}

// Events of a ticket. Number, where present, is the number that was called out:
// a call of a number that nobody held is void once the paper is known. At, where
// present and not zero, is the moment of the press at a console that had no link
// then; the entry's own moment is when it came.
type (
	// TicketCalled invites a ticket to a counter.
	TicketCalled struct {
		Ticket  TicketID  `json:"ticket"`
		Number  Number    `json:"number"`
		Counter CounterID `json:"counter"`
		Reason  Reason    `json:"reason"`
	}
	// TicketRecalled repeats the call.
	TicketRecalled struct {
		Ticket  TicketID  `json:"ticket"`
		Number  Number    `json:"number"`
		Counter CounterID `json:"counter"`
	}
	// ServiceStarted says that the talk began.
	ServiceStarted struct {
		Ticket  TicketID  `json:"ticket"`
		Counter CounterID `json:"counter"`
		At      time.Time `json:"at,omitzero"`
	}
	// ServiceFinished says that the talk ended, and where the ticket goes.
	ServiceFinished struct {
		Ticket     TicketID        `json:"ticket"`
		Counter    CounterID       `json:"counter"`
		Status     Status          `json:"status"` // done, processing, or waiting in To
		To         Line            `json:"to,omitzero"`
		Outcome    string          `json:"outcome,omitempty"`
		Quantity   int             `json:"quantity,omitempty"`
		Unmeasured bool            `json:"unmeasured,omitempty"`
		Served     []ServedService `json:"served,omitempty"`
		At         time.Time       `json:"at,omitzero"`
	}
	// QuickServed counts a visit that needed no ticket.
	QuickServed struct {
		Ticket   TicketID  `json:"ticket"`
		Counter  CounterID `json:"counter"`
		Service  ServiceID `json:"service"`
		Quantity int       `json:"quantity"`
	}
	// TicketReady puts a ticket into the delivery line.
	TicketReady struct {
		Ticket TicketID `json:"ticket"`
	}
	// TicketMissed says that nobody came to a call.
	TicketMissed struct {
		Ticket  TicketID  `json:"ticket"`
		Number  Number    `json:"number"`
		Counter CounterID `json:"counter"`
		At      time.Time `json:"at,omitzero"`
	}
	// TicketRestored puts a no-show back, at an arrival.
	TicketRestored struct {
		Ticket  TicketID  `json:"ticket"`
		Arrival time.Time `json:"arrival"`
	}
	// TicketHeld sets a ticket aside.
	TicketHeld struct {
		Ticket TicketID  `json:"ticket"`
		Reason string    `json:"reason"`
		By     string    `json:"by"`
		Room   string    `json:"room,omitempty"`
		At     time.Time `json:"at,omitzero"`
	}
	// TicketResumed ends a hold.
	TicketResumed struct {
		Ticket TicketID `json:"ticket"`
	}
	// TicketTransferred sends a ticket to a line, or to one counter of it.
	TicketTransferred struct {
		Ticket TicketID  `json:"ticket"`
		To     Line      `json:"to"`
		Only   CounterID `json:"only,omitempty"`
	}
	// TicketSentAway ends a visit here that goes on at another office.
	TicketSentAway struct {
		Ticket TicketID `json:"ticket"`
		Office OfficeID `json:"office"`
	}
	// ServiceAdded adds a further service to a visit.
	ServiceAdded struct {
		Ticket  TicketID  `json:"ticket"`
		Service ServiceID `json:"service"`
	}
	// PrioritySet moves a ticket between the classes.
	PrioritySet struct {
		Ticket   TicketID `json:"ticket"`
		Priority bool     `json:"priority"`
	}
	// TicketDeferred keeps a ticket from being called until a moment. Counter is
	// the one at which a clerk skipped it; empty when it was not skipped.
	TicketDeferred struct {
		Ticket  TicketID  `json:"ticket"`
		Until   time.Time `json:"until"`
		Counter CounterID `json:"counter,omitempty"`
	}
	// TicketArrived says that the holder of a ticket taken from home has come.
	// Arrival is its place where it came too late for the one of its issue.
	TicketArrived struct {
		Ticket  TicketID  `json:"ticket"`
		Arrival time.Time `json:"arrival,omitzero"`
	}
	// TicketWithdrawn says that the ticket was given up.
	TicketWithdrawn struct {
		Ticket TicketID `json:"ticket"`
	}
	// NoteAdded puts a remark on a ticket.
	NoteAdded struct {
		Ticket TicketID `json:"ticket"`
		Note   Note     `json:"note"`
	}
	// TicketFlagged marks a ticket.
	TicketFlagged struct {
		Ticket TicketID `json:"ticket"`
		Flag   Flag     `json:"flag"`
	}
	// TicketClosed ends a no-show that did not come back.
	TicketClosed struct {
		Ticket TicketID `json:"ticket"`
		Number Number   `json:"number"`
	}
	// TicketExpired ends a visit because the day ended.
	TicketExpired struct {
		Ticket TicketID `json:"ticket"`
	}
	// TicketServed is a visit that no call and no start led to: by its number at a
	// counter without link, or over the delivery desk. It needs no free counter.
	TicketServed struct {
		Ticket  TicketID  `json:"ticket"`
		Number  Number    `json:"number"`
		Counter CounterID `json:"counter"`
		Started time.Time `json:"started,omitzero"` // zero: not measured
		Status  Status    `json:"status"`           // done, processing, or waiting in To
		To      Line      `json:"to,omitzero"`
		At      time.Time `json:"at,omitzero"`
	}
	// TicketAnnounced calls a number of a delivery line to a counter at which others
	// may stand; the ticket stays in its line.
	TicketAnnounced struct {
		Ticket  TicketID  `json:"ticket"`
		Number  Number    `json:"number"`
		Counter CounterID `json:"counter"`
	}
	// TicketMerged gives a ticket what the visitor's other one had.
	TicketMerged struct {
		Ticket      TicketID    `json:"ticket"`
		From        TicketID    `json:"from"`
		Arrival     time.Time   `json:"arrival"`
		Further     []ServiceID `json:"further,omitempty"` // to be added
		Priority    bool        `json:"priority,omitempty"`
		Appointment time.Time   `json:"appointment,omitzero"`
		Here        bool        `json:"here,omitempty"` // the other one's holder has come
	}
)

func (DayOpened) kind() string         { return "day_opened" }
func (SettingsChanged) kind() string   { return "settings_changed" }
func (DayClosed) kind() string         { return "day_closed" }
func (RangeBound) kind() string        { return "range_bound" }
func (ServiceSet) kind() string        { return "service_set" }
func (OfficeSet) kind() string         { return "office_set" }
func (ActionUndone) kind() string      { return "action_undone" }
func (KioskReported) kind() string     { return "kiosk_reported" }
func (KioskActed) kind() string        { return "kiosk_acted" }
func (CounterOpened) kind() string     { return "counter_opened" }
func (CounterSuspended) kind() string  { return "counter_suspended" }
func (CounterShut) kind() string       { return "counter_shut" }
func (HelpAsked) kind() string         { return "help_asked" }
func (HelpAnswered) kind() string      { return "help_answered" }
func (TicketIssued) kind() string      { return "ticket_issued" }
func (TicketCalled) kind() string      { return "ticket_called" }
func (TicketRecalled) kind() string    { return "ticket_recalled" }
func (ServiceStarted) kind() string    { return "service_started" }
func (ServiceFinished) kind() string   { return "service_finished" }
func (QuickServed) kind() string       { return "quick_served" }
func (TicketReady) kind() string       { return "ticket_ready" }
func (TicketMissed) kind() string      { return "ticket_missed" }
func (TicketRestored) kind() string    { return "ticket_restored" }
func (TicketHeld) kind() string        { return "ticket_held" }
func (TicketResumed) kind() string     { return "ticket_resumed" }
func (TicketTransferred) kind() string { return "ticket_transferred" }
func (TicketSentAway) kind() string    { return "ticket_sent_away" }
func (ServiceAdded) kind() string      { return "service_added" }
func (PrioritySet) kind() string       { return "priority_set" }
func (TicketDeferred) kind() string    { return "ticket_deferred" }
func (TicketArrived) kind() string     { return "ticket_arrived" }
func (TicketWithdrawn) kind() string   { return "ticket_withdrawn" }
func (NoteAdded) kind() string         { return "note_added" }
func (TicketFlagged) kind() string     { return "ticket_flagged" }
func (TicketClosed) kind() string      { return "ticket_closed" }
func (TicketExpired) kind() string     { return "ticket_expired" }
func (TicketServed) kind() string      { return "ticket_served" }
func (TicketAnnounced) kind() string   { return "ticket_announced" }
func (TicketMerged) kind() string      { return "ticket_merged" }

func (DayOpened) ticket() TicketID           { return "" }
func (SettingsChanged) ticket() TicketID     { return "" }
func (DayClosed) ticket() TicketID           { return "" }
func (RangeBound) ticket() TicketID          { return "" }
func (ServiceSet) ticket() TicketID          { return "" }
func (OfficeSet) ticket() TicketID           { return "" }
func (ActionUndone) ticket() TicketID        { return "" }
func (KioskReported) ticket() TicketID       { return "" }
func (KioskActed) ticket() TicketID          { return "" }
func (CounterOpened) ticket() TicketID       { return "" }
func (CounterSuspended) ticket() TicketID    { return "" }
func (CounterShut) ticket() TicketID         { return "" }
func (HelpAsked) ticket() TicketID           { return "" }
func (HelpAnswered) ticket() TicketID        { return "" }
func (e TicketIssued) ticket() TicketID      { return e.Ticket }
func (e TicketCalled) ticket() TicketID      { return e.Ticket }
func (e TicketRecalled) ticket() TicketID    { return e.Ticket }
func (e ServiceStarted) ticket() TicketID    { return e.Ticket }
func (e ServiceFinished) ticket() TicketID   { return e.Ticket }
func (e QuickServed) ticket() TicketID       { return e.Ticket }
func (e TicketReady) ticket() TicketID       { return e.Ticket }
func (e TicketMissed) ticket() TicketID      { return e.Ticket }
func (e TicketRestored) ticket() TicketID    { return e.Ticket }
func (e TicketHeld) ticket() TicketID        { return e.Ticket }
func (e TicketResumed) ticket() TicketID     { return e.Ticket }
func (e TicketTransferred) ticket() TicketID { return e.Ticket }
func (e TicketSentAway) ticket() TicketID    { return e.Ticket }
func (e ServiceAdded) ticket() TicketID      { return e.Ticket }
func (e PrioritySet) ticket() TicketID       { return e.Ticket }
func (e TicketDeferred) ticket() TicketID    { return e.Ticket }
func (e TicketArrived) ticket() TicketID     { return e.Ticket }
func (e TicketWithdrawn) ticket() TicketID   { return e.Ticket }
func (e NoteAdded) ticket() TicketID         { return e.Ticket }
func (e TicketFlagged) ticket() TicketID     { return e.Ticket }
func (e TicketClosed) ticket() TicketID      { return e.Ticket }
func (e TicketExpired) ticket() TicketID     { return e.Ticket }
func (e TicketServed) ticket() TicketID      { return e.Ticket }
func (e TicketAnnounced) ticket() TicketID   { return e.Ticket }
func (e TicketMerged) ticket() TicketID      { return e.Ticket }
