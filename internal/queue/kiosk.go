package queue

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// KioskReport is what a machine says of itself. Its words are those of this file;
// "unknown", or none, where the machine cannot tell.
type KioskReport struct {
	Version string `json:"version"` // of the program
	Printer string `json:"printer"`
	Paper   string `json:"paper"`
	Link    string `json:"link"`
	Store   string `json:"store"`
	Clock   string `json:"clock"`
	// Unsent is how many bodies wait for the server, Offset the server's clock
	// minus the machine's own: as they were when a word changed.
	Unsent int           `json:"unsent,omitempty"`
	Offset time.Duration `json:"offset,omitempty"`
	At     time.Time     `json:"-"` // when the machine said so; the log's entry says it
}

// The words of a report.
const (
	WordOK            = "ok"
	WordUnknown       = "unknown"
	PrinterBusy       = "busy"
	PrinterOffline    = "offline"
	PrinterNone       = "none"
	PrinterError      = "error"
	PaperNearEnd      = "near_end"
	PaperOut          = "out"
	PaperCoverOpen    = "cover_open"
	LinkOnline        = "online"
	LinkAlone         = "alone"
	StoreOneFile      = "one_file"
	StoreBroken       = "broken"
	ClockOff          = "off"
	ClockUnbelievable = "unbelievable"
)

// kioskWords lists what each word of a report may be.
var kioskWords = []struct {
	field string
	of    func(*KioskReport) *string
	may   []string
}{
	{"printer", func(r *KioskReport) *string { return &r.Printer }, []string{WordOK, PrinterBusy, PrinterOffline, PrinterNone, PrinterError}},
	{"paper", func(r *KioskReport) *string { return &r.Paper }, []string{WordOK, PaperNearEnd, PaperOut, PaperCoverOpen}},
	{"link", func(r *KioskReport) *string { return &r.Link }, []string{LinkOnline, LinkAlone}},
	{"store", func(r *KioskReport) *string { return &r.Store }, []string{WordOK, StoreOneFile, StoreBroken}},
	{"clock", func(r *KioskReport) *string { return &r.Clock }, []string{WordOK, ClockOff, ClockUnbelievable}},
}

// SameWords reports whether two reports say the same, counts and moments apart.
func (r KioskReport) SameWords(o KioskReport) bool {
	r.Unsent, r.Offset, r.At = o.Unsent, o.Offset, o.At
	return r == o
}

// later returns the newer of two reports.
func (r KioskReport) later(o KioskReport) KioskReport {
	order := cmp.Or(r.At.Compare(o.At), cmp.Compare(r.Version, o.Version), cmp.Compare(r.Unsent, o.Unsent), cmp.Compare(r.Offset, o.Offset))
	for _, w := range kioskWords {
		order = cmp.Or(order, cmp.Compare(*w.of(&r), *w.of(&o)))
	}
	if order < 0 {
		return o
	}
	return r
}

// KioskAction names an act at a machine. It is part of the log.
type KioskAction string

// The acts: of staff behind the PIN, then of a visitor who scans a paper.
const (
	ActSignIn        KioskAction = "sign_in"
	ActLockedOut     KioskAction = "locked_out"
	ActWithdraw      KioskAction = "withdraw"
	ActReprint       KioskAction = "reprint"
	ActIssue         KioskAction = "issue" // audit only: the ticket is issued by its own command
	ActServiceOpen   KioskAction = "service_open"
	ActServiceClose  KioskAction = "service_close"
	ActPaperReplaced KioskAction = "paper_replaced"
	ActTestPrint     KioskAction = "test_print"
	ActEnrol         KioskAction = "enrol"
	ActCheckIn       KioskAction = "check_in"
	ActLater         KioskAction = "later"
	ActLeave         KioskAction = "leave"
)

// KioskActions lists every act.
var KioskActions = []KioskAction{
	ActSignIn, ActLockedOut, ActWithdraw, ActReprint, ActIssue, ActServiceOpen, ActServiceClose,
	ActPaperReplaced, ActTestPrint, ActEnrol, ActCheckIn, ActLater, ActLeave,
}

// LaterFor is how much more time a visitor gets who asks for it.
const LaterFor = 10 * time.Minute

// The ends of the actor ids of people who act at a machine.
const (
	staffAt   = "/staff"
	visitorAt = "/visitor"
)

// KioskStaff is a member of staff at a machine, behind its PIN.
func KioskStaff(k KioskID) Actor { return Actor{RoleKiosk, string(k) + staffAt} }

// KioskVisitor is a visitor who scans a paper at a machine.
func KioskVisitor(k KioskID) Actor { return Actor{RoleKiosk, string(k) + visitorAt} }

// ActorOf returns who does an act at a machine.
func (a KioskAction) ActorOf(k KioskID) Actor {
	switch a {
	case ActCheckIn, ActLater, ActLeave:
		return KioskVisitor(k)
	}
	return KioskStaff(k)
}

// atMachine reports whether a person acted at a machine, not the machine itself.
func (a Actor) atMachine() bool {
	return a.Role == RoleKiosk && (strings.HasSuffix(a.ID, staffAt) || strings.HasSuffix(a.ID, visitorAt))
}

// visits reports whether the ticket's own visitor acted.
func (a Actor) visits() bool {
	return a.Role == RoleHolder || a.Role == RoleKiosk && strings.HasSuffix(a.ID, visitorAt)
}

// Kiosks returns the newest report of each machine that made one today.
func (s *State) Kiosks() map[KioskID]KioskReport {
	all := make(map[KioskID]KioskReport, len(s.kiosks))
	for k, r := range s.kiosks {
		all[k] = r
	}
	return all
}

// Check returns a *Refusal for a word that is none, or a version that is too long.
// Words that were not said become "unknown".
func (r *KioskReport) Check() error {
	if err := checkText("version", r.Version, false); err != nil {
		return err
	}
	for _, w := range kioskWords {
		word := w.of(r)
		if *word == "" {
			*word = WordUnknown
		}
		if *word != WordUnknown && !slices.Contains(w.may, *word) {
			return &Refusal{Code: UnknownState, Field: w.field, Have: *word}
		}
	}
	return nil
}

// decideReport is no event at all where no word has changed.
func decideReport(s *State, c ReportKiosk) ([]Event, error) {
	if _, ok := s.settings.Kiosk(c.Kiosk); !ok {
		return nil, refuse(UnknownKiosk, "kiosk")
	}
	if err := c.Report.Check(); err != nil {
		return nil, err
	}
	if known, ok := s.kiosks[c.Kiosk]; ok && known.SameWords(c.Report) && !reportsAll() {
		return nil, nil
	}
	c.Report.At = time.Time{}
	return one(KioskReported(c))
}

// decideAct decides what an act does, and puts its audit behind it. The log must
// say who acted: a visitor who gives up and a clerk who does it for one differ.
func decideAct(s *State, m Meta, c ActKiosk) ([]Event, error) {
	if _, ok := s.settings.Kiosk(c.Kiosk); !ok {
		return nil, refuse(UnknownKiosk, "kiosk")
	}
	if err := checkText("detail", c.Detail, false); err != nil {
		return nil, err
	}
	if m.Actor != c.Action.ActorOf(c.Kiosk) {
		return nil, &Refusal{Code: UnknownAction, Field: "actor", Have: m.Actor.String()}
	}
	events, err := effectOf(s, m, c)
	if err != nil {
		return nil, err
	}
	return append(events, KioskActed(c)), nil
}

func effectOf(s *State, m Meta, c ActKiosk) ([]Event, error) {
	switch c.Action {
	case ActSignIn, ActLockedOut, ActPaperReplaced, ActTestPrint, ActEnrol:
		return nil, nil
	case ActReprint, ActIssue:
		if _, ok := s.tickets[c.Ticket]; !ok {
			return nil, refuse(UnknownTicket, "ticket")
		}
		return nil, nil
	case ActWithdraw, ActLeave:
		return decideWithdraw(s, m, Withdraw{c.Ticket})
	case ActLater:
		return decideDefer(s, m, Defer{c.Ticket, LaterFor})
	case ActCheckIn:
		return decideCheckIn(s, m, CheckIn{c.Ticket})
	case ActServiceOpen:
		return decideSetService(s, SetService{Service: c.Service, State: Accepting})
	case ActServiceClose:
		return decideSetService(s, SetService{Service: c.Service, State: Stopped, Message: c.Detail})
	}
	return nil, &Refusal{Code: UnknownAction, Field: "action", Have: string(c.Action)}
}
