// Package expecttest is an office with a past for tests: on Mondays twice as many people
// come as on other days, and two counters serve them.
package expecttest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"machi/internal/calendar"
	"machi/internal/expect"
	"machi/internal/history"
	"machi/internal/queue"
)

// The office and its services.
const (
	Office queue.OfficeID  = "o"
	Moving queue.ServiceID = "moving"
	Papers queue.ServiceID = "certificate"
)

// Limits are the thresholds of the services.
var Limits = expect.Thresholds{Moving: {20 * time.Minute, 40 * time.Minute, 80 * time.Minute}, Papers: {10 * time.Minute, 20 * time.Minute, 40 * time.Minute}}

// At returns a moment of a day.
func At(date queue.Date, clock time.Duration) time.Time {
	from, _, _ := date.Bounds()
	d := from.In(queue.JST)
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, queue.JST).Add(clock)
}

// Settings are those of the office on a date: from 8:30 to 17:00 on business days, with
// numbers from 8:00 on.
func Settings(date queue.Date) queue.Settings {
	s := queue.Settings{Office: Office, Date: date, Rule: queue.DefaultRule()}
	day, _ := calendar.ParseDay(string(date))
	opens, closes := At(date, 8*time.Hour+30*time.Minute), At(date, 17*time.Hour)
	if !calendar.BusinessDay(day) {
		opens, closes = At(date, 0), At(date, 0)
	}
	for _, id := range []queue.ServiceID{Moving, Papers} {
		v := queue.ServiceSettings{ID: id, Series: "A", Stages: []queue.Stage{queue.StageReception}, Expected: 10 * time.Minute, Opens: opens, Closes: closes}
		if opens.Before(closes) {
			v.Early = 30 * time.Minute
		}
		s.Services = append(s.Services, v)
	}
	for _, id := range []queue.CounterID{"1", "2"} {
		s.Counters = append(s.Counters, queue.CounterSettings{ID: id, Services: []queue.ServiceID{Moving, Papers}})
	}
	return s
}

// Closed returns a day of an office as it went; false: it was shut.
func Closed(office queue.OfficeID, date queue.Date, seed uint64) (history.Day, bool) {
	day, _ := calendar.ParseDay(string(date))
	if !calendar.BusinessDay(day) {
		return history.Day{}, false
	}
	r := rand.New(rand.NewPCG(seed, uint64(day.Day)+100*uint64(day.Month)))
	d := history.Day{Office: office, Date: date, Source: history.FromLog, Made: history.Making}
	for _, c := range []queue.CounterID{"1", "2"} {
		d.Spells = append(d.Spells, history.Spell{Counter: c, Services: []queue.ServiceID{Moving, Papers}, From: At(date, 8*time.Hour+30*time.Minute), To: At(date, 19*time.Hour)})
	}
	rate := 8 * time.Minute
	if day.Weekday() == time.Monday {
		rate = 4 * time.Minute
	}
	free := [2]time.Time{d.Spells[0].From, d.Spells[0].From}
	for came := At(date, 8*time.Hour+20*time.Minute); came.Before(At(date, 17*time.Hour)); came = came.Add(time.Duration(r.ExpFloat64() * float64(rate))) {
		service, talk := Papers, 5*time.Minute
		if r.IntN(2) == 0 {
			service, talk = Moving, 13*time.Minute
		}
		talk = time.Duration((0.5 + r.Float64()) * float64(talk))
		i := 0
		if free[1].Before(free[0]) {
			i = 1
		}
		called := came
		if free[i].After(called) {
			called = free[i]
		}
		called = called.Truncate(time.Second)
		ended := called.Add(talk).Truncate(time.Second)
		free[i] = ended.Add(15 * time.Second)
		d.Visits = append(d.Visits, history.Visit{
			Number: queue.Number(fmt.Sprintf("A%03d", len(d.Visits)+1)), Service: service, Channel: "kiosk", Issued: came.Truncate(time.Second), Outcome: history.Served, Ended: ended,
			Legs: []history.Leg{{Service: service, Stage: queue.StageReception, Joined: came.Truncate(time.Second), Called: called, Finished: ended, Counter: d.Spells[i].Counter, Outcome: history.Served}},
		})
	}
	return d, true
}
