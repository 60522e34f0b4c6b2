package queue

import (
	"encoding/json"
	"fmt"
)

// tagged is an event on disk: its kind, and its fields beside it.
type tagged struct {
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// EncodeEvents returns the stored form of events: a JSON array.
func EncodeEvents(events []Event) (json.RawMessage, error) {
	list := make([]tagged, len(events))
	for i, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("encode event %s: %w", e.kind(), err)
		}
		list[i] = tagged{e.kind(), data}
	}
	return json.Marshal(list)
}

// DecodeEvents reads the stored form of events. An unknown kind is an error, not
// skipped: a program that cannot read a day must not decide on it.
func DecodeEvents(raw json.RawMessage) ([]Event, error) {
	var list []tagged
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("decode events: %w", err)
	}
	events := make([]Event, len(list))
	for i, t := range list {
		decode, ok := decoders[t.Kind]
		if !ok {
			return nil, fmt.Errorf("decode events: unknown kind %q", t.Kind)
		}
		e, err := decode(t.Data)
		if err != nil {
			return nil, fmt.Errorf("decode event %s: %w", t.Kind, err)
		}
		events[i] = e
	}
	return events, nil
}

// Kind returns the name of an event's type in the log.
func Kind(e Event) string { return e.kind() }

// TicketOf returns the ticket that an event is about, or "".
func TicketOf(e Event) TicketID { return e.ticket() }

var decoders = map[string]func(json.RawMessage) (Event, error){
	DayOpened{}.kind():         decode[DayOpened],
	SettingsChanged{}.kind():   decode[SettingsChanged],
	DayClosed{}.kind():         decode[DayClosed],
	RangeBound{}.kind():        decode[RangeBound],
	ServiceSet{}.kind():        decode[ServiceSet],
	OfficeSet{}.kind():         decode[OfficeSet],
	ActionUndone{}.kind():      decode[ActionUndone],
	KioskReported{}.kind():     decode[KioskReported],
	KioskActed{}.kind():        decode[KioskActed],
	CounterOpened{}.kind():     decode[CounterOpened],
	CounterSuspended{}.kind():  decode[CounterSuspended],
	CounterShut{}.kind():       decode[CounterShut],
	HelpAsked{}.kind():         decode[HelpAsked],
	HelpAnswered{}.kind():      decode[HelpAnswered],
	TicketIssued{}.kind():      decode[TicketIssued],
	TicketCalled{}.kind():      decode[TicketCalled],
	TicketRecalled{}.kind():    decode[TicketRecalled],
	ServiceStarted{}.kind():    decode[ServiceStarted],
	ServiceFinished{}.kind():   decode[ServiceFinished],
	QuickServed{}.kind():       decode[QuickServed],
	TicketReady{}.kind():       decode[TicketReady],
	TicketMissed{}.kind():      decode[TicketMissed],
	TicketRestored{}.kind():    decode[TicketRestored],
	TicketHeld{}.kind():        decode[TicketHeld],
	TicketResumed{}.kind():     decode[TicketResumed],
	TicketTransferred{}.kind(): decode[TicketTransferred],
	TicketSentAway{}.kind():    decode[TicketSentAway],
	ServiceAdded{}.kind():      decode[ServiceAdded],
	PrioritySet{}.kind():       decode[PrioritySet],
	TicketDeferred{}.kind():    decode[TicketDeferred],
	TicketArrived{}.kind():     decode[TicketArrived],
	TicketWithdrawn{}.kind():   decode[TicketWithdrawn],
	NoteAdded{}.kind():         decode[NoteAdded],
	TicketFlagged{}.kind():     decode[TicketFlagged],
	TicketClosed{}.kind():      decode[TicketClosed],
	TicketExpired{}.kind():     decode[TicketExpired],
	TicketServed{}.kind():      decode[TicketServed],
	TicketAnnounced{}.kind():   decode[TicketAnnounced],
	TicketMerged{}.kind():      decode[TicketMerged],
}

func decode[E Event](raw json.RawMessage) (Event, error) {
	var e E
	err := json.Unmarshal(raw, &e)
	return e, err
}
