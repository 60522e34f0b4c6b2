package queue

import "time"

// Decide answers a command with the events that it causes in a state. It returns
// a *[Refusal] where the command may not happen; the state is never changed.
//
// A command whose id is in the log is refused as [AlreadyDone]; the caller
// answers it with [State.Outcome].
func Decide(s *State, m Meta, c Command) ([]Event, error) {
	if m.Command == "" {
		return nil, refuse(MissingField, "command")
	}
	if m.At.IsZero() {
		return nil, refuse(MissingField, "at")
	}
	if _, done := s.outcomes[m.Command]; done {
		return nil, refuse(AlreadyDone, "command")
	}
	if open, is := c.(OpenDay); is {
		return decideOpenDay(s, open)
	}
	switch {
	case !s.opened:
		return nil, refuse(DayNotOpen, "")
	case s.closed:
		return nil, refuse(DayIsClosed, "")
	}
	if err := s.checkHolder(m, c); err != nil {
		return nil, err
	}
	if s.settings.Rule.Reading < 1 {
		return decideBefore(s, m, c)
	}
	return decide(s, m, c)
}

func decide(s *State, m Meta, c Command) ([]Event, error) {
	switch c := c.(type) {
	case ChangeSettings:
		return decideChangeSettings(s, c)
	case CloseDay:
		return decideCloseDay(s)
	case Tick:
		return decideTick(s, m)
	case BindRange:
		return decideBindRange(s, c)
	case SetService:
		return decideSetService(s, c)
	case SetOffice:
		return decideSetOffice(c)
	case IssueTicket:
		return decideIssue(s, m, c)
	case OpenCounter:
		return decideOpenCounter(s, m, c)
	case PauseCounter:
		return decidePauseCounter(s, c)
	case CloseCounter:
		return decideCloseCounter(s, c)
	case CallNext:
		return decideCallNext(s, m, c)
	case CallTicket:
		return decideCallTicket(s, m, c)
	case QuickServe:
		return decideQuickServe(s, c)
	case AskHelp:
		return decideAskHelp(s, c)
	case AnswerHelp:
		return decideAnswerHelp(s, c)
	case Undo:
		return decideUndo(s, m, c)
	case FinishAndCallNext:
		return decideFinishAndCallNext(s, m, c)
	case ReportKiosk:
		return decideReport(s, c)
	case ActKiosk:
		return decideAct(s, m, c)
	case Announce:
		return decideAnnounce(s, m, c)
	}
	return decideTicket(s, m, c)
}

// decideTicket answers the commands that name one ticket.
func decideTicket(s *State, m Meta, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Recall:
		return decideRecall(s, m, c)
	case Start:
		return decideStart(s, m, c)
	case Finish:
		return decideFinish(s, m, c)
	case MarkReady:
		return decideReady(s, c)
	case MarkNoShow:
		return decideNoShow(s, m, c)
	case Restore:
		return decideRestore(s, m, c)
	case Hold:
		return decideHold(s, m, c)
	case Resume:
		return decideResume(s, c)
	case Transfer:
		return decideTransfer(s, m, c)
	case AddService:
		return decideAddService(s, c)
	case ChangeService:
		return decideChangeService(s, c)
	case SetPriority:
		return decideSetPriority(s, c)
	case Defer:
		return decideDefer(s, m, c)
	case CheckIn:
		return decideCheckIn(s, m, c)
	case Withdraw:
		return decideWithdraw(s, m, c)
	case AddNote:
		return decideNote(s, m, c)
	case FlagTicket:
		return decideFlag(s, c)
	case Serve:
		return decideServe(s, m, c)
	case HandOver:
		return decideHandOver(s, c)
	case Merge:
		return decideMerge(s, m, c)
	case Skip:
		return decideSkip(s, m, c)
	}
	// The set of commands is sealed, so this is a command that somebody forgot here.
	panic("queue: a command without a decision")
}

// Limits on what people type.
const (
	maxText     = 500
	maxQuantity = 999
	maxDefer    = 2 * time.Hour
	maxFurther  = 8
	maxLater    = 2 // times that a visitor may ask for more time
	maxSkips    = 3 // times that clerks may skip a ticket
	maxAnnounce = 50
)

func one(e Event) ([]Event, error) { return []Event{e}, nil }

func checkText(field, text string, required bool) error {
	switch {
	case required && text == "":
		return refuse(MissingField, field)
	case len(text) > maxText:
		return refuse(TooLong, field)
	}
	return nil
}
