package board

import (
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

// Console is what a clerk sees at a counter.
type Console struct {
	Office     queue.OfficeID   `json:"office"`
	OfficeName Text             `json:"office_name"`
	AsOf       time.Time        `json:"as_of"`
	Seq        uint64           `json:"seq"`
	Epoch      string           `json:"epoch"`
	Counter    ConsoleCounter   `json:"counter"`
	Current    *ConsoleTicket   `json:"current"` // at this counter
	Next       *ConsoleNext     `json:"next"`    // whom call-next would call
	Undo       *ConsoleUndo     `json:"undo"`
	Waiting    []ConsoleTicket  `json:"waiting"` // that this counter serves, in order of arrival
	Aside      []ConsoleTicket  `json:"aside"`   // held, then no-show, then in the back office
	Colleagues []ConsoleCounter `json:"colleagues"`
	Services   []Service        `json:"services"`
	Machines   []Machine        `json:"machines"`
	Rule       ConsoleRule      `json:"rule"`
	// MayChoose says that whoever looks may call a chosen number, or one service's
	// next; see [Console.For].
	MayChoose bool            `json:"may_choose"`
	History   []ConsoleAction `json:"history"` // of this counter, newest first
}

// ConsoleRule is what a clerk must know of the office's rule.
type ConsoleRule struct {
	NoShowCalls int `json:"no_show_calls"` // calls before a no-show may be marked
	RecallGap   int `json:"recall_gap_seconds"`
	Skip        int `json:"skip_seconds"` // 0: nobody may be skipped
	Undo        int `json:"undo_seconds"`
	// Choose says who may call out of turn: staff, manager or nobody.
	Choose string `json:"choose"`
}

// ConsoleAction is something that was done at a counter.
type ConsoleAction struct {
	Command queue.CommandID `json:"command"`
	What    string          `json:"what"` // kind of the event, such as ticket_called
	Number  queue.Number    `json:"number,omitempty"`
	At      time.Time       `json:"at"`
	By      string          `json:"by,omitempty"`
	Undone  bool            `json:"undone,omitempty"`
	// Undoable says that undo with this command would be taken; until Until.
	Undoable bool      `json:"undoable"`
	Until    time.Time `json:"until,omitzero"`
}

// ConsoleCounter is a counter as staff see it.
type ConsoleCounter struct {
	ID       queue.CounterID    `json:"id"`
	State    queue.CounterState `json:"state"`
	Staff    string             `json:"staff,omitempty"`
	Services []queue.ServiceID  `json:"services"`
	Stages   []queue.Stage      `json:"stages"`
	Number   queue.Number       `json:"number,omitempty"`
	Reason   string             `json:"reason,omitempty"`
	Since    time.Time          `json:"since,omitzero"`
	Remote   bool               `json:"remote,omitempty"` // visitors are on video
	// Help is what the counter asks colleagues for, since HelpAt. Once somebody has
	// answered, Help is empty and HelpBy says who comes, for some minutes.
	Help   string    `json:"help,omitempty"`
	HelpAt time.Time `json:"help_at,omitzero"`
	HelpBy string    `json:"help_by,omitempty"`
	// HelpFrom is the counter of whoever answered, where they have one.
	HelpFrom queue.CounterID `json:"help_from,omitempty"`
}

// ConsoleTicket is a ticket as staff see it.
type ConsoleTicket struct {
	ID        queue.TicketID    `json:"id"`
	Number    queue.Number      `json:"number"`
	Former    []queue.Number    `json:"former,omitempty"`
	Service   queue.ServiceID   `json:"service"`
	Stage     queue.Stage       `json:"stage"`
	State     queue.Status      `json:"state"`
	Counter   queue.CounterID   `json:"counter,omitempty"`
	Priority  bool              `json:"priority,omitempty"`
	Language  string            `json:"language,omitempty"`
	Channel   queue.Channel     `json:"channel"`
	Further   []queue.ServiceID `json:"further,omitempty"`
	Notes     []queue.Note      `json:"notes,omitempty"`
	Flags     []queue.Flag      `json:"flags,omitempty"`
	Away      bool              `json:"away,omitempty"` // taken from home; the holder has not checked in
	Slot      time.Time         `json:"appointment,omitzero"`
	Arrival   time.Time         `json:"arrival"`
	CalledAt  time.Time         `json:"called_at,omitzero"`
	StartedAt time.Time         `json:"started_at,omitzero"`
	Calls     int               `json:"calls,omitempty"`
	Reason    string            `json:"hold_reason,omitempty"`
	Room      string            `json:"room,omitempty"` // where the visitor or the papers are meanwhile
	HeldBy    string            `json:"held_by,omitempty"`
	// RecallAfter is from when a called ticket may be called again; NoShow says
	// that it has been called often enough to be marked as no-show.
	RecallAfter time.Time `json:"recall_after,omitzero"`
	NoShow      bool      `json:"no_show_ok,omitempty"`
	// NotBefore is until when a waiting ticket is not called: it was skipped, or
	// the visitor asked for time.
	NotBefore time.Time       `json:"not_before,omitzero"`
	Only      queue.CounterID `json:"only,omitempty"` // sent to this counter
	// Announced is the delivery counter that shows the number as ready.
	Announced   queue.CounterID `json:"announced,omitempty"`
	AnnouncedAt time.Time       `json:"announced_at,omitzero"`
	FinishedAt  time.Time       `json:"finished_at,omitzero"` // of the newest service
}

// ConsoleNext is the next ticket and why it is next.
type ConsoleNext struct {
	ConsoleTicket
	Why queue.Reason `json:"why"`
}

// ConsoleUndo is what the undo key would take back.
type ConsoleUndo struct {
	Command queue.CommandID `json:"command"`
	Until   time.Time       `json:"until"`
}

// consoleRows bounds the tickets a console lists; the line's length is in the services.
const consoleRows = 100

// ProjectConsole returns what a clerk at a counter sees, or false where the
// office has no such counter.
func ProjectConsole(info Info, s *queue.State, counter queue.CounterID, est estimate.Office) (Console, bool) {
	c, ok := s.Counter(counter)
	if !ok {
		return Console{}, false
	}
	console := Console{
		Office: info.ID, OfficeName: info.Name, AsOf: est.At, Counter: StaffCounter(s, c, est.At),
		Waiting: []ConsoleTicket{}, Aside: []ConsoleTicket{}, Colleagues: []ConsoleCounter{}, Services: []Service{}, Machines: []Machine{},
		Rule: consoleRule(&s.Settings().Rule), History: history(s, counter, est.At),
	}
	console.For(queue.RoleStaff)
	if t, ok := s.Ticket(c.Ticket); ok {
		current := StaffTicket(s, t)
		console.Current = &current
	}
	if next, ok := queue.Next(s, counter, "", est.At); ok {
		console.Next = &ConsoleNext{StaffTicket(s, next.Ticket), next.Reason}
	}
	if command, until, ok := s.Undoable(counter, est.At); ok {
		console.Undo = &ConsoleUndo{command, until}
	}
	console.lists(s, c, est.At)
	for _, v := range s.Settings().Services {
		service := projectService(info.Services[v.ID], v, s, est)
		service.Stages = v.Stages
		console.Services = append(console.Services, service)
	}
	return console, true
}

func (console *Console) lists(s *queue.State, c *queue.Counter, at time.Time) {
	for _, id := range c.Services {
		for _, stage := range c.Stages {
			for _, t := range s.Line(queue.Line{Service: id, Stage: stage}) {
				console.Waiting = appendRow(console.Waiting, s, t)
			}
		}
	}
	for _, status := range []queue.Status{queue.Held, queue.NoShow, queue.Processing} {
		for _, t := range s.Tickets() {
			if t.Status == status {
				console.Aside = appendRow(console.Aside, s, t)
			}
		}
	}
	for _, other := range s.Counters() {
		if other.ID != c.ID {
			console.Colleagues = append(console.Colleagues, StaffCounter(s, other, at))
		}
	}
	sortByArrival(console.Waiting)
}

// For says for whom the console is drawn: a manager may do what the rule leaves
// to managers.
func (console *Console) For(role string) {
	switch console.Rule.Choose {
	case queue.ChooseStaff:
		console.MayChoose = true
	case queue.ChooseManager:
		console.MayChoose = role == queue.RoleManager
	default:
		console.MayChoose = false
	}
}
