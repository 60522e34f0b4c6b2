package yearly

import (
	"cmp"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"machi/internal/calendar"
	"machi/internal/queue"
)

const (
	// busyness is the share of the counters' time that an ordinary day takes, where many
	// serve one line; less where few do, or everybody would wait all day.
	busyness, alone = 0.8, 0.24
	// between two visitors a counter is free for about so long, and who is called
	// needs about as long to get there.
	between = 25 * time.Second
)

// visitor is one who comes, with all that chance has in store.
type visitor struct {
	at       time.Time
	service  int
	channel  queue.Channel
	priority bool
	slot     time.Time // of the appointment; zero: none
	walk     time.Duration
	talk     time.Duration
	back     time.Duration // in the back office
	delivery time.Duration
	patience time.Duration // leaves then, when nobody has called
	missed   bool          // is not there at the first call
	returns  time.Duration // and comes so long after it; 0: not at all
	onward   int           // service to which the clerk sends; -1: none
	offline  bool          // the machine worked alone

	sent bool
}

// source gives the chance of one office's day, or, without an office, what is common
// to the whole ward that day.
func source(seed uint64, office queue.OfficeID, date queue.Date) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(string(office) + "@" + string(date)))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// crowd draws who comes to an office on a day, in order of arrival.
func crowd(s queue.Settings, o Options, chance *rand.Rand) []visitor {
	day, err := calendar.ParseDay(string(s.Date))
	if err != nil {
		return nil
	}
	usual := demand(s, o)
	common := source(o.Seed, "", s.Date)
	ward, own := math.Exp(0.05*common.NormFloat64()), math.Exp(0.07*chance.NormFloat64())
	size := 0.9 + 0.2*source(o.Seed, s.Office, "").Float64()
	outage := -1
	if chance.Float64() < 0.012 {
		outage = 18 + chance.IntN(14)
	}
	var all []visitor
	for i, v := range s.Services {
		h := habitOf(v.ID)
		people := usual[i] * size * ward * own * season(day, h.matter) * trend(day, h.matter) * math.Exp(0.08*chance.NormFloat64())
		for _, at := range arrivals(v, day, h.matter, people, chance) {
			p := person(s, i, at, o, chance)
			half := at.In(queue.JST).Hour()*2 + at.In(queue.JST).Minute()/30
			p.offline = p.channel == queue.ChannelKiosk && outage >= 0 && (half == outage || half == outage+1)
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b visitor) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.service, b.service)) })
	return all
}

// demand returns how many people an ordinary day brings for each service: what keeps
// the counters that serve it as busy as they usually are.
func demand(s queue.Settings, o Options) []float64 {
	minutes, clerks := make([]float64, len(s.Services)), make([]float64, len(s.Services))
	for _, c := range s.Counters {
		first := c.Own
		if len(first) == 0 {
			first = c.Services
		}
		if !slices.Contains(c.Stages, queue.StageReception) {
			continue
		}
		total := 0.0
		for _, id := range first {
			total += habitOf(id).weight
		}
		for i, v := range s.Services {
			if slices.Contains(first, v.ID) && v.Closes.After(v.Opens) {
				minutes[i] += v.Closes.Sub(v.Opens).Minutes() * habitOf(v.ID).weight / total
				clerks[i]++
			}
		}
	}
	people := make([]float64, len(s.Services))
	for i, v := range s.Services {
		people[i] = (busyness - alone/max(1, clerks[i])) * minutes[i] / (talkOf(v, o) + 2*between).Minutes()
	}
	return people
}

// talkOf is how long a talk takes on average.
func talkOf(v queue.ServiceSettings, o Options) time.Duration {
	return time.Duration(float64(v.Expected) / o.Brisk)
}

// arrivals draws the moments at which people come for a service.
func arrivals(v queue.ServiceSettings, d calendar.Day, m matter, people float64, chance *rand.Rand) []time.Time {
	if !v.Closes.After(v.Opens) {
		return nil
	}
	total := 0.0
	shares := make([]float64, 0, 24)
	for at := v.Opens; at.Before(v.Closes); at = at.Add(30 * time.Minute) {
		local := at.In(queue.JST)
		share := course(d, local.Hour()*2+local.Minute()/30, m)
		shares = append(shares, share)
		total += share
	}
	var all []time.Time
	for i, share := range shares {
		from := v.Opens.Add(time.Duration(i) * 30 * time.Minute)
		long := min(30*time.Minute, v.Closes.Sub(from))
		for mean, sum := people*share/total, chance.ExpFloat64(); sum < mean; sum += chance.ExpFloat64() {
			part := sum / mean
			if i == 0 { // many stand at the door
				part *= part
			}
			all = append(all, from.Add(time.Duration(part*float64(long))).Truncate(time.Millisecond))
		}
	}
	return all
}

func person(s queue.Settings, service int, at time.Time, o Options, chance *rand.Rand) visitor {
	v, h := s.Services[service], habitOf(s.Services[service].ID)
	p := visitor{
		at: at, service: service, channel: queue.ChannelKiosk, onward: -1,
		walk: spread(between, 0.5, chance), talk: spread(talkOf(v, o), 0.6, chance),
		back: span(6*time.Minute, 22*time.Minute, chance), delivery: spread(90*time.Second, 0.4, chance),
	}
	if len(s.Kiosks) == 0 || chance.Float64() < 0.17 {
		p.channel = queue.ChannelReception
	}
	p.priority = chance.Float64() < 0.04
	if chance.Float64() < h.booked {
		p.channel = queue.ChannelAppointment
		p.slot = at.Truncate(30 * time.Minute).Add(30 * time.Minute)
		p.at = p.slot.Add(-span(2*time.Minute, 14*time.Minute, chance))
	}
	if chance.Float64() < 0.045 {
		p.missed = true
		if chance.Float64() < 0.6 {
			p.returns = span(4*time.Minute, 16*time.Minute, chance)
		}
	}
	p.patience = span(190*time.Minute, 300*time.Minute, chance)
	if chance.Float64() < 0.3 {
		p.patience = span(45*time.Minute, 190*time.Minute, chance)
	}
	if chance.Float64() < h.forward {
		p.onward = slices.IndexFunc(s.Services, func(x queue.ServiceSettings) bool { return x.ID == h.onward })
	}
	return p
}

// spread draws a duration around a mean, with a long tail.
func spread(mean time.Duration, cv float64, chance *rand.Rand) time.Duration {
	sigma := math.Sqrt(math.Log1p(cv * cv))
	d := time.Duration(float64(mean) * math.Exp(sigma*chance.NormFloat64()-sigma*sigma/2))
	return min(max(d, 5*time.Second), 4*mean+time.Minute).Truncate(time.Millisecond)
}

func span(low, high time.Duration, chance *rand.Rand) time.Duration {
	return (low + time.Duration(chance.Int64N(int64(high-low)))).Truncate(time.Millisecond)
}
