package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// args are the words behind a command: plain ones, and name=value.
type args struct {
	plain []string
	named map[string]string
}

func arguments(words []string) args {
	a := args{named: map[string]string{}}
	for _, w := range words {
		if name, value, ok := strings.Cut(w, "="); ok {
			a.named[name] = value
		} else {
			a.plain = append(a.plain, w)
		}
	}
	return a
}

func (a args) at(i int) string {
	if i < len(a.plain) {
		return a.plain[i]
	}
	return ""
}

func (a args) has(word string) bool { return slices.Contains(a.plain, word) }

func (s *story) duration(text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *story) number(text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *story) clock(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	if d, err := time.ParseDuration(text); err == nil { // before or after the moment of the line
		return s.now.Add(d)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-04-01 "+(text + ":00")[:8], queue.JST)
	if err != nil {
		s.t.Fatal(err)
	}
	return at
}

// set changes the rule before the day, or the settings while it runs.
func (s *story) set(words []string) []string {
	a := arguments(words)
	for name, value := range a.named {
		n, _ := strconv.Atoi(value)
		switch name {
		case "ratio":
			s.settings.Rule.Ratio = n
		case "overtaken":
			s.settings.Rule.MaxOvertaken = n
		case "max_wait":
			s.settings.Rule.MaxWait = s.duration(value)
		case "no_show_close":
			s.settings.Rule.NoShowClose = s.duration(value)
		case "no_show_calls":
			s.settings.Rule.NoShowCalls = n
		case "skip":
			s.settings.Rule.SkipFor = s.duration(value)
		case "choose":
			s.settings.Rule.Choose = value
		case "check_in":
			s.settings.Rule.CheckIn = value == "on"
		case "closes":
			s.settings.Services[0].Closes = s.clock(value)
		case "main":
			s.settings.Series[0].Main.Last = n
		case "next":
			s.settings.Series[0].Next.Last = n
		default:
			s.t.Fatalf("unknown setting %s", name)
		}
	}
	return nil
}

// ticket finds a ticket by the number on its paper, or by its id.
func (s *story) ticket(l *queuetest.Log, word string) queue.TicketID {
	if found := l.State.ByNumber(queue.NormalizeNumber(word)); len(found) > 0 {
		return found[0].ID
	}
	return queue.TicketID(word)
}

// parse reads a command.
func (s *story) parse(l *queuetest.Log, verb string, a args) queue.Command {
	if c := s.parseDay(verb, a); c != nil {
		return c
	}
	counter, number := queue.CounterID(a.at(0)), s.ticket(l, a.at(0))
	service := queue.ServiceID(a.named["service"])
	switch verb {
	case "issue":
		return s.parseIssue(l, a)
	case "open":
		return queue.OpenCounter{Counter: counter, TakeOver: a.has("take-over")}
	case "pause":
		return queue.PauseCounter{Counter: counter, Reason: a.at(1)}
	case "close":
		return queue.CloseCounter{Counter: counter}
	case "next":
		return queue.CallNext{Counter: counter, Service: service}
	case "quick":
		return queue.QuickServe{Ticket: l.Ticket(), Counter: counter, Service: service}
	case "help":
		return queue.AskHelp{Counter: counter, Text: a.at(1)}
	case "coming":
		return queue.AnswerHelp{Counter: counter}
	case "undo":
		return queue.Undo{Counter: counter, Command: queue.CommandID(a.named["of"])}
	case "finish-next":
		return queue.FinishAndCallNext{Counter: counter, Processing: a.has("processing")}
	case "call":
		return queue.CallTicket{Ticket: number, Counter: queue.CounterID(a.at(1))}
	case "report":
		return queue.ReportKiosk{Kiosk: queue.KioskID(a.at(0)), Report: queue.KioskReport{
			Printer: a.named["printer"], Paper: a.named["paper"], Link: a.named["link"], Unsent: s.number(a.named["unsent"]),
		}}
	case "act":
		return queue.ActKiosk{
			Kiosk: queue.KioskID(a.at(0)), Action: queue.KioskAction(a.at(1)), Ticket: s.ticket(l, a.at(2)), Service: service, Detail: a.named["detail"],
		}
	case "announce":
		announced := queue.Announce{Counter: counter}
		for _, word := range a.plain[1:] {
			announced.Tickets = append(announced.Tickets, s.ticket(l, word))
		}
		return announced
	case "merge-into":
		return queue.Merge{Ticket: number, Into: s.ticket(l, a.at(1))}
	case "transfer":
		return queue.Transfer{Ticket: number, Service: service, To: queue.CounterID(a.named["to"]), Office: queue.OfficeID(a.named["office"]), Note: a.named["note"]}
	}
	return s.parseTicket(verb, number, a)
}

func (s *story) parseDay(verb string, a args) queue.Command {
	switch verb {
	case "change-settings":
		s.set(a.plain)
		for name, value := range a.named {
			s.set([]string{name + "=" + value})
		}
		return queue.ChangeSettings{Settings: s.settings}
	case "close-day":
		return queue.CloseDay{}
	case "tick":
		return queue.Tick{}
	case "bind":
		return queue.BindRange{Kiosk: queue.KioskID(a.at(0)), Store: a.at(1)}
	case "service":
		return queue.SetService{Service: queue.ServiceID(a.at(0)), State: a.at(1), Message: a.at(2)}
	case "office":
		return queue.SetOffice{State: a.at(0), Message: a.at(1)}
	}
	return nil
}

func (s *story) served(text string) []queue.ServedService {
	var list []queue.ServedService
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		service, quantity, _ := strings.Cut(word, ":")
		list = append(list, queue.ServedService{Service: queue.ServiceID(service), Quantity: s.number(quantity)})
	}
	return list
}

func (s *story) parseTicket(verb string, t queue.TicketID, a args) queue.Command {
	clicked, counter := s.clock(a.named["clicked"]), queue.CounterID(a.at(1))
	switch verb {
	case "recall":
		return queue.Recall{Ticket: t}
	case "start":
		return queue.Start{Ticket: t, Clicked: clicked}
	case "finish":
		return queue.Finish{Ticket: t, Processing: a.has("processing"), Served: s.served(a.named["served"]), Clicked: clicked}
	case "serve":
		return queue.Serve{Ticket: t, Counter: counter, Processing: a.has("processing"), Started: s.clock(a.named["started"]), Clicked: clicked}
	case "hand-over":
		return queue.HandOver{Ticket: t, Counter: counter}
	case "skip":
		return queue.Skip{Ticket: t, Counter: counter}
	case "ready":
		return queue.MarkReady{Ticket: t}
	case "no-show":
		return queue.MarkNoShow{Ticket: t, Clicked: clicked}
	case "restore":
		return queue.Restore{Ticket: t, Place: queue.Place(a.at(1))}
	case "hold":
		return queue.Hold{Ticket: t, Reason: a.at(1), Room: a.named["room"], Clicked: clicked}
	case "resume":
		return queue.Resume{Ticket: t}
	case "add-service":
		return queue.AddService{Ticket: t, Service: queue.ServiceID(a.at(1))}
	case "change-service":
		return queue.ChangeService{Ticket: t, Service: queue.ServiceID(a.at(1))}
	case "priority":
		return queue.SetPriority{Ticket: t, Priority: a.at(1) != "off"}
	case "defer":
		return queue.Defer{Ticket: t, For: s.duration(a.at(1))}
	case "check-in":
		return queue.CheckIn{Ticket: t}
	case "withdraw":
		return queue.Withdraw{Ticket: t}
	case "note":
		return queue.AddNote{Ticket: t, Text: a.at(1), Clicked: clicked}
	case "flag":
		return queue.FlagTicket{Ticket: t, Flag: queue.Flag(a.at(1))}
	}
	s.t.Fatalf("unknown command %s", verb)
	return nil
}

func (s *story) parseIssue(l *queuetest.Log, a args) queue.Command {
	c := queue.IssueTicket{
		Ticket: queue.TicketID(a.named["id"]), Service: queue.ServiceID(a.at(0)), Channel: queue.ChannelKiosk,
		Priority: a.has("priority"), Appointment: s.clock(a.named["slot"]),
	}
	if c.Ticket == "" {
		c.Ticket = l.Ticket()
	}
	if channel := a.named["channel"]; channel != "" {
		c.Channel = queue.Channel(channel)
	}
	if further := a.named["further"]; further != "" {
		c.Further = []queue.ServiceID{queue.ServiceID(further)}
	}
	if kiosk := a.named["kiosk"]; kiosk != "" {
		c.Pool, c.Kiosk = queue.PoolKiosk, queue.KioskID(kiosk)
	}
	if a.has("desk") {
		c.Pool, c.Channel = queue.PoolDesk, queue.ChannelReception
	}
	return c
}

func refusalText(err error) string {
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		return strings.TrimSpace(fmt.Sprintf("できません: %s %s", refusal.Code, refusal.Have))
	}
	return err.Error()
}
