package measure_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"machi/internal/history"
	"machi/internal/queue"
)

var services = []queue.ServiceID{"cert", "koseki", "moving", "mynumber", "pension", "seal", "tax", "welfare"}

// dateOf counts dates from the first of April.
func dateOf(n int) queue.Date {
	return queue.Date(time.Date(2025, 4, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}

// tableOf makes up a closed day of about so many visits.
func tableOf(seed uint64, office queue.OfficeID, date queue.Date, visits int) history.Day {
	chance := rand.New(rand.NewPCG(seed, 7))
	from, _, _ := date.Bounds()
	d := history.Day{Office: office, Date: date, Source: history.FromLog, Made: history.Making}
	opens := from.Add(8*time.Hour + 30*time.Minute)
	for i := range visits {
		d.Visits = append(d.Visits, visitOf(chance, fmt.Sprintf("A%03d", i), opens.Add(time.Duration(chance.Int64N(int64(510*time.Minute))))))
	}
	for n := range 4 {
		c := queue.CounterID(fmt.Sprint(n + 1))
		d.Spells = append(d.Spells,
			history.Spell{Counter: c, Services: services[:4], From: opens, To: opens.Add(210*time.Minute + time.Duration(n)*7*time.Minute)},
			history.Spell{Counter: c, Services: services, From: opens.Add(270 * time.Minute), To: opens.Add(520 * time.Minute)})
	}
	return d
}

// visitOf makes up one visit: of every kind there is.
func visitOf(chance *rand.Rand, number string, issued time.Time) history.Visit {
	long := func(mean float64) time.Duration {
		return time.Duration(chance.ExpFloat64() * mean * float64(time.Minute)).Truncate(time.Millisecond)
	}
	v := history.Visit{
		Number: queue.Number(number), Service: services[min(chance.IntN(8), chance.IntN(8))], Issued: issued.Truncate(time.Millisecond),
		Channel: queue.Channels[min(chance.IntN(4), chance.IntN(4))], Priority: chance.IntN(20) == 0, Outcome: history.Served,
	}
	if v.Channel == queue.ChannelAppointment {
		v.Appointment = issued.Truncate(30 * time.Minute)
	}
	at := v.Issued
	if v.Channel == queue.ChannelWeb && chance.IntN(2) == 0 {
		v.Arrived = at.Add(long(20))
		at = v.Arrived
	}
	if chance.IntN(10) > 0 {
		v.Told = &history.Told{Ahead: chance.IntN(9), Low: 5 * time.Minute, P50: 14 * time.Minute, High: time.Duration(15+chance.IntN(30)) * time.Minute}
	}
	v.Later = chance.IntN(40) / 39
	v.Restored, v.Recalled, v.Moved = chance.IntN(20)/19, chance.IntN(8)/7, chance.IntN(15)/14
	if chance.IntN(50) == 0 {
		v.Flags = append(v.Flags, []queue.Flag{queue.FlagClock, queue.FlagOffline, history.FlagNeverCame}[chance.IntN(3)])
	}
	leg := history.Leg{Service: v.Service, Stage: queue.StageReception, Joined: at, Outcome: history.Served, Counter: "1"}
	switch kind := chance.IntN(40); {
	case kind == 0: // without a ticket
		leg.Called, leg.Started, leg.Finished, leg.Unmeasured = at, at, at, true
	case kind <= 2:
		leg.Outcome, leg.Finished = history.Left, at.Add(long(12))
	case kind == 3:
		leg.Outcome, leg.Finished = history.Expired, at.Add(long(90))
	case kind <= 5:
		leg.Outcome, leg.Called = history.NoShow, at.Add(long(15))
		leg.Finished = leg.Called.Add(long(2))
	default:
		leg.Called = at.Add(long(15))
		leg.Started = leg.Called.Add(long(0.5))
		leg.Finished = leg.Started.Add(long(7))
		leg.Unmeasured = chance.IntN(30) == 0
	}
	v.Legs = []history.Leg{leg}
	if leg.Outcome == history.Served && !leg.Called.Equal(leg.Finished) {
		v.Legs = append(v.Legs, further(chance, leg, long)...)
	}
	last := v.Legs[len(v.Legs)-1]
	v.Outcome, v.Ended = last.Outcome, last.Finished
	return v
}

// further is what comes behind the first talk.
func further(chance *rand.Rand, before history.Leg, long func(float64) time.Duration) []history.Leg {
	next := history.Leg{Service: before.Service, Stage: queue.StageDelivery, Joined: before.Finished.Add(long(10)), Outcome: history.Served, Counter: "2"}
	switch chance.IntN(6) {
	case 0:
		next.Service, next.Stage, next.Joined = services[chance.IntN(8)], queue.StageReception, before.Finished
	case 1, 2, 3:
		return nil
	}
	next.Called = next.Joined.Add(long(4))
	next.Finished = next.Called.Add(long(2))
	next.Started = next.Called
	if chance.IntN(25) == 0 {
		next.Outcome, next.Called, next.Started = history.Expired, time.Time{}, time.Time{}
	}
	return []history.Leg{next}
}
