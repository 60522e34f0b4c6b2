package invariant_test

import (
	"slices"
	"testing"
	"time"

	"machi/internal/queue"
	"machi/internal/queue/invariant"
	"machi/internal/queue/queuetest"
	"machi/internal/quota"
)

// TestForgedTicketsFromHome gives tickets that the rule would have refused.
func TestForgedTicketsFromHome(t *testing.T) {
	for _, row := range []struct {
		want   string
		change func(*queue.FromHome)
		device string
	}{
		{"H1", func(*queue.FromHome) {}, "other"},
		{"H1", func(h *queue.FromHome) { h.Off = true }, "other"},
		{"H2", func(h *queue.FromHome) { h.PerSlot = 9 }, "same"},
	} {
		settings := queuetest.Settings()
		settings.Rule.Home = queue.FromHome{On: true, Rule: quota.Rule{PerSlot: 1}, Keep: time.Hour, Expire: time.Hour}
		l := queuetest.New(settings, "s0")
		take := queue.IssueTicket{Ticket: "home-1", Service: "moving", Channel: queue.ChannelWeb, Marks: queue.Marks{Device: "same"}}
		if _, err := l.Do(queue.Actor{Role: queue.RoleWeb}, take); err != nil {
			t.Fatal(err)
		}
		row.change(&settings.Rule.Home)
		if _, err := l.Do(queuetest.Staff("boss"), queue.ChangeSettings{Settings: settings}); err != nil {
			t.Fatal(err)
		}
		if found := invariant.Check(l.Entries); len(found) > 0 {
			t.Fatalf("an honest log: %v", found)
		}
		issued := queue.TicketIssued{Ticket: "home-2", Number: "A002", Pool: queue.PoolServer, Service: "moving", Channel: queue.ChannelWeb, IssuedAt: l.At, Arrival: l.At, Away: true, Marks: queue.Marks{Device: row.device}}
		found := invariant.Check(append(slices.Clone(l.Entries), queue.Entry{Meta: l.Meta(queue.Actor{Role: queue.RoleWeb}), Events: []queue.Event{issued}}))
		if len(found) == 0 || !slices.ContainsFunc(found, func(v invariant.Violation) bool { return v.ID == row.want }) {
			t.Errorf("want %s, found %v", row.want, found)
		}
	}
}
