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
	Aside      []ConsoleTicket  `json:"aside"`   // held, no-show, in the back office
	Colleagues []ConsoleCounter `json:"colleagues"`
	Services   []Service        `json:"services"`
	Machines   []Machine        `json:"machines"`
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
	Help     string             `json:"help,omitempty"`
}

// ConsoleTicket is a ticket as staff see it.
type ConsoleTicket struct {
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
	HeldBy    string            `json:"held_by,omitempty"`
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
		Office: info.ID, OfficeName: info.Name, AsOf: est.At, Counter: consoleCounter(s, c),
		Waiting: []ConsoleTicket{}, Aside: []ConsoleTicket{}, Colleagues: []ConsoleCounter{}, Services: []Service{}, Machines: []Machine{},
	}
	if t, ok := s.Ticket(c.Ticket); ok {
		current := StaffTicket(t)
		console.Current = &current
	}
	if next, ok := queue.Next(s, counter, "", est.At); ok {
		console.Next = &ConsoleNext{StaffTicket(next.Ticket), next.Reason}
	}
	if command, until, ok := s.Undoable(counter, est.At); ok {
		console.Undo = &ConsoleUndo{command, until}
	}
	console.lists(s, c)
	for _, v := range s.Settings().Services {
		console.Services = append(console.Services, projectService(info.Services[v.ID], v, s, est))
	}
	return console, true
}

func (console *Console) lists(s *queue.State, c *queue.Counter) {
	for _, id := range c.Services {
		for _, stage := range c.Stages {
			for _, t := range s.Line(queue.Line{Service: id, Stage: stage}) {
				console.Waiting = appendRow(console.Waiting, t)
			}
		}
	}
	for _, t := range s.Tickets() {
		if t.Status == queue.Held || t.Status == queue.NoShow || t.Status == queue.Processing {
			console.Aside = appendRow(console.Aside, t)
		}
	}
	for _, other := range s.Counters() {
		if other.ID != c.ID {
			console.Colleagues = append(console.Colleagues, consoleCounter(s, other))
		}
	}
	sortByArrival(console.Waiting)
}

func appendRow(rows []ConsoleTicket, t *queue.Ticket) []ConsoleTicket {
	if len(rows) >= consoleRows {
		return rows
	}
	return append(rows, StaffTicket(t))
}

func consoleCounter(s *queue.State, c *queue.Counter) ConsoleCounter {
	out := ConsoleCounter{
		ID: c.ID, State: c.State, Staff: c.Staff, Services: c.Services, Stages: c.Stages,
		Reason: c.Reason, Since: c.Since, Help: c.Help,
	}
	if t, ok := s.Ticket(c.Ticket); ok {
		out.Number = t.Number
	}
	return out
}

// StaffTicket returns a ticket as staff see it.
func StaffTicket(t *queue.Ticket) ConsoleTicket {
	return ConsoleTicket{
		Number: t.Number, Former: t.Former, Service: t.Line.Service, Stage: t.Line.Stage, State: t.Status,
		Counter: t.Counter, Priority: t.Priority, Language: t.Language, Channel: t.Channel, Further: t.Further,
		Notes: t.Notes, Flags: t.Flags, Away: t.Away, Slot: t.Appointment, Arrival: t.Arrival, CalledAt: t.CalledAt,
		StartedAt: t.StartedAt, Calls: t.Calls, Reason: t.HoldReason, HeldBy: t.HeldBy,
	}
}
