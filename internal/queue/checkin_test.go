package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// fromHome is a day with tickets from home, one for each hash of a secret.
func fromHome(t *testing.T, secrets ...string) *queuetest.Log {
	t.Helper()
	l := queuetest.New(queuetest.Settings(), "s0")
	must(t, l, queuetest.Staff("x"), queue.OpenCounter{Counter: "1"})
	for i, secret := range secrets {
		must(t, l, queue.Actor{Role: queue.RoleWeb}, queue.IssueTicket{
			Ticket: queue.TicketID(fmt.Sprintf("web-%06d", i+1)), Service: "moving", Channel: queue.ChannelWeb, Secret: secret,
		})
	}
	return l
}

func TestCheckInCodeIsSixDigitsAndSpread(t *testing.T) {
	seen := map[string]bool{}
	for i := range 2000 {
		code := queue.CheckInCode(fmt.Sprintf("%064x", i))
		if len(code) != 6 || code != queue.CheckInCode(fmt.Sprintf("%064x", i)) {
			t.Fatalf("code %q of %d: want six digits, always the same", code, i)
		}
		seen[code] = true
	}
	if len(seen) < 1980 { // chance alone makes two of a thousand clash
		t.Errorf("2000 secrets have %d codes", len(seen))
	}
}

// twins returns two hashes with one code.
func twins(t *testing.T) (string, string) {
	t.Helper()
	by := map[string]string{}
	for i := range 100_000 {
		hash := fmt.Sprintf("%064x", i)
		if other, ok := by[queue.CheckInCode(hash)]; ok {
			return other, hash
		}
		by[queue.CheckInCode(hash)] = hash
	}
	t.Fatal("no two of 100000 hashes have one code")
	return "", ""
}

func TestCodeFindsTheTicketThatIsAway(t *testing.T) {
	a, b := twins(t)
	code := queue.CheckInCode(a)
	ask := func(l *queuetest.Log, code string) string {
		found, err := l.State.TicketByCheckInCode(code)
		var refusal *queue.Refusal
		if errors.As(err, &refusal) {
			return string(refusal.Code)
		}
		return string(found.ID)
	}
	l := fromHome(t, a, b, "cc")
	for _, step := range []struct {
		name string
		do   queue.Command
		code string
		want string
	}{
		{"a code of nobody", nil, "abcdef", "unknown_code"},
		{"two are away under one code", nil, code, "code_ambiguous"},
		{"one of them came", queue.CheckIn{Ticket: "web-000001"}, code, "web-000002"},
		{"both came", queue.CheckIn{Ticket: "web-000002"}, code, "already_here"},
		{"both have left", queue.Withdraw{Ticket: "web-000001"}, code, "already_here"},
		{"the code is nobody's again", queue.Withdraw{Ticket: "web-000002"}, code, "unknown_code"},
		{"another's stands", nil, queue.CheckInCode("cc"), "web-000003"},
	} {
		if step.do != nil {
			must(t, l, queuetest.Staff("x"), step.do)
		}
		if got := ask(l, step.code); got != step.want {
			t.Errorf("%s: got %s, want %s", step.name, got, step.want)
		}
	}
}

// TestWhoIsAwayStarvesNobody has more people away than there are calls, and wants
// everybody who is there called in order, nobody counted as overtaken meanwhile.
func TestWhoIsAwayStarvesNobody(t *testing.T) {
	l := fromHome(t, "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8")
	clerk := queuetest.Staff("x")
	for i := range 9 {
		l.At = l.At.Add(time.Minute)
		id := queue.TicketID(fmt.Sprintf("here-%06d", i))
		must(t, l, clerk, queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelKiosk})
		must(t, l, clerk, queue.CallNext{Counter: "1"})
		if got, _ := l.State.Ticket(id); got.Status != queue.Called {
			t.Fatalf("%s is %s while others are away", id, got.Status)
		}
		must(t, l, clerk, queue.Finish{Ticket: id})
	}
	first := queue.TicketID("web-000001")
	if n := l.State.Overtaken(first); n > 0 {
		t.Errorf("a ticket that is away was overtaken %d times", n)
	}
	must(t, l, clerk, queue.IssueTicket{Ticket: "here-000099", Service: "moving", Channel: queue.ChannelKiosk})
	before, _ := l.State.Ticket(first)
	must(t, l, clerk, queue.CheckIn{Ticket: first})
	after, _ := l.State.Ticket(first)
	if next, ok := queue.Next(l.State, "1", "", l.At); !ok || next.Ticket.ID != first || !after.Arrival.Equal(before.Arrival) {
		t.Errorf("after its arrival the ticket is not next: %+v", next)
	}
}

func TestOnlyTicketsFromHomeAreEverAway(t *testing.T) {
	for _, channel := range queue.Channels {
		for _, rule := range []bool{false, true} {
			settings := queuetest.Settings()
			settings.Rule.CheckIn = rule
			l := queuetest.New(settings, "s0")
			must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "t", Service: "moving", Channel: channel})
			got, _ := l.State.Ticket("t")
			if want := rule && channel == queue.ChannelWeb; got.Away != want || l.State.Awaited(got) != want {
				t.Errorf("channel %s with check-in %v: away is %v", channel, rule, got.Away)
			}
		}
	}
}

func TestAnActAtAMachineIsOfThePersonWhoDoesIt(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "t", Service: "moving", Channel: queue.ChannelKiosk})
	for _, action := range queue.KioskActions {
		act := queue.ActKiosk{Kiosk: "K1", Action: action, Ticket: "t", Service: "cert"}
		for _, by := range []queue.Actor{queuetest.Staff("x"), {Role: queue.RoleKiosk, ID: "K1"}, action.ActorOf("K2")} {
			if _, err := l.Do(by, act); err == nil {
				t.Errorf("%s by %s was taken", action, by)
			}
		}
	}
}

// TestKiosksTellTheNewestReport merges reports of two histories in both orders.
func TestKiosksTellTheNewestReport(t *testing.T) {
	at := queuetest.Opening
	say := func(paper string, after time.Duration) queue.Entry {
		return queue.Entry{
			Meta: queue.Meta{Command: queue.CommandID(paper), At: at.Add(after), Origin: paper}, Fact: true,
			Events: []queue.Event{queue.KioskReported{Kiosk: "K1", Report: queue.KioskReport{Paper: paper}}},
		}
	}
	older, newer := say(queue.PaperOut, time.Minute), say(queue.WordOK, time.Hour)
	for _, order := range [][]queue.Entry{{older, newer}, {newer, older}} {
		s := queuetest.New(queuetest.Settings(), "s0").State
		for _, e := range order {
			if err := s.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.Kiosks()["K1"]; got.Paper != queue.WordOK || !got.At.Equal(at.Add(time.Hour)) {
			t.Errorf("the newest report is %+v", got)
		}
	}
}
