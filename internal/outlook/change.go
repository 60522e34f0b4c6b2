package outlook

import (
	"math"
	"slices"
	"time"

	"machi/internal/estimate/walk"
	"machi/internal/history"
	"machi/internal/queue"
)

// Change is what would be done otherwise on a day. The zero Change changes nothing.
type Change struct {
	Open   []Spell                     // counters that are open as well
	Shut   []Absence                   // counters that are not open
	Opens  time.Duration               // when the reception begins; 0: as it is
	Closes time.Duration               // when it ends; 0: as it is
	Rule   *queue.Rule                 // nil: as it is
	Stay   map[queue.ServiceID]float64 // share of the visitors of a service who do it elsewhere, 0 to 1
	Volume float64                     // so many times as many come; 0: as many
}

// Absence is a time in which a counter is not open.
type Absence struct {
	Counter  queue.CounterID
	From, To time.Duration
}

// With returns the day with a change. With other hours as many people come as
// before: new half hours draw half of what is usual in one from all others, and those
// of half hours that fall away come in the others. Counters that are open at the
// first or the last half hour go along.
func (in Input) With(c Change) Input {
	in.Services, in.Spells = slices.Clone(in.Services), slices.Clone(in.Spells)
	if c.Rule != nil {
		in.Rule = *c.Rule
	}
	in.rehour(c.Opens, c.Closes)
	for i := range in.Services {
		v := &in.Services[i]
		v.Less = 1 - (1-v.Less)*(1-min(1, max(0, c.Stay[v.ID])))
		if c.Volume > 0 {
			v.times(c.Volume)
		}
	}
	for _, a := range c.Shut {
		in.Spells = cut(in.Spells, a)
	}
	in.Spells = append(in.Spells, c.Open...)
	return in
}

// times lets more or fewer come: known visitors are doubled or stay away.
func (s *Service) times(by float64) {
	for slot := range s.Mean {
		s.Mean[slot] *= by
	}
	if by < 1 {
		if len(s.Known) > 0 {
			s.Less = 1 - (1-s.Less)*by
		}
		return
	}
	var more []Visitor
	for i, v := range s.Known {
		for n := range int(math.Floor(float64(i+1)*(by-1)) - math.Floor(float64(i)*(by-1))) {
			v.At += time.Duration(n+1) * time.Minute
			v.Talk = 0
			more = append(more, v)
		}
	}
	s.Known = append(slices.Clone(s.Known), more...)
}

// cut takes a time out of the spells of a counter.
func cut(spells []Spell, a Absence) (out []Spell) {
	for _, s := range spells {
		if s.Counter != a.Counter || s.To <= a.From || a.To <= s.From {
			out = append(out, s)
			continue
		}
		before, after := s, s
		if before.To = a.From; before.From < before.To {
			out = append(out, before)
		}
		if after.From = a.To; after.From < after.To {
			out = append(out, after)
		}
	}
	return out
}

// edge is how near to an end of the reception a counter opens or closes with it.
const edge = 30 * time.Minute

func (in *Input) rehour(opens, closes time.Duration) {
	from, until := in.From, in.Close
	if opens > 0 {
		in.From = opens
	}
	if closes > 0 {
		in.Close = closes
	}
	if in.From == from && in.Close == until || in.From >= in.Close {
		in.From, in.Close = from, until
		return
	}
	for i := range in.Spells {
		s := &in.Spells[i]
		if s.From <= from+edge {
			s.From += in.From - from
		}
		if s.To >= until-edge {
			s.To = in.Close
		}
	}
	for i := range in.Services {
		in.Services[i].rehour(from, until, in.From, in.Close)
	}
}

// newHours is how many come in a new half hour, in those of the usual one.
const newHours = 0.5

func (s *Service) rehour(from, until, opens, closes time.Duration) {
	if len(s.Known) > 0 {
		s.Known = slices.Clone(s.Known)
		for i := range s.Known { // the day is stretched
			share := float64(s.Known[i].At-from) / float64(until-from)
			s.Known[i].At = opens + time.Duration(share*float64(closes-opens))
		}
	}
	all, used := 0.0, 0.0
	for _, n := range s.Mean {
		all += n
		if n > 0 {
			used++
		}
	}
	if all == 0 {
		return
	}
	sum := 0.0
	for slot := range s.Mean {
		begin, end := time.Duration(slot)*SlotLength, time.Duration(slot+1)*SlotLength
		switch inside := end > opens && begin < closes; {
		case !inside:
			s.Mean[slot] = 0
		case end <= from || begin >= until:
			s.Mean[slot] = newHours * all / used
		}
		sum += s.Mean[slot]
	}
	for slot := range s.Mean {
		if sum > 0 {
			s.Mean[slot] *= all / sum
		}
	}
}

// Past is a closed day, to be played again: the visitors who came, when they came, and
// the counters that were open. Visits last as long as those of the day did where it
// had enough of them, else as long as usual.
func (u *Usual) Past(d history.Day, s *queue.Settings, o Options) Input {
	o.Expected, o.Spells = []Expected{}, []Spell{}
	in := u.Input(s, o)
	in.Spells, in.Swing = nil, 0
	own := Learn([]history.Day{d})
	for i := range in.Services {
		v := &in.Services[i]
		v.Mean, v.Rough, v.Swing, v.Pace, v.Priority = [Slots]float64{}, [Slots]float64{}, 0, 0, 0
		for _, l := range []struct {
			stage queue.Stage
			law   **walk.Table
		}{{queue.StageReception, &v.Talk}, {queue.StageProcessing, &v.Processing}, {queue.StageDelivery, &v.Delivery}} {
			if seen := own.talk[class{v.ID, l.stage}]; len(seen) >= fewTimes && *l.law != nil {
				*l.law = Sample(seen)
			}
		}
	}
	in.came(d)
	for _, p := range d.Spells {
		spell := Spell{Counter: p.Counter, Services: p.Services, Stages: p.Stages, From: clock(p.From), To: clock(p.To)}
		if c, ok := s.Counter(p.Counter); ok {
			spell.Own = c.Own
		}
		if in.Close-spell.To <= edge {
			spell.To = max(spell.To, in.Close)
		}
		in.From = min(in.From, spell.From)
		in.Spells = append(in.Spells, spell)
	}
	return in
}

// came fills in who came on a day.
func (in *Input) came(d history.Day) {
	for _, v := range d.Visits {
		for n, l := range v.Legs {
			i := slices.IndexFunc(in.Services, func(s Service) bool { return s.ID == l.Service })
			if i < 0 || l.Stage != "" && l.Stage != queue.StageReception || l.Joined.IsZero() || n > 0 && v.Legs[n-1].Service == l.Service {
				continue
			}
			at := clock(l.Joined)
			in.Services[i].Known = append(in.Services[i].Known, Visitor{At: at, Priority: v.Priority})
			in.From, in.Close = min(in.From, at), max(in.Close, at+time.Second)
		}
	}
}

// Difference is what a plan changes, over futures that are the same but for it.
type Difference struct {
	Median, P80, Worst, Finish Range   // minutes; less than 0: shorter
	Within                     Range   // share of the visitors called within the target
	Over                       Range   // minutes later that the last visitor leaves
	Hours                      float64 // counter hours more
	Better                     float64 // share of the futures in which the 80 % wait is shorter
}

// Compare takes what a plan changes from two results of the same futures.
func Compare(before, after *Result) (d Difference) {
	n := min(len(before.Runs), len(after.Runs))
	figures := make([][]float64, 6)
	for f := range n {
		b, a := &before.Runs[f], &after.Runs[f]
		for i, x := range []float64{
			(a.Median - b.Median).Minutes(), (a.P80 - b.P80).Minutes(), (a.Worst - b.Worst).Minutes(), (a.Finish - b.Finish).Minutes(),
			a.Within - b.Within, (a.Over - b.Over).Minutes(),
		} {
			figures[i] = append(figures[i], x)
		}
		d.Hours += (a.Open - b.Open) / float64(n)
		if a.P80 < b.P80 {
			d.Better += 1 / float64(n)
		}
	}
	for i, to := range []*Range{&d.Median, &d.P80, &d.Worst, &d.Finish, &d.Within, &d.Over} {
		*to = rangeOf(figures[i])
	}
	return d
}

// Spread is the day of a Result over its futures: in each the median wait, the 80 %
// wait, the longest, the median visit (minutes) and the share within the target.
type Spread struct {
	Median, P80, Worst, Finish, Within, Over Range
}

// Spread returns how the day differs between the futures. Over is minutes since
// midnight.
func (r *Result) Spread() (s Spread) {
	figures := make([][]float64, 6)
	for i := range r.Runs {
		x := &r.Runs[i]
		for k, v := range []float64{x.Median.Minutes(), x.P80.Minutes(), x.Worst.Minutes(), x.Finish.Minutes(), x.Within, x.Over.Minutes()} {
			figures[k] = append(figures[k], v)
		}
	}
	for i, to := range []*Range{&s.Median, &s.P80, &s.Worst, &s.Finish, &s.Within, &s.Over} {
		*to = rangeOf(figures[i])
	}
	return s
}
