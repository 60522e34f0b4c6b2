package queue

import (
	"encoding/json"
	"maps"
	"slices"
)

// Canonical returns a form of the state that is equal, byte for byte, on every
// machine that holds the same day: whoever hashes it can compare two replicas.
// What depends on the way the day arrived (the order of facts, what can still be
// undone, the calls on the wall) is left out.
func (s *State) Canonical() ([]byte, error) {
	type pair[K ~string, V any] struct {
		Key   K
		Value V
	}
	return json.Marshal(struct {
		Settings  Settings
		Opened    bool
		Closed    bool
		Office    ServiceStatus
		Services  []pair[ServiceID, ServiceStatus]
		Counters  []*Counter
		Tickets   []*Ticket
		Used      []pair[string, int]
		Bindings  []pair[KioskID, []Binding]
		Overtaken []pair[TicketID, int]
		Run       int
		Kiosks    []pair[KioskID, KioskReport] `json:",omitempty"`
	}{
		s.settings, s.opened, s.closed, s.office,
		sorted(s.services, func(k ServiceID, v ServiceStatus) pair[ServiceID, ServiceStatus] {
			return pair[ServiceID, ServiceStatus]{k, v}
		}),
		s.Counters(),
		sorted(s.tickets, func(_ TicketID, t *Ticket) *Ticket { return t }),
		sorted(s.used, func(k string, v int) pair[string, int] { return pair[string, int]{k, v} }),
		sorted(s.bindings, func(k KioskID, v []Binding) pair[KioskID, []Binding] { return pair[KioskID, []Binding]{k, v} }),
		sorted(s.overtaken, func(k TicketID, v int) pair[TicketID, int] { return pair[TicketID, int]{k, v} }),
		s.run,
		sorted(s.kiosks, func(k KioskID, v KioskReport) pair[KioskID, KioskReport] { return pair[KioskID, KioskReport]{k, v} }),
	})
}

// sorted lists a map in the order of its keys.
func sorted[K ~string, V, T any](m map[K]V, as func(K, V) T) []T {
	list := make([]T, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, as(k, m[k]))
	}
	return list
}
