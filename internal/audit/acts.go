package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"machi/internal/eventlog"
	"machi/internal/queue"
)

// happened is an event of an office's log as far as the trail tells of it. It reads
// the stored form, so that an event of a later release is still an act of somebody.
type happened struct {
	Kind string `json:"kind"`
	Data struct {
		Ticket   string `json:"ticket"`
		Number   string `json:"number"`
		Counter  string `json:"counter"`
		Kiosk    string `json:"kiosk"`
		Service  string `json:"service"`
		Office   string `json:"office"`
		Action   string `json:"action"`
		Staff    string `json:"staff"`
		From     string `json:"from"`
		Reason   any    `json:"reason"`
		State    string `json:"state"`
		Flag     string `json:"flag"`
		Command  string `json:"command"`
		Quantity int    `json:"quantity"`
		Priority *bool  `json:"priority"`
		To       struct {
			Service string `json:"service"`
			Stage   string `json:"stage"`
		} `json:"to"`
	} `json:"data"`
}

// people are the roles of an office's log that stand for a person at work.
var people = []string{queue.RoleStaff, queue.RoleManager, "reception", "admin"}

// offices looks through the office-days of the query, the newest first.
func (s *search) offices(ctx context.Context, store eventlog.Store) error {
	names, err := store.Streams(ctx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	type officeDay struct {
		name, office, date string
	}
	first, last := s.q.From.In(queue.JST).Format(time.DateOnly), s.q.To.In(queue.JST).Format(time.DateOnly)
	var days []officeDay
	for _, name := range names {
		office, date, ok := strings.Cut(name, ":")
		if _, err := time.Parse(time.DateOnly, date); !ok || err != nil || date < first || date > last {
			continue
		}
		if s.q.Offices == nil || slices.Contains(s.q.Offices, queue.OfficeID(office)) {
			days = append(days, officeDay{name, office, date})
		}
	}
	slices.SortFunc(days, func(x, y officeDay) int { return strings.Compare(y.date+y.office, x.date+x.office) })
	for _, d := range days {
		if s.read > maxRead {
			break
		}
		if err := s.walk(ctx, store, d.name, s.officeDay(d.name, d.office)); err != nil {
			return err
		}
	}
	return nil
}

// officeDay returns what to do with the records of an office's day. Numbers are
// remembered on the way: most events name a ticket by its id.
func (s *search) officeDay(stream, office string) func(eventlog.Record) error {
	numbers, done := map[string]string{}, map[string]string{} // of tickets by id, and what a command was about
	return func(r eventlog.Record) error {
		body, err := eventlog.DecodeBody(r.Body)
		if err != nil {
			return err
		}
		var list []happened
		if err := json.Unmarshal(body.Events, &list); err != nil {
			return err
		}
		for _, e := range list {
			if e.Data.Ticket != "" && e.Data.Number != "" {
				numbers[e.Data.Ticket] = e.Data.Number
			}
		}
		role, who, _ := strings.Cut(body.Actor, ":")
		i := slices.IndexFunc(list, happened.told)
		if i >= 0 {
			done[body.Command] = list[i].target(numbers, done)
		}
		if i < 0 || !s.q.Everybody && !slices.Contains(people, role) && list[i].Kind != "kiosk_acted" {
			return nil
		}
		s.take(Found{
			Entry{
				At: body.At.In(queue.JST), Who: harmless(who, maxWord), Role: role, Action: list[i].action(), Office: queue.OfficeID(office),
				Target: harmless(done[body.Command], maxTarget), Result: OK, Detail: harmless(list[i].detail(), maxDetail),
			},
			FromOffice, stream, r.Number, r.Hash(),
		})
		return nil
	}
}

// told reports whether an event says what a person did: reports of machines do not.
func (e happened) told() bool { return e.Kind != "kiosk_reported" && e.Kind != "ticket_flagged" }

func (e happened) action() string {
	switch {
	case e.Kind == "counter_opened" && e.Data.From != "":
		return "take_over"
	case e.Kind == "action_undone":
		return "undo"
	}
	return e.Kind
}

func (e happened) target(numbers, done map[string]string) string {
	d := e.Data
	for _, text := range []string{d.Number, numbers[d.Ticket], d.Ticket, d.Kiosk, done[d.Command], d.Command} {
		if text != "" {
			return text
		}
	}
	if d.Counter != "" {
		return "counter " + d.Counter
	}
	return d.Service
}

// detail says where and how. What people wrote (notes, messages) stays in the
// office's own log.
func (e happened) detail() string {
	d := e.Data
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	add("counter", d.Counter)
	add("service", d.Service)
	add("to", strings.Trim(d.To.Service+"/"+d.To.Stage, "/"))
	add("office", d.Office)
	add("from", d.From)
	add("staff", d.Staff)
	add("act", d.Action)
	add("state", d.State)
	if code, ok := d.Reason.(map[string]any); ok {
		if text, ok := code["code"].(string); ok {
			add("why", text)
		}
	}
	if d.Quantity > 0 {
		add("quantity", strconv.Itoa(d.Quantity))
	}
	if d.Priority != nil {
		add("priority", strconv.FormatBool(*d.Priority))
	}
	return strings.Join(parts, " ")
}
