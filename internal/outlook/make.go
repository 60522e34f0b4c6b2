package outlook

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"machi/internal/calendar"
	"machi/internal/history/profile"
	"machi/internal/queue"
)

// Expected is how many of a service come in each half hour: the middle, and between
// which figures it lies in four of five days.
type Expected struct {
	Service       queue.ServiceID
	P10, P50, P90 [Slots]float64
}

// Options are what is known of a day beside its settings.
type Options struct {
	Target   time.Duration // until called; 0: [DefaultTarget]
	Share    float64       // of visitors within it; 0: [DefaultShare]
	Expected []Expected    // a forecast of all services; nil: what is usual
	Spells   []Spell       // the counters that are planned; nil: what is usual
	Futures  int           // 0: [DefaultFutures]
}

// DefaultTarget is a wait that a ward promises where it says nothing else.
const DefaultTarget = 30 * time.Minute

// Input is the day of some settings as it is expected. The settings' date says of
// what kind it is. On a day on which no service has hours nobody comes.
func (u *Usual) Input(s *queue.Settings, o Options) Input {
	kind := profile.Ordinary
	if date, err := calendar.ParseDay(string(s.Date)); err == nil {
		kind = profile.KindOf(date)
	}
	in := Input{Rule: s.Rule, Futures: o.Futures, Share: o.Share, Seed: seedOf(s)}
	in.From, in.Close = hours(s)
	in.Opens = in.Close
	for _, v := range s.Services {
		if v.Opens.Before(v.Closes) {
			in.Opens = min(in.Opens, clock(v.Opens))
		}
	}
	if in.Opens >= in.Close {
		in.Opens = in.From
	}
	in.Gap = u.changeover()
	absent, leave := u.absences(), u.leaving()
	for _, v := range s.Services[:min(MostServices, len(s.Services))] {
		expected := cmp.Or(v.Expected, 8*time.Minute)
		out := Service{ID: v.ID, Target: cmp.Or(o.Target, DefaultTarget), Absent: absent, Leave: leave, Missing: u.absence()}
		out.Talk, out.Pace = u.law(class{v.ID, queue.StageReception}, expected), u.pace(class{v.ID, queue.StageReception})
		if v.HasStage(queue.StageDelivery) {
			out.Processing = u.law(class{v.ID, queue.StageProcessing}, expected)
			out.Delivery = u.law(class{v.ID, queue.StageDelivery}, expected/3)
		}
		p := u.priority[v.ID]
		out.Priority = p.yes / (p.all + 20)
		in.Services = append(in.Services, out)
	}
	if o.Expected != nil {
		in.Expect(o.Expected)
	} else {
		u.expect(&in, kind)
	}
	u.comeAgain(&in)
	in.within(s)
	if in.Spells = o.Spells; in.Spells == nil {
		in.Spells = u.Spells(s, kind)
	}
	return in
}

// seedOf makes futures those of the office and day.
func seedOf(s *queue.Settings) uint64 {
	return named(string(s.Office) + "/" + string(s.Date))
}

// hours are from the first number to the end of the reception; the whole day where
// the settings do not say.
func hours(s *queue.Settings) (from, to time.Duration) {
	from, to = 24*time.Hour, 0
	for _, v := range s.Services {
		opens, closes := time.Duration(0), 24*time.Hour
		if !v.Opens.IsZero() {
			opens = max(0, clock(v.Opens)-v.Early)
		}
		if !v.Closes.IsZero() {
			closes = clock(v.Closes)
		}
		from, to = min(from, opens), max(to, closes)
	}
	return min(from, to), to
}

// within takes away those who are expected outside the hours of their service.
func (in *Input) within(s *queue.Settings) {
	for i := range in.Services {
		v, _ := s.Service(in.Services[i].ID)
		for slot := range Slots {
			begin, end := time.Duration(slot)*SlotLength, time.Duration(slot+1)*SlotLength
			if !v.Opens.IsZero() && end <= clock(v.Opens)-v.Early || !v.Closes.IsZero() && begin >= clock(v.Closes) {
				in.Services[i].Mean[slot] = 0
			}
		}
	}
}

func (u *Usual) absence() time.Duration {
	if len(u.missing) < 5 {
		return 0
	}
	return time.Duration(quantile(u.missing, 0.5) * float64(time.Second))
}

// expect fills in what is usual for a kind of day.
func (u *Usual) expect(in *Input, kind profile.Kind) {
	var totals []float64
	for _, d := range u.days {
		if d.kind != kind {
			continue
		}
		sum := 0.0
		for _, came := range d.came {
			for _, n := range came {
				sum += n
			}
		}
		totals = append(totals, sum)
	}
	common := swingOf(totals)
	in.Swing = common
	for i := range in.Services {
		v := &in.Services[i]
		swing := 0.0
		v.Mean, v.Rough, swing = u.demand(v.ID, kind)
		v.Swing = math.Sqrt(max(0, swing*swing-common*common))
	}
}

// comeAgain adds those who come to a service from another one.
func (u *Usual) comeAgain(in *Input) {
	var all [Slots]float64
	for i := range in.Services {
		for slot, n := range in.Services[i].Mean {
			all[slot] += n
		}
	}
	for i := range in.Services {
		for slot, n := range all {
			in.Services[i].Mean[slot] += n * u.further[in.Services[i].ID]
		}
	}
}

// Expect puts a forecast into an Input, for the services that it names. What its
// ranges are wider than chance is taken to be the level of the day: half of it common
// to all services.
func (in *Input) Expect(list []Expected) {
	const z = 2 * 1.2816 // from the 10th to the 90th percentile, in standard deviations
	var excess, square float64
	for i := range in.Services {
		v := &in.Services[i]
		k := slices.IndexFunc(list, func(e Expected) bool { return e.Service == v.ID })
		if k < 0 {
			continue
		}
		e := &list[k]
		var wide, all float64
		for slot := range v.Mean {
			mean := max(0, 0.3*e.P10[slot]+0.4*e.P50[slot]+0.3*e.P90[slot]) // Swanson's rule
			sd := (e.P90[slot] - e.P10[slot]) / z
			v.Mean[slot] = mean
			wide, all = wide+sd*sd-mean, all+mean*mean
		}
		excess, square = excess+wide, square+all
		v.Swing = math.Sqrt(0.5 * spread(wide, all))
	}
	in.Swing = math.Sqrt(0.5 * spread(excess, square))
}

func spread(excess, square float64) float64 {
	if square <= 0 {
		return 0
	}
	return min(1, max(0, excess/square))
}

// quarter is how finely the hours of counters are looked at.
const quarter = 15 * time.Minute

// quarters is how many a day has.
const quarters = int(24 * time.Hour / quarter)

// Spells are the usual ones of a kind of day: in every quarter of an hour, as many of
// the counters that serve the same as were open on half of the days, and of them those
// that were open most often. Of an office without days, all counters are open in its
// hours.
func (u *Usual) Spells(s *queue.Settings, kind profile.Kind) []Spell {
	from, to := hours(s)
	days := u.alike(kind)
	var out []Spell
	for _, group := range groupsOf(s) {
		open := make([][quarters]bool, len(group))
		if len(days) == 0 {
			for i := range open {
				for q := range quarters {
					open[i][q] = time.Duration(q)*quarter >= from && time.Duration(q)*quarter < to
				}
			}
		} else {
			usualOf(days, group, open)
		}
		for i, c := range group {
			out = append(out, spellsOf(c, &open[i], to)...)
		}
	}
	return out
}

// groupsOf are the counters that serve the same, in the order of the settings.
func groupsOf(s *queue.Settings) [][]queue.CounterSettings {
	var groups [][]queue.CounterSettings
	at := map[string]int{}
	for _, c := range s.Counters {
		var key strings.Builder
		for _, v := range c.Services {
			key.WriteString(string(v) + ",")
		}
		for _, v := range c.Stages {
			key.WriteString("/" + string(v))
		}
		i, ok := at[key.String()]
		if !ok {
			i = len(groups)
			at[key.String()] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

func usualOf(days []*past, group []queue.CounterSettings, open [][quarters]bool) {
	for q := range quarters {
		share := make([]int, len(group))
		numbers := make([]int, 0, len(days))
		for _, d := range days {
			n := 0
			for i, c := range group {
				if d.at(c.ID, time.Duration(q)*quarter+quarter/2) {
					share[i]++
					n++
				}
			}
			numbers = append(numbers, n)
		}
		slices.Sort(numbers)
		order := make([]int, len(group))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(share[b], share[a]) })
		for _, i := range order[:numbers[len(numbers)/2]] {
			open[i][q] = true
		}
	}
}

func (p *past) at(id queue.CounterID, at time.Duration) bool {
	return slices.ContainsFunc(p.spells, func(s Spell) bool { return s.Counter == id && s.From <= at && at < s.To })
}

// spellsOf joins the quarters in which a counter is open. The last of a day goes on
// to the end of the reception where it ends shortly before.
func spellsOf(c queue.CounterSettings, open *[quarters]bool, closes time.Duration) (out []Spell) {
	for q := 0; q < quarters; q++ {
		if !open[q] {
			continue
		}
		first := q
		for q < quarters && open[q] {
			q++
		}
		s := Spell{Counter: c.ID, Services: c.Services, Own: c.Own, Stages: c.Stages, From: time.Duration(first) * quarter, To: time.Duration(q) * quarter}
		if closes-s.To <= 2*quarter {
			s.To = max(s.To, closes)
		}
		out = append(out, s)
	}
	return out
}
