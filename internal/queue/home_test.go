package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
	"machi/internal/quota"
)

var atHome = queue.Actor{Role: queue.RoleWeb, ID: "home"}

// homeSettings are those of an office that gives tickets to people at home.
func homeSettings() queue.Settings {
	s := queuetest.Settings()
	s.Series[0].Main = queue.Range{First: 1, Last: 99}
	s.Rule.Home = queue.FromHome{
		On: true, Rule: quota.Rule{PerSlot: 3, PerNetwork: 3}, Keep: 30 * time.Minute, Expire: time.Hour,
	}
	return s
}

func wish(id string, quote *queue.Quote) queue.IssueTicket {
	return queue.IssueTicket{Ticket: queue.TicketID(id), Service: "moving", Channel: queue.ChannelWeb, Quote: quote, Marks: queue.Marks{Device: id}}
}

// codeOf returns a refusal's code, or "" for none.
func codeOf(err error) queue.Code {
	var refusal *queue.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

func TestTicketsFromHomeAreBounded(t *testing.T) {
	l := queuetest.New(homeSettings(), "s0") // at 08:30
	for i := range 3 {
		must(t, l, atHome, wish(fmt.Sprint("w", i), nil))
	}
	_, err := l.Do(atHome, wish("w3", nil))
	var refusal *queue.Refusal
	if !errors.As(err, &refusal) || refusal.Code != queue.HomeQuota || refusal.Have != "2026-04-01T08:40:00+09:00" {
		t.Fatalf("the fourth: %v", err)
	}
	must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "here", Service: "moving", Channel: queue.ChannelKiosk})
	l.At = l.At.Add(10 * time.Minute)
	if _, err := l.Do(atHome, queue.IssueTicket{Ticket: "w4", Service: "moving", Channel: queue.ChannelWeb, Marks: queue.Marks{Device: "w0"}}); codeOf(err) != queue.HomeDevice {
		t.Errorf("a device that has one: %v", err)
	}
	must(t, l, queue.Actor{Role: queue.RoleHolder}, queue.Withdraw{Ticket: "w0"})
	must(t, l, atHome, queue.IssueTicket{Ticket: "w4", Service: "moving", Channel: queue.ChannelWeb, Marks: queue.Marks{Device: "w0"}})
}

func TestTheManagersSwitchHoldsAtOnce(t *testing.T) {
	settings := homeSettings()
	l := queuetest.New(settings, "s0")
	settings.Rule.Home.Off = true
	must(t, l, queuetest.Staff("boss"), queue.ChangeSettings{Settings: settings})
	if _, err := l.Do(atHome, wish("w", nil)); codeOf(err) != queue.HomeOff {
		t.Errorf("stopped: %v", err)
	}
	settings.Rule.Home = queue.FromHome{}
	must(t, l, queuetest.Staff("boss"), queue.ChangeSettings{Settings: settings})
	if _, err := l.Do(atHome, wish("w", nil)); codeOf(err) != queue.HomeOff {
		t.Errorf("not in the catalogue: %v", err)
	}
}

// TestThePlaceIsKeptAsLongAsWasTold has two people at home who were told up to 40
// minutes, and one who walks in after them.
func TestThePlaceIsKeptAsLongAsWasTold(t *testing.T) {
	for _, row := range []struct {
		after time.Duration // of the check-in
		first queue.TicketID
	}{
		{39 * time.Minute, "home"}, {40 * time.Minute, "home"}, {40*time.Minute + time.Second, "walk-in"},
	} {
		l := queuetest.New(homeSettings(), "s0")
		must(t, l, queuetest.Staff("x"), queue.OpenCounter{Counter: "1"})
		must(t, l, atHome, wish("home", &queue.Quote{Low: 20 * time.Minute, High: 40 * time.Minute}))
		l.At = l.At.Add(time.Minute)
		must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "walk-in", Service: "moving", Channel: queue.ChannelKiosk})
		l.At = queuetest.Opening.Add(row.after)
		must(t, l, queuetest.Staff("x"), queue.CheckIn{Ticket: "home"})
		next, ok := queue.Next(l.State, "1", "", l.At)
		if !ok || next.Ticket.ID != row.first {
			t.Errorf("checked in after %v: next is %v, want %s", row.after, next.Ticket.ID, row.first)
		}
		if found := invariant.Check(l.Entries); len(found) > 0 {
			t.Errorf("checked in after %v: %v", row.after, found)
		}
	}
}

func TestWhatNobodyClaimsLapses(t *testing.T) {
	l := queuetest.New(homeSettings(), "s0")
	must(t, l, atHome, wish("home", nil))
	must(t, l, atHome, wish("came", nil))
	must(t, l, queuetest.Staff("x"), queue.CheckIn{Ticket: "came"})
	lapses := queuetest.Opening.Add(90 * time.Minute)
	if next, ok := l.State.NextTick(); !ok || !next.Equal(lapses) {
		t.Fatalf("the next tick is at %v, want %v", next, lapses)
	}
	l.At = lapses.Add(-time.Second)
	must(t, l, queuetest.Staff("x"), queue.Tick{})
	if got, _ := l.State.Ticket("home"); got.Status != queue.Waiting {
		t.Fatalf("a second before, the ticket is %s", got.Status)
	}
	l.At = lapses
	must(t, l, queuetest.Staff("x"), queue.Tick{})
	gone, _ := l.State.Ticket("home")
	came, _ := l.State.Ticket("came")
	if gone.Status != queue.Expired || came.Status != queue.Waiting {
		t.Errorf("nobody claimed it: %s; its holder came: %s", gone.Status, came.Status)
	}
	if found := invariant.Check(l.Entries); len(found) > 0 {
		t.Error(found)
	}
}

// An older program's day has no words for tickets from home.
func TestADayThatWasOpenedBeforeHasNoTicketsFromHome(t *testing.T) {
	settings := homeSettings()
	settings.Rule = settings.Rule.In(0)
	l := queuetest.New(settings, "s0")
	if _, err := l.Do(atHome, wish("w", nil)); codeOf(err) != queue.HomeOff {
		t.Errorf("%v", err)
	}
	must(t, l, atHome, queue.IssueTicket{Ticket: "w", Service: "moving", Channel: queue.ChannelWeb})
}
