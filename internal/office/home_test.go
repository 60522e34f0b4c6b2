package office_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"machi/internal/eventlog/redistest"
	"machi/internal/office"
	"machi/internal/queue"
	"machi/internal/quota"
)

// TestNoTwoServersGiveTheLastTicketFromHome lets 64 people take tickets at once, at
// two servers on one Redis, of a slot that has five.
func TestNoTwoServersGiveTheLastTicketFromHome(t *testing.T) {
	server := redistest.Start(t)
	serve := func(name string) *ward {
		o := options(name, onRedis(t, server))
		o.Now = func() time.Time { return morning } // one slot, however slow the machine is
		o.Settings = func(id queue.OfficeID, on queue.Date) (queue.Settings, error) {
			s := settings(id, on)
			s.Rule.CheckIn = true
			s.Rule.Home = queue.FromHome{On: true, Rule: quota.Rule{PerSlot: 5, PerNetwork: 64}, Keep: time.Hour, Expire: time.Hour}
			return s, nil
		}
		return run(t, o)
	}
	wards := []*ward{serve("a"), serve("b")}
	var takers sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for i := range 64 {
		takers.Go(func() {
			_, err := wards[i%2].do(office.Request{
				ID: queue.CommandID(fmt.Sprint("home-", i)), Actor: queue.Actor{Role: queue.RoleWeb, ID: "home"},
				Command: queue.IssueTicket{Service: "moving", Channel: queue.ChannelWeb, Marks: queue.Marks{Device: fmt.Sprint(i), Network: fmt.Sprint(i % 4)}},
			})
			mu.Lock()
			defer mu.Unlock()
			var refusal *queue.Refusal
			switch {
			case err == nil:
				got["taken"]++
			case errors.As(err, &refusal):
				got[string(refusal.Code)]++
			default:
				got[err.Error()]++
			}
		})
	}
	takers.Wait()
	if got["taken"] != 5 || got[string(queue.HomeQuota)] != 59 {
		t.Errorf("of 64 takers: %v; want 5 taken, 59 refused for the quota", got)
	}
	for _, w := range wards {
		w.end()
	}
}
