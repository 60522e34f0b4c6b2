package outlook

import (
	"math"
	"slices"
	"time"

	"machi/internal/queue"
)

// Resume turns the Input of a whole day into that of what is left of it: who waits
// and who is served at the moment, counters as they stand, and arrivals as many more
// or fewer than expected as have come so far. Outside the day it changes nothing.
//
// A counter that is open goes on until its plan says otherwise, or to the end of the
// reception where the plan has it closed; one that is paused or closed comes back
// with the next spell of its plan, a paused one at the latest in a quarter of an hour
// if its plan has it open.
func (in Input) Resume(s *queue.State, at time.Time) Input {
	now := clock(at)
	if !s.Opened() || now < in.From || now >= in.Close {
		return in
	}
	in.Services, in.Spells = slices.Clone(in.Services), slices.Clone(in.Spells)
	in.learnDay(s, now)
	in.Now = present(s)
	in.stand(s, now)
	in.From = now
	return in
}

// learnDay corrects the level of the day by those who have come.
func (in *Input) learnDay(s *queue.State, now time.Duration) {
	came := make([]float64, len(in.Services))
	for _, t := range s.Tickets() {
		first := t.Line.Service
		if len(t.Visited) > 0 {
			first = t.Visited[0].Line.Service
		}
		if i := slices.IndexFunc(in.Services, func(v Service) bool { return v.ID == first }); i >= 0 && clock(t.IssuedAt) <= now {
			came[i]++
		}
	}
	expected := make([]float64, len(in.Services))
	var allCame, allExpected float64
	for i := range in.Services {
		for slot, mean := range in.Services[i].Mean {
			part := (now - time.Duration(slot)*SlotLength).Seconds() / SlotLength.Seconds()
			expected[i] += mean * min(1, max(0, part))
		}
		allCame, allExpected = allCame+came[i], allExpected+expected[i]
	}
	level, swing := posterior(in.Swing, allCame, allExpected)
	in.Swing = swing
	for i := range in.Services {
		v := &in.Services[i]
		own, swing := posterior(v.Swing, came[i], expected[i]*level)
		v.Swing = swing
		for slot := range v.Mean {
			v.Mean[slot] *= level * own
		}
	}
}

// posterior is what a level of mean 1 that was unsure by swing (gamma) is taken for
// once so many have come of so many expected, and how unsure it is then.
func posterior(swing, came, expected float64) (level, left float64) {
	if swing <= 0 {
		return 1, 0
	}
	k := 1 / (swing * swing)
	return (k + came) / (k + expected), 1 / math.Sqrt(k+came)
}

// present is who is there.
func present(s *queue.State) *Now {
	n := &Now{Run: s.PriorityRun()}
	for _, t := range s.Tickets() {
		switch t.Status {
		case queue.Waiting:
			since := t.Arrival
			if t.Line.Stage == queue.StageDelivery {
				since = t.ReadyAt
			}
			n.Waiting = append(n.Waiting, Waiting{Service: t.Line.Service, Stage: t.Line.Stage, Priority: t.Priority, Since: clock(since)})
		case queue.Called, queue.Serving:
			n.Busy = append(n.Busy, Busy{Counter: t.Counter, Service: t.Line.Service, Stage: t.Line.Stage, Since: clock(t.CalledAt)})
		case queue.Processing:
			since := t.IssuedAt
			if k := len(t.Visited); k > 0 {
				since = t.Visited[k-1].Finished
			}
			n.Processing = append(n.Processing, Processing{Service: t.Line.Service, Since: clock(since)})
		}
	}
	return n
}

// comesBack is how soon a paused counter does whose plan has it open.
const comesBack = 15 * time.Minute

// stand brings the plan of every counter in line with how it stands.
func (in *Input) stand(s *queue.State, now time.Duration) {
	var spells []Spell
	for _, c := range s.Counters() {
		plan := plansOf(in.Spells, c.ID)
		due := slices.IndexFunc(plan, func(p Spell) bool { return p.From <= now && now < p.To })
		switch {
		case c.State == queue.CounterOpen:
			until := in.Close
			if due >= 0 {
				until = plan[due].To
			}
			spells = append(spells, Spell{Counter: c.ID, Services: c.Services, Own: c.Own, Stages: c.Stages, From: now, To: until})
		case c.State == queue.CounterPaused && due >= 0:
			back := plan[due]
			if back.From = now + comesBack; back.From < back.To {
				spells = append(spells, back)
			}
		}
		for _, p := range plan {
			if p.From > now {
				spells = append(spells, p)
			}
		}
	}
	in.Spells = spells
}

func plansOf(spells []Spell, id queue.CounterID) (out []Spell) {
	for _, p := range spells {
		if p.Counter == id {
			out = append(out, p)
		}
	}
	return out
}
