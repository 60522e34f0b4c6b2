package alert

import (
	"cmp"
	"slices"
	"time"

	"machi/internal/board"
	"machi/internal/queue"
)

// Subject is what an alert is about within its office.
type Subject struct {
	Service queue.ServiceID `json:"service,omitempty"`
	Stage   queue.Stage     `json:"stage,omitempty"`
	Counter queue.CounterID `json:"counter,omitempty"`
	Kiosk   queue.KioskID   `json:"kiosk,omitempty"`
	Screen  string          `json:"screen,omitempty"`
}

// Step is the one next thing to do.
type Step struct {
	// Do is resume, open or widen a counter; support where no counter is left; answer a
	// call for help; look at a machine or screen; ask why visits take long; plan ahead.
	Do      string          `json:"do"`
	Counter queue.CounterID `json:"counter,omitempty"`
}

// What is to be done.
const (
	Resume  = "resume"  // a counter that pauses
	OpenOne = "open"    // a counter that is closed
	Widen   = "widen"   // a counter that is free, and may call the line but does not
	Support = "support" // no counter is left: colleagues, or another office
	Answer  = "answer"  // a call for help
	LookAt  = "look"    // a machine or a screen
	AskWhy  = "ask"     // why visits take long
	Plan    = "plan"    // a counter more before it comes
)

// Finding is something that is wrong now, or is about to be.
type Finding struct {
	Office queue.OfficeID `json:"office"`
	Kind   Kind           `json:"kind"`
	Subject
	// Also are further services that lack the same; the figures are of the worst.
	Also  []queue.ServiceID `json:"also,omitempty"`
	Since time.Time         `json:"since"` // when it began, as far as the day's log tells
	// What is a machine's trouble, or a screen's: silent or stale. Name is where a screen
	// hangs.
	What    string `json:"what,omitempty"`
	Name    string `json:"name,omitempty"`
	Waiting int    `json:"waiting,omitempty"`
	Seconds int    `json:"seconds,omitempty"` // the wait, or how long visits take
	Limit   int    `json:"limit_seconds,omitempty"`
	Before  int    `json:"before,omitempty"` // waited a quarter of an hour ago; seconds that visits took before
	// At is when it will be too long; zero: it is so now.
	At   time.Time `json:"at,omitzero"`
	Step Step      `json:"step"`
}

// Key says which trouble of its office a finding is: the same at every look. Lines that
// lack the same are one trouble.
func (f Finding) Key() string {
	switch f.Kind {
	case Nobody, Long, Growing, Ahead, Unknown:
		return string(f.Kind) + "//" + string(f.Stage)
	}
	return string(f.Kind) + "/" + string(cmp.Or(string(f.Service), string(f.Counter), string(f.Kiosk), f.Screen)) + "/" + string(f.Stage)
}

// Look is what was seen of an office at a moment.
type Look struct {
	Office   queue.OfficeID
	At       time.Time
	Findings []Finding // the most urgent first
	// unsure are the subjects of which nothing can be said.
	unsure []string
}

// Unsure reports whether nothing can be said of what an alert is about.
func (l Look) Unsure(f Finding) bool {
	return slices.Contains(l.unsure, string(f.Kiosk)) && f.Kiosk != "" || slices.Contains(l.unsure, f.Screen) && f.Screen != ""
}

// slack is the part of a limit below which a wait must fall until it is not too long
// any more: one that sways around its limit is one trouble.
const slack = 0.8

// finder looks at one scene.
type finder struct {
	Scene
	rules Rules
	open  func(key string) bool
	found []Finding
}

// Find looks at a scene. Open says of a trouble whether there is an alert of it already:
// such a one ends later than it would begin.
func Find(s Scene, r Rules, open func(key string) bool) Look {
	f := &finder{Scene: s, rules: r, open: open}
	if s.Open {
		for _, l := range s.Lines {
			f.line(l)
			f.slow(l)
		}
		f.help()
		f.ahead()
	}
	if s.Open || s.Soon {
		f.machines()
		f.screens()
	}
	slices.SortStableFunc(f.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), cmp.Compare(b.Seconds, a.Seconds))
	})
	return Look{Office: s.Office, At: s.At, Findings: joined(f.found), unsure: s.Unsure}
}

// joined makes one finding of those that are one trouble: of the worst, with the others
// named.
func joined(list []Finding) (out []Finding) {
	for _, f := range list {
		i := slices.IndexFunc(out, func(x Finding) bool { return x.Key() == f.Key() })
		if i < 0 {
			out = append(out, f)
			continue
		}
		out[i].Also = append(out[i].Also, f.Service)
		if f.Since.Before(out[i].Since) {
			out[i].Since = f.Since
		}
	}
	return out
}

func (f *finder) add(x Finding) {
	x.Office = f.Office
	if f.rules.On(x.Kind) {
		f.found = append(f.found, x)
	}
}

func (f *finder) isOpen(k Kind, s Subject) bool { return f.open(Finding{Kind: k, Subject: s}.Key()) }

// line says at most one thing of a line: the worst.
func (f *finder) line(l Line) {
	if l.Waiting == 0 {
		return
	}
	at := Subject{Service: l.Service, Stage: l.Stage}
	base := Finding{Subject: at, Since: l.Oldest, Waiting: l.Waiting, Seconds: seconds(f.At.Sub(l.Oldest))}
	if since, left := f.left(l); left {
		if f.At.Sub(since) >= f.rules.Nobody {
			base.Kind, base.Since, base.Step = Nobody, since, f.step(at)
			f.add(base)
		}
		return
	}
	switch limit := f.rules.longest(f.Guarantee); {
	case f.long(l, at, limit):
		base.Kind, base.Limit, base.Step = Long, seconds(limit), f.step(at)
		base.Since = l.Oldest.Add(limit)
		if base.Since.After(f.At) {
			base.Since = f.At
		}
		base.Seconds = max(base.Seconds, seconds(told(l)))
		f.add(base)
	case l.Failed:
		base.Kind, base.Since, base.Step = Unknown, f.At, Step{Do: AskWhy}
		f.add(base)
	default:
		f.growing(l, base, limit)
	}
}

// left reports whether nobody calls a line, and since when.
func (f *finder) left(l Line) (since time.Time, left bool) {
	since = l.Oldest
	for _, c := range f.Counters {
		if !c.calls(l) {
			continue
		}
		if c.State == queue.CounterOpen {
			return time.Time{}, false
		}
		if c.Since.After(since) {
			since = c.Since
		}
	}
	return since, true
}

func (c Counter) calls(l Line) bool {
	return slices.Contains(c.Serves, queue.Line{Service: l.Service, Stage: l.Stage})
}

func (f *finder) long(l Line, at Subject, limit time.Duration) bool {
	if f.isOpen(Long, at) {
		limit = time.Duration(slack * float64(limit))
	}
	return f.At.Sub(l.Oldest) >= limit || told(l) >= limit
}

// told is the wait of who comes now, as far as that can be relied on: a range that is
// wide open downwards is no reason to call anybody. Zero: nothing is known.
func told(l Line) time.Duration {
	if !l.Told.Known {
		return 0
	}
	return min(l.Told.P50, 2*l.Told.Low)
}

// horizon is how far a line that grows is looked ahead.
const horizon = 45 * time.Minute

// growing finds a line that has grown for a quarter of an hour, so that who comes within
// the horizon will wait too long if it goes on.
func (f *finder) growing(l Line, base Finding, limit time.Duration) {
	least := f.rules.Growth
	if f.isOpen(Growing, base.Subject) {
		least = max(1, least/2)
	}
	perMinute := slope(l.Past)
	before, now := l.Past[1], l.Past[len(l.Past)-1]
	if now-before < least || perMinute <= 0 || told(l) == 0 || now == 0 {
		return
	}
	perPerson := float64(told(l)) / float64(now)
	missing := float64(limit - told(l))
	in := time.Duration(missing / (perPerson * perMinute) * float64(time.Minute))
	if perPerson <= 0 || in > horizon {
		return
	}
	base.Kind, base.Since, base.Before, base.Limit = Growing, f.At.Add(-3*pastStep), before, seconds(limit)
	base.At, base.Seconds, base.Step = f.At.Add(in).Truncate(time.Minute), seconds(told(l)), f.step(base.Subject)
	f.add(base)
}

// slope returns how many more wait with each minute: the middle of the slopes between
// any two of the looks, which one that is off does not move.
func slope(past [5]int) float64 {
	var all []float64
	for i := range past {
		for j := i + 1; j < len(past); j++ {
			all = append(all, float64(past[j]-past[i])/(float64(j-i)*pastStep.Minutes()))
		}
	}
	slices.Sort(all)
	return (all[4] + all[5]) / 2
}

// step returns what helps a line: of its counters one that pauses, then one that is free
// and may call it, then one that is closed.
func (f *finder) step(at Subject) Step {
	line := queue.Line{Service: at.Service, Stage: at.Stage}
	may := func(c Counter) bool { return slices.Contains(c.May, line) || slices.Contains(c.Serves, line) }
	first := func(do string, ok func(Counter) bool) (Step, bool) {
		if i := slices.IndexFunc(f.Counters, func(c Counter) bool { return may(c) && ok(c) }); i >= 0 {
			return Step{Do: do, Counter: f.Counters[i].ID}, true
		}
		return Step{}, false
	}
	for _, s := range []struct {
		do string
		ok func(Counter) bool
	}{
		{Widen, func(c Counter) bool {
			return c.State == queue.CounterOpen && !c.Busy && !slices.Contains(c.Serves, line)
		}},
		{Resume, func(c Counter) bool { return c.State == queue.CounterPaused }},
		{OpenOne, func(c Counter) bool { return c.State == queue.CounterClosed }},
		{Widen, func(c Counter) bool { return c.State == queue.CounterOpen && !slices.Contains(c.Serves, line) }},
	} {
		if step, ok := first(s.do, s.ok); ok {
			return step
		}
	}
	return Step{Do: Support}
}

func (f *finder) help() {
	for _, c := range f.Counters {
		if c.Help != "" && f.At.Sub(c.HelpAt) >= f.rules.Help {
			f.add(Finding{Kind: Help, Subject: Subject{Counter: c.ID}, Since: c.HelpAt, Step: Step{Do: Answer, Counter: c.ID}})
		}
	}
}

// ahead finds the first half hour to come in which half of the visitors wait too long,
// of each service that does not so already.
func (f *finder) ahead() {
	limit := f.rules.longest(f.Guarantee)
	done := map[queue.ServiceID]bool{}
	for _, x := range f.found {
		done[x.Service] = done[x.Service] || x.Kind == Long || x.Kind == Nobody || x.Kind == Growing
	}
	for _, e := range f.Expected {
		at := Subject{Service: e.Service, Stage: queue.StageReception}
		least := limit
		if f.isOpen(Ahead, at) {
			least = time.Duration(slack * float64(limit))
		}
		if done[e.Service] || e.P50 < least || !e.From.After(f.At) {
			continue
		}
		done[e.Service] = true
		step := f.step(at)
		if step.Do == Support {
			step.Do = Plan
		}
		f.add(Finding{Kind: Ahead, Subject: at, Since: f.At, Seconds: seconds(e.P50), Limit: seconds(limit), At: e.From, Step: step})
	}
}

// down are the troubles that keep a machine from its work.
var down = []string{"silent", "paper_out", "cover_open", "printer_offline", "printer_error", "store_broken", "store_copied", "clock_unbelievable"}

func (f *finder) machines() {
	for _, m := range f.Machines {
		if m.State == board.MachineUnused || len(m.Troubles) == 0 || slices.Contains(f.Unsure, string(m.ID)) {
			continue
		}
		x := Finding{Kind: Care, Subject: Subject{Kiosk: m.ID}, Since: m.Since, What: m.Troubles[0], Step: Step{Do: LookAt}}
		if i := slices.IndexFunc(m.Troubles, func(t string) bool { return slices.Contains(down, t) }); i >= 0 {
			x.Kind, x.What = Machine, m.Troubles[i]
		}
		f.add(x)
	}
}

func (f *finder) screens() {
	for _, s := range f.Screens {
		x := Finding{Kind: Screen, Subject: Subject{Screen: s.ID}, Name: s.Name, Since: f.At, Step: Step{Do: LookAt}}
		switch {
		case slices.Contains(f.Unsure, s.ID):
		case s.Silent:
			if x.What = "silent"; !s.Heard.IsZero() {
				x.Since = s.Heard
			}
			f.add(x)
		case !s.Stale.IsZero():
			x.What, x.Since = "stale", s.Stale
			f.add(x)
		}
	}
}

func seconds(d time.Duration) int { return int(d / time.Second) }
