package replica_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"machi/internal/queue"
	"machi/internal/queue/queuetest"
	"machi/internal/replica"
)

func TestAPlanMovesToAnotherDate(t *testing.T) {
	stored := queuetest.Settings()
	stored.Services[0].Opens = time.Date(2026, 4, 1, 9, 0, 0, 0, queue.JST)
	stored.Services[0].Closes = time.Date(2026, 4, 1, 17, 0, 0, 0, queue.JST)
	want := queuetest.Settings()
	want.Date = "2026-05-08"
	want.Services[0].Opens = time.Date(2026, 5, 8, 9, 0, 0, 0, queue.JST)
	want.Services[0].Closes = time.Date(2026, 5, 8, 17, 0, 0, 0, queue.JST)
	got, err := replica.PlanFor(stored, "2026-05-08")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the plan of another date (-want +got):\n%s", diff)
	}
	if stored.Date != today || stored.Services[0].Opens.Day() != 1 {
		t.Error("the stored plan has changed")
	}
}

func TestAPlanThatCannotRunADay(t *testing.T) {
	rows := []struct {
		name   string
		change func(*queue.Settings)
		date   queue.Date
	}{
		{"no date of its own", func(s *queue.Settings) { s.Date = "" }, today},
		{"no date to go to", func(*queue.Settings) {}, "tomorrow"},
		{"no services", func(s *queue.Settings) { s.Services = nil }, today},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			stored := queuetest.Settings()
			row.change(&stored)
			if _, err := replica.PlanFor(stored, row.date); err == nil {
				t.Error("is taken")
			}
			r := replica.NewReplica(identity, today, &stored)
			if _, err := r.Issue(order(1)); row.date == today && !refused(err, queue.DayNotOpen) {
				t.Errorf("a day of it: %v, want that it is not open", err)
			}
		})
	}
}
