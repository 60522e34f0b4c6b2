package alert

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/board"
	"machi/internal/estimate"
	"machi/internal/queue"
)

// Scene is an office at a moment, as far as alerts look at it.
type Scene struct {
	Office   queue.OfficeID
	At       time.Time
	Open     bool // numbers are given, or somebody waits
	Soon     bool // the doors open within the hour
	Lines    []Line
	Counters []Counter
	Machines []board.Machine
	Screens  []ScreenState
	Expected []Expected // by time; empty: nothing is known
	// Guarantee is the longest wait that the calling rule allows; zero: it has none.
	Guarantee time.Duration
	// Unsure are kiosks and screens of which this server cannot say whether they are there.
	Unsure []string
}

// Line is those who wait for one service's stage.
type Line struct {
	Service queue.ServiceID
	Stage   queue.Stage
	Waiting int
	Oldest  time.Time // arrival of who waits longest; zero: nobody waits
	// Told is what a newcomer is told; Failed says that nothing can be told though it should.
	Told   estimate.Range
	Failed bool
	Past   [5]int // how many waited 20, 15, 10 and 5 minutes ago, and now
	// Talks are the visits at a counter that ended, the newest last, and Under those that
	// go on, as long as they are until now.
	Talks []time.Duration
	Under []time.Duration
}

// Counter is a counter of the office.
type Counter struct {
	ID     queue.CounterID
	State  queue.CounterState
	Serves []queue.Line // that it calls now, or would if it were open
	May    []queue.Line // that the catalogue lets it call
	Busy   bool
	Since  time.Time
	Help   string
	HelpAt time.Time
}

// ScreenState is a registered wall screen.
type ScreenState struct {
	ID, Name string
	Silent   bool      // not heard of
	Stale    time.Time // since when it has had no news; zero: it has
	Heard    time.Time // zero: never since the server began
}

// Expected is a wait in a half hour to come.
type Expected struct {
	Service queue.ServiceID
	From    time.Time
	P50     time.Duration // of those who come then, until called
	P80     time.Duration
	Level   board.Level // of P50, by the service's own thresholds
}

// pastStep is between two looks at how long a line was.
const pastStep = 5 * time.Minute

// SceneOf returns an office's scene, without screens and what is expected.
func SceneOf(s *queue.State, est estimate.Office, machines []board.Machine) Scene {
	out := Scene{Office: s.Settings().Office, At: est.At, Machines: machines, Guarantee: s.Settings().Rule.MaxWait}
	if !s.Opened() || s.Closed() {
		return out
	}
	out.Open = s.WaitingCount() > 0
	for _, v := range s.Settings().Services {
		_, accepts := s.Accepts(v.ID, est.At)
		out.Open = out.Open || accepts
		opens := v.Opens.Add(-v.Early)
		out.Soon = out.Soon || v.Opens.Before(v.Closes) && opens.After(est.At) && opens.Sub(est.At) <= time.Hour
	}
	out.counters(s)
	out.lines(s, est)
	return out
}

func (out *Scene) counters(s *queue.State) {
	for _, c := range s.Counters() {
		seat := Counter{ID: c.ID, State: c.State, Busy: c.Ticket != "", Since: c.Since, Help: c.Help, HelpAt: c.HelpAt, Serves: linesOf(c.Services, c.Stages)}
		if plan, ok := s.Settings().Counter(c.ID); ok {
			seat.May = linesOf(plan.Services, plan.Stages)
		}
		if c.State == queue.CounterClosed {
			seat.Serves = seat.May
		}
		out.Counters = append(out.Counters, seat)
	}
}

func linesOf(services []queue.ServiceID, stages []queue.Stage) (list []queue.Line) {
	for _, v := range services {
		for _, stage := range stages {
			list = append(list, queue.Line{Service: v, Stage: stage})
		}
	}
	return list
}

func (out *Scene) lines(s *queue.State, est estimate.Office) {
	byLine := map[queue.Line]*Line{}
	of := func(l queue.Line) *Line {
		if byLine[l] == nil {
			byLine[l] = &Line{Service: l.Service, Stage: l.Stage}
		}
		return byLine[l]
	}
	for _, t := range s.Tickets() {
		if t.Status == queue.Waiting && !t.Away {
			l := of(t.Line)
			l.Waiting++
			if l.Oldest.IsZero() || t.Arrival.Before(l.Oldest) {
				l.Oldest = t.Arrival
			}
		}
		if t.Status == queue.Serving && !t.StartedAt.IsZero() {
			l := of(t.Line)
			l.Under = append(l.Under, max(0, est.At.Sub(t.StartedAt)))
		}
		past(of, t, est.At)
	}
	ended := endedTalks(s)
	for line, talks := range ended {
		of(line).Talks = talks
	}
	for line, l := range byLine {
		if line.Stage == queue.StageReception {
			l.Told = est.Services[line.Service].Called
			l.Failed = est.Failed != nil && !l.Told.Known
		}
	}
	for _, l := range byLine {
		out.Lines = append(out.Lines, *l)
	}
	slices.SortFunc(out.Lines, func(a, b Line) int { return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Stage, b.Stage)) })
}

// past counts a ticket into the first line that it stood in, at each of the moments that
// are looked back to.
func past(of func(queue.Line) *Line, t *queue.Ticket, at time.Time) {
	line := t.Line
	if len(t.Visited) > 0 {
		line = t.Visited[0].Line
	}
	if line.Stage != queue.StageReception || t.Away {
		return
	}
	until := t.FirstCall
	if until.IsZero() {
		until = t.EndedAt
	}
	row := of(line)
	for i := range row.Past {
		moment := at.Add(-pastStep * time.Duration(len(row.Past)-1-i))
		if !t.Arrival.After(moment) && (until.IsZero() || until.After(moment)) {
			row.Past[i]++
		}
	}
}

// endedTalks returns how long the visits at counters took that are to be learnt from, by
// line, in the order of their ends.
func endedTalks(s *queue.State) map[queue.Line][]time.Duration {
	type talk struct {
		line queue.Line
		end  time.Time
		took time.Duration
	}
	var all []talk
	for _, t := range s.Tickets() {
		for _, v := range t.Visited {
			if !v.Unmeasured && !v.Started.IsZero() && v.Finished.After(v.Started) {
				all = append(all, talk{v.Line, v.Finished, v.Finished.Sub(v.Started)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b talk) int { return a.end.Compare(b.end) })
	out := map[queue.Line][]time.Duration{}
	for _, t := range all {
		out[t.line] = append(out[t.line], t.took)
	}
	return out
}
