package queuetest

import (
	"time"

	"machi/internal/queue"
	"machi/internal/quota"
)

// Chance returns a number from 0 up to n, n excluded.
type Chance func(n int) int

func pick[T any](roll Chance, list []T) T { return list[roll(len(list))] }

// Wander lets some time pass and does one thing by chance. It returns the entry,
// which is empty when the thing was refused.
func (l *Log) Wander(roll Chance) (queue.Entry, error) {
	l.At = l.At.Add(time.Duration(roll(40)) * time.Second)
	by, c := pick(roll, actors), l.Command(roll)
	if act, is := c.(queue.ActKiosk); is {
		by = act.Action.ActorOf(act.Kiosk)
	}
	return l.Do(by, c)
}

var actors = []queue.Actor{Staff("x"), Staff("x"), Staff("y"), {Role: queue.RoleHolder, ID: "h"}, {Role: queue.RoleManager, ID: "m"}}

// Command returns a command by chance, more often one of an ordinary day.
func (l *Log) Command(roll Chance) queue.Command {
	switch roll(10) {
	case 0, 1, 2:
		return l.issue(roll)
	case 3, 4, 5:
		return l.atCounter(roll)
	case 6:
		return l.ofDay(roll)
	}
	return l.aboutTicket(roll)
}

func (l *Log) issue(roll Chance) queue.Command {
	c := queue.IssueTicket{
		Ticket: l.Ticket(), Service: pick(roll, services), Channel: pick(roll, queue.Channels),
		Priority: roll(4) == 0,
	}
	if c.Channel == queue.ChannelWeb && roll(2) == 0 {
		c.Marks = queue.Marks{Device: pick(roll, []string{"d1", "d2", "d3"}), Network: pick(roll, []string{"n1", "n2"})}
	}
	if roll(4) == 0 {
		c.Further = []queue.ServiceID{pick(roll, services)}
	}
	if roll(5) == 0 {
		c.Appointment = l.At.Add(time.Duration(roll(30)-10) * time.Minute)
	}
	switch roll(8) {
	case 0:
		c.Pool = queue.PoolDesk
	case 1:
		c.Pool, c.Kiosk, c.Slot = queue.PoolKiosk, pick(roll, []queue.KioskID{"K1", "K2"}), roll(2)
	}
	return c
}

// homes are rules of tickets from home, short enough that places are lost and tickets
// lapse within a test.
var homes = []queue.FromHome{
	{},
	{On: true, Keep: 5 * time.Minute, Expire: 5 * time.Minute},
	{On: true, Rule: quota.Rule{PerSlot: 1, Share: 50, PerNetwork: 2}, Keep: 5 * time.Minute, Expire: 10 * time.Minute},
	{On: true, Off: true},
}

var (
	services = []queue.ServiceID{"moving", "cert"}
	counters = []queue.CounterID{"1", "2", "3"}
)

func (l *Log) atCounter(roll Chance) queue.Command {
	counter := pick(roll, counters)
	switch roll(14) {
	case 12:
		return queue.Announce{Counter: counter, Tickets: []queue.TicketID{l.ready(roll), l.ready(roll)}}
	case 13:
		return queue.HandOver{Counter: counter, Ticket: l.ready(roll)}
	case 0, 1:
		return queue.OpenCounter{Counter: counter, TakeOver: roll(3) == 0}
	case 2:
		return queue.PauseCounter{Counter: counter, Reason: "休憩"}
	case 3:
		return queue.CloseCounter{Counter: counter}
	case 4:
		return queue.QuickServe{Ticket: l.Ticket(), Counter: counter, Service: pick(roll, services), Quantity: roll(4)}
	case 5:
		return queue.AskHelp{Counter: counter, Text: "応援"}
	case 6:
		return queue.AnswerHelp{Counter: counter}
	case 7:
		return queue.Undo{Counter: counter}
	case 8:
		return queue.FinishAndCallNext{Counter: counter, Processing: roll(3) == 0}
	case 9:
		return queue.CallNext{Counter: counter, Service: pick(roll, services)}
	}
	return queue.CallNext{Counter: counter}
}

func (l *Log) ofDay(roll Chance) queue.Command {
	switch roll(20) {
	case 0:
		return queue.SetService{Service: pick(roll, services), State: pick(roll, []string{queue.Accepting, queue.Paused}), Message: "点検"}
	case 1:
		return queue.SetOffice{State: pick(roll, []string{queue.Accepting, queue.Accepting, queue.Paused})}
	case 2:
		return queue.BindRange{Kiosk: pick(roll, []queue.KioskID{"K1", "K2"}), Store: pick(roll, []string{"s1", "s2", "s3"})}
	case 3:
		settings := Settings()
		settings.Version = "2"
		settings.Rule = l.State.Settings().Rule
		settings.Rule.Ratio, settings.Rule.CheckIn = roll(3), roll(3) > 0
		if settings.Rule.Reading > 0 {
			settings.Rule.Home = pick(roll, homes)
			settings.Rule.Choose = pick(roll, []string{"", "", queue.ChooseStaff, queue.ChooseManager, queue.ChooseNobody})
		}
		return queue.ChangeSettings{Settings: settings}
	case 4:
		if roll(20) == 0 {
			return queue.CloseDay{}
		}
	case 5, 6, 7, 8:
		return l.report(roll)
	}
	return queue.Tick{}
}

func (l *Log) report(roll Chance) queue.Command {
	return queue.ReportKiosk{Kiosk: pick(roll, []queue.KioskID{"K1", "K2"}), Report: queue.KioskReport{
		Version: "1", Printer: pick(roll, []string{queue.WordOK, queue.PrinterOffline}), Paper: pick(roll, []string{queue.WordOK, queue.PaperNearEnd}),
		Link: pick(roll, []string{queue.LinkOnline, queue.LinkAlone}), Unsent: roll(5),
	}}
}

// act is an act at a machine, most often about a ticket.
func (l *Log) act(roll Chance, t queue.TicketID) queue.Command {
	return queue.ActKiosk{
		Kiosk: pick(roll, []queue.KioskID{"K1", "K2"}), Action: pick(roll, queue.KioskActions), Ticket: t, Service: pick(roll, services), Detail: "窓口で",
	}
}

func (l *Log) aboutTicket(roll Chance) queue.Command {
	all := l.State.Tickets()
	if len(all) == 0 {
		return queue.Tick{}
	}
	t, service := pick(roll, all).ID, pick(roll, services)
	if roll(3) > 0 { // mostly somebody who is still here
		t = all[max(0, len(all)-1-roll(8))].ID
	}
	return pick(roll, []func() queue.Command{
		func() queue.Command { return queue.CallTicket{Ticket: t, Counter: pick(roll, counters)} },
		func() queue.Command { return queue.Recall{Ticket: t} },
		func() queue.Command { return queue.Start{Ticket: t} },
		func() queue.Command { return queue.Start{Ticket: t, Clicked: l.pressed(roll)} },
		func() queue.Command { return queue.Finish{Ticket: t, Processing: roll(2) == 0} },
		func() queue.Command { return queue.Finish{Ticket: t, Clicked: l.pressed(roll)} },
		func() queue.Command {
			return queue.Finish{Ticket: t, Served: []queue.ServedService{{Service: service, Quantity: roll(3)}}}
		},
		func() queue.Command { return l.serve(roll, t) },
		func() queue.Command { return l.serve(roll, t) },
		func() queue.Command { return queue.Merge{Ticket: t, Into: pick(roll, all).ID} },
		func() queue.Command { return queue.Merge{Ticket: t, Into: all[max(0, len(all)-1-roll(4))].ID} },
		func() queue.Command { return queue.Skip{Ticket: t, Counter: pick(roll, counters)} },
		func() queue.Command { return queue.MarkReady{Ticket: l.standing(queue.Processing, t)} },
		func() queue.Command {
			return queue.MarkNoShow{Ticket: l.standing(queue.Called, t), Clicked: l.pressed(roll)}
		},
		func() queue.Command {
			return queue.Restore{Ticket: l.standing(queue.NoShow, t), Place: pick(roll, []queue.Place{queue.PlaceKeep, queue.PlaceBack, queue.PlaceEnd}), Back: roll(4)}
		},
		func() queue.Command {
			return queue.Hold{Ticket: t, Reason: "書類", Room: "記載台", Clicked: l.pressed(roll)}
		},
		func() queue.Command { return queue.Resume{Ticket: t} },
		func() queue.Command { return queue.Transfer{Ticket: t, Service: service, Note: "つづき"} },
		func() queue.Command { return queue.Transfer{Ticket: t, To: pick(roll, counters)} },
		func() queue.Command { return queue.AddService{Ticket: t, Service: service} },
		func() queue.Command { return queue.ChangeService{Ticket: t, Service: service} },
		func() queue.Command { return queue.SetPriority{Ticket: t, Priority: roll(2) == 0} },
		func() queue.Command { return queue.Defer{Ticket: t, For: time.Duration(1+roll(20)) * time.Minute} },
		func() queue.Command { return queue.Withdraw{Ticket: t} },
		func() queue.Command { return queue.CheckIn{Ticket: l.away(t)} },
		func() queue.Command { return l.act(roll, t) },
		func() queue.Command { return l.act(roll, l.away(t)) },
		func() queue.Command { return queue.AddNote{Ticket: t, Text: "車いす", Clicked: l.pressed(roll)} },
		func() queue.Command { return queue.FlagTicket{Ticket: t, Flag: queue.FlagPrintUnknown} },
		func() queue.Command { return queue.Undo{} },
	})()
}

// pressed returns when a console without link took a press, mostly now.
func (l *Log) pressed(roll Chance) time.Time {
	if roll(2) == 0 {
		return time.Time{}
	}
	return l.At.Add(-time.Duration(roll(600)) * time.Second)
}

// serve is a paper that was served by its number.
func (l *Log) serve(roll Chance, t queue.TicketID) queue.Command {
	c := queue.Serve{Ticket: t, Counter: pick(roll, counters), Processing: roll(4) == 0, Clicked: l.pressed(roll)}
	if roll(2) == 0 {
		c.Started = l.At.Add(-time.Duration(600+roll(600)) * time.Second)
	}
	return c
}

// ready returns a ticket that waits for delivery, or one that does not.
func (l *Log) ready(roll Chance) queue.TicketID {
	waiting := l.State.Line(queue.Line{Service: "moving", Stage: queue.StageDelivery})
	if len(waiting) == 0 {
		return l.standing(queue.Processing, "nobody")
	}
	return pick(roll, waiting).ID
}

// away returns a ticket whose holder has not come, or the other one when there is
// none.
func (l *Log) away(other queue.TicketID) queue.TicketID {
	for _, t := range l.State.Tickets() {
		if t.Away {
			return t.ID
		}
	}
	return other
}

// standing returns a ticket in a status, or the other one when there is none.
func (l *Log) standing(in queue.Status, other queue.TicketID) queue.TicketID {
	for _, t := range l.State.Tickets() {
		if t.Status == in {
			return t.ID
		}
	}
	return other
}
