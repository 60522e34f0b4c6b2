package queue_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
)

// told is what a fact about the subject, from another history, comes to.
type told struct {
	status queue.Status
	flags  []queue.Flag
}

// TestEveryFactInEveryStatus is the matrix of the merge: what staff of another
// history did with the subject, after all that this history knows of it.
func TestEveryFactInEveryStatus(t *testing.T) {
	const call, serve, late = queue.FlagDoubleCall, queue.FlagDoubleServe, queue.FlagLate
	flags := func(f ...queue.Flag) []queue.Flag { return f }
	facts := []toldRow{
		{queue.TicketCalled{Ticket: subject, Number: "A001", Counter: "2"}, map[queue.Status]told{
			queue.Waiting: {queue.Called, nil}, queue.Called: {queue.Called, flags(call)}, queue.Serving: {queue.Serving, flags(call)},
			queue.Processing: {queue.Processing, flags(call)}, queue.Held: {queue.Called, nil}, queue.NoShow: {queue.Called, nil},
			queue.Done: {queue.Done, flags(call)}, queue.Withdrawn: {queue.Called, nil}, queue.Closed: {queue.Closed, flags(call)},
			queue.Expired: {queue.Expired, flags(call, late)},
		}},
		{queue.ServiceStarted{Ticket: subject, Counter: "2"}, map[queue.Status]told{
			queue.Waiting: {queue.Serving, nil}, queue.Called: {queue.Serving, flags(call)}, queue.Serving: {queue.Serving, flags(serve)},
			queue.Processing: {queue.Processing, flags(serve)}, queue.Held: {queue.Serving, nil}, queue.NoShow: {queue.Serving, nil},
			queue.Done: {queue.Done, flags(serve)}, queue.Withdrawn: {queue.Serving, nil}, queue.Closed: {queue.Serving, nil},
			queue.Expired: {queue.Expired, flags(late)},
		}},
		{queue.ServiceFinished{Ticket: subject, Counter: "2", Status: queue.Done}, map[queue.Status]told{
			queue.Waiting: {queue.Done, nil}, queue.Called: {queue.Done, nil}, queue.Serving: {queue.Serving, flags(serve)},
			queue.Processing: {queue.Processing, flags(serve)}, queue.Held: {queue.Done, nil}, queue.NoShow: {queue.Done, nil},
			queue.Done: {queue.Done, flags(serve)}, queue.Withdrawn: {queue.Done, nil}, queue.Closed: {queue.Done, nil},
			queue.Expired: {queue.Done, flags(late)},
		}},
		{queue.TicketMissed{Ticket: subject, Number: "A001", Counter: "2"}, unchangedBut(nil)},
		{queue.TicketHeld{Ticket: subject, Reason: "書類"}, unchangedBut(map[queue.Status]queue.Status{
			queue.Waiting: queue.Held, queue.Called: queue.Held, queue.Serving: queue.Held, queue.Processing: queue.Held,
		})},
		{queue.TicketTransferred{Ticket: subject, To: queue.Line{Service: "cert", Stage: queue.StageReception}}, unchangedBut(map[queue.Status]queue.Status{
			queue.Called: queue.Waiting, queue.Serving: queue.Waiting, queue.Held: queue.Waiting, queue.NoShow: queue.Waiting,
		})},
		{queue.TicketWithdrawn{Ticket: subject}, unchangedBut(map[queue.Status]queue.Status{
			queue.Waiting: queue.Withdrawn, queue.Called: queue.Withdrawn, queue.Held: queue.Withdrawn, queue.NoShow: queue.Withdrawn, queue.Processing: queue.Withdrawn,
		})},
	}
	for _, fact := range append(facts, clerksFacts()...) {
		for _, status := range queue.Statuses {
			t.Run(fmt.Sprintf("%s/%s", queue.Kind(fact.event), status), func(t *testing.T) {
				want, ok := fact.want[status]
				if !ok {
					t.Fatal("the table has no answer")
				}
				l := inStatus(t, status)
				visits := visitsOf(l.State)
				apply(t, l.State, "other", l.At.Add(time.Minute), fact.event)
				got, _ := l.State.Ticket(subject)
				if got.Status != want.status || !slices.Equal(got.Flags, want.flags) {
					t.Errorf("got %s %v, want %s %v", got.Status, got.Flags, want.status, want.flags)
				}
				if served(fact.event) && visitsOf(l.State) != visits+1 {
					t.Errorf("%d visits, want one more than %d: it was served", visitsOf(l.State), visits)
				}
			})
		}
	}
}

// toldRow is a fact, and what it comes to in every status.
type toldRow struct {
	event queue.Event
	want  map[queue.Status]told
}

// clerksFacts are the rows of visits by number, delivery desks and double tickets.
func clerksFacts() []toldRow {
	twice := []queue.Flag{queue.FlagServedTwice}
	return []toldRow{
		{queue.TicketServed{Ticket: subject, Number: "A001", Counter: "2", Status: queue.Done}, map[queue.Status]told{
			queue.Waiting: {queue.Done, nil}, queue.Called: {queue.Done, nil}, queue.Serving: {queue.Serving, twice},
			queue.Processing: {queue.Done, nil}, queue.Held: {queue.Done, nil}, queue.NoShow: {queue.Done, nil},
			queue.Done: {queue.Done, twice}, queue.Withdrawn: {queue.Done, nil}, queue.Closed: {queue.Done, nil},
			queue.Expired: {queue.Done, []queue.Flag{queue.FlagLate}},
		}},
		{queue.TicketAnnounced{Ticket: subject, Number: "A001", Counter: "2"}, unchangedBut(nil)},
		{queue.TicketMerged{Ticket: subject, From: "other", Arrival: queuetest.Opening, Further: []queue.ServiceID{"cert"}}, unchangedBut(nil)},
	}
}

// served reports whether an event says that a talk took place.
func served(e queue.Event) bool {
	switch e.(type) {
	case queue.ServiceFinished, queue.TicketServed:
		return true
	}
	return false
}

// unchangedBut is a row in which a stale wish changes nothing, but for some
// statuses. What comes after the day is marked as late.
func unchangedBut(but map[queue.Status]queue.Status) map[queue.Status]told {
	row := map[queue.Status]told{}
	for _, s := range queue.Statuses {
		row[s] = told{status: s}
		if to, ok := but[s]; ok {
			row[s] = told{status: to}
		}
	}
	row[queue.Expired] = told{queue.Expired, []queue.Flag{queue.FlagLate}}
	return row
}

func visitsOf(s *queue.State) int {
	t, _ := s.Ticket(subject)
	return len(t.Visited)
}

// apply merges a fact of a history.
func apply(t *testing.T, s *queue.State, origin string, at time.Time, events ...queue.Event) {
	t.Helper()
	m := queue.Meta{Command: queue.CommandID(origin + at.String()), At: at, Origin: origin, Actor: queuetest.Staff("y")}
	if err := s.Apply(queue.Entry{Meta: m, Fact: true, Events: events}); err != nil {
		t.Fatal(err)
	}
}

// TestAnOriginsOrderHolds merges a call and a start of one origin whose clock
// stepped back between them.
func TestAnOriginsOrderHolds(t *testing.T) {
	l := inStatus(t, queue.Waiting)
	for i, e := range []queue.Event{
		queue.TicketCalled{Ticket: subject, Number: "A001", Counter: "1"}, queue.ServiceStarted{Ticket: subject, Counter: "1"},
	} {
		m := queue.Meta{Command: queue.CommandID(fmt.Sprint("z", 9-i)), At: l.At.Add(-time.Duration(i) * time.Minute), Origin: "s1"}
		if err := l.State.Apply(queue.Entry{Meta: m, Fact: true, OriginNumber: int64(i + 1), Events: []queue.Event{e}}); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := l.State.Ticket(subject); got.Status != queue.Serving || len(got.Flags) > 0 {
		t.Errorf("got %s %v, want serving without a flag", got.Status, got.Flags)
	}
}

// TestACommandSentTwiceHasOneEffect finishes a visit here, and lets the lost tail
// tell of the same command.
func TestACommandSentTwiceHasOneEffect(t *testing.T) {
	l := inStatus(t, queue.Serving)
	e := must(t, l, queuetest.Staff("x"), queue.Finish{Ticket: subject})
	e.Fact, e.Origin = true, "s1"
	if err := l.State.Apply(e); err != nil {
		t.Fatal(err)
	}
	if got, _ := l.State.Ticket(subject); len(got.Visited) != 1 || len(got.Flags) > 0 {
		t.Errorf("%d visits, flags %v, want one visit and no flag", len(got.Visited), got.Flags)
	}
}

// TestALostPlaceStaysLost demotes a caller's ticket, lets the counter go on, and
// wants an unrelated fact not to bring the old call back.
func TestALostPlaceStaysLost(t *testing.T) {
	l := inStatus(t, queue.Called)
	must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "rival", Service: "moving", Channel: queue.ChannelKiosk})
	apply(t, l.State, "s1", l.At.Add(time.Minute), queue.TicketCalled{Ticket: "rival", Number: "A002", Counter: "1"})
	if got, _ := l.State.Ticket(subject); got.Status != queue.Waiting || !got.Has(queue.FlagDoubleCall) {
		t.Fatalf("the loser is %s %v, want waiting and flagged", got.Status, got.Flags)
	}
	l.At = l.At.Add(2 * time.Minute)
	must(t, l, queuetest.Staff("x"), queue.Finish{Ticket: "rival"})
	apply(t, l.State, "s2", l.At, queue.NoteAdded{Ticket: "rival", Note: queue.Note{Text: "メモ"}})
	apply(t, l.State, "s3", l.At, queue.TicketCalled{Ticket: "rival", Number: "A002", Counter: "2"})
	if got, _ := l.State.Ticket(subject); got.Status != queue.Waiting {
		t.Errorf("the loser is %s again, want waiting", got.Status)
	}
}

// TestFactsWaitForTheirIssue merges a call before the issue it belongs to, and
// then decides that issue.
func TestFactsWaitForTheirIssue(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	apply(t, l.State, "s1", l.At.Add(time.Minute), queue.TicketCalled{Ticket: "a", Number: "A001", Counter: "1"})
	if _, ok := l.State.Ticket("a"); ok {
		t.Fatal("a call made a ticket")
	}
	must(t, l, queuetest.Staff("x"), queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk})
	if got, _ := l.State.Ticket("a"); got.Status != queue.Called || got.Counter != "1" {
		t.Errorf("got %s at %q, want called at 1", got.Status, got.Counter)
	}
}

func TestTwinsAreMarkedWhileTheyLast(t *testing.T) {
	l := inStatus(t, queue.Waiting)
	issue := queue.TicketIssued{Ticket: "twin", Number: "A001", Pool: queue.PoolServer, Service: "moving", IssuedAt: l.At, Arrival: l.At}
	apply(t, l.State, "s1", l.At, issue)
	if twins := l.State.ByNumber("A001"); len(twins) != 2 || !twins[0].Has(queue.FlagTwinNumber) || !twins[1].Has(queue.FlagTwinNumber) {
		t.Fatalf("A001 is borne by %d, want two marked twins", len(twins))
	}
	issue.Number, issue.Pool, issue.Kiosk = "A801", queue.PoolKiosk, "K1"
	apply(t, l.State, "kiosk/K1/s", l.At.Add(time.Second), issue)
	got, _ := l.State.Ticket(subject)
	paper, _ := l.State.Ticket("twin")
	if got.Has(queue.FlagTwinNumber) || paper.Number != "A801" || !slices.Equal(paper.Former, []queue.Number{"A001"}) {
		t.Errorf("flags %v, the other bears %s, formerly %v", got.Flags, paper.Number, paper.Former)
	}
}

// TestThePaperSaysWhenTheVisitorCame merges the paper of a press of which the
// server heard an hour late.
func TestThePaperSaysWhenTheVisitorCame(t *testing.T) {
	for _, row := range []struct {
		name  string
		then  []queue.Command
		flags []queue.Flag
		want  [2]time.Duration // IssuedAt and Arrival, after the press
	}{
		{"waiting", nil, nil, [2]time.Duration{0, 0}},
		{"the clock was guessed", nil, []queue.Flag{queue.FlagClock}, [2]time.Duration{time.Hour, time.Hour}},
		{"restored at the end", []queue.Command{
			queue.CallTicket{Ticket: subject, Counter: "1"}, queue.MarkNoShow{Ticket: subject}, queue.Restore{Ticket: subject, Place: queue.PlaceEnd},
		}, nil, [2]time.Duration{0, time.Hour + time.Minute}},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := inStatus(t, queue.Waiting)
			pressed := l.At.Add(-time.Hour)
			l.At = l.At.Add(time.Minute)
			for _, c := range row.then {
				must(t, l, queuetest.Staff("x"), c)
			}
			apply(t, l.State, "kiosk/K1/s", pressed, queue.TicketIssued{
				Ticket: subject, Number: "A801", Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving",
				Channel: queue.ChannelKiosk, IssuedAt: pressed, Arrival: pressed, Flags: row.flags,
			})
			got, _ := l.State.Ticket(subject)
			if have := [2]time.Duration{got.IssuedAt.Sub(pressed), got.Arrival.Sub(pressed)}; got.Number != "A801" || have != row.want {
				t.Errorf("%s was issued and arrived %v after the press, want %v", got.Number, have, row.want)
			}
		})
	}
}

// TestAnUndoElsewhereGivesBackTheTurn merges the undo of a call of which this
// history only knows the call, and wants the ratio and the overtaken as before.
func TestAnUndoElsewhereGivesBackTheTurn(t *testing.T) {
	l := queuetest.New(queuetest.Settings(), "s0")
	clerk := queuetest.Staff("x")
	must(t, l, clerk, queue.OpenCounter{Counter: "1"})
	must(t, l, clerk, queue.IssueTicket{Ticket: "patient", Service: "moving", Channel: queue.ChannelKiosk})
	must(t, l, clerk, queue.IssueTicket{Ticket: "urgent", Service: "moving", Channel: queue.ChannelKiosk, Priority: true})
	before := canonical(t, l.State)
	call := must(t, l, clerk, queue.CallNext{Counter: "1"})
	if l.State.Overtaken("patient") != 1 {
		t.Fatalf("the patient one was overtaken %d times, want once", l.State.Overtaken("patient"))
	}
	for range 2 { // a fact that comes twice is merged once
		apply(t, l.State, "s1", l.At.Add(time.Second), queue.ActionUndone{Command: call.Command})
	}
	if got := canonical(t, l.State); got != before {
		t.Errorf("the books are not what they were before the call:\n%s", diffJSON(t, before, got))
	}
}

// TestAPaperMakesAnAnnouncementVoid announces a ticket under a number that nobody
// holds.
// TestADoubleTicketJoinedTwiceIsNotServedTwice gives a slip of two consoles of two
// histories: what the other ticket was for is still to be done once.
func TestADoubleTicketJoinedTwiceIsNotServedTwice(t *testing.T) {
	one := queuetest.New(queuetest.Settings(), "s0")
	clerk := queuetest.Staff("x")
	must(t, one, clerk, queue.IssueTicket{Ticket: "a", Service: "moving", Channel: queue.ChannelKiosk})
	must(t, one, clerk, queue.IssueTicket{Ticket: "b", Service: "cert", Channel: queue.ChannelKiosk})
	two := one.Fork("s1")
	fact := must(t, two, clerk, queue.Merge{Ticket: "b", Into: "a"})
	must(t, one, clerk, queue.Merge{Ticket: "b", Into: "a"})
	if err := one.State.Apply(queuetest.Facts([]queue.Entry{fact})[0]); err != nil {
		t.Fatal(err)
	}
	if a, _ := one.State.Ticket("a"); !slices.Equal(a.Further, []queue.ServiceID{"cert"}) {
		t.Errorf("the visitor is sent on to %v", a.Further)
	}
}

func TestAPaperMakesAnAnnouncementVoid(t *testing.T) {
	l := inStatus(t, queue.Processing)
	must(t, l, queuetest.Staff("x"), queue.MarkReady{Ticket: subject})
	must(t, l, queuetest.Staff("x"), queue.Announce{Counter: "1", Tickets: []queue.TicketID{subject}})
	apply(t, l.State, "kiosk/K1/s", l.At, queue.TicketIssued{
		Ticket: subject, Number: "A801", Pool: queue.PoolKiosk, Kiosk: "K1", Service: "moving", Channel: queue.ChannelKiosk, IssuedAt: l.At, Arrival: l.At,
	})
	if got, _ := l.State.Ticket(subject); got.Number != "A801" || got.Announced != "" || got.Status != queue.Waiting {
		t.Errorf("%s is %s and announced at %q, want waiting and not announced", got.Number, got.Status, got.Announced)
	}
}
