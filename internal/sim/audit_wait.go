package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"machi/internal/day"
	"machi/internal/estimate"
	"machi/internal/estimate/follow"
	"machi/internal/eventlog"
	"machi/internal/queue"
)

// Estimates are looked at in every third world, where a log has come to every
// waitEvery-th record. Only two servers and one machine of the first office have
// estimators: that shows whatever more would, and the worlds stay quick.
const (
	waitEvery  = 9
	waitWorlds = 3
)

// estimates reports whether there are estimators in the world.
func (w *world) estimates() bool { return w.plan.Seed%waitWorlds == 0 }

// askedAfter is how long after the newest record of a log its waits are asked for.
const askedAfter = 20 * time.Second

// waits is what the auditor knows of estimates.
type waits struct {
	said  map[eventlog.Head]string // what was answered at a head, as text
	by    map[eventlog.Head]string // and by whom first
	moved int                      // talks that were expected to end sooner or later as time passed
	stood int                      // and those for which nothing changed
}

// wait asks for the waits of a day as one copy has it, now and then.
func (a *auditor) wait(by string, o *follow.Office, d *day.Day, s *queue.State) {
	if d.Head().Number > 0 && d.Head().Number%waitEvery == 0 && a.breach == "" {
		a.ask(by, o, d, s)
	}
}

// ask holds the answer of one copy of a day against those of all other copies, and
// against what must be true of any.
func (a *auditor) ask(by string, o *follow.Office, d *day.Day, s *queue.State) {
	f := o.To(d, nil, 0)
	if f == nil {
		return
	}
	at := d.State().Moment().Add(askedAfter)
	office := f.OfficeOf(s, at, estimate.Conditions{})
	if office.Failed != nil {
		a.fail("%s: the estimator fails: %v", by, office.Failed)
		return
	}
	a.saysTheSame(by, d.Head(), office)
	a.believable(by, f.State(), office)
	a.callsTheNext(by, f.State(), office)
	a.timeCounts(f, at, office)
}

// saysTheSame holds an answer against those of other copies with the same records.
func (a *auditor) saysTheSame(by string, head eventlog.Head, office estimate.Office) {
	raw, err := json.Marshal(office)
	if err != nil {
		a.fail("%s: an estimate cannot be written down: %v", by, err)
		return
	}
	known, asked := a.waits.said[head]
	switch {
	case !asked:
		a.waits.said[head], a.waits.by[head] = string(raw), by
	case known != string(raw):
		a.fail("at record %d %s estimates\n%s\nand %s\n%s", head.Number, by, raw, a.waits.by[head], known)
	case strings.HasPrefix(a.waits.by[head], "server") && !strings.HasPrefix(by, "server"):
		a.world.rare.reached(rareMachineWaits)
	case a.waits.by[head] != by:
		a.world.rare.reached(rareEstimates)
	}
}

// believable wants ranges in order, and within a line nobody told less than those
// before.
func (a *auditor) believable(by string, s *queue.State, office estimate.Office) {
	check := func(who string, r estimate.Range) {
		if r.Known && (r.Low < 0 || r.Low > r.P50 || r.P50 > r.P80 || r.P80 > r.High || r.High > 48*time.Hour) {
			a.fail("%s: the estimate for %s is %+v", by, who, r)
		}
	}
	for id, w := range office.Services {
		check("a newcomer for "+string(id), w.Called)
		check("a newcomer for "+string(id), w.Finished)
	}
	for _, line := range s.Lines() {
		var last estimate.Range
		for _, t := range s.Line(line) {
			w := office.Tickets[t.ID]
			check(string(t.ID), w.Called)
			check(string(t.ID), w.Finished)
			if t.Priority || t.Only != "" || !t.NotBefore.IsZero() || t.Announced != "" || t.Away || !t.Appointment.IsZero() {
				continue
			}
			if now := w.Called; now.Known && (now.Low < last.Low || now.P50 < last.P50 || now.P80 < last.P80 || now.High < last.High) {
				a.fail("%s: %s is told %+v, and one before it in the line %+v", by, t.ID, now, last)
			}
			last = w.Called
		}
	}
}

// callsTheNext wants nobody of its line ahead of the one whom the first free counter
// would call now.
func (a *auditor) callsTheNext(by string, s *queue.State, office estimate.Office) {
	for _, c := range s.Counters() {
		if c.State != queue.CounterOpen || c.Ticket != "" {
			continue
		}
		next, ok := queue.Next(s, c.ID, "", office.At)
		if !ok {
			continue
		}
		for _, t := range s.Line(next.Ticket.Line) {
			if t.Away {
				return // whoever is on the way keeps a place that the rule does not see
			}
		}
		if ahead := office.Tickets[next.Ticket.ID].Ahead; ahead > 0 {
			a.fail("%s: %s comes next at counter %s (%s), and is told that %d come before", by, next.Ticket.ID, c.ID, next.Reason.Code, ahead)
		}
		return
	}
}

// watched reports whether the auditor looks at the estimates of an office-day.
func (c *core) watched() bool {
	w := c.server.world
	return w.estimates() && c.office == w.branches[0].id && slices.Contains(w.servers[:min(2, len(w.servers))], c.server)
}

// waitAt asks a machine that knows what the log says and no more: its answers are the
// servers'.
func (k *kiosk) waitAt(date queue.Date) {
	r, ok := k.agent.Day(date)
	if !ok || !k.world.estimates() || k.branch != k.world.branches[0] || k != k.branch.kiosks[0] || r.Ahead() || r.Forked() {
		return
	}
	if k.waits == nil {
		k.waits = map[queue.Date]*follow.Office{}
	}
	if k.waits[date] == nil {
		k.waits[date] = &follow.Office{}
	}
	k.world.audit.wait(k.name, k.waits[date], r.Confirmed(), r.State())
}

// timeCounts notes whether the end of a talk comes nearer, or is put off, as time
// passes.
func (a *auditor) timeCounts(f *estimate.Follower, at time.Time, office estimate.Office) {
	if a.waits.moved > 0 {
		return // once is enough
	}
	later := f.Office(at.Add(2*time.Minute), estimate.Conditions{})
	for _, t := range f.State().Tickets() {
		now, then := office.Tickets[t.ID].Finished, later.Tickets[t.ID].Finished
		switch {
		case !t.Status.AtCounter() || !now.Known:
		case now != then:
			a.waits.moved++
		default:
			a.waits.stood++
		}
	}
}

// waited is the reckoning of the estimates: all servers and whoever replays the log
// from the beginning answer with the same in the end.
func (a *auditor) waited(stream string, d *day.Day) {
	for _, s := range a.world.servers {
		if c := s.cores[stream]; c != nil && c.watched() && a.breach == "" {
			a.ask(s.name, &c.waits, c.core.Day(), c.core.Day().State())
		}
	}
	if office, _, _ := day.SplitStream(stream); a.world.estimates() && office == a.world.branches[0].id && a.breach == "" {
		a.ask("replay", &follow.Office{}, d, d.State())
	}
	if a.waits.moved == 0 && a.waits.stood >= 20 {
		a.fail("%d estimates of the end of a talk did not change in two minutes", a.waits.stood)
	}
}
