package board

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"machi/internal/estimate"
	"machi/internal/queue"
)

// Delivery is what the delivery desk sees: what can be handed over, what has been
// announced, and what the back office has.
type Delivery struct {
	Office     queue.OfficeID  `json:"office"`
	OfficeName Text            `json:"office_name"`
	AsOf       time.Time       `json:"as_of"`
	Seq        uint64          `json:"seq"`
	Epoch      string          `json:"epoch"`
	Ready      []DeliveryRow   `json:"ready"`      // not announced, the longest ready first
	Announced  []DeliveryRow   `json:"announced"`  // the longest announced first
	Processing []DeliveryRow   `json:"processing"` // in the back office, the oldest first
	Held       []ConsoleTicket `json:"held"`
	// Missed were called to a delivery counter and did not come.
	Missed   []ConsoleTicket  `json:"missed"`
	Counters []ConsoleCounter `json:"counters"` // that hand things over
	Services []Service        `json:"services"`
	// Counts are whole, though the lists are cut.
	Counts DeliveryCounts `json:"counts"`
}

// DeliveryCounts count the tickets of each list.
type DeliveryCounts struct {
	Ready      int `json:"ready"`
	Announced  int `json:"announced"`
	Processing int `json:"processing"`
}

// DeliveryRow is a ticket with since when it has been in its list.
type DeliveryRow struct {
	ConsoleTicket
	Since time.Time `json:"since"`
	Age   int       `json:"age_seconds"`
}

// deliveryRows bounds each list of the delivery desk.
const deliveryRows = 200

// ProjectDelivery returns what the delivery desk of an office sees. Seq and epoch
// are the caller's.
func ProjectDelivery(info Info, s *queue.State, est estimate.Office) Delivery {
	d := Delivery{
		Office: info.ID, OfficeName: info.Name, AsOf: est.At, Ready: []DeliveryRow{}, Announced: []DeliveryRow{},
		Processing: []DeliveryRow{}, Held: []ConsoleTicket{}, Missed: []ConsoleTicket{}, Counters: []ConsoleCounter{}, Services: []Service{},
	}
	for _, t := range s.Tickets() {
		d.sort(s, t, est.At)
	}
	for _, c := range s.Counters() {
		if slices.Contains(c.Stages, queue.StageDelivery) {
			d.Counters = append(d.Counters, StaffCounter(s, c, est.At))
		}
	}
	d.Counts = DeliveryCounts{len(d.Ready), len(d.Announced), len(d.Processing)}
	for _, rows := range []*[]DeliveryRow{&d.Ready, &d.Announced, &d.Processing} {
		slices.SortStableFunc(*rows, func(a, b DeliveryRow) int { return a.Since.Compare(b.Since) })
		*rows = (*rows)[:min(deliveryRows, len(*rows))]
	}
	d.Services = staffServices(info, s, est)
	return d
}

// sort puts a ticket into the list that it belongs to, if any.
func (d *Delivery) sort(s *queue.State, t *queue.Ticket, at time.Time) {
	delivery := t.Line.Stage == queue.StageDelivery
	_, called := announcedTo(s, t)
	switch {
	case t.Status == queue.Processing:
		d.Processing = append(d.Processing, deliveryRow(s, t, lastFinish(t), at))
	case !delivery:
		return
	case t.Status == queue.Waiting && called:
		d.Announced = append(d.Announced, deliveryRow(s, t, t.AnnouncedAt, at))
	case t.Status == queue.Waiting:
		d.Ready = append(d.Ready, deliveryRow(s, t, t.ReadyAt, at))
	case t.Status == queue.Held:
		d.Held = appendRow(d.Held, s, t)
	case t.Status == queue.NoShow:
		d.Missed = appendRow(d.Missed, s, t)
	}
}

func deliveryRow(s *queue.State, t *queue.Ticket, since, at time.Time) DeliveryRow {
	if since.IsZero() {
		since = t.Arrival
	}
	return DeliveryRow{StaffTicket(s, t), since, max(0, int(at.Sub(since)/time.Second))}
}

// lastFinish is when the reception of a visit ended, and its processing began.
func lastFinish(t *queue.Ticket) time.Time {
	if n := len(t.Visited); n > 0 {
		return t.Visited[n-1].Finished
	}
	return t.StartedAt
}

func staffServices(info Info, s *queue.State, est estimate.Office) []Service {
	list := []Service{}
	for _, v := range s.Settings().Services {
		service := projectService(info.Services[v.ID], v, s, est)
		service.Stages = v.Stages
		list = append(list, service)
	}
	return list
}

// Reception is what the reception desk sees: the tickets of the day, found by
// number, and how the services stand.
type Reception struct {
	Office     queue.OfficeID   `json:"office"`
	OfficeName Text             `json:"office_name"`
	AsOf       time.Time        `json:"as_of"`
	Seq        uint64           `json:"seq"`
	Epoch      string           `json:"epoch"`
	State      string           `json:"state"` // open, closed, paused
	Tickets    []ReceptionRow   `json:"tickets"`
	Found      int              `json:"found"` // also those that the list is too short for
	Waiting    int              `json:"waiting"`
	Services   []Service        `json:"services"`
	Counters   []ConsoleCounter `json:"counters"`
	Machines   []Machine        `json:"machines"`
}

// ReceptionRow is a ticket with where it stands in its line.
type ReceptionRow struct {
	ConsoleTicket
	Ahead       int       `json:"ahead"`
	UntilCalled *Estimate `json:"until_called"`
}

// receptionRows bounds the tickets that the reception desk lists.
const receptionRows = 200

// ProjectReception returns what the reception desk sees: the open tickets whose
// number fits what was typed (see [NumberFits]), the earliest arrival first. Who
// typed something also finds visits that are over, behind the others.
func ProjectReception(info Info, s *queue.State, typed string, est estimate.Office) Reception {
	r := Reception{
		Office: info.ID, OfficeName: info.Name, AsOf: est.At, State: officeState(s, est.At), Tickets: []ReceptionRow{},
		Waiting: s.WaitingCount(), Services: staffServices(info, s, est), Counters: []ConsoleCounter{}, Machines: []Machine{},
	}
	var found []*queue.Ticket
	for _, t := range s.Tickets() {
		over := t.Status.Final() && (typed == "" || t.Number == "")
		if !over && NumberFits(t, typed) {
			found = append(found, t)
		}
	}
	slices.SortStableFunc(found, func(a, b *queue.Ticket) int {
		return cmp.Or(cmp.Compare(final(a), final(b)), a.Arrival.Compare(b.Arrival))
	})
	r.Found = len(found)
	for _, t := range found[:min(receptionRows, len(found))] {
		wait := est.Tickets[t.ID]
		row := ReceptionRow{ConsoleTicket: StaffTicket(s, t), Ahead: wait.Ahead}
		if t.Status == queue.Waiting {
			row.UntilCalled = Wire(wait.Called, est.At)
		}
		r.Tickets = append(r.Tickets, row)
	}
	for _, c := range s.Counters() {
		r.Counters = append(r.Counters, StaffCounter(s, c, est.At))
	}
	return r
}

func final(t *queue.Ticket) int {
	if t.Status.Final() {
		return 1
	}
	return 0
}

// NumberFits reports whether what was typed means a ticket: the beginning of its
// number ("A01"), its end ("12"), the whole in any writing, or a number that it
// bore before. Nothing typed fits every ticket.
func NumberFits(t *queue.Ticket, typed string) bool {
	if strings.TrimSpace(typed) == "" {
		return true
	}
	whole, part := queue.NormalizeNumber(typed), strings.ToUpper(strings.TrimSpace(typed))
	fits := func(n queue.Number) bool {
		return n == whole || strings.HasPrefix(string(n), part) || strings.HasSuffix(string(n), part)
	}
	return t.Number != "" && fits(t.Number) || slices.ContainsFunc(t.Former, fits)
}
