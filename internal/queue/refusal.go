package queue

import "fmt"

// Code says why a command was refused. It is part of the API and of the
// translations; it never changes once published.
type Code string

// The refusal codes.
const (
	AlreadyDone       Code = "already_done" // the command id is in the log
	DayNotOpen        Code = "day_not_open"
	DayIsClosed       Code = "day_closed"
	DayIsOpen         Code = "day_already_open"
	BadSettings       Code = "bad_settings"
	UnknownService    Code = "unknown_service"
	UnknownCounter    Code = "unknown_counter"
	UnknownTicket     Code = "unknown_ticket"
	UnknownKiosk      Code = "unknown_kiosk"
	UnknownChannel    Code = "unknown_channel"
	UnknownPool       Code = "unknown_pool"
	UnknownPlace      Code = "unknown_place"
	UnknownState      Code = "unknown_state"
	TicketExists      Code = "ticket_exists"
	ServiceNotOpen    Code = "service_not_accepting"
	OfficeNotOpen     Code = "office_not_accepting"
	OutsideHours      Code = "outside_reception_hours"
	OfficeFull        Code = "office_full"
	RangeNotBound     Code = "range_not_bound"
	NoRangeLeft       Code = "no_range_left"
	NumbersUsedUp     Code = "numbers_used_up"
	CounterNotOpen    Code = "counter_not_open"
	CounterTaken      Code = "counter_taken"
	CounterBusy       Code = "counter_busy"
	CounterFree       Code = "counter_free"
	NobodyWaits       Code = "nobody_waits"
	NotServedHere     Code = "not_served_here"
	OtherCounter      Code = "other_counters_ticket"
	WrongStatus       Code = "wrong_status"
	TooSoon           Code = "too_soon"
	MoreCallsFirst    Code = "more_calls_first"
	NoSuchStage       Code = "no_such_stage"
	NothingToUndo     Code = "nothing_to_undo"
	UndoTooLate       Code = "undo_too_late"
	OvertakenByEvents Code = "changed_since" // an undo, when something else happened since
	NoHelpAsked       Code = "no_help_asked"
	MissingField      Code = "missing_field"
	TooLong           Code = "too_long"
	OutOfRange        Code = "out_of_range"
	UnknownAction     Code = "unknown_action"
	UnknownCode       Code = "unknown_code"             // no ticket of today has this check-in code
	CodeAmbiguous     Code = "code_ambiguous"           // two have it: ask for the QR
	AlreadyHere       Code = "already_here"             // the ticket is not away
	TooOften          Code = "too_often"                // asked for more time, or skipped
	HomeOff           Code = "from_home_off"            // the office gives no tickets to people at home
	HomeQuota         Code = "from_home_quota"          // enough were given; Have is when more are
	HomeDevice        Code = "from_home_one_per_device" // the device has one that counts
	HomeNetwork       Code = "from_home_network"        // too many from one network; Have is when to ask again
	NotAllowed        Code = "not_allowed"              // the office's rule keeps it from this role, or from all
)

// Refusal is the domain's no: a command that may not happen in this state. The
// state is unchanged.
type Refusal struct {
	Code  Code
	Field string // the field of the command that is to blame, if one is
	Have  string // what the state says instead, such as the ticket's status
}

// Error returns the code with what is to blame.
func (r *Refusal) Error() string {
	text := string(r.Code)
	if r.Field != "" {
		text += " (" + r.Field + ")"
	}
	if r.Have != "" {
		text += ": " + r.Have
	}
	return text
}

func refuse(code Code, field string) error { return &Refusal{Code: code, Field: field} }

func refuseStatus(t *Ticket) error {
	return &Refusal{Code: WrongStatus, Field: "ticket", Have: string(t.Status)}
}

// CorruptError says that a decided entry does not fit the state it was decided
// on: the log is damaged, or was written by a program with other rules.
type CorruptError struct {
	Entry CommandID
	Event string
	Why   string
}

// Error describes the misfit.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("entry %s: event %s does not fit: %s", e.Entry, e.Event, e.Why)
}
