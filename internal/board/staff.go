package board

import (
	"slices"
	"time"

	"machi/internal/queue"
)

// helpShown is how long a console shows who answered its call for help.
const helpShown = 5 * time.Minute

// StaffTicket returns a ticket as staff see it.
func StaffTicket(s *queue.State, t *queue.Ticket) ConsoleTicket {
	out := ConsoleTicket{
		ID: t.ID, Number: t.Number, Former: t.Former, Service: t.Line.Service, Stage: t.Line.Stage, State: t.Status,
		Counter: t.Counter, Priority: t.Priority, Language: t.Language, Channel: t.Channel, Further: t.Further,
		Notes: t.Notes, Flags: t.Flags, Away: t.Away, Slot: t.Appointment, Arrival: t.Arrival, CalledAt: t.CalledAt,
		StartedAt: t.StartedAt, Calls: t.Calls, Reason: t.HoldReason, Room: t.Room, HeldBy: t.HeldBy, Only: t.Only,
	}
	rule := &s.Settings().Rule
	switch t.Status {
	case queue.Called:
		out.RecallAfter, out.NoShow = t.CalledAt.Add(rule.RecallGap), t.Calls >= rule.NoShowCalls
	case queue.Waiting:
		if counter, ok := announcedTo(s, t); ok {
			out.Announced, out.AnnouncedAt = counter, t.AnnouncedAt
		}
		if s.Moment().Before(t.NotBefore) {
			out.NotBefore = t.NotBefore
		}
	}
	if n := len(t.Visited); n > 0 {
		out.FinishedAt = t.Visited[n-1].Finished
	}
	return out
}

func appendRow(rows []ConsoleTicket, s *queue.State, t *queue.Ticket) []ConsoleTicket {
	if len(rows) >= consoleRows {
		return rows
	}
	return append(rows, StaffTicket(s, t))
}

// StaffCounter returns a counter as staff see it at a moment.
func StaffCounter(s *queue.State, c *queue.Counter, at time.Time) ConsoleCounter {
	out := ConsoleCounter{
		ID: c.ID, State: c.State, Staff: c.Staff, Services: c.Services, Stages: c.Stages,
		Reason: c.Reason, Since: c.Since, Remote: c.Remote, Help: c.Help, HelpAt: c.HelpAt,
	}
	if t, ok := s.Ticket(c.Ticket); ok {
		out.Number = t.Number
	}
	if c.Help == "" {
		out.HelpBy, out.HelpFrom = answered(s, c.ID, at)
	}
	return out
}

// answered returns who answered a counter's newest call for help, and from where.
func answered(s *queue.State, id queue.CounterID, at time.Time) (string, queue.CounterID) {
	by, when, ok := s.HelpAnswered(id)
	if !ok || at.Sub(when) > helpShown {
		return "", ""
	}
	counters := s.Counters()
	from := slices.IndexFunc(counters, func(c *queue.Counter) bool { return c.Staff == by && c.ID != id })
	if from < 0 {
		return by, ""
	}
	return by, counters[from].ID
}

func history(s *queue.State, counter queue.CounterID, at time.Time) []ConsoleAction {
	list := []ConsoleAction{}
	for _, a := range s.History(counter, at) {
		list = append(list, ConsoleAction{
			Command: a.Command, What: a.What, Number: a.Number, At: a.At, By: a.By,
			Undone: a.Undone, Undoable: !a.Until.IsZero(), Until: a.Until,
		})
	}
	return list
}

func consoleRule(r *queue.Rule) ConsoleRule {
	whole := func(d time.Duration) int { return int(d / time.Second) }
	out := ConsoleRule{
		NoShowCalls: r.NoShowCalls, RecallGap: whole(r.RecallGap), Skip: whole(r.SkipFor), Undo: whole(r.UndoWithin), Choose: r.Choose,
	}
	if out.Choose == "" {
		out.Choose = queue.ChooseStaff
	}
	return out
}
