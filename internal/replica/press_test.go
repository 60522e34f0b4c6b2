package replica_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"machi/internal/replica"
)

var pressStates = []replica.PressState{
	replica.Pressed, replica.Asked, replica.Issuing, replica.Numbered, replica.Starting, replica.Printing,
	replica.Printed, replica.Failed, replica.Unknown, replica.Withdrawn, replica.Refused,
}

var pressEvents = []replica.PressEvent{
	replica.Saved, replica.Unsaved, replica.Given, replica.Denied, replica.Silent,
	replica.PaperOut, replica.PaperFailed, replica.PaperUnknown, replica.Restarted,
}

type pressStep struct {
	state replica.PressState
	event replica.PressEvent
}

type pressWant struct {
	state  replica.PressState
	action replica.PressAction
}

// pressMoves are the steps that change something; every other pair must not.
var pressMoves = map[pressStep]pressWant{
	{replica.Pressed, replica.Saved}:     {replica.Issuing, replica.ToIssue},
	{replica.Pressed, replica.Unsaved}:   {replica.Refused, replica.ToNothing},
	{replica.Pressed, replica.Restarted}: {replica.Withdrawn, replica.ToTakeBack},

	{replica.Asked, replica.Given}:     {replica.Numbered, replica.ToSave},
	{replica.Asked, replica.Denied}:    {replica.Refused, replica.ToKeep},
	{replica.Asked, replica.Silent}:    {replica.Issuing, replica.ToIssue},
	{replica.Asked, replica.Restarted}: {replica.Withdrawn, replica.ToTakeBack},

	{replica.Issuing, replica.Given}:     {replica.Numbered, replica.ToSave},
	{replica.Issuing, replica.Denied}:    {replica.Refused, replica.ToKeep},
	{replica.Issuing, replica.Restarted}: {replica.Withdrawn, replica.ToTakeBack},

	{replica.Numbered, replica.Saved}:     {replica.Starting, replica.ToSave},
	{replica.Numbered, replica.Unsaved}:   {replica.Refused, replica.ToNothing},
	{replica.Numbered, replica.Restarted}: {replica.Withdrawn, replica.ToTakeBack},

	{replica.Starting, replica.Saved}:     {replica.Printing, replica.ToPrint},
	{replica.Starting, replica.Unsaved}:   {replica.Refused, replica.ToNothing},
	{replica.Starting, replica.Restarted}: {replica.Unknown, replica.ToFlag},

	{replica.Printing, replica.PaperOut}:     {replica.Printed, replica.ToKeep},
	{replica.Printing, replica.PaperFailed}:  {replica.Failed, replica.ToKeep},
	{replica.Printing, replica.PaperUnknown}: {replica.Unknown, replica.ToFlag},
	{replica.Printing, replica.Restarted}:    {replica.Unknown, replica.ToFlag},
}

// TestEveryStateMeetsEveryInput walks the whole table of an offline press.
func TestEveryStateMeetsEveryInput(t *testing.T) {
	for _, state := range pressStates {
		for _, event := range pressEvents {
			before := replica.Press{State: state, Command: "c"}
			got, action := before.Step(replica.PressInput{Kind: event})
			want, moves := pressMoves[pressStep{state, event}]
			if !moves {
				if diff := cmp.Diff(before, got); diff != "" || action != replica.ToNothing {
					t.Errorf("%s on %s: action %q, changed (-want +got):\n%s", event, state, action, diff)
				}
				continue
			}
			if got.State != want.state || action != want.action {
				t.Errorf("%s on %s: %s, %q; want %s, %q", event, state, got.State, action, want.state, want.action)
			}
			if state.Final() {
				t.Errorf("%s is final, but %s moves it", state, event)
			}
		}
	}
}

// TestWhatAPressRemembers covers what the steps write beside the state.
func TestWhatAPressRemembers(t *testing.T) {
	rows := []struct {
		name   string
		press  replica.Press
		in     replica.PressInput
		want   replica.Press
		action replica.PressAction
	}{
		{
			"an online press asks",
			replica.Press{State: replica.Pressed, Online: true},
			replica.PressInput{Kind: replica.Saved},
			replica.Press{State: replica.Asked, Online: true, Asked: true},
			replica.ToAsk,
		},
		{
			"a number is noted",
			replica.Press{State: replica.Asked},
			replica.PressInput{Kind: replica.Given, Number: "A001", Pool: "server"},
			replica.Press{State: replica.Numbered, Number: "A001", Pool: "server"},
			replica.ToSave,
		},
		{
			"a server's no is believed",
			replica.Press{State: replica.Asked, Asked: true},
			replica.PressInput{Kind: replica.Denied, Code: "day_closed"},
			replica.Press{State: replica.Refused, Asked: true, Code: "day_closed"},
			replica.ToKeep,
		},
		{
			"behind a silence a refusal takes back",
			replica.Press{State: replica.Issuing, Asked: true},
			replica.PressInput{Kind: replica.Denied, Code: "x"},
			replica.Press{State: replica.Refused, Asked: true, Code: "x"},
			replica.ToTakeBack,
		},
		{
			"no disk, no ticket",
			replica.Press{State: replica.Numbered, Number: "A801"},
			replica.PressInput{Kind: replica.Unsaved},
			replica.Press{State: replica.Refused, Number: "A801", Code: replica.OutOfService},
			replica.ToNothing,
		},
		{
			"a printer says why",
			replica.Press{State: replica.Printing},
			replica.PressInput{Kind: replica.PaperFailed, Code: "paper_out"},
			replica.Press{State: replica.Failed, Code: "paper_out"},
			replica.ToKeep,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, action := row.press.Step(row.in)
			if diff := cmp.Diff(row.want, got); diff != "" || action != row.action {
				t.Errorf("action %q, want %q; (-want +got):\n%s", action, row.action, diff)
			}
		})
	}
}

// TestPaperOnlyBehindTheMark wants every way to the printer to lead through a
// mark that was reported as safe while the number was known.
func TestPaperOnlyBehindTheMark(t *testing.T) {
	for step, want := range pressMoves {
		if want.action == replica.ToPrint && (step != pressStep{replica.Starting, replica.Saved}) {
			t.Errorf("%s on %s prints", step.event, step.state)
		}
		if want.state == replica.Starting && step.state != replica.Numbered {
			t.Errorf("%s on %s starts without a number", step.event, step.state)
		}
	}
}

func TestWhatIsATicket(t *testing.T) {
	tickets := map[replica.PressState]bool{
		replica.Printing: true, replica.Printed: true, replica.Failed: true, replica.Unknown: true,
	}
	for _, state := range pressStates {
		if state.Ticket() != tickets[state] {
			t.Errorf("%s: ticket %v", state, state.Ticket())
		}
	}
}
