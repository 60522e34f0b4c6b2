package webtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"machi/internal/alert"
	"machi/internal/board"
	"machi/internal/queue"
	"machi/internal/web/page"
)

// Live returns a manager's view in full.
func (w *Ward) Live(id queue.OfficeID) (board.Live, bool) {
	if _, ok := w.states[id]; !ok {
		return board.Live{}, false
	}
	l := board.ProjectLive(w.infos[id], w.states[id], w.waits(id))
	l.Machines, l.Offers = w.machines(id)
	return l, true
}

// Screens are two of the first office, one of them dark.
func (w *Ward) Screens(id queue.OfficeID) []alert.ScreenState {
	if id != w.ids[0] {
		return nil
	}
	return []alert.ScreenState{{ID: "s1", Name: "正面入口", Heard: Now.Add(-9 * time.Second)}, {ID: "s2", Name: "2階待合", Silent: true, Heard: Now.Add(-6 * time.Minute)}}
}

// Open returns what is found in the ward; somebody has the second alert.
func (w *Ward) Open() []alert.Alert {
	book, _ := w.found()
	list := book.Open(Now)
	return list
}

// Day returns what goes on, and one that has ended.
func (w *Ward) Day(_ context.Context, date queue.Date) ([]alert.Alert, error) {
	if date != "" && date != queue.BusinessDay(Now) {
		return nil, alert.ErrNotKept
	}
	book, _ := w.found()
	return slices.Concat(book.All(), []alert.Alert{{
		ID: "over", Finding: alert.Finding{Office: w.ids[2], Kind: alert.Growing, Subject: alert.Subject{Service: "moving", Stage: queue.StageReception}, Since: Now.Add(-80 * time.Minute), Waiting: 14, Before: 6, Limit: 3600, At: Now.Add(-20 * time.Minute), Step: alert.Step{Do: alert.OpenOne, Counter: "5"}},
		Raised: Now.Add(-80 * time.Minute), Ended: Now.Add(-52 * time.Minute), Why: alert.Gone, By: "田中", Taken: Now.Add(-78 * time.Minute),
	}}), nil
}

// Rules are the usual ones.
func (*Ward) Rules(queue.OfficeID) alert.Rules {
	r := alert.Usual()
	r.Steps = []alert.Escalation{{After: 10 * time.Minute}, {After: 30 * time.Minute, Mail: []string{"kacho@city.example.jp"}}}
	return r
}

func (w *Ward) found() (alert.Book, int) {
	var book alert.Book
	n := 0
	for _, id := range w.ids {
		machines, _ := w.machines(id)
		scene := alert.SceneOf(w.states[id], w.waits(id), machines)
		scene.Screens = w.Screens(id)
		if ahead, ok := w.Ahead(id); ok {
			scene.Expected = ahead.List
		}
		look := alert.Find(scene, alert.Usual(), func(string) bool { return false })
		for _, e := range book.Next(look, alert.Usual(), alert.Gones{}, false, func() string { n++; return fmt.Sprintf("alert%d", n) }) {
			e.At = Now.Add(-time.Duration(2+n%7) * time.Minute)
			book.Apply(e)
		}
	}
	for i, a := range book.Open(Now) {
		verb, until := alert.Take, time.Time{}
		if i == 5 {
			verb, until = alert.Snooze, Now.Add(12*time.Minute).Truncate(time.Minute)
		}
		if i == 2 || i == 5 {
			events, _ := book.Act(a.ID, verb, "高橋", until, Now.Add(-time.Minute))
			for _, e := range events {
				book.Apply(e)
			}
		}
	}
	return book, n
}

// Ahead rises towards noon, more the earlier an office stands in the list. Of the last
// one nothing is known.
func (w *Ward) Ahead(id queue.OfficeID) (page.Outlook, bool) {
	place := slices.Index(w.ids, id)
	if place == len(w.ids)-1 {
		return page.Outlook{}, false
	}
	out := page.Outlook{Basis: page.FromPlay}
	info := w.infos[id]
	for k, v := range services {
		for i, minutes := range []int{12, 18, 27, 38, 31, 22} {
			wait := time.Duration(minutes*(10-place)/(3+k)) * time.Minute / 2
			service := queue.ServiceID(v.id)
			out.List = append(out.List, alert.Expected{
				Service: service, From: Now.Truncate(30 * time.Minute).Add(time.Duration(i) * 30 * time.Minute), P50: wait, P80: wait * 3 / 2, Level: info.Services[service].Level(wait),
			})
		}
	}
	return out, true
}
