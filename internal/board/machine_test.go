package board_test

import (
	"slices"
	"testing"
	"time"

	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/queue"
)

func TestAMachineIsToldInOneWordAndItsTroubles(t *testing.T) {
	fine := queue.KioskReport{Version: "1", Printer: "ok", Paper: "ok", Link: "online", Store: "ok", Clock: "ok"}
	says := func(change func(*queue.KioskReport)) board.Health {
		h := board.Health{Report: fine, Heard: opening.Add(time.Hour), Since: opening}
		change(&h.Report)
		return h
	}
	silent := says(func(r *queue.KioskReport) { r.Paper = queue.PaperOut })
	silent.Silent = true
	for _, row := range []struct {
		name     string
		health   board.Health
		device   board.Device
		logged   *queue.KioskReport
		state    board.MachineState
		troubles []string
		since    time.Time
	}{
		{name: "never heard of", state: board.MachineUnused},
		{name: "enrolled and never heard of since the server started", device: board.Device{Enrolled: true}, state: board.MachineOK},
		{name: "enrolled and never heard of", device: board.Device{Enrolled: true}, health: board.Health{Silent: true}, state: board.MachineSilent, troubles: []string{"silent"}},
		{name: "well", health: says(func(*queue.KioskReport) {}), state: board.MachineOK, since: opening},
		{name: "a tablet without a printer", health: says(func(r *queue.KioskReport) { r.Printer, r.Paper = "none", "unknown" }), state: board.MachineOK, since: opening},
		{name: "busy printing", health: says(func(r *queue.KioskReport) { r.Printer = "busy" }), state: board.MachineOK, since: opening},
		{name: "paper near its end", health: says(func(r *queue.KioskReport) { r.Paper = "near_end" }), state: board.MachineTrouble, troubles: []string{"paper_near_end"}, since: opening},
		{name: "everything wrong, the most urgent first", health: says(func(r *queue.KioskReport) {
			r.Printer, r.Paper, r.Store, r.Clock = "error", "out", "one_file", "off"
		}), state: board.MachineTrouble, troubles: []string{"paper_out", "printer_error", "store_one_file", "clock_off"}, since: opening},
		{name: "alone", health: says(func(r *queue.KioskReport) { r.Link, r.Paper = "alone", "cover_open" }), state: board.MachineAlone, troubles: []string{"alone", "cover_open"}, since: opening},
		{name: "silent: what it said last is of no use", health: silent, state: board.MachineSilent, troubles: []string{"silent"}, since: opening.Add(time.Hour)},
		{name: "copied", health: says(func(*queue.KioskReport) {}), device: board.Device{Enrolled: true, Barred: "store_copied"}, state: board.MachineTrouble, troubles: []string{"store_copied"}, since: opening},
		{name: "revoked and gone", health: silent, device: board.Device{Revoked: true}, logged: &fine, state: board.MachineUnused},
		{name: "revoked, and there by a token", health: says(func(*queue.KioskReport) {}), device: board.Device{Revoked: true}, state: board.MachineOK, since: opening},
		{name: "heard by another server", logged: &queue.KioskReport{Paper: "out"}, state: board.MachineTrouble, troubles: []string{"paper_out"}, since: opening.Add(20 * time.Second)},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := newLobby(t)
			if row.logged != nil {
				l.do(queue.ReportKiosk{Kiosk: "K1", Report: *row.logged})
			}
			got := board.Machines(l.state, map[queue.KioskID]board.Health{"K1": row.health}, map[queue.KioskID]board.Device{"K1": row.device})
			if len(got) != 1 || got[0].State != row.state || !slices.Equal(got[0].Troubles, append([]string{}, row.troubles...)) || !got[0].Since.Equal(row.since) {
				t.Errorf("got %+v, want %s %v since %v", got, row.state, row.troubles, row.since)
			}
		})
	}
}

func TestOffersOfAllMachinesAreAddedUp(t *testing.T) {
	got := board.Offers(map[queue.KioskID]board.Health{
		"K1": {Offers: []board.Offer{{Service: "moving", Kind: "online", Shown: 3, Taken: 1}, {Service: "certificate", Kind: "office", Shown: 9}}},
		"K2": {Offers: []board.Offer{{Service: "moving", Kind: "online", Shown: 2, Taken: 2}}},
	})
	want := []board.Offer{{Service: "certificate", Kind: "office", Shown: 9}, {Service: "moving", Kind: "online", Shown: 5, Taken: 3}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAHolderWhoIsAwayIsToldHowToCheckIn(t *testing.T) {
	l := newLobby(t)
	id := queue.TicketID("web-1")
	l.do(queue.IssueTicket{Ticket: id, Service: "moving", Channel: queue.ChannelWeb, Secret: "hash"})
	see := func() board.TicketStatus {
		ticket, _ := l.state.Ticket(id)
		return board.Ticket(info(), l.state, ticket, estimate.Estimate(l.state, l.at))
	}
	if s := see(); !s.Away || s.CheckInCode != queue.CheckInCode("hash") {
		t.Errorf("away: %+v", s)
	}
	l.at = l.at.Add(time.Hour)
	if d := board.ProjectDashboard(info(), l.state, estimate.Estimate(l.state, l.at)); d.LongestWait != 0 || d.Office.Waiting != 1 {
		t.Errorf("the longest wait is %d s, though who waits is at home; waiting %d", d.LongestWait, d.Office.Waiting)
	}
	l.do(queue.CheckIn{Ticket: id})
	if s := see(); s.Away || s.CheckInCode != "" {
		t.Errorf("after the check-in: %+v", s)
	}
}
